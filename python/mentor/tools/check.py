"""Arguments against a schema, with a reason that helps a model to call again.

The subset of JSON Schema that tools use: type, properties, required, items, prefixItems, additionalProperties,
enum, const, anyOf, oneOf, allOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength,
minItems, maxItems, uniqueItems and `$ref` into the schema's own `$defs`. Other keywords are not checked; `pattern`
is not, since a regular expression can take for ever on a model's text. The tool itself has the last word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["Checker"]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_array(value: Any) -> bool:
    return isinstance(value, (list, tuple))


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "number": _is_number,
    "integer": _is_integer,
    "boolean": lambda v: isinstance(v, bool),
    "array": _is_array,
    "object": lambda v: isinstance(v, Mapping),
    "null": lambda v: v is None,
}
_ARTICLE = {"integer": "an integer", "array": "an array", "object": "an object", "null": "null"}
# Python types that satisfy a JSON type whatever their value.
_CERTAIN: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "number": frozenset({int, float}),
    "integer": frozenset({int}),
    "boolean": frozenset({bool}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
    "null": frozenset({type(None)}),
}
_SAYS_NOTHING = {"type", "description", "title", "default", "examples", "format"}
_DEEPEST = 200

# Keyword, what it is a bound of, whether a value keeps it, and how it reads.
_BOUNDS: tuple[tuple[str, Callable[[Any], bool], Callable[[Any, Any], bool], str], ...] = (
    ("minimum", _is_number, lambda v, bound: v >= bound, "must be at least {}"),
    ("maximum", _is_number, lambda v, bound: v <= bound, "must be at most {}"),
    ("exclusiveMinimum", _is_number, lambda v, bound: v > bound, "must be more than {}"),
    ("exclusiveMaximum", _is_number, lambda v, bound: v < bound, "must be less than {}"),
    ("minLength", _TYPES["string"], lambda v, bound: len(v) >= bound, "must have at least {} characters"),
    ("maxLength", _TYPES["string"], lambda v, bound: len(v) <= bound, "must have at most {} characters"),
    ("minItems", _is_array, lambda v, bound: len(v) >= bound, "must have at least {} items"),
    ("maxItems", _is_array, lambda v, bound: len(v) <= bound, "must have at most {} items"),
)


class Checker:
    """Checks calls of one tool. What most calls are is passed by looking at types alone.

    Args:
        parameters: The tool's parameter schema.
    """

    __slots__ = ("_certain", "_parameters", "_required")

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters
        self._required = frozenset(parameters.get("required") or ())
        properties = parameters.get("properties") or {}
        self._certain = {name: _certain_types(schema) for name, schema in properties.items()}

    def problem(self, arguments: Mapping[str, Any]) -> str | None:
        """What is wrong with a call's arguments, or None."""
        certain = self._certain
        for name, value in arguments.items():
            if type(value) not in certain.get(name, ()):
                return self._examine(arguments)
        return None if self._required <= arguments.keys() else self._examine(arguments)

    def _examine(self, arguments: Mapping[str, Any]) -> str | None:
        properties = self._parameters.get("properties") or {}
        expected = ", ".join(properties) or "none"
        missing = [name for name in self._parameters.get("required") or () if name not in arguments]
        if missing:
            return f"missing argument{_s(missing)} {', '.join(missing)}; expected {expected}"
        rest = self._parameters.get("additionalProperties")
        unknown = [str(name) for name in arguments if name not in properties]
        if unknown and not rest:
            return f"unexpected argument{_s(unknown)} {', '.join(unknown)}; expected {expected}"
        definitions = self._parameters.get("$defs") or self._parameters.get("definitions") or {}
        examine = _Examiner(definitions)
        for name, value in arguments.items():
            found = examine.fault(value, properties.get(name, rest), f"argument {name}", 0)
            if found:
                return found
        return None


def _certain_types(schema: Any) -> frozenset[type]:
    """The Python types whose every value the schema takes, as far as that can be told quickly."""
    if not isinstance(schema, Mapping):
        return frozenset()
    if schema.keys() - _SAYS_NOTHING == {"anyOf"} and "type" not in schema:
        return frozenset().union(*map(_certain_types, schema["anyOf"]))
    kinds = schema.get("type")
    if schema.keys() <= _SAYS_NOTHING and kinds:
        names = [kinds] if isinstance(kinds, str) else kinds
        return frozenset().union(*(_CERTAIN.get(kind, frozenset()) for kind in names))
    return frozenset()


