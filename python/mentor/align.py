"""How far a student's tool calls agree with a teacher's: one score in [0, 1] per trajectory.

A call is its name and arguments, or its name alone with `arguments="ignore"`. Arguments are equal if they are
equal JSON values: numbers by value (1, 1.0 and 1e0 are one number, as in Python, while True is not 1),
objects whatever the order of their keys, everything else exactly. Malformed and unknown calls count as calls
that agree with nothing.

With P the student's calls and R a reference's (as multisets, or as sets with `match="set"`):

| metric | score |
|---|---|
| `exact` | 1 if P and R are the same sequence |
| `in_order` | 1 if R is a subsequence of P |
| `any_order`, `superset` | 1 if R is contained in P |
| `subset` | 1 if P is contained in R |
| `unordered` | 1 if P and R hold the same calls |
| `overlap` | 1 if P and R share a call |
| `precision` | |P ∩ R| / |P| |
| `recall` | |P ∩ R| / |R| |
| `f1` | 2 |P ∩ R| / (|P| + |R|) |
| `jaccard` | |P ∩ R| / |P ∪ R| |

Two empty trajectories score 1; otherwise a share of nothing is 0. Of several references the best one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentor import _native
from mentor.types import ParsedCall, ToolCall, Trajectory

__all__ = ["METRICS", "Arguments", "Call", "Calls", "Match", "References", "score", "score_batch"]

METRICS = (
    "exact",
    "in_order",
    "any_order",
    "unordered",
    "subset",
    "superset",
    "overlap",
    "precision",
    "recall",
    "f1",
    "jaccard",
)
"""The names of the scores."""

Match: TypeAlias = Literal["multiset", "set"]
Arguments: TypeAlias = Literal["exact", "ignore"]
Call: TypeAlias = ToolCall | ParsedCall | Mapping[str, Any]
Calls: TypeAlias = Trajectory | Sequence[Call] | Mapping[str, Any]
References: TypeAlias = Calls | Iterable[Calls] | str
"""One trajectory, several, or the JSON text of either (`[{"calls": [{"name": ..., "arguments":
{...}}]}]`)."""


def score(
    student: Calls,
    teacher: References,
    *,
    metric: str = "f1",
    match: Match = "multiset",
    arguments: Arguments = "exact",
) -> float:
    """Scores one trajectory against its references; the best reference counts.

    Args:
        student: The student's calls: a `Trajectory`, or a list of calls (`ToolCall`, `ParsedCall`, or
            mappings with `name` and `arguments`, also inside OpenAI's `function`).
        teacher: One such trajectory, or several. An empty list is one empty trajectory.
        metric: The score; see the module.
        match: Whether repeated calls count (`multiset`) or not (`set`).
        arguments: Whether arguments count (`exact`) or names alone (`ignore`).

    Returns:
        The score, in [0, 1].

    Raises:
        ScoreError: A setting is not known, a metric of sequences is asked of sets, or something is not a
            call.

    >>> score([{"name": "add", "arguments": {"a": 1}}], [{"name": "add", "arguments": {"a": 1.0}}])
    1.0
    """
    references: Any = teacher
    if not isinstance(teacher, Trajectory | Mapping | str):
        references = list(teacher) or Trajectory()
    return float(score_batch([student], [references], metric=metric, match=match, arguments=arguments)[0])


def score_batch(
    students: Sequence[Calls | str | None],
    references: Sequence[References | None],
    *,
    metric: str = "f1",
    match: Match = "multiset",
    arguments: Arguments = "exact",
    format: str = "hermes",
) -> NDArray[np.float64]:
    """Scores many trajectories in one native call, on all cores, the GIL released.

    Args:
        students: One trajectory a row, as in `score`, or a model's text to parse; None for a row without a
            student.
        references: One entry a row: one trajectory, a list of several, or their JSON text.
        metric: The score.
        match: Whether repeated calls count.
        arguments: Whether arguments count.
        format: The format of texts; see `mentor.parsing`.

    Returns:
        float64 of shape (rows,), each in [0, 1]; NaN for a row without a student or with no references (an
        empty list or None). The same bytes for any number of threads.

    Raises:
        ScoreError: As `score`, and for columns of unequal length; the message names row and field.
    """
    return _native.align_calls(
        students,
        references,
        metric=metric,
        matching=match,
        arguments=arguments,
        count_invalid=True,
        format=format,
    )
