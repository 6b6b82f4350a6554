"""The sandbox's table: what it promises beside what this machine measures, ratios in one run.

cargo bench (the core)  ─┐
this process (Python)   ─┼─►  Measured, one a promise  ─►  terminal, JSON, docs/benchmarks.md
peers, where installed  ─┘
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mentor.bench.page import as_json, conditions, markdown, text_table, write_between_markers
from mentor.bench.promise import Measured
from mentor.bench.sandbox.library import start_row, tools_row
from mentor.bench.sandbox.native import core_rows
from mentor.bench.sandbox.peers import monty_row, others, wasi_row
from mentor.bench.sandbox.promises import PROMISES

__all__ = ["WHAT", "add_arguments", "run"]

WHAT = "the sandbox: what is promised, beside peers"
"""What is measured, a line."""

_ROUNDS = 20
_QUICK = 3


def add_arguments(group: argparse._ArgumentGroup) -> None:
    """The bench's own options."""
    add = group.add_argument
    add("--no-core", action="store_true", help="leave out the rows of the Rust bench")
    add("--checkout", metavar="FOLDER", default=".", help="the repository (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Measures and prints; returns 0, or 1 where a promise is missed."""
    rounds = _QUICK if args.quick else _ROUNDS
    where = conditions()
    rows: dict[str, Measured | str] = {}
    if not args.no_core:
        _say("the core, by cargo bench")
        rows |= core_rows(Path(args.checkout))
    _say("tool calls")
    rows["tools"] = tools_row(rounds)
    _say("starts of new processes")
    rows["start"] = start_row(rounds)
    _say("peers")
    rows["wasi"] = wasi_row(rounds)
    rows["monty"] = monty_row(rounds)
    beside = others(rounds)
    print(text_table(rows, PROMISES))
    if args.json:
        Path(args.json).write_text(
            json.dumps(as_json(rows, beside, where, PROMISES), indent=2) + "\n", encoding="utf-8"
        )
    if args.page:
        write_between_markers(Path(args.page), "sandbox-table", markdown(rows, beside, where, PROMISES))
    measured = [(promise, rows.get(promise.name)) for promise in PROMISES]
    return int(any(isinstance(found, Measured) and not promise.kept(found) for promise, found in measured))


def _say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)
