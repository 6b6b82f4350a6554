"""The commands of docs/evaluation.md are ones that `mentor` takes (its snippets run in test_docs)."""

from __future__ import annotations

import argparse
import pathlib
import re
import shlex

from mentor.cli import evaluate, report

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "evaluation.md"


def fences(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def test_every_command_line_of_the_page_parses() -> None:
    parser = argparse.ArgumentParser(prog="mentor")
    subparsers = parser.add_subparsers(required=True, dest="command")
    evaluate.add_parser(subparsers)
    report.add_parser(subparsers)
    lines = [line for fence in fences("") for line in fence.splitlines() if line.startswith("mentor ")]
    parsed = [parser.parse_args(shlex.split(line, comments=True)[1:]) for line in lines]
    assert [args.command for args in parsed] == ["evaluate"] * 5 + ["report"]
