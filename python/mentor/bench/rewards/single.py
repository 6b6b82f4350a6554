"""The rows on one thread, beside their peers, in turns; both sides are checked to give the same numbers first."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np

from mentor import align
from mentor.bench.promise import Measured
from mentor.bench.rewards.twins import calls_in, published_mentor, toolrl_share
from mentor.bench.rewards.workload import EOS, TOOLS, calls_of, text_of
from mentor.bench.timing import in_turns
from mentor.rewards import official

__all__ = ["main", "others", "rows"]

_PAIRS = 128
_MISSING = "{} is not installed: make bench-peers"

Side = Callable[[], Any]


def rows(rounds: int) -> dict[str, Measured | str]:
    """Every row of one thread."""
    found: dict[str, Measured | str] = {"published": _measured(*_published(), rounds)}
    for calls in (2, 8, 32, 64):
        found[f"toolrl-{calls}"] = _measured(*_toolrl(calls), rounds)
    for name, package, sizes, make in (
        ("agentevals", "agentevals", (4, 16), _agentevals),
        ("edit", "rapidfuzz", (8, 32, 64), _edit),
        ("assignment", "scipy", (8, 32, 64), _assignment),
    ):
        for calls in sizes:
            if importlib.util.find_spec(package) is None:
                found[f"{name}-{calls}"] = _MISSING.format(package)
            else:
                found[f"{name}-{calls}"] = _measured(*make(calls), rounds)
    return found


def others(rounds: int) -> dict[str, str]:
    """The same peers where both sides get the other kind of input: nothing is promised of these."""
    found = {}
    for kind, make in (("text", _toolrl_text), ("dicts", _toolrl_dicts)):
        ratios = [_measured(*make(calls), rounds).p50 for calls in (2, 8, 32, 64)]
        found[f"ToolRL's score, {kind} on both sides, 2, 8, 32, 64 calls"] = _times(ratios)
    if importlib.util.find_spec("agentevals") is not None:
        ratios = [_measured(*_agentevals(calls, as_text=False), rounds).p50 for calls in (4, 16)]
        found["agentevals strict on messages, `exact` on lists of dicts, 4 and 16 calls"] = _times(ratios)
    return found


def _times(ratios: Sequence[float]) -> str:
    return ", ".join(f"{ratio:,.0f}" for ratio in ratios) + " times faster"


def _measured(ours: Side, theirs: Side, rounds: int) -> Measured:
    """The ratio of a pair's times, both sides run over the same pairs."""
    np.testing.assert_allclose(ours(), theirs(), atol=1e-9)
    turns = in_turns(ours, theirs, rounds=rounds, calls=(5, 1))
    micros = [median(t for turn in side for t in turn) * 1e6 / _PAIRS for side in (turns.theirs, turns.ours)]
    return Measured(turns.ratio(50), detail="{:,.2f} us / {:,.2f} us a pair".format(*micros))


def _students(calls: int) -> list[list[dict[str, Any]]]:
    return [calls_of(row, calls) for row in range(_PAIRS)]


def _references(calls: int) -> list[list[dict[str, Any]]]:
    """References that differ from the students in a third of the arguments."""
    return [
        [one | {"arguments": {"a": -1, "b": i / 7}} if i % 3 == 0 else one for i, one in enumerate(row)]
        for row in _students(calls)
    ]


def _published() -> tuple[Side, Side]:
    texts = [text_of(row, one, 29_000) for row, one in enumerate(_students(20))]
    # Every tool of the student's, or all but one.
    teachers, correct = (
        [list(TOOLS[row % 2 :]) for row in range(_PAIRS)],
        [row % 4 < 2 for row in range(_PAIRS)],
    )
    truths = ["0"] * _PAIRS

    def ours() -> Any:
        return official.score(texts, truths, teachers, variant="MENTOR", eos_token=EOS, correct=correct)

    return ours, lambda: list(map(published_mentor, texts, teachers, correct))


def _toolrl(calls: int) -> tuple[Side, Side]:
    students, references = _students(calls), _references(calls)
    read = _compiled(references).read(students)
    return lambda: read.score("toolrl"), lambda: list(map(toolrl_share, students, references))