def _s(names: Sequence[str]) -> str:
    return "" if len(names) == 1 else "s"


class _Examiner:
    """Finds the first fault of a value, by path."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def fault(self, value: Any, schema: Any, where: str, depth: int) -> str | None:
        if depth > _DEEPEST:
            return f"{where} is nested more than {_DEEPEST} deep"
        schema = self._resolved(schema)
        if not isinstance(schema, Mapping):
            return None
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            faults = [self.fault(value, option, where, depth + 1) for option in options]
            if None not in faults:
                return _nearest(value, options, faults)
        for part in schema.get("allOf") or ():
            if found := self.fault(value, part, where, depth + 1):
                return found
        return _plain_fault(value, schema, where) or self._inner(value, schema, where, depth)

    def _resolved(self, schema: Any) -> Any:
        for _ in range(_DEEPEST):
            reference = schema.get("$ref") if isinstance(schema, Mapping) else None
            if not isinstance(reference, str):
                return schema
            schema = self._definitions.get(reference.rpartition("/")[2])
        return None

    def _inner(self, value: Any, schema: Mapping[str, Any], where: str, depth: int) -> str | None:
        if _is_array(value):
            first = schema.get("prefixItems") or ()
            rest = schema.get("items")
            schemas = [*first, *[rest] * (len(value) - len(first))]
            parts = ((v, s, f"{where}[{i}]") for i, (v, s) in enumerate(zip(value, schemas, strict=False)))
        elif isinstance(value, Mapping):
            properties = schema.get("properties") or {}
            missing = [name for name in schema.get("required") or () if name not in value]
            if missing:
                return f"{where} lacks {', '.join(missing)}"
            rest = schema.get("additionalProperties")
            unknown = [str(key) for key in value if key not in properties]
            if rest is False and unknown:
                return f"{where} has no {', '.join(unknown)}; expected {', '.join(properties) or 'none'}"
            parts = ((inner, properties.get(key, rest), f"{where}.{key}") for key, inner in value.items())
        else:
            return None
        return next((found for v, s, at in parts if (found := self.fault(v, s, at, depth + 1))), None)


def _nearest(value: Any, options: Sequence[Any], faults: list[str | None]) -> str | None:
    """The fault of the option that takes the value's type, else of the first."""
    for option, found in zip(options, faults, strict=True):
        if isinstance(option, Mapping) and _has_type(value, option) and "type" in option:
            return found
    return faults[0]


def _has_type(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    names = [kinds] if isinstance(kinds, str) else list(kinds or ())
    checks = [_TYPES[kind] for kind in names if kind in _TYPES]
    # Other names of types are no JSON Schema: they say nothing here.
    return not checks or len(checks) < len(names) or any(check(value) for check in checks)


def _plain_fault(value: Any, schema: Mapping[str, Any], where: str) -> str | None:
    """A fault of the value itself, its parts aside."""
    if "enum" in schema and not _among(value, schema["enum"]):
        return f"{where} must be one of {', '.join(map(_shown, schema['enum']))}"
    if "const" in schema and not _among(value, [schema["const"]]):
        return f"{where} must be {_shown(schema['const'])}"
    if not _has_type(value, schema):
        kinds = schema["type"]
        names = [kinds] if isinstance(kinds, str) else kinds
        wanted = " or ".join(_ARTICLE.get(kind, f"a {kind}") for kind in names)
        return f"{where} must be {wanted}, not {_shown(value)}"
    for keyword, concerns, keeps, reads in _BOUNDS:
        bound = schema.get(keyword)
        if _is_number(bound) and concerns(value) and not keeps(value, bound):
            return f"{where} {reads.format(bound)}, not {_shown(value)}"
    if schema.get("uniqueItems") is True and _is_array(value):
        return _repeated(value, where)
    return None


def _among(value: Any, choices: Any) -> bool:
    """Whether a value is one of the choices, as JSON has it: true is not 1, and 1.0 is 1."""
    if not isinstance(choices, (list, tuple)):
        return True
    return any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in choices)


def _repeated(items: Sequence[Any], where: str) -> str | None:
    seen = set()
    for index, item in enumerate(items):
        text = json.dumps(item, sort_keys=True, default=repr)
        if text in seen:
            return f"{where}[{index}] repeats {_shown(item)}; the items must differ"
        seen.add(text)
    return None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
