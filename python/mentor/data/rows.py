"""Tasks as rows of a data set, and as lines of a JSONL file.

A row's values are texts (JSON where they are structured), so that Arrow never meets mixed types.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mentor.data.fields import Field
from mentor.errors import DataError
from mentor.types import Task, ToolCall, Trajectory

__all__ = ["COLUMNS", "from_columns", "load_jsonl", "save_jsonl", "to_columns"]

COLUMNS: tuple[str, ...] = (
    "prompt",
    "task_id",
    "suite",
    "tool_source",
    "stateful",
    "tools",
    "answer",
    "references",
)
"""The columns of a data set for training, in order."""


def to_columns(tasks: Iterable[Task], *, system: str | None = None) -> list[dict[str, Any]]:
    """Turn tasks into rows for `datasets.Dataset.from_list` and TRL.

    Args:
        tasks: The tasks.
        system: A system message to put before every question; None for none.

    Returns:
        One row per task. `prompt` is a list of chat messages; `task_id`, `suite` and `tool_source` are texts;
        `stateful` is true or false;
        `tools` (function schemas), `answer` (a string or a list of strings) and `references` are JSON texts,
        the last being `[{"calls": [{"name", "arguments", "result"}, ...], "answer": ...}, ...]`.
    """
    return [_to_row(task, system) for task in tasks]


def _to_row(task: Task, system: str | None) -> dict[str, Any]:
    prompt = [] if system is None else [{"role": "system", "content": system}]
    return {
        "prompt": [*prompt, {"role": "user", "content": task.question}],
        "task_id": task.id,
        "suite": task.suite,
        "tool_source": task.tool_source,
        "stateful": task.stateful,
        "tools": _json([dict(schema) for schema in task.tools]),
        "answer": _json(task.answer if isinstance(task.answer, str) else list(task.answer)),
        "references": _json([_trajectory_object(reference) for reference in task.references]),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _trajectory_object(trajectory: Trajectory) -> dict[str, Any]:
    return {"calls": [_call_object(call) for call in trajectory.calls], "answer": trajectory.answer}


def _call_object(call: ToolCall) -> dict[str, Any]:
    made = {"name": call.name, "arguments": dict(call.arguments), "result": call.result}
    return made if call.error is None else {**made, "error": call.error}


def from_columns(rows: Iterable[Mapping[str, Any]], *, path: str = "rows") -> list[Task]:
    """Turn rows back into tasks; a system message is left out.

    Args:
        rows: Rows as `to_columns` makes them.
        path: What error messages call the source of the rows.

    Raises:
        DataError: A row lacks a column or holds something else in it; names the row and the field.
    """
    return [_from_row(Field.of_row(path, index, row)) for index, row in enumerate(rows)]


def _from_row(row: Field) -> Task:
    answer = row["answer"].json()
    texts = [answer.text()] if isinstance(answer.value, str) else [item.text() for item in answer.items()]
    messages = row["prompt"].items()
    questions = [message["content"].text() for message in messages if message["role"].text() == "user"]
    if len(questions) != 1:
        raise row["prompt"].error(f"expected one user message, got {len(questions)}")
    return Task(
        id=row["task_id"].text(),
        question=questions[0],
        tools=[schema.mapping() for schema in row["tools"].json().items()],
        tool_source=row["tool_source"].text(),
        answer=texts[0] if isinstance(answer.value, str) else texts,
        references=tuple(_trajectory(item) for item in row["references"].json().items()),
        suite=row["suite"].text(),
        stateful=False if (stateful := row.get("stateful")) is None else stateful.truth(),
    )


def _trajectory(item: Field) -> Trajectory:
    answer = item.get("answer")
    calls = tuple(
        ToolCall(
            call["name"].text(),
            call["arguments"].mapping(),
            call.mapping().get("result"),
            None if call.mapping().get("error") is None else call["error"].text(),
        )
        for call in item["calls"].items()
    )
    return Trajectory(calls, None if answer is None or answer.value is None else answer.text())


def save_jsonl(tasks: Sequence[Task], path: str | Path) -> None:
    """Write tasks as JSONL, one row of `to_columns` a line; equal tasks give equal bytes."""
    lines = "".join(_json(row) + "\n" for row in to_columns(tasks))
    Path(path).write_text(lines, encoding="utf-8")


def load_jsonl(path: str | Path) -> list[Task]:
    """Read tasks from a file that `save_jsonl` wrote, or that another program wrote in the same form.

    Raises:
        DataError: The file cannot be read, or a row is unusable; names the file, the row and the field.
    """
    return from_columns(read_json_lines(path), path=str(path))


def read_json_lines(path: str | Path) -> list[Any]:
    """The JSON values of a file's lines; empty lines are passed over.

    Raises:
        DataError: The file cannot be read, or a line is no JSON; the row counts lines that are not empty,
            from 0.
    """
    lines = [line for line in read_text(path).split("\n") if line.strip()]
    values = []
    for index, line in enumerate(lines):
        try:
            values.append(json.loads(line))
        except ValueError as error:
            raise DataError(str(path), index, None, f"not JSON: {error}") from error
    return values


def read_text(path: str | Path) -> str:
    """A file's text.

    Raises:
        DataError: There is no such file, or it cannot be read as UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(str(path), None, None, f"cannot be read as UTF-8 text: {error}") from error
