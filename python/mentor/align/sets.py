"""Scores that are not of one trajectory against another: of sets of them, and of their length alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mentor import _native
from mentor.align.values import Calls
from mentor.errors import ScoreError

__all__ = ["distribution_similarity", "efficiency"]


def distribution_similarity(students: Iterable[Calls], teachers: Iterable[Calls]) -> float:
    """How similar two sets of trajectories are in how often they use each tool.

    Args:
        students: Trajectories; calls that are not valid are left out.
        teachers: Trajectories.

    Returns:
        1 - the Jensen-Shannon divergence, in bits, of the two distributions of tool names over all calls of each
        set; in [0, 1]. Two sets without calls are the same; one without and one with calls have nothing in common.

    Raises:
        ScoreError: Something is not a call; the message names it.

    >>> add, root = {"name": "add", "arguments": {}}, {"name": "sqrt", "arguments": {}}
    >>> round(distribution_similarity([[add], [add, root, root]], [[add, add]]), 3)
    0.689
    """
    mine, theirs = _counts(students, "students"), _counts(teachers, "teachers")
    # In order of names, so that sums are the same whatever the order of trajectories.
    tools = sorted(mine.keys() | theirs.keys())
    return _native.distribution_similarity([mine[tool] for tool in tools], [theirs[tool] for tool in tools])


def efficiency(calls: int, fewest: int | None = None, *, smoothness: float = 2.0) -> float:
    """OTC's efficiency term (arXiv 2504.14870): 1 for as few tool calls as needed, less for more.

    Args:
        calls: The number m of tool calls made.
        fewest: The fewest calls n that a right answer of the same task took, where it is known (OTC-GRPO); None
            for OTC-PPO's form.
        smoothness: The constant c, above 0: how slowly the term falls.

    Returns:
        In [0, 1]: without `fewest`, cos(m pi / (2 m + c)). With it, for f = 2 m n / (m + n): 1 if m = n = 0,
        cos(m pi / (2 m + c)) if n = 0, else sin(f pi / (2 n)).

    Raises:
        ScoreError: A number is out of its range.

    >>> [round(efficiency(calls), 3) for calls in (0, 1, 2, 4)]
    [1.0, 0.707, 0.5, 0.309]
    >>> round(efficiency(4, 2), 3)
    0.866
    """
    for name, count in (("calls", calls), ("fewest", fewest)):
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
            raise ScoreError(f"field {name!r}: expected a number of calls, not {count!r}")
    if not math.isfinite(smoothness) or smoothness <= 0:
        raise ScoreError(f"field 'smoothness': expected a finite number above 0, not {smoothness!r}")
    if fewest:
        mean = 2 * calls * fewest / (calls + fewest)
        return max(0.0, math.sin(mean * math.pi / (2 * fewest)))
    return math.cos(calls * math.pi / (2 * calls + smoothness))


def _counts(trajectories: Iterable[Calls], field: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row, trajectory in enumerate(trajectories):
        calls: Any = getattr(trajectory, "calls", trajectory)
        if isinstance(calls, Mapping):
            calls = calls.get("calls")
        if isinstance(calls, str) or not isinstance(calls, Iterable):
            raise ScoreError(f"row {row}, field {field!r}: expected a trajectory, not {trajectory!r}")
        counts.update(
            name for place, call in enumerate(calls) if (name := _name(call, row, f"{field}[{place}]"))
        )
    return counts


def _name(call: Any, row: int, field: str) -> str | None:
    """The tool of a call; None for one that is not valid."""
    if getattr(call, "status", "valid") != "valid":
        return None
    if isinstance(call, Mapping):
        inner = call.get("function", call)
        name = inner.get("name") if isinstance(inner, Mapping) else None
    else:
        name = getattr(call, "name", None)
    if not isinstance(name, str):
        raise ScoreError(f"row {row}, field {field!r}: expected a call, not {call!r}")
    return name
