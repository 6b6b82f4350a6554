"""Annotations to JSON schema, read from the syntax tree, and what turns JSON values into the annotated types.

A model sends JSON, a tool expects what it annotated: a member of an enum, a dataclass, a tuple. So each annotation
gives a schema, and where JSON is not yet the value, the source of an expression that makes it, run in the guest.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mentor.errors import ToolSourceError

__all__ = ["Annotations", "Typed", "is_literal", "literal"]

_SCALARS = {"int": "integer", "float": "number", "str": "string", "bool": "boolean", "None": "null"}
_ARRAYS = {
    "list": None, "List": None, "Sequence": None, "Iterable": None, "Collection": None,
    "tuple": "tuple", "Tuple": "tuple", "set": "set", "Set": "set", "frozenset": "frozenset", "FrozenSet": "frozenset",
}  # fmt: skip
_OBJECTS = {"dict", "Dict", "Mapping", "MutableMapping"}
_ENUMS = {"Enum", "IntEnum", "StrEnum"}
_KNOWN = (
    "int, float, str, bool, None, list[...], tuple[...], set[...], dict[str, ...], Literal[...], unions, Any, "
    "Annotated[..., 'what it is'], or an Enum, dataclass, NamedTuple or TypedDict of this source"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What an annotation says.

    Attributes:
        schema: The JSON schema.
        convert: The source of a function from the JSON value to the annotated type; None where it is that already.
    """

    schema: dict[str, Any]
    convert: str | None = None


_NOTHING = object()


