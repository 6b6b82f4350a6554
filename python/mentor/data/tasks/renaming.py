"""Offering one of the twelve tools under another name: the same function, which the student knows by another word.

The new names are words (of the instructions, where one fits), so that a student which reads the list of
offered tools can find the tool again, and one which calls the teacher's tools from memory cannot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from mentor.data.tasks.toolbox import schemas, tool_source
from mentor.types import ToolCall

__all__ = ["NEW_NAMES", "renamed_call", "renamed_schemas", "renamed_source"]

NEW_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "add": "plus",
        "subtract": "minus",
        "multiply": "times",
        "divide": "over",
        "sum_numbers": "total",
        "floor": "whole",
        "ceil": "boxes",
        "round_number": "nearest",
        "power": "exponent",
        "sqrt": "root",
        "abs_value": "gap",
        "modulo": "remainder",
    }
)
"""The one other name of every tool."""


@cache
def renamed_source(tool: str) -> str:
    """The tools' source, with one function under its new name.

    Args:
        tool: The tool's usual name.
    """
    source, count = re.subn(rf"^def {tool}\(", f"def {NEW_NAMES[tool]}(", tool_source(), flags=re.MULTILINE)
    if count != 1:
        raise KeyError(tool)
    return source


def renamed_schemas(names: Sequence[str], tool: str) -> list[dict[str, Any]]:
    """The schemas of the named tools in order, that of `tool` under its new name."""
    made = schemas(names)
    for schema in made:
        if schema["function"]["name"] == tool:
            schema["function"]["name"] = NEW_NAMES[tool]
    return made


def renamed_call(call: ToolCall, tool: str | None) -> ToolCall:
    """The call, under the new name if it calls `tool`."""
    if tool is None or call.name != tool:
        return call
    return ToolCall(NEW_NAMES[tool], call.arguments, call.result)
