"""The labelled corpus of public tests: 98 % as labelled with the format named, 95 % by `auto`."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mentor.parsing import parse_tool_calls

CORPORA = Path(os.environ.get("MENTOR_CORPORA") or Path(__file__).parents[2] / "shared" / "corpora")
CORPUS = CORPORA / "tool_calls.jsonl"

pytestmark = pytest.mark.skipif(not CORPUS.is_file(), reason="needs the labelled corpora (MENTOR_CORPORA)")

LEFT_OPEN = {"mistral-v-11", "mistral-m-09", "phi4-v-13"}
"""Markers without anything that could be a call: labelled as no call, and whether they are malformed is left open.
Ours are: a marker is an attempt."""


def rows(*advisory: str) -> list[dict[str, Any]]:
    """The cases that are not advisory."""
    lines = CORPUS.read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if not any(row.get(key) for key in advisory)]


def as_labelled(row: dict[str, Any], format: str) -> bool:
    text = row["text"] if "text" in row else "".join(piece * times for piece, times in row["text_parts"])
    found = parse_tool_calls(text, format=format, tools=row["tools"])
    valid = [{"name": one.name, "arguments": one.arguments} for one in found if one.status == "valid"]
    statuses = {one.status for one in found}
    labels = (row["malformed"], bool(row.get("unknown")))
    return repr(valid) == repr(row["expected"]) and ("malformed" in statuses, "unknown" in statuses) == labels


def test_with_the_format_named() -> None:
    cases = rows("advisory")
    wrong = {row["id"] for row in cases if not as_labelled(row, row["format"])}
    assert len(cases) == 296
    assert wrong == LEFT_OPEN


def test_by_auto() -> None:
    cases = rows("advisory", "auto_advisory")
    wrong = {row["id"] for row in cases if not as_labelled(row, "auto")}
    assert len(cases) == 292
    assert wrong == LEFT_OPEN
