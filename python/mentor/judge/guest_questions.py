"""What the guests that are asked about answers have in common: their program, their limits, and how questions end."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from mentor.errors import JudgeError
from mentor.sandbox import Limits, Outcome

__all__ = ["IMAGE_FUEL", "guest_program", "limits", "was_stopped"]

IMAGE_FUEL: Final = 100_000_000_000
"""The bound of making a guest."""

_MEMORY: Final = 1 << 30
_WALL: Final = 600.0


def guest_program(package: str) -> str:
    """What a guest that asks Math-Verify runs first: signals that never ring, then the package's `guest.py`."""
    parts = files("mentor.judge").joinpath("guest_signals.py"), files(package).joinpath("guest.py")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def limits(fuel: int) -> Limits:
    """A question's limits: the fuel decides, the clock is far behind it."""
    return Limits(fuel=fuel, wall=_WALL, memory=_MEMORY)


def was_stopped(outcome: Outcome, whose: str) -> bool:
    """Whether a question was stopped or brought its guest down, so that nothing was said.

    Raises:
        JudgeError: The machinery is at fault, so that nothing can be said of the answer.
    """
    if outcome.status == "failed" or outcome.limit == "wall":
        why = outcome.error.message if outcome.error else f"a question took more than {_WALL:g} s"
        raise JudgeError(f"{whose} sandbox failed: {why}")
    return outcome.status != "ok"
