"""Arguments against a schema, with a reason that helps a model to call again.

The subset of JSON Schema that tools use: type, properties, required, items, additionalProperties, enum, const,
anyOf and oneOf. What a schema does not say is not checked here; the tool itself has the last word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["problem"]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "number": _is_number,
    "integer": _is_integer,
    "boolean": lambda v: isinstance(v, bool),
    "array": lambda v: isinstance(v, (list, tuple)),
    "object": lambda v: isinstance(v, Mapping),
    "null": lambda v: v is None,
}
_ARTICLE = {"integer": "an integer", "array": "an array", "object": "an object", "null": "null"}


def problem(arguments: Mapping[str, Any], parameters: Mapping[str, Any]) -> str | None:
    """What is wrong with a call's arguments, or None.

    Args:
        arguments: The arguments by name.
        parameters: The tool's parameter schema.
    """
    properties = parameters.get("properties") or {}
    expected = ", ".join(properties) or "none"
    missing = [name for name in parameters.get("required") or () if name not in arguments]
    if missing:
        return f"missing argument{_s(missing)} {', '.join(missing)}; expected {expected}"
    unknown = [name for name in arguments if name not in properties]
    if unknown and not parameters.get("additionalProperties"):
        return f"unexpected argument{_s(unknown)} {', '.join(unknown)}; expected {expected}"
    for name, value in arguments.items():
        found = _fault(value, properties.get(name) or {}, f"argument {name}")
        if found:
            return found
    return None


def _s(names: Sequence[str]) -> str:
    return "" if len(names) == 1 else "s"


def _fault(value: Any, schema: Any, where: str) -> str | None:
    if not isinstance(schema, Mapping):
        return None
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        faults = [_fault(value, option, where) for option in options]
        return None if None in faults else faults[0]
    for key, allowed in (
        ("enum", schema.get("enum")),
        ("const", [schema["const"]] if "const" in schema else None),
    ):
        if allowed is not None and value not in allowed:
            choices = ", ".join(json.dumps(choice, default=str) for choice in allowed)
            return f"{where} must be one of {choices}" if key == "enum" else f"{where} must be {choices}"
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds or ())
    checks = [_TYPES[kind] for kind in kinds if kind in _TYPES]
    if checks and len(checks) == len(kinds) and not any(check(value) for check in checks):
        wanted = " or ".join(_ARTICLE.get(kind, f"a {kind}") for kind in kinds)
        return f"{where} must be {wanted}, not {_shown(value)}"
    return _inner(value, schema, where)


def _inner(value: Any, schema: Mapping[str, Any], where: str) -> str | None:
    if isinstance(value, (list, tuple)) and "items" in schema:
        parts = ((item, schema["items"], f"{where}[{index}]") for index, item in enumerate(value))
    elif isinstance(value, Mapping):
        properties = schema.get("properties") or {}
        missing = [name for name in schema.get("required") or () if name not in value]
        if missing:
            return f"{where} lacks {', '.join(missing)}"
        rest = schema.get("additionalProperties")
        parts = ((inner, properties.get(key, rest), f"{where}.{key}") for key, inner in value.items())
    else:
        return None
    return next((fault for part in parts if (fault := _fault(*part))), None)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
