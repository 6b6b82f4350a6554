"""What a tool call gave: the value for the program, the text for the model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mentor.sandbox import Outcome

__all__ = ["MAX_TEXT", "ToolResult", "bounded", "unknown_tool"]

MAX_TEXT = 2048
"""The most characters of a result that a model is shown."""

_LATER: Any = object()


class ToolResult:
    """The result of one call. Value and text are made when they are first asked for.

    Attributes:
        ok: Whether the call returned a value.
        failed: Whether the machinery failed. Never the student's mistake: the row is not scored.
        outcome: What happened in the sandbox; None where the call was refused before it ran (no such tool, or
            arguments that do not fit its schema).
    """

    __slots__ = ("_text", "_value", "failed", "ok", "outcome")

    def __init__(self, ok: bool, value: Any, text: str, failed: bool, outcome: Outcome | None) -> None:
        self.ok, self._value, self._text, self.failed, self.outcome = ok, value, text, failed, outcome

    @classmethod
    def refused(cls, reason: str) -> ToolResult:
        """A call that did not run, with the reason for the model."""
        return cls(ok=False, value=None, text=bounded(f"Error: {reason}"), failed=False, outcome=None)

    @classmethod
    def of(cls, outcome: Outcome) -> ToolResult:
        """The result of a call that ran."""
        status = outcome.status
        # What diverged from its record says no more about the call than what failed.
        return cls(status == "ok", _LATER, _LATER, status in ("failed", "diverged"), outcome)

    @property
    def value(self) -> Any:
        """What the call returned, as JSON values; None when not ok."""
        if self._value is _LATER:
            self._value = self.outcome.value if self.ok and self.outcome else None
        return self._value

    @property
    def text(self) -> str:
        """The text for the model, at most `MAX_TEXT` characters and a note of what was left out.

        A string value as it is, other values as JSON, an error as `Error: ...`; what a call printed, where it
        returned nothing.
        """
        if self._text is _LATER and self.outcome:
            text = _shown(self.outcome) if self.ok else f"Error: {_reason(self.outcome)}"
            self._text = bounded(_writable(text))
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToolResult) and self._fields() == other._fields()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = ("ok", "value", "text", "failed", "outcome")
        pairs = zip(names, self._fields(), strict=True)
        return f"ToolResult({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return ToolResult, self._fields()

    def _fields(self) -> tuple[Any, ...]:
        return self.ok, self.value, self.text, self.failed, self.outcome


def _shown(outcome: Outcome) -> str:
    text = outcome.value_json
    if text is None or text == "null":
        return outcome.stdout.rstrip("\n") if outcome.stdout_bytes else "null"
    if text.startswith('"'):
        return str(outcome.value)
    # The guest writes JSON as `json.dumps` does, with other letters escaped.
    return json.dumps(outcome.value, ensure_ascii=False) if "\\u" in text else text


def _reason(outcome: Outcome) -> str:
    if outcome.status == "exited":
        return f"the tool exited with code {outcome.exit_code}"
    if outcome.error is None:
        return f"the tool {outcome.status}"
    return outcome.error.message if outcome.status == "limit" else str(outcome.error)


def _writable(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which no encoding can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def bounded(text: str, limit: int = MAX_TEXT) -> str:
    """The text, cut to `limit` characters with a note of how many were left out."""
    left = len(text) - limit
    return text if left <= 0 else f"{text[:limit]} ... [{left} more characters]"


def unknown_tool(name: str | None, names: Iterable[str]) -> str:
    """What a model is told that calls a tool which is not there."""
    return f"there is no tool {name!r}; the tools are {', '.join(names) or 'none'}"
