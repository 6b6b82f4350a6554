"""`mentor report`: a page, a summary and a picture from run folders."""

from __future__ import annotations

import argparse

from mentor.cli.needs import need

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "report",
        help="write a run's report: report.html, report.md and report.png",
        description="Write report.html (self-contained), report.md and report.png of run folders.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="a run folder, such as runs/demo")
    parser.add_argument("--out", metavar="FOLDER", help="write here instead of the run folder (one RUN only)")


def run(args: argparse.Namespace) -> int:
    """Write the reports; returns the exit status.

    Raises:
        ConfigError: If a package is missing.
        DataError: If a run folder cannot be read.
    """
    need("report", "matplotlib", "jinja2", "pydantic")
    from mentor.evaluation.report import write_report

    if args.out is not None and len(args.runs) > 1:
        print("mentor report: --out takes one RUN; several would overwrite each other")
        return 2
    for folder in args.runs:
        files = write_report(folder, out=args.out)
        print(files.html)
    return 0
