"""Carrying out an instruction: one way's steps become calls with operands, named arguments and results."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mentor.data.tasks.instructions import Step, Way
from mentor.data.tasks.toolbox import call
from mentor.types import ToolCall

__all__ = ["carry_out", "operands_of", "uses_only"]

_SHORT = 2


def _operand(text: str, value: float, numbers: Sequence[int]) -> float:
    """The number that an operand's text stands for (see `Step.operands`)."""
    if text == "v":
        return value
    if text in ("b", "c"):
        return numbers["bc".index(text)]
    if text == "-b":
        return -numbers[0]
    if text == "1/b":
        return round(1 / numbers[0], _SHORT)
    if text == "b%":
        return round(numbers[0] / 100, _SHORT)
    return float(text) if "." in text else int(text)


def operands_of(step: Step, value: float, numbers: Sequence[int]) -> list[float]:
    """The operands of a step from the running value and the instruction's numbers."""
    return [_operand(text, value, numbers) for text in step.operands]


def carry_out(way: Way, value: float, numbers: Sequence[int]) -> list[ToolCall]:
    """Run a way's steps from a running value.

    Args:
        way: The steps; each feeds its result to the next as the running value.
        value: The running value at the start.
        numbers: The instruction's numbers, at most two.

    Returns:
        One call per step, in order, with results; the last result is the new running value.

    Raises:
        ValueError, ZeroDivisionError, OverflowError: A tool cannot compute its result.
    """
    calls = []
    for step in way:
        made = call(step.tool, operands_of(step, value, numbers))
        calls.append(made)
        value = made.result
    return calls


def uses_only(way: Way, tools: Collection[str]) -> bool:
    """Whether every step of a way calls one of the given tools."""
    return all(step.tool in tools for step in way)
