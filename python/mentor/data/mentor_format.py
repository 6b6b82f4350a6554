"""Rows in MENTOR's published format: from a local file (JSONL, JSON, parquet), or a hub.

A row holds `question`, `data_source`, `extra_info` (with `func_schemas`, and the tools' source in `env`),
`tool_calls_used` (the names of the tools that the teacher used) and `reward_model.ground_truth`. `extra_info`
and `tool_calls_used` may be JSON texts. The published rows say which tools the teacher called, but not with
what, so a reference's calls have empty arguments: align to it with `arguments="ignore"`.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mentor.data.fields import Field
from mentor.data.rows import read_json_lines, read_text
from mentor.data.schemas import function_schema
from mentor.errors import DataError
from mentor.types import Task, ToolCall, Trajectory

__all__ = ["load", "tasks_of_rows"]

_FILES = (".jsonl", ".json", ".parquet")


def load(source: str | Path, *, split: str = "train") -> list[Task]:
    """Load rows in MENTOR's format as tasks.

    Args:
        source: A `.jsonl`, `.json` or `.parquet` file; or a hub's data set id (`owner/name`) or a folder,
            which the package `datasets` reads. What ends like a file is taken for a file.
        split: The split of a data set or folder; not used for a file.

    Returns:
        One task per row, in order; a task's suite is the row's `data_source`, and its id adds the row's
        index.

    Raises:
        DataError: The file or data set cannot be read, or a row is unusable; names the file, row and field.
    """
    path = Path(source)
    if path.suffix in _FILES or path.is_file():
        return tasks_of_rows(_read_file(path), path=str(path))
    return tasks_of_rows(_read_hub(str(source), split), path=f"{source} ({split})")


def tasks_of_rows(rows: Iterable[Any], *, path: str) -> list[Task]:
    """Turn rows into tasks; `path` is what error messages call their source. Raises as `load` does."""
    return [_task(Field.of_row(path, index, row)) for index, row in enumerate(rows)]


def _read_file(path: Path) -> list[Any]:
    if path.suffix == ".parquet":
        return _read_parquet(path)
    if path.suffix == ".jsonl":
        return read_json_lines(path)
    if path.suffix != ".json":
        raise DataError(str(path), None, None, f"expected a file that ends with one of {', '.join(_FILES)}")
    try:
        rows = json.loads(read_text(path))
    except ValueError as error:
        raise DataError(
            str(path), None, None, f"not JSON: {error}; end the name with .jsonl for lines"
        ) from error
    if not isinstance(rows, list):
        raise DataError(str(path), None, None, "expected a list of rows")
    return rows


def _read_parquet(path: Path) -> list[Any]:
    try:
        parquet = importlib.import_module("pyarrow.parquet")  # large, and only this format needs it
    except ImportError as error:
        raise DataError(
            str(path), None, None, "reading parquet needs pyarrow: pip install pyarrow"
        ) from error
    try:
        rows: list[Any] = parquet.read_table(path).to_pylist()
    except (OSError, ValueError) as error:  # what pyarrow raises for a file that is no parquet
        raise DataError(str(path), None, None, f"cannot be read as parquet: {error}") from error
    return rows


def _read_hub(name: str, split: str) -> Iterable[Any]:
    try:
        from datasets import load_dataset
    except ImportError as error:
        reason = "no such file, and reading a hub's data set needs: pip install datasets"
        raise DataError(name, None, None, reason) from error
    try:
        rows: Iterable[Any] = load_dataset(name, split=split)
    except Exception as error:  # what a hub's client raises is not documented, and the cause is kept
        reason = f"no such file, and not to be had from a hub: {type(error).__name__}: {error}"
        raise DataError(name, None, None, reason) from error
    return rows


def _task(row: Field) -> Task:
    suite = row["data_source"].text()
    extra = row["extra_info"].json_or_value()
    answer = _ground_truth(row["reward_model"].json_or_value()["ground_truth"])
    calls = tuple(ToolCall(name.text()) for name in row["tool_calls_used"].json_or_value().items())
    return Task(
        id=f"{suite}/{row.row}",
        question=row["question"].text(),
        tools=[function_schema(item) for item in extra["func_schemas"].json_or_value().items()],
        tool_source=extra["env"].text(),
        answer=answer,
        references=(Trajectory(calls, answer if isinstance(answer, str) else answer[0]),),
        suite=suite,
    )


def _ground_truth(field: Field) -> str | list[str]:
    """The reference answer, a text or a list of accepted texts."""
    if isinstance(field.value, str):
        return field.value
    answers = [item.text() for item in field.items()]
    if not answers:
        raise field.error("expected at least one answer")
    return answers
