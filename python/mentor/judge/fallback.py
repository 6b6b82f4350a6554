"""Math-Verify for the pairs that the native judge leaves undecided, in the sandbox.

Every question is a call of its own in a fresh guest that has Math-Verify imported, stopped by fuel instead of by
signals. So its verdicts do not depend on the thread, the order, the load or what was asked before, and a question
that never ends, runs out of memory or brings the guest down spoils no other: it stays undecided.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import threading
from collections.abc import Sequence
from typing import Final

from mentor.errors import JudgeError, PackageError
from mentor.judge import kept
from mentor.judge.guest_questions import IMAGE_FUEL, guest_program, limits, was_stopped
from mentor.sandbox import Outcome, Sandbox

__all__ = ["ask", "installed"]

FUEL: Final = 4_000_000_000
"""The bound of a question, some two seconds."""

MAX_CHARS: Final = 1_000
"""Longer pairs are not asked about."""

_LOCK = threading.Lock()


@functools.cache
def installed() -> bool:
    """Whether Math-Verify can be asked."""
    return importlib.util.find_spec("math_verify") is not None


def ask(pairs: Sequence[kept.Pair], file: str | os.PathLike[str] | None) -> list[bool | None]:
    """Asks about pairs of normal texts, all cores at once, or remembers.

    Returns:
        One verdict a pair; None where it does not know either, or was stopped.

    Raises:
        JudgeError: The sandbox failed, or the file that keeps verdicts cannot be used.
    """
    short = list(dict.fromkeys(pair for pair in pairs if len(pair[0]) + len(pair[1]) <= MAX_CHARS))
    known = kept.recall(short, file)
    new = [pair for pair in short if pair not in known]
    if new:
        with _LOCK:
            box = _sandbox()
        sources = [f"equal({answer!a}, {reference!a})" for answer, reference in new]
        said = dict(zip(new, map(_verdict, box.run_batch(sources, limits=limits(FUEL))), strict=True))
        kept.remember(said, file)
        known.update(said)
    return [known.get(pair) for pair in pairs]


def _verdict(outcome: Outcome) -> bool | None:
    """What the guest said; None where it was stopped or ended."""
    said = None if was_stopped(outcome, "Math-Verify's") else outcome.value
    return said if isinstance(said, bool) else None


@functools.cache
def _sandbox() -> Sandbox:
    """The guest with Math-Verify in it, made when first used."""
    try:
        return Sandbox(guest_program("mentor.judge"), packages=["math-verify"], limits=limits(IMAGE_FUEL))
    except PackageError as error:
        raise JudgeError(
            f"Math-Verify cannot be asked: install mentor-rl[judge], or set math_verify=False ({error})"
        ) from error
