"""Why a score is what it is: which calls were taken for one another, and what was missing or extra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mentor.align.comparators import Arguments
from mentor.align.facts import FlowFacts
from mentor.align.references import References
from mentor.align.settings import FlowWeights, Match, settings_of
from mentor.align.values import Calls, Teacher, several
from mentor.errors import ScoreError
from mentor.types import ToolCall

__all__ = ["Explanation", "FlowExplanation", "Pair", "Parameter", "Why", "explain"]

Why: TypeAlias = Literal["same", "provenance", "similar", "different", "missing", "extra", "given"]
"""How a parameter of two calls compares: the values agree under the tool's rule; they differ but come from calls
that are matched, or stand in one another's places where that does not matter; they agree in part; they differ; only
the reference has it; only the student has it; or a function of the caller's judged the call as a whole."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of two calls taken for one another.

    Attributes:
        name: Its name; empty where the call was judged as a whole.
        why: How its values compare.
        agreement: In [0, 1].
        student: The student's value; None where it has none.
        teacher: The reference's value; None where it has none.
    """

    name: str
    why: Why
    agreement: float
    student: Any
    teacher: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """A student's call and the reference's that it was taken for.

    Attributes:
        student: The place of the student's call, from 0.
        teacher: The place of the reference's call.
        similarity: In [0, 1].
        parameters: The parameters that count, and how they compare.
    """

    student: int
    teacher: int
    similarity: float
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class FlowExplanation:
    """What `flow` found beside the pairs.

    Attributes:
        weights: The weights it was computed with.
        precision: The mean credit of the student's calls.
        recall: The weighted mean credit of the reference's calls.
        student_credit: The credit of each of the student's calls, in [0, 1].
        teacher_credit: The credit of each of the reference's calls, in [0, 1].
        teacher_weight: How much each of the reference's calls counts in the recall.
        grounded: For each of the student's calls, whether it works on what the task gives.
        late: For each of the reference's calls, whether its partner was made before one that it must follow.
        reached: For each of the reference's calls, the student's call that reached its result another way,
            `"covered"` if it was needed only on the way to results that were reached, or None.
    """

    weights: FlowWeights
    precision: float
    recall: float
    student_credit: tuple[float, ...]
    teacher_credit: tuple[float, ...]
    teacher_weight: tuple[float, ...]
    grounded: tuple[bool, ...]
    late: tuple[bool, ...]
    reached: tuple[int | Literal["covered"] | None, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score and what it rests on. `str()` shows it for a terminal, `html()` for a page.

    Attributes:
        metric: The score's name.
        score: In [0, 1].
        reference: The place of the reference that the student does best against, from 0.
        student: The student's calls; None for what is no call.
        teacher: That reference's calls.
        pairs: The calls taken for one another, in the reference's order.
        missing: The places of the reference's calls without a partner.
        extra: The places of the student's calls without a partner.
        banded: Whether only pairs near the diagonal were looked at: both sides have more than 64 calls.
        flow: What `flow` found; None for other metrics.
    """

    metric: str
    score: float
    reference: int
    student: tuple[ToolCall | None, ...]
    teacher: tuple[ToolCall, ...]
    pairs: tuple[Pair, ...]
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    banded: bool
    flow: FlowExplanation | None

    def __str__(self) -> str:
        from mentor.align.render import as_text

        return as_text(self)

    def html(self) -> str:
        """A self-contained HTML fragment; whatever the calls hold is escaped."""
        from mentor.align.render import as_html

        return as_html(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.html()


def explain(
    student: Calls | str,
    teacher: Teacher,
    *,
    metric: str = "flow",
    match: Match = "multiset",
    arguments: Arguments = "exact",
    task: str | None = None,
    facts: FlowFacts | None = None,
    n: int = 2,
    gap: float = 0.25,
    weights: FlowWeights | None = None,
    format: str = "hermes",
) -> Explanation:
    """Explains one score: takes what `mentor.align.score` takes.

    Raises:
        ScoreError: As `score`, and if there is no reference.

    >>> call = {"name": "add", "arguments": {"a": 1, "b": 2}}
    >>> explain([call], [{**call, "arguments": {"a": 1, "b": 3}}], metric="assignment").pairs[0].similarity
    0.5
    """
    chosen = settings_of(metric=metric, match=match, arguments=arguments, n=n, gap=gap, weights=weights)
    references = References([several(teacher)], tasks=None if task is None else [task], facts=facts)
    found = references.read([student], format=format).explained(0, chosen)
    if found is None:
        raise ScoreError("row 0, field 'references': there is no reference to explain a score by")
    score, reference, sides, pairs, missing, extra, banded, flow = found
    mine, theirs, my_outcomes, their_outcomes = sides
    return Explanation(
        metric=metric,
        score=score,
        reference=reference,
        student=tuple(
            None if call is None else _call(call, out) for call, out in zip(mine, my_outcomes, strict=True)
        ),
        teacher=tuple(_call(call, out) for call, out in zip(theirs, their_outcomes, strict=True)),
        pairs=tuple(_pair(*pair) for pair in pairs),
        missing=tuple(missing),
        extra=tuple(extra),
        banded=banded,
        flow=None if flow is None else _flow(flow, weights or FlowWeights()),
    )


def _call(call: tuple[str, dict[str, Any]], outcome: tuple[str, list[Any]]) -> ToolCall:
    name, arguments = call
    status, result = outcome
    return ToolCall(name, arguments, result[0] if result else None, "failed" if status == "failed" else None)


def _pair(student: int, teacher: int, similarity: float, parameters: Sequence[Any]) -> Pair:
    made = [
        Parameter(name, why, agreement, mine[0] if mine else None, theirs[0] if theirs else None)
        for name, why, agreement, mine, theirs in parameters
    ]
    return Pair(student, teacher, similarity, tuple(made))


def _flow(flow: Mapping[str, Any], weights: FlowWeights) -> FlowExplanation:
    reached: list[int | Literal["covered"] | None] = [
        student if how == "by" else "covered" if how == "covered" else None
        for how, student in flow["reached"]
    ]
    return FlowExplanation(
        weights=weights,
        precision=flow["precision"],
        recall=flow["recall"],
        student_credit=tuple(flow["student_credit"]),
        teacher_credit=tuple(flow["teacher_credit"]),
        teacher_weight=tuple(flow["teacher_weight"]),
        grounded=tuple(flow["grounded"]),
        late=tuple(flow["late"]),
        reached=tuple(reached),
    )
