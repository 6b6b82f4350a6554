"""One line that says how a run is going."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TextIO

__all__ = ["Progress"]

_FIGURES = (
    ("loss", "loss", "{:.3f}"),
    ("reward", "reward", "{:.3f}"),
    ("reward/answer", "right", "{:.0%}"),
    ("calls/valid", "calls valid", "{:.0%}"),
)


class Progress:
    """Shows the step, the main figures, the time a step takes and the time that is left.

    On a terminal the line is rewritten in place; elsewhere a line is printed every `every` steps.

    Args:
        total: The run's steps.
        every: Steps between two lines where the stream is no terminal.
        stream: Where to write; standard error by default.
    """

    def __init__(self, total: int, *, every: int = 1, stream: TextIO | None = None) -> None:
        self._total, self._every = total, every
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._first: int | None = None
        self._started = 0.0
        self._width = 0

    def begin(self, step: int) -> None:
        """Starts the clock at `step` steps done."""
        self._first, self._started = step, time.perf_counter()

    def show(self, step: int, figures: Mapping[str, float | None]) -> None:
        """Shows the figures of a step that was just done."""
        last = step >= self._total
        if not self._terminal and step % self._every and not last:
            return
        line = self._line(step, figures)
        if self._terminal:
            self._stream.write("\r" + line.ljust(self._width) + ("\n" if last else ""))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def end(self) -> None:
        """Ends an unfinished line."""
        if self._terminal and self._width:
            self._stream.write("\n")
            self._stream.flush()

    def _line(self, step: int, figures: Mapping[str, float | None]) -> str:
        parts = [f"step {step}/{self._total}"]
        for key, name, form in _FIGURES:
            value = figures.get(key)
            if value is not None and not (key == "loss" and "reward" in figures):
                parts.append(f"{name} {form.format(value)}")
        done = step - (self._first or 0)
        if done > 0:
            each = (time.perf_counter() - self._started) / done
            parts.append(f"{each:.1f} s/step")
            parts.append(f"{_clock(each * (self._total - step))} left")
        return "  ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
