"""Where the time of a reward goes: each stage on its own, on all cores, and plain Python beside it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from mentor import align
from mentor.bench.rewards.workload import Workload
from mentor.judge import AnswerJudge
from mentor.parsing import parse_tool_calls_batch
from mentor.rewards import MentorReward
from mentor.rewards.columns import accepted_answers, read_students

__all__ = ["Given", "stage_times"]

_CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)


class Given:
    """A judge that was asked before: it gives the same verdicts again."""

    def __init__(self, verdicts: Sequence[bool | None]) -> None:
        self._verdicts = list(verdicts)

    def verify(self, answers: Sequence[Any], references: Sequence[Any]) -> list[bool | None]:
        """The verdicts."""
        return self._verdicts


def stage_times(work: Workload, rounds: int) -> dict[str, list[float]]:
    """Seconds of each stage by its name, a figure a round, the stages in turns."""
    students = read_students(work.completions, None, call_format=work.format)
    attempts = [one[0] if one is not None else None for one in students.attempts(work.format, None)]
    accepted = [accepted_answers(one, row) for row, one in enumerate(work.answers)]
    judge = AnswerJudge()
    columns: dict[str, Any] = {
        "completions": work.completions,
        "answer": work.answers,
        "references": work.references,
    }
    settled = MentorReward(format=work.format, judge=Given(judge.verify(students.answers, accepted)))
    whole = MentorReward(format=work.format, judge=judge)
    texts = [one for one in students.calls if isinstance(one, str)]
    stages: dict[str, Callable[[], Any]] = {
        "parse into Python objects": lambda: parse_tool_calls_batch(texts, format=work.format),
        "align Python objects": lambda: align.score_batch(attempts, work.references),
        "judge (again: verdicts are kept)": lambda: judge.verify(students.answers, accepted),
        "parse, align, reward": lambda: settled(**columns),
        "all": lambda: whole(**columns),
    }
    if work.format == "hermes":
        stages["plain Python: expression, JSON, F1 of sets"] = lambda: [
            _plain(text, one) for text, one in zip(texts, work.references, strict=False)
        ]
    for stage in stages.values():
        stage()
    times: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(rounds):
        for name, stage in stages.items():
            start = time.perf_counter()
            stage()
            times[name].append(time.perf_counter() - start)
    return times


def _plain(text: str, reference: Any) -> float:
    """What a trainer's own reward does for a row."""
    teacher = json.loads(reference) if isinstance(reference, str) else reference
    wanted = (
        {call["name"] for call in teacher[0]["calls"]} if teacher and isinstance(teacher[0], dict) else set()
    )
    names = set()
    for body in _CALL.findall(text):
        try:
            names.add(json.loads(body).get("name"))
        except (ValueError, AttributeError):
            continue
    both = len(names) + len(wanted)
    return 2 * len(names & wanted) / both if both else 1.0
