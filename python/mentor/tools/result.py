"""What a tool call gave: the value for the program, the text for the model."""

from __future__ import annotations

from typing import Any

from mentor import _native
from mentor.sandbox import Outcome

__all__ = ["MAX_TEXT", "ToolResult", "bounded"]

MAX_TEXT = 2048
"""The most characters of a result that a model is shown; the native core has the same number."""

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
            _, stdout, _, printed, _, value, error, _, code, *_ = self.outcome._native
            self._text = _native.shown(self.outcome.status, value, stdout, printed, error, code)
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


def bounded(text: str, limit: int = MAX_TEXT) -> str:
    """The text, cut to `limit` characters with a note of how many were left out."""
    left = len(text) - limit
    return text if left <= 0 else f"{text[:limit]} ... [{left} more characters]"
