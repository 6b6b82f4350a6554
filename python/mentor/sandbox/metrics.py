"""What sandboxes did: counters and histograms that are always on, as values and for Prometheus."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mentor import _native

if TYPE_CHECKING:
    from mentor.sandbox.box import Sandbox

__all__ = ["Histogram", "Metrics", "Restores", "process_metrics", "prometheus"]


@functools.cache
def _bounds() -> tuple[float, ...]:
    return tuple(_native.histogram_bounds())


@dataclass(frozen=True, slots=True)
class Histogram:
    """Durations in buckets of a quarter octave, from 1 us to 67 s.

    Attributes:
        counts: How many fell into each bucket; the last one is open.
        total: Their sum in seconds.
    """

    counts: tuple[int, ...]
    total: float

    @property
    def bounds(self) -> tuple[float, ...]:
        """The upper bound of each bucket but the last, in seconds."""
        return _bounds()

    @property
    def count(self) -> int:
        """How many durations there are."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """Their mean in seconds; NaN where there are none."""
        return self.total / self.count if self.count else float("nan")

    def quantile(self, q: float) -> float:
        """The upper bound of the bucket that holds a quantile, in seconds: at most a quarter above its value.

        Args:
            q: 0 to 1.

        Returns:
            Seconds; infinite beyond the last bound, NaN where nothing was counted.

        Raises:
            ValueError: `q` is out of range.
        """
        if not 0 <= q <= 1:
            raise ValueError(f"q: {q}; expected 0 to 1")
        if not self.count:
            return float("nan")
        below = 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            below += count
            if below and below >= q * self.count:
                return bound
        return float("inf")


@dataclass(frozen=True, slots=True)
class Restores:
    """What putting guests back took.

    Attributes:
        count: How often a guest was put back.
        pages: 4 KiB pages copied.
        sweeps: How often opened pages were closed again.
    """

    count: int
    pages: int
    sweeps: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counters at one moment, exact for every call whose outcome was returned before.

    Attributes:
        statuses: Calls by `Outcome.status`, all statuses.
        limits: Calls that a limit stopped, by `Outcome.limit`, all limits.
        cancelled: Calls of cancelled batches, stopped or never run; in no other count of calls.
        states: States made.
        busy: Time of a call on its worker, putting back included.
        queued: Time from a batch's submission to a call's start.
        restores: What putting guests back took, by its way.
        instances_made: Guests made.
        instances_dropped: Guests dropped, by reason.
        resident_bytes: Resident memory of the whole process, or None where the system does not say.
    """

    statuses: Mapping[str, int]
    limits: Mapping[str, int]
    cancelled: int
    states: int
    busy: Histogram
    queued: Histogram
    restores: Mapping[str, Restores]
    instances_made: int
    instances_dropped: Mapping[str, int]
    resident_bytes: int | None

    @property
    def calls(self) -> int:
        """Calls that have an outcome."""
        return sum(self.statuses.values())

    @property
    def instances(self) -> int:
        """Guests alive."""
        return self.instances_made - sum(self.instances_dropped.values())

    @classmethod
    def _from_native(cls, native: _native._Metrics) -> Metrics:
        (busy, busy_total), (queued, queued_total) = native["busy"], native["queued"]
        return cls(
            statuses=native["statuses"],
            limits=native["limits"],
            cancelled=native["cancelled"],
            states=native["states"],
            busy=Histogram(tuple(busy), busy_total),
            queued=Histogram(tuple(queued), queued_total),
            restores={way: Restores(*effort) for way, effort in native["restores"].items()},
            instances_made=native["made"],
            instances_dropped=native["dropped"],
            resident_bytes=native["resident"],
        )


def process_metrics() -> Metrics:
    """What all sandboxes of this process did, those that are gone included; a forked child starts from nothing."""
    return Metrics._from_native(_native.process_metrics())


def prometheus(boxes: Mapping[str, Sandbox] | None = None) -> str:
    """Metrics in Prometheus' text format (`text/plain; version=0.0.4`).

    Args:
        boxes: Sandboxes by the value of their label `sandbox`; None or none means the whole process, unlabelled.
    """
    return _native.prometheus([(name, box._native) for name, box in (boxes or {}).items()])
