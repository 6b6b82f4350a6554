"""What is measured: trajectories of the user's own, or generated ones of 2 to 64 calls and 0.5 to 30 kB."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mentor.errors import DataError

__all__ = ["EOS", "SHAPES", "TOOLS", "Workload", "generated", "read"]

EOS = "<|im_end|>"
TOOLS = ("add", "subtract", "multiply", "divide", "power", "sqrt")
SHAPES = ((2, 500), (4, 4_000), (16, 12_000), (64, 30_000))
"""Calls and bytes of generated trajectories."""
_PROSE = "So the next step follows from what we have, and we go on with it. "


@dataclass(frozen=True)
class Workload:
    """A batch as a reward takes it.

    Attributes:
        name: What it is called in the table.
        completions: Texts or lists of messages.
        references: The teacher's trajectories of each row, as JSON text or values.
        answers: The accepted answers of each row.
        format: The format of calls in text.
    """

    name: str
    completions: list[Any]
    references: list[Any]
    answers: list[Any]
    format: str = "hermes"

    @property
    def size(self) -> int:
        """The bytes of all completions."""
        return sum(len(one if isinstance(one, str) else json.dumps(one)) for one in self.completions)


def calls_of(row: int, calls: int) -> list[dict[str, Any]]:
    """The calls of a generated row: numbers of its own, names in turn."""
    return [
        {"name": TOOLS[(row + i) % len(TOOLS)], "arguments": {"a": row + i, "b": i / 7}} for i in range(calls)
    ]


def text_of(row: int, calls: list[dict[str, Any]], size: int) -> str:
    """A text of about `size` bytes with calls among prose, and an answer."""
    share = size // (len(calls) + 1)
    parts = []
    for call in calls:
        text = f"<tool_call>\n{json.dumps(call)}\n</tool_call>"
        parts.append((_PROSE * (size // len(_PROSE) + 1))[: max(share - len(text), 0)] + text)
    return "".join(parts) + (_PROSE * (share // len(_PROSE) + 1))[:share] + rf"\boxed{{{row}}}" + EOS


def generated(rows: int, calls: int, size: int) -> Workload:
    """Texts of which every third misses a call of its reference and every fifth has a wrong answer."""
    whole = [calls_of(row, calls) for row in range(rows)]
    students = [one[1:] if row % 3 == 0 else one for row, one in enumerate(whole)]
    return Workload(
        f"{rows} rows of {calls} calls, {size / 1000:g} kB",
        [text_of(row, one, size) for row, one in enumerate(students)],
        [json.dumps([{"calls": one}]) for one in whole],
        [str(row + (row % 5 == 0)) for row in range(rows)],
    )


def read(path: Path, call_format: str) -> Workload:
    """The rows of a JSONL file: `completion` (text or messages), `references`, `answer`.

    Raises:
        DataError: The file cannot be read or a row lacks a field; the message names line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(str(path), None, None, str(error)) from error
    rows = [_row(path, line, text) for line, text in enumerate(lines) if text.strip()]
    if not rows:
        raise DataError(str(path), None, None, "expected at least one row")
    columns = {name: [row[name] for row in rows] for name in ("completion", "references", "answer")}
    return Workload(
        f"{path.name}, {len(rows)} rows",
        columns["completion"],
        columns["references"],
        columns["answer"],
        call_format,
    )


def _row(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError as error:
        raise DataError(str(path), line, None, f"not JSON: {error}") from error
    for name in ("completion", "references", "answer"):
        if not isinstance(row, dict) or name not in row:
            raise DataError(str(path), line, name, "missing")
    return dict(row)