def _toolrl_text(calls: int) -> tuple[Side, Side]:
    references = _references(calls)
    texts = [text_of(row, one, 0) for row, one in enumerate(_students(calls))]
    wanted = [text_of(row, one, 0) for row, one in enumerate(references)]
    compiled = _compiled(references)
    return (
        lambda: compiled.score(texts, metric="toolrl"),
        lambda: [
            toolrl_share(calls_in(one), calls_in(other)) for one, other in zip(texts, wanted, strict=True)
        ],
    )


def _toolrl_dicts(calls: int) -> tuple[Side, Side]:
    students, references = _students(calls), _references(calls)
    compiled = _compiled(references)
    return (
        lambda: compiled.score(students, metric="toolrl"),
        lambda: list(map(toolrl_share, students, references)),
    )


def _compiled(references: Sequence[list[dict[str, Any]]]) -> align.References:
    return align.compile_references([[one] for one in references])


def _agentevals(calls: int, *, as_text: bool = True) -> tuple[Side, Side]:
    strict = importlib.import_module("agentevals.trajectory.match").create_trajectory_match_evaluator(
        trajectory_match_mode="strict", tool_args_match_mode="exact"
    )
    students = _students(calls)
    references = [_nearly(row, one) for row, one in enumerate(students)]
    texts = [text_of(row, one, 0) for row, one in enumerate(students)] if as_text else students
    compiled = _compiled(references)
    pairs = [(_messages(one), _messages(other)) for one, other in zip(students, references, strict=True)]
    return (
        lambda: compiled.score(texts, metric="exact"),
        lambda: [float(strict(outputs=mine, reference_outputs=theirs)["score"]) for mine, theirs in pairs],
    )


def _nearly(row: int, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls themselves in half of the rows; else with another argument in the last one, or other calls."""
    if row % 4 == 2:
        return [*calls[:-1], calls[-1] | {"arguments": {"a": -1}}]
    return calls_of(row + 1, len(calls)) if row % 4 == 3 else calls


def _messages(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = [{"function": {"name": one["name"], "arguments": json.dumps(one["arguments"])}} for one in calls]
    return [{"role": "user", "content": "go"}, {"role": "assistant", "content": "", "tool_calls": made}]


def _edit(calls: int) -> tuple[Side, Side]:
    similarity = importlib.import_module("rapidfuzz.distance").Levenshtein.normalized_similarity
    references = _references(calls)
    students = [calls_of(row, calls)[:: -1 if row % 2 else 1] for row in range(_PAIRS)]
    read = _compiled(references).read(students)
    numbers: dict[str, int] = {}

    def number(row: list[dict[str, Any]]) -> list[int]:
        return [numbers.setdefault(json.dumps(one), len(numbers)) for one in row]

    pairs = [(number(one), number(other)) for one, other in zip(students, references, strict=True)]
    return lambda: read.score("edit"), lambda: [similarity(*pair) for pair in pairs]


def _assignment(calls: int) -> tuple[Side, Side]:
    solve = importlib.import_module("scipy.optimize").linear_sum_assignment
    references = _references(calls)
    students = [calls_of(row + 1, calls) for row in range(_PAIRS)]
    read = _compiled(references).read(students)
    matrices = [
        np.array([[_similarity(one, other) for other in theirs] for one in mine])
        for mine, theirs in zip(students, references, strict=True)
    ]

    def theirs() -> Any:
        return [matrix[solve(matrix, maximize=True)].sum() / calls for matrix in matrices]

    return lambda: read.score("assignment"), theirs


def _similarity(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The similarity of two calls with the same parameters."""
    if one["name"] != other["name"]:
        return 0.0
    mine, theirs = one["arguments"], other["arguments"]
    return float(sum(mine[key] == theirs[key] for key in mine) / len(mine))


def main(rounds: int) -> None:
    """Measures in this process, which has one worker thread and one CPU; prints the rows and the others as JSON."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = rows(rounds)
    shown = {name: one if isinstance(one, str) else [one.p50, one.detail] for name, one in found.items()}
    print(json.dumps([shown, others(rounds)]))
