"""The rows on one thread, beside their peers, in turns; both sides are checked to give the same numbers first."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from mentor import align
from mentor.bench.promise import Measured
from mentor.bench.rewards.twins import published_ablation4, toolrl_share
from mentor.bench.rewards.workload import EOS, TOOLS, calls_of, text_of
from mentor.bench.timing import in_turns
from mentor.rewards import official

__all__ = ["main", "rows"]

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


def _measured(ours: Side, theirs: Side, rounds: int) -> Measured:
    """The ratio of a pair's times, both sides run over the same pairs."""
    np.testing.assert_allclose(ours(), theirs(), atol=1e-9)
    turns = in_turns(ours, theirs, rounds=rounds, calls=(5, 1))
    micros = [median(t for turn in side for t in turn) * 1e6 / _PAIRS for side in (turns.theirs, turns.ours)]
    return Measured(turns.ratio(50), detail="{:,.2f} us / {:,.2f} us a pair".format(*micros))


def _texts(calls: int, size: int) -> tuple[list[str], list[list[dict[str, Any]]]]:
    """Texts, and references that differ from them in a third of the arguments."""
    whole = [calls_of(row, calls) for row in range(_PAIRS)]
    references = [
        [one | {"arguments": {"a": -1, "b": i / 7}} if i % 3 == 0 else one for i, one in enumerate(row)]
        for row in whole
    ]
    return [text_of(row, one, size) for row, one in enumerate(whole)], references


def _published() -> tuple[Side, Side]:
    texts, _ = _texts(20, 29_000)
    teacher, correct = list(TOOLS[:3]), [row % 2 == 0 for row in range(_PAIRS)]
    truths, teachers = ["0"] * _PAIRS, [teacher] * _PAIRS

    def ours() -> Any:
        return official.score(texts, truths, teachers, variant="ABLATION4", eos_token=EOS, correct=correct)

    return ours, lambda: [
        published_ablation4(text, teacher, right) for text, right in zip(texts, correct, strict=True)
    ]


def _toolrl(calls: int) -> tuple[Side, Side]:
    students = [calls_of(row, calls) for row in range(_PAIRS)]
    _, references = _texts(calls, 0)
    read = align.compile_references([[one] for one in references]).read(students)
    return (
        lambda: read.score("toolrl"),
        lambda: [toolrl_share(one, other) for one, other in zip(students, references, strict=True)],
    )


def _agentevals(calls: int) -> tuple[Side, Side]:
    strict = importlib.import_module("agentevals.trajectory.match").create_trajectory_match_evaluator(
        trajectory_match_mode="strict", tool_args_match_mode="exact"
    )
    students = [calls_of(row, calls) for row in range(_PAIRS)]
    references = [students[row - row % 2] for row in range(_PAIRS)]
    texts = [text_of(row, one, 0) for row, one in enumerate(students)]
    compiled = align.compile_references([[one] for one in references])

    def messages(row: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made = [{"function": {"name": one["name"], "arguments": json.dumps(one["arguments"])}} for one in row]
        return [{"role": "user", "content": "go"}, {"role": "assistant", "content": "", "tool_calls": made}]

    pairs = [(messages(one), messages(other)) for one, other in zip(students, references, strict=True)]
    return (
        lambda: compiled.score(texts, metric="exact"),
        lambda: [float(strict(outputs=mine, reference_outputs=theirs)["score"]) for mine, theirs in pairs],
    )


def _edit(calls: int) -> tuple[Side, Side]:
    similarity = importlib.import_module("rapidfuzz.distance").Levenshtein.normalized_similarity
    _, references = _texts(calls, 0)
    students = [calls_of(row, calls)[:: -1 if row % 2 else 1] for row in range(_PAIRS)]
    read = align.compile_references([[one] for one in references]).read(students)
    numbers: dict[str, int] = {}

    def number(row: list[dict[str, Any]]) -> list[int]:
        return [numbers.setdefault(json.dumps(one), len(numbers)) for one in row]

    pairs = [(number(one), number(other)) for one, other in zip(students, references, strict=True)]
    return lambda: read.score("edit"), lambda: [similarity(*pair) for pair in pairs]


def _assignment(calls: int) -> tuple[Side, Side]:
    solve = importlib.import_module("scipy.optimize").linear_sum_assignment
    _, references = _texts(calls, 0)
    students = [calls_of(row + 1, calls) for row in range(_PAIRS)]
    read = align.compile_references([[one] for one in references]).read(students)
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
    """Measures in this process, which has one worker thread and one CPU; prints the rows as JSON."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = rows(rounds)
    print(
        json.dumps(
            {name: one if isinstance(one, str) else [one.p50, one.detail] for name, one in found.items()}
        )
    )
