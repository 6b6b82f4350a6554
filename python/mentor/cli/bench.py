"""`mentor bench`: the figures of the documentation, measured here, beside the peers.

One bench a module of `mentor.bench`, each with `WHAT` it measures, `add_arguments(group)` for its own options and
`run(args) -> int`: 0, or 1 where something promised is missed.
"""

from __future__ import annotations

import argparse
import importlib
from typing import Any, Final

from mentor.errors import ConfigError

__all__ = ["BENCHES", "add_parser", "run"]

BENCHES: Final = ("rewards", "judge", "sandbox", "training")
"""The benches; the first one is what `mentor bench` alone measures."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "bench",
        help="measure what the documentation states, beside the peers",
        description="Measure what the documentation states, beside the peers where they are installed, and print "
        "it as a table. Exit status 0: all that is promised is reached; 1: something is missed.",
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="few rounds: figures for a first look")
    add("--json", metavar="FILE", help="write the figures as JSON")
    add("--page", metavar="FILE", help="write the tables between the markers of this Markdown page")
    which = parser.add_mutually_exclusive_group()
    for name in BENCHES:
        bench = _module(name)
        usual = " (what is measured if nothing is chosen)" if name == BENCHES[0] else ""
        which.add_argument(
            f"--{name}", dest="bench", action="store_const", const=name, help=bench.WHAT + usual
        )
        bench.add_arguments(parser.add_argument_group(f"with --{name}"))
    parser.set_defaults(bench=BENCHES[0])


def run(args: argparse.Namespace) -> int:
    """Run the bench asked for; returns 0, or 1 where something promised is missed.

    Raises:
        ConfigError: An option of another bench is given, or a package is missing.
        DataError: A file cannot be read.
    """
    strangers = [option for name in BENCHES if name != args.bench for option in _given(name, args)]
    if strangers:
        problem = f"{', '.join(strangers)}: not an option of --{args.bench}"
        raise ConfigError("command line", [problem])
    return int(_module(args.bench).run(args))


def _given(name: str, args: argparse.Namespace) -> list[str]:
    """Those of a bench's own options that differ from what they are if nothing is said."""
    parser = argparse.ArgumentParser(add_help=False)
    _module(name).add_arguments(parser.add_argument_group())
    usual = vars(parser.parse_args([]))
    return [f"--{key.replace('_', '-')}" for key, value in usual.items() if getattr(args, key) != value]


def _module(name: str) -> Any:
    return importlib.import_module(f"mentor.bench.{name}")
