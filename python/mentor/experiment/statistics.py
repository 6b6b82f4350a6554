"""Means over replicates with their scatter, and paired differences that count tasks and replicates as random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentor.evaluation.intervals import Z95
from mentor.experiment.config import Measure
from mentor.experiment.result import Result

__all__ = ["Difference", "Mean", "difference", "mean"]


@dataclass(frozen=True, slots=True)
class Mean:
    """An arm's accuracy by one measure.

    Attributes:
        value: The mean over replicates, in [0, 1].
        error: Its standard error over replicates; None with fewer than two.
        replicates: Each replicate's accuracy.
    """

    value: float
    error: float | None
    replicates: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one arm is than another on the same tasks, from the same start models and seeds.

    Attributes:
        value: The mean difference of accuracy.
        error: Its standard error, clustered both by task and by replicate.
        replicates: How many replicates both arms finished.
    """

    value: float
    error: float
    replicates: int

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval by the normal distribution; too narrow with few replicates."""
        return self.value - Z95 * self.error

    @property
    def high(self) -> float:
        """The upper end."""
        return self.value + Z95 * self.error

    @property
    def z(self) -> float:
        """The difference in standard errors; 0 where nothing differs at all."""
        return self.value / self.error if self.error else 0.0


def mean(result: Result, arm: str, measure: Measure) -> Mean | None:
    """An arm's accuracy, or None where it has no finished run."""
    shares = [float(np.nanmean(run.right(measure.suites, measure.steps))) for run in result.of(arm).values()]
    if not shares:
        return None
    spread = None if len(shares) < 2 else float(np.std(shares, ddof=1) / math.sqrt(len(shares)))
    return Mean(float(np.mean(shares)), spread, tuple(shares))


def difference(result: Result, first: str, second: str, measure: Measure) -> Difference | None:
    """The first arm minus the second, or None where they share no replicate.

    The untrained start model is compared with every run that began from it.
    """
    rows = []
    one, other = result.of(first), result.of(second)
    for start, seed in dict.fromkeys((*one, *other)):
        left = one.get((start, seed)) or one.get((start, None))
        right = other.get((start, seed)) or other.get((start, None))
        if seed is not None and left is not None and right is not None:
            suites, steps = measure.suites, measure.steps
            rows.append(left.right(suites, steps) - right.right(suites, steps))
    if not rows:
        return None
    table = np.stack(rows)
    decided = table[:, ~np.isnan(table).any(0)]
    return Difference(float(decided.mean()), two_way_error(decided), len(rows))


def two_way_error(table: NDArray[np.float64]) -> float:
    """The standard error of the mean of a table of replicates by tasks, both of them drawn at random.

    The variance by tasks plus that by replicates minus that of single cells (Cameron, Gelbach and Miller 2011),
    and never less than either of the first two; with one replicate, that by tasks.

    Args:
        table: Shape `(replicates, tasks)`, at least two tasks.
    """
    replicates, tasks = table.shape
    by_task = table.mean(0).var(ddof=1) / tasks
    if replicates == 1:
        return math.sqrt(by_task)
    by_replicate = table.mean(1).var(ddof=1) / replicates
    rest = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    cells = (rest**2).mean() / (replicates * tasks)
    return math.sqrt(max(by_task, by_replicate, by_task + by_replicate - cells))


def steps_of(values: Sequence[int] | None) -> str:
    """The steps of a measure in words."""
    return "the end" if values is None else "the mean of steps " + ", ".join(map(str, values))
