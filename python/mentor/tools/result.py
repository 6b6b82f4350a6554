"""What a tool call gave: the value for the program, the text for the model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mentor.sandbox import Outcome

__all__ = ["MAX_TEXT", "ToolResult"]

MAX_TEXT = 2048
"""The most characters of a result that a model is shown."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The result of one call.

    Attributes:
        ok: Whether the call returned a value.
        value: What it returned, as JSON values; None when not ok.
        text: The text for the model: a string value as it is, other values as JSON, an error as `Error: ...`;
            at most `MAX_TEXT` characters and a note of what was left out.
        failed: Whether the machinery failed. Never the student's mistake: the row is not scored.
        outcome: What happened in the sandbox; None where the call was refused before it ran (no such tool, or
            arguments that do not fit its schema).
    """

    ok: bool
    value: Any
    text: str
    failed: bool
    outcome: Outcome | None

    @classmethod
    def refused(cls, reason: str) -> ToolResult:
        """A call that did not run, with the reason for the model."""
        return cls(ok=False, value=None, text=bounded(f"Error: {reason}"), failed=False, outcome=None)

    @classmethod
    def of(cls, outcome: Outcome) -> ToolResult:
        """The result of a call that ran."""
        if outcome.ok:
            text = bounded(_shown(outcome))
            return cls(ok=True, value=outcome.value, text=text, failed=False, outcome=outcome)
        failed = outcome.status == "failed"
        return cls(
            ok=False, value=None, text=bounded(f"Error: {_reason(outcome)}"), failed=failed, outcome=outcome
        )


def _shown(outcome: Outcome) -> str:
    if isinstance(outcome.value, str):
        return outcome.value
    if outcome.value is None and outcome.stdout:
        return outcome.stdout.rstrip("\n")
    return json.dumps(outcome.value, ensure_ascii=False)


def _reason(outcome: Outcome) -> str:
    if outcome.status == "exited":
        return f"the tool exited with code {outcome.exit_code}"
    if outcome.error is None:
        return f"the tool {outcome.status}"
    return outcome.error.message if outcome.status == "limit" else str(outcome.error)


def bounded(text: str) -> str:
    """The text, cut to `MAX_TEXT` characters with a note of how many were left out."""
    left = len(text) - MAX_TEXT
    return text if left <= 0 else f"{text[:MAX_TEXT]} ... [{left} more characters]"