def literal(node: ast.expr) -> Any:
    """The value of a literal that JSON has too; `_NOTHING` for anything else. Told apart with `is_literal`."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NOTHING
    return value if _is_json(value) else _NOTHING


def is_literal(value: Any) -> bool:
    """Whether `literal` found a value."""
    return value is not _NOTHING


def _is_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(inner) for key, inner in value.items())
    return value is None or isinstance(value, (bool, int, float, str))


class Annotations:
    """The types that a source defines, and the schemas of annotations that use them.

    Args:
        tree: The source's syntax tree.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self._aliases: dict[str, ast.expr] = {}
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._aliases[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._aliases[name] = value
        self._open: list[str] = []

    def typed(self, node: ast.expr, where: str) -> Typed:
        """What an annotation says.

        Args:
            node: The annotation.
            where: What to call the annotated thing in an error.

        Raises:
            ToolSourceError: JSON cannot express it; with the line.
        """
        match node:
            case ast.Constant(value=None):
                return Typed({"type": "null"})
            case ast.Constant(value=str(text)):
                return self.typed(_quoted(text, where, node.lineno), where)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._union([left, right], where, node)
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
                return self._generic(name, inner, where, node)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self._named(name, where, node)
        raise _untypable(where, node)

    def _named(self, name: str, where: str, node: ast.expr) -> Typed:
        if name in self._classes:
            return self._guarded(name, where, node, lambda: self._class(self._classes[name], where))
        if name in self._aliases:
            return self._guarded(name, where, node, lambda: self.typed(self._aliases[name], where))
        if name in ("Any", "object"):
            return Typed({})
        if name == "complex":
            return Typed({"type": "string"}, "complex")
        if name in _SCALARS:
            return Typed({"type": _SCALARS[name]})
        if name in _ARRAYS:
            return Typed(_array(name, {}), _ARRAYS[name])
        if name in _OBJECTS:
            return Typed({"type": "object"})
        raise _untypable(where, node)

    def _guarded(self, name: str, where: str, node: ast.expr, make: Callable[[], Typed]) -> Typed:
        if name in self._open:
            raise ToolSourceError(f"{where}: {name!r} contains itself; a schema has to end", node.lineno)
        self._open.append(name)
        try:
            return make()
        finally:
            self._open.pop()

    def _generic(self, name: str, inner: ast.expr, where: str, node: ast.expr) -> Typed:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if name == "Optional":
            return self._union([inner, ast.Constant(None)], where, node)
        if name == "Union":
            return self._union(parts, where, node)
        if name == "Annotated":
            return self._annotated(parts, where)
        if name in ("Required", "NotRequired", "ReadOnly", "Final"):
            return self.typed(inner, where)
        if name == "Literal":
            values = [literal(part) for part in parts]
            if all(is_literal(value) for value in values):
                return Typed({"enum": values})
        if name in _ARRAYS:
            return self._array(name, parts, where)
        if name in _OBJECTS and len(parts) == 2 and self.typed(parts[0], where).schema == {"type": "string"}:
            value = self.typed(parts[1], where)
            schema: dict[str, Any] = {"type": "object", "additionalProperties": value.schema}
            return Typed(schema, value.convert and f"_mentor_values({value.convert})")
        raise _untypable(where, node)

    def _annotated(self, parts: list[ast.expr], where: str) -> Typed:
        typed = self.typed(parts[0], where)
        for part in parts[1:]:
            match part:
                case ast.Constant(value=str(text)):
                    return Typed({**typed.schema, "description": text}, typed.convert)
                case ast.Call(args=[ast.Constant(value=str(text))]) if _last_name(part) == "Doc":
                    return Typed({**typed.schema, "description": text}, typed.convert)
        return typed

    def _array(self, name: str, parts: list[ast.expr], where: str) -> Typed:
        given = [part for part in parts if not (isinstance(part, ast.Constant) and part.value is ...)]
        items = [self.typed(part, where) for part in given]
        if _ARRAYS[name] == "tuple" and len(given) == len(parts):
            schemas = [item.schema for item in items]
            count = len(items)
            schema = {"type": "array", "prefixItems": schemas, "minItems": count, "maxItems": count}
            if not any(item.convert for item in items):
                return Typed(schema, "tuple")
            return Typed(schema, f"_mentor_tuple([{', '.join(str(item.convert) for item in items)}])")
        item = items[0] if items else Typed({})
        make = _ARRAYS[name]
        if item.convert:
            return Typed(_array(name, item.schema), f"_mentor_items({make or 'list'}, {item.convert})")
        return Typed(_array(name, item.schema), make)

    def _union(self, parts: list[ast.expr], where: str, node: ast.expr) -> Typed:
        options = [self.typed(part, where) for part in parts]
        flat = [inner for option in options for inner in option.schema.get("anyOf", [option.schema])]
        unique = [option for index, option in enumerate(flat) if option not in flat[:index]]
        schema = unique[0] if len(unique) == 1 else {"anyOf": unique}
        converting = [option for option in options if option.convert]
        if not converting:
            return Typed(schema)
        others = [option for option in options if not option.convert]
        if len(converting) == 1 and all(option.schema == {"type": "null"} for option in others):
            return Typed(schema, f"_mentor_optional({converting[0].convert})")
        reason = (
            f"{ast.unparse(node)!r} mixes types that JSON cannot tell apart; use one of them, or one and None"
        )
        raise ToolSourceError(f"{where}: {reason}", node.lineno)

    # ---- classes of the source

    def _class(self, node: ast.ClassDef, where: str) -> Typed:
        bases = self._bases(node)
        if bases & _ENUMS:
            return _enum(node, where)
        if "TypedDict" in bases:
            return self._object(node, where, None)
        if "NamedTuple" in bases or any(_last_name(d) == "dataclass" for d in node.decorator_list):
            return self._object(node, where, node.name)
        raise ToolSourceError(f"{where}: the class {node.name!r} has no JSON type; use {_KNOWN}", node.lineno)

    def _bases(self, node: ast.ClassDef) -> set[str]:
        """The names of all classes that it inherits from, those of the source followed."""
        names = {_last_name(base) for base in node.bases}
        return names.union(*(self._bases(self._classes[name]) for name in names & self._classes.keys()))

    def _fields(self, node: ast.ClassDef) -> dict[str, tuple[ast.AnnAssign, bool]]:
        """The fields by name, inherited ones first, each with whether a TypedDict requires it."""
        fields: dict[str, tuple[ast.AnnAssign, bool]] = {}
        for base in node.bases:
            if _last_name(base) in self._classes:
                fields |= self._fields(self._classes[_last_name(base)])
        total = not any(k.arg == "total" and literal(k.value) is False for k in node.keywords)
        for item in node.body:
            match item:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    if _outer(annotation) != "ClassVar":
                        mark = _outer(annotation)
                        fields[name] = (item, mark == "Required" or (total and mark != "NotRequired"))
        return fields

    def _object(self, node: ast.ClassDef, where: str, make: str | None) -> Typed:
        """An object with the class's fields; `make` is what the guest calls with them."""
        properties, converters, required = {}, [], []
        for name, (item, must) in self._fields(node).items():
            typed = self.typed(item.annotation, f"{where}: field {name!r}")
            properties[name] = dict(typed.schema)
            if item.value is not None and is_literal(value := literal(item.value)):
                properties[name]["default"] = value
            if typed.convert:
                converters.append(f"{name!r}: {typed.convert}")
            if must and item.value is None:
                required.append(name)
        schema = {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
        if text := ast.get_docstring(node):
            schema["description"] = " ".join(text.split("\n\n", 1)[0].split())
        if make is None and not converters:
            return Typed(schema)
        return Typed(schema, f"_mentor_object({make or 'dict'}, {{{', '.join(converters)}}})")


def _enum(node: ast.ClassDef, where: str) -> Typed:
    """Members by their values where JSON has these, else by their names."""
    members: dict[str, Any] = {}
    for item in node.body:
        match item:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith("_"):
                members[name] = literal(value)
    if not members:
        raise ToolSourceError(f"{where}: the enum {node.name!r} has no members", node.lineno)
    if all(isinstance(value, (str, int, float)) for value in members.values()):
        return Typed({"enum": list(dict.fromkeys(members.values()))}, node.name)
    return Typed({"enum": list(members)}, f"{node.name}.__getitem__")


def _array(name: str, items: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array"}
    if items:
        schema["items"] = items
    if _ARRAYS[name] in ("set", "frozenset"):
        schema["uniqueItems"] = True
    return schema


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _last_name(inner)
    return ""


def _outer(annotation: ast.expr) -> str:
    return _last_name(annotation.value) if isinstance(annotation, ast.Subscript) else _last_name(annotation)


def _quoted(text: str, where: str, line: int) -> ast.expr:
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ToolSourceError(f"{where}: the annotation {text!r} is not an expression", line) from error
    for inner in ast.walk(node):
        if hasattr(inner, "lineno"):
            inner.lineno = line
    return node


def _untypable(where: str, node: ast.expr) -> ToolSourceError:
    return ToolSourceError(f"{where}: {ast.unparse(node)!r} has no JSON type; use {_KNOWN}", node.lineno)
