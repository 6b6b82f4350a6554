"""`mentor bench`: the figures of the documentation, measured here and printed as tables."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from mentor.cli.needs import need
from mentor.errors import ConfigError

__all__ = ["BENCHES", "add_parser", "run"]


def _judge(args: argparse.Namespace) -> bool:
    need("bench --judge", "math_verify")
    from mentor.bench import judge

    result = judge.measure(judge.read_pairs(args.pairs) if args.pairs else None)
    print(result.table())
    if args.details:
        print()
        print(result.kinds())
    if args.out:
        Path(args.out).write_text(result.json() + "\n", encoding="utf-8")
    return result.reached()


BENCHES: dict[str, tuple[str, Callable[[argparse.Namespace], bool]]] = {
    "judge": ("the answer judge beside Math-Verify: quality and time", _judge),
}
"""Each bench by its option: what it measures, and what measures, prints, and says whether its targets are met."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "bench",
        help="measure what the documentation states, beside the peers",
        description="Measure what the documentation states, beside the peers, and print it as a table.",
    )
    for name, (what, _) in BENCHES.items():
        parser.add_argument(f"--{name}", action="store_true", help=what)
    parser.add_argument("--pairs", metavar="FILE", help="further labelled pairs for --judge, as JSON lines")
    parser.add_argument("--details", action="store_true", help="also print the figures kind by kind")
    parser.add_argument("--out", metavar="FILE", help="write the figures as JSON")


def run(args: argparse.Namespace) -> int:
    """Run the benches asked for; returns 0, or 1 where a target is not met.

    Raises:
        ConfigError: If no bench is asked for, or a package is missing.
        DataError: If the file of pairs cannot be read.
    """
    asked = [name for name in BENCHES if getattr(args, name)]
    if not asked:
        options = ", ".join(f"--{name}" for name in BENCHES)
        raise ConfigError("command line", [f"expected at least one bench: {options}"])
    reached = [BENCHES[name][1](args) for name in asked]
    return 0 if all(reached) else 1
