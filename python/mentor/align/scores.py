"""One score, and a batch of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mentor import _native
from mentor.align.comparators import Arguments
from mentor.align.facts import FlowFacts
from mentor.align.references import References
from mentor.align.settings import FlowWeights, Match, settings_of
from mentor.align.values import Calls, Teacher, several
from mentor.errors import ScoreError

__all__ = ["score", "score_batch"]


def score(
    student: Calls | str,
    teacher: Teacher,
    *,
    metric: str = "f1",
    match: Match = "multiset",
    arguments: Arguments = "exact",
    task: str | None = None,
    facts: FlowFacts | None = None,
    n: int = 2,
    gap: float = 0.25,
    weights: FlowWeights | None = None,
    format: str = "hermes",
) -> float:
    """Scores one trajectory against its references; the best reference counts.

    Args:
        student: The student's calls: a `Trajectory`, a list of calls (`ToolCall`, `ParsedCall`, or mappings with
            `name` and `arguments`, also inside OpenAI's `function`), or a model's text.
        teacher: One such trajectory, or several. An empty list is one empty trajectory.
        metric: The score; see the module.
        match: Whether repeated calls count (`multiset`) or not (`set`), for the scores from `any_order` to
            `jaccard`.
        arguments: When arguments agree: `exact`, `ignore` (names alone), or comparators; see
            `mentor.align.comparators`.
        task: The task's text, which `flow` looks for given values in.
        facts: What re-execution, or you, say of the tools to `flow`; see `flow_facts`.
        n: The length of n-grams, at least 1.
        gap: What a call without a partner costs in `global`, in [0, 1].
        weights: The weights of `flow`.
        format: The format of a text; see `mentor.parsing`.

    Returns:
        The score, in [0, 1].

    Raises:
        ScoreError: A setting is not known or not finite, a metric that does not compare sets is asked to, or
            something is not a call.

    >>> score([{"name": "add", "arguments": {"a": 1}}], [{"name": "add", "arguments": {"a": 1.0}}])
    1.0
    """
    scores = score_batch(
        [student],
        [several(teacher)],
        metric=metric,
        match=match,
        arguments=arguments,
        tasks=None if task is None else [task],
        facts=facts,
        n=n,
        gap=gap,
        weights=weights,
        format=format,
    )
    return float(scores[0])


def score_batch(
    students: Sequence[Calls | str | None],
    references: Sequence[Teacher | None] | References,
    *,
    metric: str = "f1",
    match: Match = "multiset",
    arguments: Arguments = "exact",
    tasks: Sequence[str | None] | None = None,
    facts: FlowFacts | Sequence[FlowFacts | None] | None = None,
    rows: Sequence[int] | None = None,
    n: int = 2,
    gap: float = 0.25,
    weights: FlowWeights | None = None,
    format: str = "hermes",
) -> NDArray[np.float64]:
    """Scores many trajectories in one native call, on all cores, the GIL released.

    Args:
        students: One trajectory a row, as in `score`, or a model's text to parse; None for a row without a
            student.
        references: One entry a row: one trajectory, a list of several, or their JSON text; or `References`
            compiled before, which then bring tasks and facts with them.
        metric: The score.
        match: Whether repeated calls count.
        arguments: When arguments agree.
        tasks: The task's text of each row, for `flow`.
        facts: What is known of each row's tools, for `flow`.
        rows: The row of references that each student belongs to; None means that there is one for each.
        n: The length of n-grams.
        gap: The gap cost of `global`.
        weights: The weights of `flow`.
        format: The format of texts; see `mentor.parsing`.

    Returns:
        float64 of shape (students,), each in [0, 1]; NaN for a row without a student or with no references (an
        empty list or None). The same bytes for any number of threads and any order of rows.

    Raises:
        ScoreError: As `score`, and for columns of unequal length; the message names row and field.
    """
    chosen = settings_of(metric=metric, match=match, arguments=arguments, n=n, gap=gap, weights=weights)
    if isinstance(references, References):
        if tasks is not None or facts is not None:
            raise ScoreError("field 'tasks': compiled references bring their tasks and facts with them")
        compiled = references
    elif tasks is None and facts is None and rows is None and not chosen.callables:
        return _native.align_calls(students, references, settings=chosen.native, format=format)
    else:
        compiled = References(references, tasks=tasks, facts=facts)
    return compiled.score(
        students,
        rows=rows,
        metric=metric,
        match=match,
        arguments=arguments,
        n=n,
        gap=gap,
        weights=weights,
        format=format,
    )
