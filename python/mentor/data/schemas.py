"""Function schemas as other people's data holds them, brought to OpenAI's form."""

from __future__ import annotations

from typing import Any

from mentor.data.fields import Field

__all__ = ["function_schema"]

_JSON_TYPES = {
    "dict": "object",
    "float": "number",
    "double": "number",
    "tuple": "array",
    "list": "array",
    "any": "",
}
"""Python's type names, as BFCL and others write them, and JSON Schema's for them; empty for no limit."""


def function_schema(field: Field) -> dict[str, Any]:
    """Read one tool's schema: OpenAI's `{"type": "function", "function": {...}}`, or the inner object alone.

    Args:
        field: The schema as it stands in the data, an object or its JSON text.

    Returns:
        OpenAI's form, with JSON Schema's type names throughout.

    Raises:
        DataError: It is no such object, or its name or its parameters are missing.
    """
    outer = field.json_or_value()
    inner = outer.get("function") or outer
    schema: dict[str, Any] = {
        "name": inner["name"].text(),
        "description": description.text() if (description := inner.get("description")) else "",
        "parameters": _json_schema(inner["parameters"].mapping()),
    }
    return {"type": "function", "function": schema}


def _json_schema(value: Any) -> Any:
    """The same schema with JSON Schema's type names; what Arrow filled with None is left out."""
    if isinstance(value, list):
        return [_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        if key == "type" and isinstance(item, str):
            if kind := _JSON_TYPES.get(item, item):
                out[key] = kind
        elif item is not None:
            out[key] = _json_schema(item)
    return out
