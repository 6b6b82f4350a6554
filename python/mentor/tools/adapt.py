"""From JSON to what a tool annotated: enum members, dataclasses, tuples and sets are made in the guest.

Only functions that need it are called through an adapter, bound to a name of its own, so that tools which call one
another do so with Python's values.
"""

from __future__ import annotations

from collections.abc import Sequence

from mentor.tools.schema import Tool

__all__ = ["adapters"]

# Guest code. The converters name the source's own classes, so it runs where the source did.
_HELPERS = """
def _mentor_items(make, convert):
    return lambda values: make([convert(value) for value in values])

def _mentor_values(convert):
    return lambda values: {key: convert(value) for key, value in values.items()}

def _mentor_tuple(converters):
    return lambda values: tuple(c(v) if c else v for c, v in zip(converters, values))

def _mentor_optional(convert):
    return lambda value: None if value is None else convert(value)

def _mentor_object(make, converters):
    return lambda fields: make(**{k: converters[k](v) if k in converters else v for k, v in fields.items()})

def _mentor_adapter(function, converters):
    def adapted(**arguments):
        for name in converters.keys() & arguments.keys():
            arguments[name] = converters[name](arguments[name])
        return function(**arguments)
    return adapted
"""


def adapters(tools: Sequence[Tool]) -> tuple[str, dict[str, str]]:
    """Guest source that defines the adapters, and the adapter's name for each tool that has one.

    Returns:
        Empty source and names where no tool needs any.
    """
    names = {tool.name: f"_mentor_call_{tool.name}" for tool in tools if tool.converters}
    lines = []
    for tool in tools:
        if tool.converters:
            converters = ", ".join(f"{name!r}: {source}" for name, source in tool.converters.items())
            lines.append(f"{names[tool.name]} = _mentor_adapter({tool.name}, {{{converters}}})")
    return (_HELPERS + "\n".join(lines) if lines else ""), names
