"""Python functions to OpenAI function schemas, read from the syntax tree: nothing of the source is executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mentor.errors import ToolSourceError

__all__ = ["function_names", "normalise", "parse", "schemas_from_source"]

_PLAIN = {
    "int": "integer",
    "float": "number",
    "complex": "string",
    "str": "string",
    "bool": "boolean",
    "None": "null",
    "list": "array",
    "List": "array",
    "Sequence": "array",
    "tuple": "array",
    "Tuple": "array",
    "set": "array",
    "dict": "object",
    "Dict": "object",
    "Mapping": "object",
}
_ARRAYS = {name for name, kind in _PLAIN.items() if kind == "array"}
_OBJECTS = {name for name, kind in _PLAIN.items() if kind == "object"}
_ARGS = re.compile(r"^\s*(Args|Arguments|Parameters):\s*$")
_SECTION = re.compile(r"^\s*(Returns|Raises|Yields|Examples?|Notes?|Attributes):\s*$")
_ENTRY = re.compile(r"^(\s*)(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


def parse(source: str) -> ast.Module:
    """The source's syntax tree.

    Raises:
        ToolSourceError: The source is not Python, with the line.
    """
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise ToolSourceError(f"the tool source is not Python: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ToolSourceError(f"the tool source cannot be read: {error}") from error


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def function_names(tree: ast.Module) -> list[str]:
    """The names that the source's top level binds to functions or anything else that could be called."""
    names = [
        n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    ]
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names += [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    return names


def schemas_from_source(source: str) -> list[dict[str, Any]]:
    """The OpenAI schemas of the source's public top-level functions, in their order.

    Types come from the annotations, descriptions from the docstring: its first paragraph,
    and Google's `Args:`.

    Args:
        source: Python source.

    Returns:
        One `{"type": "function", "function": {"name", "description", "parameters"}}` per function.

    Raises:
        ToolSourceError: The source is not Python, has no public function, or a parameter has no annotation or
            one that JSON cannot express; with the line.
    """
    functions = _functions(parse(source))
    if not functions:
        raise ToolSourceError(
            "the tool source defines no public function; define at least one with annotations"
        )
    return [_schema(function) for function in functions]


def _schema(function: ast.FunctionDef) -> dict[str, Any]:
    arguments = function.args
    if arguments.vararg or arguments.kwarg:
        reason = f"{function.name}: *args and **kwargs have no schema; name each parameter or take a list"
        raise ToolSourceError(reason, function.lineno)
    if arguments.posonlyargs:
        reason = f"{function.name}: tools are called by keyword, so parameters cannot be positional-only"
        raise ToolSourceError(reason, function.lineno)
    summary, described = _docstring(ast.get_docstring(function) or "")
    optional = {a.arg for a in arguments.args[len(arguments.args) - len(arguments.defaults) :]}
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    optional |= {argument.arg for argument, default in pairs if default is not None}
    properties: dict[str, Any] = {}
    for argument in [*arguments.args, *arguments.kwonlyargs]:
        if argument.annotation is None:
            what = f"{function.name}: parameter {argument.arg!r} has no annotation"
            raise ToolSourceError(f"{what}; give it a type such as int or str", argument.lineno)
        properties[argument.arg] = _type(argument.annotation, f"{function.name}: parameter {argument.arg!r}")
        if argument.arg in described:
            properties[argument.arg]["description"] = described[argument.arg]
    required = [name for name in properties if name not in optional]
    parameters = {"type": "object", "properties": properties, "required": required}
    return {
        "type": "function",
        "function": {"name": function.name, "description": summary, "parameters": parameters},
    }


def _type(node: ast.expr, where: str) -> dict[str, Any]:
    """The JSON schema of an annotation."""
    match node:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str(text)):
            return _type(_quoted(text, where, node.lineno), where)
        case ast.Name(id="Any") | ast.Name(id="object") | ast.Attribute(attr="Any"):
            return {}
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _PLAIN:
            return {"type": _PLAIN[name]}
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([_type(left, where), _type(right, where)])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic(name, inner, where, node)
    raise _untypable(where, node)


def _quoted(text: str, where: str, line: int) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ToolSourceError(f"{where}: the annotation {text!r} is not an expression", line) from error


def _generic(name: str, inner: ast.expr, where: str, node: ast.expr) -> dict[str, Any]:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Optional":
        return _union([_type(inner, where), {"type": "null"}])
    if name == "Union":
        return _union([_type(part, where) for part in parts])
    if name == "Annotated":
        return _type(parts[0], where)
    if name == "Literal" and all(isinstance(part, ast.Constant) for part in parts):
        return {"enum": [part.value for part in parts if isinstance(part, ast.Constant)]}
    if name in _ARRAYS:
        items = [part for part in parts if not (isinstance(part, ast.Constant) and part.value is ...)]
        return {"type": "array", "items": _union([_type(part, where) for part in items])}
    if name in _OBJECTS and len(parts) == 2:
        return {"type": "object", "additionalProperties": _type(parts[1], where)}
    raise _untypable(where, node)


def _union(options: list[dict[str, Any]]) -> dict[str, Any]:
    flat = [inner for option in options for inner in option.get("anyOf", [option])]
    unique = [option for index, option in enumerate(flat) if option not in flat[:index]]
    return unique[0] if len(unique) == 1 else {"anyOf": unique}


def _untypable(where: str, node: ast.expr) -> ToolSourceError:
    known = "int, float, str, bool, None, list[...], dict[str, ...], Literal[...], unions and Any"
    return ToolSourceError(f"{where}: {ast.unparse(node)!r} has no JSON type; use {known}", node.lineno)


def _docstring(text: str) -> tuple[str, dict[str, str]]:
    """The first paragraph, and what Google's `Args:` section says of each parameter."""
    summary = " ".join(text.split("\n\n", 1)[0].split())
    described: dict[str, str] = {}
    current, inside, indent = "", False, 0
    for line in text.splitlines():
        if _ARGS.match(line):
            inside, indent = True, len(line) - len(line.lstrip())
            continue
        if not inside:
            continue
        if _SECTION.match(line) or (line.strip() and len(line) - len(line.lstrip()) <= indent):
            break
        entry = _ENTRY.match(line)
        if entry and (not current or len(entry[1]) <= indent + 4):
            current = entry[2]
            described[current] = entry[3].strip()
        elif current and line.strip():
            described[current] = f"{described[current]} {line.strip()}"
    return summary, described


def normalise(schemas: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Schemas as OpenAI has them, from that form or from bare `{"name", "parameters"}` objects.

    Raises:
        ToolSourceError: A schema without a name, with its index.
    """
    out = []
    for index, schema in enumerate(schemas):
        inner = schema.get("function", schema) if isinstance(schema, Mapping) else None
        name = inner.get("name") if isinstance(inner, Mapping) else None
        if not isinstance(inner, Mapping) or not isinstance(name, str) or not name:
            raise ToolSourceError(f"schemas[{index}] has no name; expected an OpenAI function schema")
        parameters = inner.get("parameters") or {"type": "object", "properties": {}}
        if not isinstance(parameters, Mapping):
            raise ToolSourceError(f"schemas[{index}].parameters is no object; expected a JSON schema")
        function = {"name": name, "description": inner.get("description", ""), "parameters": dict(parameters)}
        out.append({"type": "function", "function": function})
    return out
