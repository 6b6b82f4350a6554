"""Measures over a set of episodes: similarity of tool distributions and pass@k. Pure functions of counts."""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["distribution_similarity", "pass_at_k"]


def distribution_similarity(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """One minus the Jensen-Shannon divergence, in bits, of two distributions of tool names.

    With p and q the relative frequencies and m = (p + q) / 2, the value is
    `1 - (KL(p || m) + KL(q || m)) / 2` with logarithms to base 2 (Lin 1991; the similarity of the MENTOR
    paper's figure). It does not depend on the order of the names.

    Args:
        first: How often each tool was called; not negative.
        second: The same for the other set of trajectories.

    Returns:
        A value in [0, 1]: 1 for equal frequencies, 0 for no tool in common. Two sets without calls are
        equal (1); one without calls and one with are as different as can be (0).

    Raises:
        ValueError: If a count is negative.
    """
    if any(count < 0 for counts in (first, second) for count in counts.values()):
        raise ValueError("a tool cannot be called a negative number of times")
    total_first, total_second = sum(first.values()), sum(second.values())
    if not total_first or not total_second:
        return 1.0 if total_first == total_second else 0.0
    terms = []
    for name in sorted(first.keys() | second.keys()):
        p, q = first.get(name, 0) / total_first, second.get(name, 0) / total_second
        middle = (p + q) / 2
        terms += [x * math.log2(x / middle) for x in (p, q) if x > 0]
    return min(1.0, max(0.0, 1 - math.fsum(terms) / 2))


def pass_at_k(samples: int, right: int, k: int) -> float:
    """The chance that at least one of `k` samples is right, estimated without bias from `samples` drawn ones.

    `1 - C(samples - right, k) / C(samples, k)` (Chen et al. 2021, equation 1).

    Args:
        samples: How many samples of the task were judged.
        right: How many of them were right, 0 to `samples`.
        k: From 1 to `samples`.

    Raises:
        ValueError: If the numbers do not fit together.
    """
    if not 0 <= right <= samples or not 1 <= k <= samples:
        raise ValueError(f"pass@{k} cannot be estimated from {right} right of {samples} samples")
    return 1 - math.comb(samples - right, k) / math.comb(samples, k)
