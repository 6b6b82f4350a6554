"""Explanations as text for a terminal and as HTML for a page, from one list of lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from mentor.align.explanation import Explanation, Pair, Parameter
from mentor.types import ToolCall

__all__ = ["as_html", "as_text"]

_WIDEST = 60
_MARKS = {"paired": "=", "partly": "~", "missing": "-", "extra": "+"}
_COLOURS = {"paired": "#1a7f37", "partly": "#9a6700", "missing": "#cf222e", "extra": "#6e7781"}


@dataclass(frozen=True, slots=True)
class _Line:
    """One call of either side, or a pair of them: what is shown, and why it counts as it does."""

    kind: Literal["paired", "partly", "missing", "extra"]
    teacher: str
    student: str
    credit: str
    notes: tuple[str, ...]


def as_text(explanation: Explanation) -> str:
    """The head, then a line for each pair and each call without a partner, with the reasons below it."""
    lines = [_head(explanation)]
    for line in _lines(explanation):
        shown = " | ".join(part for part in (line.teacher, line.student) if part)
        lines.append(f"{_MARKS[line.kind]} {line.credit:>4}  {shown}")
        lines += [f"        {note}" for note in line.notes]
    if not explanation.teacher and not explanation.student:
        lines.append("  no calls on either side")
    return "\n".join(lines)


def as_html(explanation: Explanation) -> str:
    """A table with the reference's calls on the left and the student's on the right."""
    rows = []
    for line in _lines(explanation):
        notes = "".join(f"<br><small>{escape(note)}</small>" for note in line.notes)
        cells = (
            f'<td style="color:{_COLOURS[line.kind]};padding:2px 8px">{line.kind}</td>'
            f'<td style="text-align:right;padding:2px 8px">{escape(line.credit)}</td>'
            f'<td style="padding:2px 8px"><code>{escape(line.teacher)}</code></td>'
            f'<td style="padding:2px 8px"><code>{escape(line.student)}</code>{notes}</td>'
        )
        rows.append(f'<tr style="vertical-align:top;text-align:left">{cells}</tr>')
    titles = "".join(
        f'<th style="text-align:left;padding:2px 8px">{title}</th>'
        for title in ("", "credit", "teacher", "student")
    )
    head = escape(_head(explanation))
    return (
        '<div class="mentor-alignment" style="font-family:sans-serif;font-size:14px">'
        f'<p><b>{head}</b></p><table style="border-collapse:collapse"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _head(explanation: Explanation) -> str:
    parts = [f"{explanation.metric} {explanation.score:.3f}", f"reference {explanation.reference}"]
    flow = explanation.flow
    if flow is not None:
        parts.append(f"precision {flow.precision:.3f}, recall {flow.recall:.3f}")
        names = ("order", "equivalence", "detour", "support", "beta")
        parts.append(", ".join(f"{name} {getattr(flow.weights, name):g}" for name in names))
    if explanation.banded:
        parts.append("more than 64 calls on both sides: only pairs near the diagonal were compared")
    return "; ".join(parts)


def _lines(explanation: Explanation) -> Iterator[_Line]:
    """The reference's calls in order, then the student's that nothing was taken for."""
    pairs = {pair.teacher: pair for pair in explanation.pairs}
    for place, call in enumerate(explanation.teacher):
        shown = f"{place}: {_call(call)}"
        if place in pairs:
            yield _of_pair(explanation, pairs[place], shown)
        else:
            reached = "" if explanation.flow is None else f"{explanation.flow.teacher_credit[place]:.2f}"
            yield _Line("missing", shown, "", reached, tuple(_of_teacher(explanation, place)))
    for place in explanation.extra:
        call_or_none = explanation.student[place]
        shown = f"{place}: {'(no valid call)' if call_or_none is None else _call(call_or_none)}"
        credit = "" if explanation.flow is None else f"{explanation.flow.student_credit[place]:.2f}"
        yield _Line("extra", "", shown, credit, tuple(_of_student(explanation, place)))


def _of_pair(explanation: Explanation, pair: Pair, teacher: str) -> _Line:
    call = explanation.student[pair.student]
    student = f"{pair.student}: {'(no valid call)' if call is None else _call(call)}"
    notes = [_parameter(one) for one in pair.parameters if one.why != "same"]
    credit = pair.similarity
    if explanation.flow is not None:
        credit = explanation.flow.teacher_credit[pair.teacher]
        notes += _of_student(explanation, pair.student)
        notes += _of_teacher(explanation, pair.teacher)
    return _Line("paired" if credit >= 1 else "partly", teacher, student, f"{credit:.2f}", tuple(notes))


def _of_teacher(explanation: Explanation, place: int) -> list[str]:
    flow = explanation.flow
    if flow is None:
        return []
    notes = []
    if flow.late[place]:
        notes.append("made before a call that it must follow")
    how = flow.reached[place]
    if how == "covered":
        notes.append("needed only on the way to results that were reached")
    elif how is not None and all(pair.student != how or pair.teacher != place for pair in explanation.pairs):
        notes.append(f"its result was reached by the student's call {how}")
    if flow.teacher_weight[place] < 1:
        notes.append(f"not on the way to the answer: counts {flow.teacher_weight[place]:g}")
    return notes


def _of_student(explanation: Explanation, place: int) -> list[str]:
    flow = explanation.flow
    call = explanation.student[place]
    if flow is None or call is None:
        return []
    if call.error is not None:
        return ["it failed"]
    if not flow.grounded[place]:
        return ["works on a number that nothing gave"]
    paired = any(pair.student == place for pair in explanation.pairs)
    if not paired and flow.student_credit[place] > 0:
        return ["reached a result of the reference's, or led to one"]
    return []


def _parameter(parameter: Parameter) -> str:
    mine, theirs = _value(parameter.student), _value(parameter.teacher)
    match parameter.why:
        case "provenance":
            return f"{parameter.name}: {mine} for {theirs}, from the same source"
        case "similar":
            return f"{parameter.name}: {mine} for {theirs}, {parameter.agreement:.2f} alike"
        case "missing":
            return f"{parameter.name}: {theirs} is missing"
        case "extra":
            return f"{parameter.name}: {mine} is extra"
        case "given":
            return f"judged {parameter.agreement:.2f} as a whole"
        case _:
            return f"{parameter.name}: {mine} for {theirs}"


def _call(call: ToolCall) -> str:
    arguments = ", ".join(f"{name}={_value(value)}" for name, value in call.arguments.items())
    result = "" if call.result is None else f" -> {_value(call.result)}"
    return f"{_one_line(call.name)}({arguments}){result}"


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def _one_line(text: str) -> str:
    """A name without what would break out of its line."""
    return "".join(char if char.isprintable() else "?" for char in text)
