"""The arithmetic tools as the generator sees them: their source text, their schemas, and calls of them."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from mentor.data.tasks import arithmetic_tools
from mentor.tools import schemas_from_source
from mentor.types import ToolCall

__all__ = ["TOOL_NAMES", "arguments", "call", "run", "schemas", "tool_source"]

TOOL_NAMES: tuple[str, ...] = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "sum_numbers",
    "floor",
    "ceil",
    "round_number",
    "power",
    "sqrt",
    "abs_value",
    "modulo",
)
"""MENTOR's twelve tools, in the order in which they are always offered."""

_PARAMETERS = {
    name: tuple(inspect.signature(getattr(arithmetic_tools, name)).parameters) for name in TOOL_NAMES
}


@cache
def tool_source() -> str:
    """The Python source that defines the twelve tools, as one string for the sandbox."""
    return inspect.getsource(arithmetic_tools)


@cache
def _schemas_by_name() -> dict[str, dict[str, Any]]:
    return {schema["function"]["name"]: schema for schema in schemas_from_source(tool_source())}


def schemas(names: Sequence[str] = TOOL_NAMES) -> list[dict[str, Any]]:
    """The OpenAI function schemas of the named tools.

    Args:
        names: Tool names out of `TOOL_NAMES`; the order given is kept.

    Returns:
        One fresh schema per name: `{"type": "function", "function": {"name", "description", "parameters"}}`.
    """
    return [copy.deepcopy(_schemas_by_name()[name]) for name in names]


def arguments(name: str, operands: Sequence[float]) -> dict[str, Any]:
    """Name the operands of a tool: `("add", (2, 3))` gives `{"a": 2, "b": 3}`.

    Raises:
        ValueError: The tool takes another number of operands.
    """
    if name == "sum_numbers":
        return {"numbers": list(operands)}
    return dict(zip(_PARAMETERS[name], operands, strict=True))


def run(name: str, given: Mapping[str, Any]) -> float:
    """Run one of the twelve tools on arguments that the generator itself made.

    Raises:
        ValueError: The result is no real number, or is too large.
        ZeroDivisionError: A division by zero.
        OverflowError: The result is beyond what a float holds.
    """
    result: float = getattr(arithmetic_tools, name)(**given)
    return result


def call(name: str, operands: Sequence[float]) -> ToolCall:
    """Make and run one call; the result stands in the returned `ToolCall`. Raises as `run` does."""
    given = arguments(name, operands)
    return ToolCall(name, given, run(name, given))
