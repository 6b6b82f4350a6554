"""Ctrl-C and termination: the first request stops at the next safe point, the second at once."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from mentor.rollout import Generation, Generator, Sampling

__all__ = ["Interrupt", "Interrupted", "InterruptibleGenerator"]


class Interrupted(Exception):  # noqa: N818 - a request, not an error
    """Raised inside a rollout to leave it: since the last step, no weight has changed."""


class Interrupt:
    """Whether the run was asked to stop.

    Attributes:
        signal: The signal's number, or None while nothing was asked.
    """

    def __init__(self) -> None:
        self.signal: int | None = None

    @contextmanager
    def listening(self) -> Iterator[Interrupt]:
        """Handles SIGINT and SIGTERM while the block runs; does nothing outside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
        print("\nstopping; a checkpoint is written (once more: stop at once)", file=sys.stderr, flush=True)  # noqa: T201

    def leave_if_asked(self) -> None:
        """Raises `Interrupted` once a stop was asked for."""
        if self.signal is not None:
            raise Interrupted


class InterruptibleGenerator:
    """A generator that leaves the episode loop between two turns when a stop was asked for."""

    def __init__(self, inner: Generator, interrupt: Interrupt) -> None:
        self._inner, self._interrupt = inner, interrupt

    def pending(self, rows: int) -> bool:
        """See `Generator.pending`."""
        self._interrupt.leave_if_asked()
        return self._inner.pending(rows)

    def release(self) -> None:
        """See `Generator.release`."""
        self._inner.release()

    def generate(
        self,
        ids: Sequence[Sequence[int]],
        *,
        max_new_tokens: Sequence[int],
        stop_ids: Sequence[int],
        sampling: Sampling,
        seeds: Sequence[int],
        continues: Sequence[int] | None = None,
    ) -> list[Generation]:
        """See `Generator.generate`."""
        return self._inner.generate(
            ids,
            max_new_tokens=max_new_tokens,
            stop_ids=stop_ids,
            sampling=sampling,
            seeds=seeds,
            continues=continues,
        )
