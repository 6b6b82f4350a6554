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

from mentor.bench.sandbox.library import start_row, tools_row
from mentor.bench.sandbox.native import core_rows
from mentor.bench.sandbox.page import as_json, conditions, markdown, text_table, write_between_markers
from mentor.bench.sandbox.peers import monty_row, others, wasi_row
from mentor.bench.sandbox.promises import PROMISES, Measured

__all__ = ["add_arguments", "main", "run"]

_ROUNDS = 20
_QUICK = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The bench's own options."""
    add = parser.add_argument
    add(
        "--quick", action="store_true", help=f"{_QUICK} rounds instead of {_ROUNDS}: figures for a first look"
    )
    add("--no-core", action="store_true", help="leave out the rows of the Rust bench")
    add("--json", metavar="FILE", help="write the figures as JSON")
    add("--page", metavar="FILE", help="write the table between the markers of this Markdown page")
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
    print(text_table(rows))
    if args.json:
        Path(args.json).write_text(
            json.dumps(as_json(rows, beside, where), indent=2) + "\n", encoding="utf-8"
        )
    if args.page:
        write_between_markers(Path(args.page), "sandbox-table", markdown(rows, beside, where))
    measured = [(promise, rows.get(promise.name)) for promise in PROMISES]
    return int(any(isinstance(found, Measured) and not promise.kept(found) for promise, found in measured))


def _say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)


def main() -> int:
    """`python -m mentor.bench.sandbox`."""
    parser = argparse.ArgumentParser(prog="mentor.bench.sandbox", description=__doc__.splitlines()[0])
    add_arguments(parser)
    return run(parser.parse_args())
