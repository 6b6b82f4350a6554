"""A rollout's calls set against the teacher's, line by line, as `flow` matched them (see `mentor.align.explain`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mentor.align import explain
from mentor.align.explanation import Explanation, Pair
from mentor.evaluation.result import Rollout, RolloutCall
from mentor.types import ToolCall

__all__ = ["Line", "align_calls"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the drawing.

    Attributes:
        student: The place of the student's call on it, from 0; None where the teacher's has no partner.
        teacher: The place of the teacher's call; None where the student's has no partner.
        strength: How alike they are, in [0, 1]; None where there is no link.
        note: What differs, or how a call counts without a partner.
    """

    student: int | None
    teacher: int | None
    strength: float | None = None
    note: str = ""


def align_calls(rollout: Rollout) -> tuple[list[Line], float | None]:
    """The lines in the student's order, the teacher's calls without a partner where they would stand.

    Returns:
        The lines, and the alignment's score; None where there is no teacher.
    """
    if not rollout.teacher:
        return [Line(place, None) for place in range(len(rollout.calls))], None
    places = [place for place, call in enumerate(rollout.calls) if call.status == "valid"]
    found = explain(
        [_student(rollout.calls[place]) for place in places],
        [ToolCall(call.name, call.arguments, call.result) for call in rollout.teacher],
        metric="flow",
        task=rollout.question,
    )
    pairs = {places[pair.student]: pair for pair in found.pairs}
    reached = _reached(found, places)
    lines: list[Line] = []
    open_teacher = [place for place in range(len(rollout.teacher)) if place in found.missing]
    for place in range(len(rollout.calls)):
        pair = pairs.get(place)
        if pair is not None:
            while open_teacher and open_teacher[0] < pair.teacher:
                lines.append(_alone(open_teacher.pop(0), reached))
            lines.append(Line(place, pair.teacher, pair.similarity, _differences(pair)))
        else:
            lines.append(Line(place, None))
    lines += [_alone(place, reached) for place in open_teacher]
    return lines, found.score


def _student(call: RolloutCall) -> ToolCall:
    name, arguments = call.name or "", call.arguments or {}
    if not call.ok:
        return ToolCall(name, arguments, error=call.result or call.error or "not executed")
    return ToolCall(name, arguments, _value(call.result))


def _value(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text


def _reached(found: Explanation, places: Sequence[int]) -> dict[int, str]:
    """Of the teacher's calls whose result the student has another way: which way."""
    if found.flow is None:
        return {}
    notes: dict[int, str] = {}
    for place, how in enumerate(found.flow.reached):
        if how == "covered":
            notes[place] = "not needed on the student's way"
        elif how is not None:
            notes[place] = f"reached another way, by call {places[how] + 1}"
    return notes


def _alone(place: int, reached: dict[int, str]) -> Line:
    return Line(None, place, None, reached.get(place, ""))


def _differences(pair: Pair) -> str:
    return ", ".join(
        f"{one.name}: {json.dumps(one.student, ensure_ascii=False)} for "
        f"{json.dumps(one.teacher, ensure_ascii=False)}"
        for one in pair.parameters
        if one.agreement < 1
    )
