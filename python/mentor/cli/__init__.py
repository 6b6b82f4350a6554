"""The command line: `mentor train`, `mentor evaluate`, `mentor report`, `mentor bench` and the others.

Each command is a module of this package with `add_parser(subparsers)` and `run(args) -> int`; it imports
what it needs when it runs, so that `mentor --help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence

from mentor import __version__
from mentor.errors import MentorError

__all__ = ["COMMANDS", "main"]

COMMANDS = ("train", "evaluate", "report", "experiment", "collect", "demo", "serve", "bench", "doctor")
"""The commands, in the order of the help text."""

_BAD_INPUT = 2
_INTERRUPTED = 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mentor", description="Train small language models to use tools under a teacher's guidance."
    )
    parser.add_argument("--version", action="version", version=f"mentor {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = f"{__name__}.{name}"
        if importlib.util.find_spec(module) is not None:
            importlib.import_module(module).add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: The arguments; those of the process by default.

    Returns:
        The exit status: 0, what the command says, 2 where the input is at fault, 130 after Ctrl-C.
    """
    # OpenMP's threads wait without turning the processor, or a busy machine makes small models several times
    # slower. It is read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    args = _parser().parse_args(argv)
    command = importlib.import_module(f"{__name__}.{args.command}")
    try:
        return int(command.run(args))
    except MentorError as error:
        print(f"mentor {args.command}: {error}", file=sys.stderr)
        return _BAD_INPUT
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return _INTERRUPTED
