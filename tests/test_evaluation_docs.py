"""The snippets of docs/evaluation.md run, in their order, in one session."""

from __future__ import annotations

import argparse
import pathlib
import re
import shlex

import pytest
import torch

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
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more gain nothing on a model this small, and suffer from busy cores
    session: dict[str, object] = {}
    for number, snippet in enumerate(snippets, start=1):
        exec(compile(snippet, f"docs/evaluation.md, snippet {number}", "exec"), session)
    torch.set_num_threads(threads)


def test_every_command_line_of_the_page_parses() -> None:
    parser = argparse.ArgumentParser(prog="mentor")
    subparsers = parser.add_subparsers(required=True, dest="command")
    evaluate.add_parser(subparsers)
    report.add_parser(subparsers)
    lines = [line for fence in fences("") for line in fence.splitlines() if line.startswith("mentor ")]
    parsed = [parser.parse_args(shlex.split(line, comments=True)[1:]) for line in lines]
    assert [args.command for args in parsed] == ["evaluate"] * 4 + ["report"]
