"""Rollouts as the page shows them: the text cut into kinds, calls related to the teacher's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mentor.evaluation.report.aligned import Line, align_calls
from mentor.evaluation.report.runfolder import Run
from mentor.evaluation.result import EvaluationResult, Rollout, RolloutCall, TeacherCall

__all__ = ["CallView", "RolloutView", "chosen", "segments"]

TRAINING_LIMIT = 24  # training rollouts on a page, spread evenly over the run
RESULT_LIMIT = 400  # characters of a result shown beside its call

SegmentKind: TypeAlias = Literal["plain", "call", "broken", "given", "answer", "token"]
Kind: TypeAlias = Literal["equal", "same", "bad", "other"]

_PATTERN = re.compile(
    r"(?P<call><tool_call>.*?(?:</tool_call>|(?=<\|im_end\|>)|\Z))"
    r"|(?P<given><tool_response>.*?(?:</tool_response>|\Z))"
    r"|(?P<answer>\\boxed\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})"
    r"|(?P<token>(?:<\|im_start\|>\w*|<\|[a-z_]+\|>))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class CallView:
    """One call, ready to show.

    Attributes:
        text: The call as `name(argument=value, ...)`.
        kind: `equal` (the other side made the same call), `same` (the other side used the same tool), `bad`
            (not valid, or the tool answered with an error) or `other`.
        tag: The kind in words.
        result: What came back, shortened, or None.
        note: What was wrong, or the empty text.
    """

    text: str
    kind: Kind
    tag: str
    result: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RolloutView:
    """One rollout, ready to show; every text is still unescaped.

    Attributes:
        title: Where it comes from.
        verdict: `right`, `wrong` or `undecided`.
        question: The question.
        segments: The model's text as (kind, text) pairs whose texts join to the whole.
        calls: The model's calls.
        teacher: The teacher's calls.
        answer: The model's answer in words.
        expected: The accepted answers in words.
        parts: The reward and its parts as (name, value) texts.
        lines: The calls of both set against each other.
        alignment: Their alignment by `flow` in words.
    """

    title: str
    verdict: str
    question: str
    segments: list[tuple[SegmentKind, str]]
    calls: list[CallView]
    teacher: list[CallView]
    answer: str
    expected: str
    parts: list[tuple[str, str]]
    lines: list[Line]
    alignment: str


def chosen(run: Run) -> list[RolloutView]:
    """The rollouts of a page: some of every evaluated suite before and after, then some of the training."""
    views = []
    ends = [(name, result) for name, result in (("before", run.before), ("after", run.after)) if result]
    for suite, rollout_id in _kept(result for _, result in ends):
        for name, result in ends:
            if suite in result.suites:
                views += [
                    _view(rollout, _title(f"{name} training", rollout))
                    for rollout in result.suites[suite].rollouts
                    if rollout.id == rollout_id
                ]
    count = min(TRAINING_LIMIT, len(run.rollouts))
    picks = [run.rollouts[i * len(run.rollouts) // count] for i in range(count)]
    for rollout in picks:
        step = "training" if rollout.step is None else f"training step {rollout.step}"
        views.append(_view(rollout, _title(step, rollout)))
    return views


def _title(origin: str, rollout: Rollout) -> str:
    suite = "" if rollout.suite in rollout.id.split("/") else rollout.suite
    return " · ".join(part for part in (origin, suite, rollout.id) if part)


def _kept(results: Any) -> list[tuple[str, str]]:
    return list(
        dict.fromkeys(
            (suite, rollout.id)
            for result in results
            for suite, figures in _suites(result)
            for rollout in figures
        )
    )


def _suites(result: EvaluationResult) -> list[tuple[str, list[Rollout]]]:
    return [(name, suite.rollouts) for name, suite in result.suites.items()]


def segments(text: str, calls: Sequence[RolloutCall] = ()) -> list[tuple[SegmentKind, str]]:
    """Cut a completion into calls, tool responses, answers, special tokens and plain text.

    For reading only: the parser decides what a call is, and where it found as many calls as there are
    markers, a marker takes its call's status.
    """
    found: list[tuple[SegmentKind, str]] = []
    markers = [match for match in _PATTERN.finditer(text) if match.lastgroup == "call"]
    statuses = [call.status for call in calls] if len(calls) == len(markers) else ["valid"] * len(markers)
    status = iter(statuses)
    place = 0
    for match in _PATTERN.finditer(text):
        if match.start() > place:
            found.append(("plain", text[place : match.start()]))
        found.append((_kind(match, status), match.group()))
        place = match.end()
    if place < len(text):
        found.append(("plain", text[place:]))
    return found


def _kind(match: re.Match[str], status: Any) -> SegmentKind:
    group = match.lastgroup
    if group == "call":
        return "call" if next(status) == "valid" else "broken"
    return "given" if group == "given" else "answer" if group == "answer" else "token"


def _view(rollout: Rollout, title: str) -> RolloutView:
    student = [(call.name or "", call.arguments or {}) for call in rollout.calls if call.status == "valid"]
    teacher = [(call.name, call.arguments) for call in rollout.teacher]
    lines, score = align_calls(rollout)
    verdict = "undecided" if rollout.correct is None else "right" if rollout.correct else "wrong"
    return RolloutView(
        title=title,
        verdict=verdict,
        question=rollout.question,
        segments=segments(rollout.text, rollout.calls),
        calls=[_student_call(call, teacher) for call in rollout.calls],
        teacher=[_teacher_call(call, student) for call in rollout.teacher],
        answer="none" if rollout.answer is None else rollout.answer,
        expected=" or ".join(rollout.expected),
        parts=[(name, "not scored" if v is None else f"{v:.3f}") for name, v in rollout.parts.items()],
        lines=lines,
        alignment="no teacher" if score is None else f"{score:.2f}",
    )


def _student_call(call: RolloutCall, teacher: Sequence[tuple[str, Mapping[str, Any]]]) -> CallView:
    text = _call_text(call.name or "unreadable", call.arguments)
    result = None if call.result is None else _short(call.result)
    if call.status != "valid":
        return CallView(text, "bad", call.status, result, call.error or "")
    if call.result is not None and not call.ok:
        return CallView(text, "bad", "tool error", result)
    kind, tag = _relation((call.name or "", call.arguments or {}), teacher)
    return CallView(text, kind, tag or "not the teacher's", result)


def _teacher_call(call: TeacherCall, student: Sequence[tuple[str, Mapping[str, Any]]]) -> CallView:
    kind, tag = _relation((call.name, call.arguments), student)
    result = None if call.result is None else _short(_json(call.result))
    return CallView(_call_text(call.name, call.arguments), kind, tag or "not made", result)


def _relation(
    call: tuple[str, Mapping[str, Any]], others: Sequence[tuple[str, Mapping[str, Any]]]
) -> tuple[Kind, str]:
    if any(name == call[0] and dict(arguments) == dict(call[1]) for name, arguments in others):
        return "equal", "same call"
    if any(name == call[0] for name, _ in others):
        return "same", "same tool"
    return "other", ""


def _call_text(name: str, arguments: Mapping[str, Any] | None) -> str:
    if arguments is None:
        return name
    return f"{name}({', '.join(f'{key}={_json(value)}' for key, value in arguments.items())})"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= RESULT_LIMIT else text[:RESULT_LIMIT] + " …"
