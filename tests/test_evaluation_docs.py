"""The snippets of docs/evaluation.md run, in their order, in one session."""

from __future__ import annotations

import pathlib
import re
import shlex

import pytest

from mentor.cli import evaluate, report

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "evaluation.md"


def fences(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def test_every_python_snippet_runs(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    snippets = fences("python")
    assert len(snippets) == 4
    session: dict[str, object] = {}
    for number, snippet in enumerate(snippets, start=1):
        exec(compile(snippet, f"docs/evaluation.md, snippet {number}", "exec"), session)


def test_every_command_line_of_the_page_parses() -> None:
    import argparse

    parser = argparse.ArgumentParser(prog="mentor")
    subparsers = parser.add_subparsers(required=True)
    evaluate.add_parser(subparsers)
    report.add_parser(subparsers)
    lines = [line for fence in fences("") for line in fence.splitlines() if line.startswith("mentor ")]
    assert len(lines) == 4
    for line in lines:
        args = parser.parse_args(shlex.split(line, comments=True)[1:])
        assert callable(args.run)
