"""The rewards' table: reward throughput stage by stage, and what is promised beside peers, as ratios in one run.

a child with one thread and one CPU  ─┐
children with one thread, with all   ─┼─►  Measured, one a promise  ─►  terminal, JSON, docs/benchmarks.md
this process, stage by stage         ─┘
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from mentor.bench.page import as_json, conditions, markdown, text_table, write_between_markers
from mentor.bench.promise import Measured
from mentor.bench.rewards.promises import PROMISES
from mentor.bench.rewards.record import benchmark_file
from mentor.bench.rewards.stages import Given, stage_times
from mentor.bench.rewards.workload import SHAPES, Workload, generated, read
from mentor.errors import MentorError
from mentor.rewards import MentorReward

__all__ = ["WHAT", "add_arguments", "run"]

WHAT = "parsing, alignment and rewards: each stage, and what is promised beside peers"
"""What is measured, a line."""

_ROUNDS = 20
_QUICK = 3
_ROWS = 256
_PACKAGES = ("rapidfuzz", "scipy", "agentevals")


def add_arguments(group: argparse._ArgumentGroup) -> None:
    """The bench's own options."""
    add = group.add_argument
    add("--data", metavar="FILE", help="JSONL of your own: completion (text or messages), references, answer")
    add("--format", default="auto", help="the format of calls in --data (%(default)s)")
    add("--no-peers", action="store_true", help="the stages alone, without the table of promises")


def run(args: argparse.Namespace) -> int:
    """Measures and prints; returns 0, or 1 where a promise is missed."""
    rounds = _QUICK if args.quick else _ROUNDS
    works = (
        [read(Path(args.data), args.format)] if args.data else [generated(_ROWS, *shape) for shape in SHAPES]
    )
    where = conditions(_PACKAGES)
    rows: dict[str, Measured | str] = {}
    beside: dict[str, str] = {}
    if not args.no_peers:
        _say("beside peers, on one thread")
        single, beside = _single(rounds)
        rows |= single
        _say("a batch, on one thread and on all")
        rows |= _batch(rounds)
    stages: dict[str, dict[str, list[float]]] = {}
    for work in works:
        _say(work.name)
        stages[work.name] = stage_times(work, rounds)
    if rows:
        print(text_table(rows, PROMISES))
        print("".join(f"{name}: {found}\n" for name, found in beside.items()))
    print(_stage_text(works, stages))
    if args.json:
        extra = {"mentor": as_json(rows, beside, where, PROMISES)}
        found = benchmark_file(stages, where, extra)
        Path(args.json).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if args.page:
        tables = markdown(rows, beside, where, PROMISES) + "\n\n" + _stage_markdown(works, stages)
        write_between_markers(Path(args.page), "rewards-table", tables)
    kept = [promise.kept(one) for promise in PROMISES if isinstance(one := rows.get(promise.name), Measured)]
    return int(not all(kept))


def _say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)


def _child(program: str, threads: int | None) -> str:
    """What a process with so many worker threads prints."""
    environment = dict(os.environ)
    if threads is not None:
        environment["RAYON_NUM_THREADS"] = str(threads)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        raise MentorError(f"a measuring process failed: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout.strip().splitlines()[-1]


def _single(rounds: int) -> tuple[dict[str, Measured | str], dict[str, str]]:
    found, beside = json.loads(_child(f"from mentor.bench.rewards.single import main\nmain({rounds})", 1))
    rows = {
        name: one if isinstance(one, str) else Measured(one[0], detail=one[1]) for name, one in found.items()
    }
    return rows, beside


def _batch(rounds: int) -> dict[str, Measured | str]:
    """The promise of a batch, and how it grows with cores: children in turns."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    program = f"from mentor.bench.rewards import batch_seconds\nprint(batch_seconds({rounds}))"
    pairs = [(float(_child(program, 1)), float(_child(program, None))) for _ in range(3)]
    growth = median(one / every for one, every in pairs) / cores
    spent = median(every for _, every in pairs)
    return {
        "batch": Measured(
            spent, detail=f"{cores} cores; one thread {median(one for one, _ in pairs) * 1e3:.2f} ms"
        ),
        "growth": Measured(growth, detail=f"{cores} cores"),
    }


def batch_seconds(rounds: int) -> float:
    """The median of a reward's time on 1,024 texts of 4 kB, the answers judged before."""
    work = generated(1024, 4, 4_000)
    references = [work.references[row // 8 * 8] for row in range(1024)]
    reward = MentorReward(judge=Given([row % 5 != 0 for row in range(1024)]), arguments="exact")
    times = []
    for _ in range(3 * rounds):
        start = time.perf_counter()
        reward(completions=work.completions, answer=work.answers, references=references)
        times.append(time.perf_counter() - start)
    return median(times)


def _cells(
    works: Sequence[Workload], stages: Mapping[str, Mapping[str, Sequence[float]]]
) -> list[tuple[str, str, str, str, str]]:
    """Batch, stage, milliseconds, rows a second, megabytes a second."""
    return [
        (work.name, name, f"{median(times) * 1e3:,.2f}", f"{len(work.completions) / median(times):,.0f}",
         f"{work.size / median(times) / 1e6:,.0f}")
        for work in works
        for name, times in stages[work.name].items()
    ]  # fmt: skip


def _stage_text(works: Sequence[Workload], stages: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    lines = []
    last = ""
    for batch, stage, spent, speed, bytes_a_second in _cells(works, stages):
        if batch != last:
            lines.append(batch)
            last = batch
        lines.append(f"    {stage:44} {spent:>10} ms {speed:>12} rows/s {bytes_a_second:>8} MB/s")
    return "\n".join(lines)


def _stage_markdown(works: Sequence[Workload], stages: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    lines = ["| batch | stage | ms | rows a second | MB a second |", "|---|---|---:|---:|---:|"]
    return "\n".join(lines + ["| " + " | ".join(cells) + " |" for cells in _cells(works, stages)])
