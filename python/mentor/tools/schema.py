"""Python functions to OpenAI function schemas, read from the syntax tree: nothing of the source is executed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mentor.errors import ToolSourceError
from mentor.tools import docstring
from mentor.tools.annotations import Annotations, is_literal, literal

__all__ = ["Tool", "bound_names", "normalise", "parse", "schemas_from_source", "tools_of"]


@dataclass(frozen=True, slots=True)
class Tool:
    """One function of a source.

    Attributes:
        schema: Its OpenAI function schema.
        converters: For the parameters whose JSON value is not yet what the function expects, the source of a
            function that makes it (see `adapt`).
    """

    schema: dict[str, Any]
    converters: dict[str, str]

    @property
    def name(self) -> str:
        """The function's name."""
        name: str = self.schema["function"]["name"]
        return name


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


def bound_names(tree: ast.Module) -> set[str]:
    """The names that the source's top level binds to functions or anything else that could be called."""
    names = {
        n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


def schemas_from_source(source: str) -> list[dict[str, Any]]:
    """The OpenAI schemas of the source's public top-level functions, in their order.

    Types come from the annotations, descriptions from the docstring (its first paragraph; parameters as Google,
    NumPy or Sphinx write them) or from `Annotated[..., "what it is"]`, defaults from the signature.

    Args:
        source: Python source.

    Returns:
        One `{"type": "function", "function": {"name", "description", "parameters"}}` per function.

    Raises:
        ToolSourceError: The source is not Python, has no public function, or a parameter has no annotation or
            one that JSON cannot express; with the line.
    """
    return [tool.schema for tool in tools_of(source)]


def tools_of(source: str) -> list[Tool]:
    """The source's public top-level functions, in their order; raises as `schemas_from_source` does."""
    tree = parse(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = {n.name: n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")}
    if not functions:
        raise ToolSourceError(
            "the tool source defines no public function; define at least one with annotations"
        )
    annotations = Annotations(tree)
    return [_tool(function, annotations) for function in functions.values()]


def _tool(function: ast.FunctionDef | ast.AsyncFunctionDef, annotations: Annotations) -> Tool:
    _refuse(function)
    summary, described = docstring.read(ast.get_docstring(function) or "")
    properties: dict[str, Any] = {}
    converters, required = {}, []
    for argument, default in _parameters(function.args):
        where = f"{function.name}: parameter {argument.arg!r}"
        if argument.annotation is None:
            reason = f"{where} has no annotation; give it a type such as int or str"
            raise ToolSourceError(reason, argument.lineno)
        typed = annotations.typed(argument.annotation, where)
        schema = dict(typed.schema)
        if argument.arg in described:
            schema["description"] = described[argument.arg]
        if default is None:
            required.append(argument.arg)
        elif is_literal(value := literal(default)):
            schema["default"] = value
        properties[argument.arg] = schema
        if typed.convert:
            converters[argument.arg] = typed.convert
    parameters = {"type": "object", "properties": properties, "required": required}
    declared = {"name": function.name, "description": summary, "parameters": parameters}
    return Tool({"type": "function", "function": declared}, converters)


def _refuse(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Refuses what cannot be called with JSON by keyword."""
    name, arguments = function.name, function.args
    reason = None
    if isinstance(function, ast.AsyncFunctionDef):
        reason = "an async function cannot run here, where nothing can be waited for; write it with def"
    elif arguments.vararg or arguments.kwarg:
        reason = "*args and **kwargs have no schema; name each parameter or take a list"
    elif arguments.posonlyargs:
        reason = "tools are called by keyword, so parameters cannot be positional-only"
    if reason:
        raise ToolSourceError(f"{name}: {reason}", function.lineno)


def _parameters(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """The parameters with their defaults."""
    without = len(arguments.args) - len(arguments.defaults)
    positional = zip(arguments.args, [*[None] * without, *arguments.defaults], strict=True)
    return [*positional, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]


def normalise(schemas: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Schemas as OpenAI has them, from that form or from bare `{"name", "parameters"}` objects.

    Raises:
        ToolSourceError: A schema without a name, or with the name of another, with its index.
    """
    out: list[dict[str, Any]] = []
    seen: set[str] = set()
    for index, schema in enumerate(schemas):
        inner = schema.get("function", schema) if isinstance(schema, Mapping) else None
        name = inner.get("name") if isinstance(inner, Mapping) else None
        if not isinstance(inner, Mapping) or not isinstance(name, str) or not name:
            raise ToolSourceError(f"schemas[{index}] has no name; expected an OpenAI function schema")
        if name in seen:
            raise ToolSourceError(f"schemas[{index}] is the second of the name {name!r}; names must differ")
        seen.add(name)
        parameters = inner.get("parameters") or {"type": "object", "properties": {}}
        if not isinstance(parameters, Mapping):
            raise ToolSourceError(f"schemas[{index}].parameters is no object; expected a JSON schema")
        function = {"name": name, "description": inner.get("description", ""), "parameters": dict(parameters)}
        out.append({"type": "function", "function": function})
    return out
