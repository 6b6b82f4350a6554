"""What a text is under a parameter's schema: the schema's types as a set of names."""

from collections.abc import Mapping
from typing import Any

from oracles.parsing import literal, strict_json
from oracles.parsing.strict_json import ReadError

ANY = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
NAMES = {
    "null": "null", "none": "null", "None": "null",
    "boolean": "boolean", "bool": "boolean",
    "integer": "integer", "int": "integer",
    "string": "string", "str": "string",
    "array": "array", "list": "array", "tuple": "array", "set": "array",
    "object": "object", "dict": "object",
}  # fmt: skip


def types_of(tools: Any, tool: str, parameter: str) -> frozenset[str]:
    """The types that a tool's parameter takes."""
    for schema in reversed(tools or ()):
        inner = schema.get("function", schema)
        if inner["name"] == tool:
            parameters = inner.get("parameters") or {}
            properties = parameters.get("properties", {})
            return _types(properties[parameter], parameters, 0) if parameter in properties else ANY
    return ANY


def _types(schema: Any, root: Any, depth: int) -> frozenset[str]:
    if not isinstance(schema, Mapping) or depth == 64:
        return ANY
    found = ANY
    for key, given in schema.items():
        allowed = ANY
        if key == "type":
            names = [given] if isinstance(given, str) else given
            allowed = frozenset().union(*map(_named, names))
        elif key == "enum" and given:
            allowed = frozenset().union(*map(kinds, given))
        elif key == "const":
            allowed = kinds(given)
        elif key in ("anyOf", "oneOf") and given:
            allowed = frozenset().union(*(_types(one, root, depth + 1) for one in given))
        elif key == "allOf":
            for one in given:
                allowed = (allowed & _types(one, root, depth + 1)) or ANY
        elif key == "$ref":
            target = root
            for step in given.removeprefix("#/").split("/"):
                target = target.get(step, {})
            allowed = _types(target, root, depth + 1)
        found = (found & allowed) or ANY
    return found | {"null"} if schema.get("nullable") is True else found


def _named(name: str) -> frozenset[str]:
    if name in ("number", "float", "double"):
        return frozenset({"integer", "number"})
    return frozenset({NAMES[name]}) if name in NAMES else ANY


def kinds(value: Any) -> frozenset[str]:
    """The type of a value."""
    for kind, name in (
        (bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"),
    ):  # fmt: skip
        if isinstance(value, kind):
            return frozenset({name})
    return frozenset({"null"}) if value is None else frozenset({"object"})


def value(text: str, types: frozenset[str], *, python: bool) -> Any:
    """What the text is."""
    bare = text.strip(" \t\n\r")
    if types - {"null"} == {"string"}:
        return None if "null" in types and bare == "null" else text
    readers = [strict_json.whole]
    if types != ANY and "boolean" in types:
        readers.append(_boolean)
    if python:
        readers.append(literal.whole)
    for reader in readers:
        try:
            found = reader(bare)
        except ReadError:
            continue
        if kinds(found) <= types:
            return found
    return text


def _boolean(text: str) -> bool:
    words = {"true": True, "false": False}
    if not text.isascii() or text.lower() not in words:
        raise ReadError(0)
    return words[text.lower()]
