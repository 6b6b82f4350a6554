"""Timing two things in turns, so that what slows the machine for a while slows both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Turns", "in_turns", "percentile", "take_turns", "timed"]


def percentile(samples: Sequence[float], percent: float) -> float:
    """A percentile of samples, interpolated."""
    ordered = sorted(samples)
    at = (len(ordered) - 1) * percent / 100
    low, high = ordered[int(at)], ordered[min(int(at) + 1, len(ordered) - 1)]
    return low + (high - low) * (at - int(at))


@dataclass(frozen=True, slots=True)
class Turns:
    """Seconds of single calls of two sides, a list a round."""

    ours: list[list[float]]
    theirs: list[list[float]]

    def ratio(self, percent: float) -> float:
        """Their time by ours at a percentile: the median of the rounds' ratios."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return median(percentile(theirs, percent) / percentile(ours, percent) for ours, theirs in pairs)

    def micros(self, side: list[list[float]]) -> str:
        """Median and 99th percentile of a side, in microseconds, as a text."""
        every = [seconds * 1e6 for turn in side for seconds in turn]
        return f"{percentile(every, 50):,.0f} us ({percentile(every, 99):,.0f})"


def in_turns(
    ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int, calls: tuple[int, int]
) -> Turns:
    """Times both sides in turns, after a round that warms up.

    Args:
        ours: A call of this sandbox.
        theirs: The same call of a peer.
        rounds: How many turns each side has.
        calls: How many calls a turn of ours and of theirs has.
    """
    return take_turns(lambda: timed(ours, calls[0]), lambda: timed(theirs, calls[1]), rounds=rounds)


def timed(call: Callable[[], object], count: int) -> list[float]:
    """Seconds that each of `count` calls takes."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def take_turns(ours: Callable[[], list[float]], theirs: Callable[[], list[float]], *, rounds: int) -> Turns:
    """Lets both sides time a turn of their calls alternately, after a round that warms up."""
    both = [(ours(), theirs()) for _ in range(rounds + 1)][1:]
    return Turns([ours for ours, _ in both], [theirs for _, theirs in both])
