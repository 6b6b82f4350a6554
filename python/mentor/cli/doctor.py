"""`mentor doctor`: whether the sandbox works here, how fast, and what to do where it does not."""

from __future__ import annotations

import argparse
import json
import textwrap

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "doctor",
        help="check the sandbox on this machine",
        description="Check versions, kernel, cache and guest, then make a sandbox and time it. "
        "Exit status 0: it works; 1: something is missing or broken.",
    )
    parser.add_argument("--prepare", action="store_true", help="compile the guest if it is not compiled yet")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    """Diagnose and print; returns 0, or 1 where a problem was found."""
    from mentor.sandbox.doctor import diagnose

    diagnosis = diagnose(prepare=args.prepare)
    if args.json:
        print(json.dumps(diagnosis.to_json(), indent=2))
        return 0 if diagnosis.healthy else 1
    width = max(len(check.name) for check in diagnosis.checks)
    for check in diagnosis.checks:
        print(f"{check.status:8} {check.name:{width}}  {check.text}")
        if check.advice:
            print(_indented(check.advice, width + 11))
    return 0 if diagnosis.healthy else 1


def _indented(advice: str, by: int) -> str:
    return textwrap.fill(
        advice,
        by + 90,
        initial_indent=" " * (by - 3) + "-> ",
        subsequent_indent=" " * by,
        break_long_words=False,
        break_on_hyphens=False,
    )
