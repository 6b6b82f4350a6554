"""Intervals for shares and means: Wilson's, the bootstrap, and the paired bootstrap of a difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["Interval", "bootstrap", "mean_interval", "sign_test", "wilson"]

Z95 = 1.959963984540054  # the 97.5 % point of the standard normal distribution
RESAMPLES = 4000
_CHUNK = 1 << 22  # drawn indices held at a time: 32 MiB of int64


@dataclass(frozen=True, slots=True)
class Interval:
    """A point estimate with its 95 % interval.

    Attributes:
        value: The estimate.
        low: The interval's lower end, at most `value`.
        high: The interval's upper end, at least `value`.
        n: The number of independent items (tasks, not samples) it rests on, at least 1.
        method: `wilson` for the share of single yes-or-no items, `bootstrap` for any other mean.
    """

    value: float
    low: float
    high: float
    n: int
    method: Literal["wilson", "bootstrap"]


def wilson(successes: int, n: int) -> Interval:
    """Wilson's score interval of a share (Wilson 1927, without continuity correction).

    Unlike the bootstrap it keeps its width where every item agrees, which small suites often do.

    Args:
        successes: How many items were right, 0 to `n`.
        n: How many items there were, at least 1.

    Raises:
        ValueError: If `n` is below 1 or `successes` lies outside 0 to `n`.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"a share of {successes} in {n} is none: expected 0 <= successes <= n and n >= 1")
    share = successes / n
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95 * Z95 / (4 * n * n))
    scale = 1 + Z95 * Z95 / n
    centre = share + Z95 * Z95 / (2 * n)
    low = min(max((centre - spread) / scale, 0.0), share)
    high = max(min((centre + spread) / scale, 1.0), share)
    return Interval(share, low, high, n, "wilson")


def bootstrap(values: Sequence[float], *, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """The percentile bootstrap interval of a mean (Efron and Tibshirani 1993, chapter 13).

    Args:
        values: One value per independent item; at least one. For paired runs give the differences.
        seed: Seeds the resampling, so equal input gives equal bytes.
        resamples: How many resamples are drawn.

    Raises:
        ValueError: If `values` is empty or holds a value that is not finite.
    """
    data = np.asarray(values, dtype=np.float64)
    if data.size == 0 or not np.isfinite(data).all():
        raise ValueError("a mean needs at least one value, and finite ones")
    mean = float(data.mean())
    rng = np.random.default_rng(seed)
    rows = max(1, _CHUNK // data.size)
    means = np.concatenate(
        [
            data[rng.integers(0, data.size, size=(min(rows, resamples - start), data.size))].mean(axis=1)
            for start in range(0, resamples, rows)
        ]
    )
    low, high = (float(q) for q in np.quantile(means, [0.025, 0.975]))
    return Interval(mean, min(low, mean), max(high, mean), int(data.size), "bootstrap")


def mean_interval(values: Sequence[float], *, seed: int = 0) -> Interval | None:
    """The interval that fits the values: Wilson's where all are 0 or 1, the bootstrap otherwise.

    Args:
        values: One value per independent item.
        seed: Seeds the bootstrap.

    Returns:
        The interval, or None where there are no values.
    """
    if not values:
        return None
    if all(value in (0.0, 1.0) for value in values):
        return wilson(round(sum(values)), len(values))
    return bootstrap(values, seed=seed)


def sign_test(better: int, worse: int) -> float:
    """The exact two-sided sign test of paired outcomes (McNemar's test in its exact form).

    Args:
        better: Items that only the second run got right.
        worse: Items that only the first run got right.

    Returns:
        The probability, in (0, 1], of a split at least as uneven if neither run were better.
    """
    n = better + worse
    tail = sum(math.comb(n, k) for k in range(min(better, worse) + 1))
    return min(1.0, float(2 * tail / 2**n))
