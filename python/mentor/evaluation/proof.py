"""Which tool calls ran in the sandbox, told from what each call brought back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mentor.sandbox import Outcome
from mentor.tools import ToolResult

__all__ = ["CallCount", "count_calls"]


@dataclass(frozen=True, slots=True)
class CallCount:
    """What became of calls that were handed to the tools.

    Attributes:
        executed: Calls that ran somewhere.
        sandboxed: Those among them with proof that the sandbox ran them.
        refused: Calls that ran nowhere, since their arguments did not fit the tool's schema.
    """

    executed: int
    sandboxed: int
    refused: int


def count_calls(results: Iterable[ToolResult | None]) -> CallCount:
    """Count calls by what they brought back.

    The sandbox's `Outcome` with the instructions it counted is the proof that a call ran there; an outcome of
    the machinery's failure, which has none, is the sandbox's own as well. A result without an outcome is a
    refusal if it is an error, and has gone round the sandbox if it carries a value.

    Args:
        results: One result per call; None for calls that were never handed to the tools.
    """
    handed = [result for result in results if result is not None]
    refused = sum(_refused(result) for result in handed)
    return CallCount(executed=len(handed) - refused, sandboxed=sum(map(_sandboxed, handed)), refused=refused)


def _refused(result: ToolResult) -> bool:
    return result.outcome is None and not result.ok and not result.failed


def _sandboxed(result: ToolResult) -> bool:
    outcome = result.outcome
    return isinstance(outcome, Outcome) and (outcome.usage.fuel > 0 or outcome.status == "failed")
