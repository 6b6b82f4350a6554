"""Read a run folder: its configuration, log, rollouts and evaluations. Every fault names its file and row."""

from __future__ import annotations

import json
import math
import os
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mentor.errors import DataError
from mentor.evaluation.result import EvaluationResult, Rollout

__all__ = ["Run", "read_run"]

_ROLLOUT = TypeAdapter(Rollout)


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder, read.

    Attributes:
        name: The folder's name.
        config: The configuration file's text; empty where there is none.
        steps: The log: one mapping of figures per optimiser step, ordered by `step`.
        rollouts: The sampled training episodes, in the order they were written.
        before: The evaluation of the start model, or None.
        after: The evaluation of the trained model, or None.
    """

    name: str
    config: str
    steps: list[dict[str, float]]
    rollouts: list[Rollout]
    before: EvaluationResult | None
    after: EvaluationResult | None

    def series(self, key: str) -> tuple[list[float], list[float]]:
        """The steps at which a figure was logged, and its values there."""
        points = [(row["step"], row[key]) for row in self.steps if key in row]
        return [step for step, _ in points], [value for _, value in points]


def read_run(folder: str | os.PathLike[str]) -> Run:
    """Read a run folder as `mentor train` and `mentor demo` leave it.

    Needed is `log.jsonl`; `config.yaml`, `rollouts.jsonl` and `evaluation/{before,after}.json` are read where
    they exist.

    Raises:
        DataError: If the folder or its log is missing, or a file in it cannot be read.
    """
    root = pathlib.Path(folder)
    if not root.is_dir():
        raise DataError(str(root), None, None, "is no folder: name a run's folder, such as runs/demo")
    log = root / "log.jsonl"
    if not log.is_file():
        reason = "is missing, so this is no run folder: `mentor train` writes one a run"
        raise DataError(str(log), None, None, reason)
    config, rollouts = root / "config.yaml", root / "rollouts.jsonl"
    evaluations = [root / "evaluation" / f"{name}.json" for name in ("before", "after")]
    before, after = (EvaluationResult.load(path) if path.is_file() else None for path in evaluations)
    return Run(
        name=root.resolve().name,
        config=_text(config) if config.is_file() else "",
        steps=_steps(log),
        rollouts=[_rollout(rollouts, index, row) for index, row in _rows(rollouts)]
        if rollouts.is_file()
        else [],
        before=before,
        after=after,
    )


def _text(path: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(str(path), None, None, f"cannot be read: {error}") from error


def _rows(path: pathlib.Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The file's JSON objects with their row numbers; an unfinished last line, left by a kill, is no row."""
    text = _text(path)
    lines = text.split("\n")[:-1] if not text.endswith("}") else text.split("\n")
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(str(path), index, None, f"is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise DataError(str(path), index, None, f"is a JSON {type(row).__name__}, expected an object")
        yield index, row


def _steps(path: pathlib.Path) -> list[dict[str, float]]:
    """The log's figures by step; of a step that a resumed run repeated, the last."""
    by_step: dict[float, dict[str, float]] = {}
    for index, row in _rows(path):
        figures = {key: float(value) for key, value in row.items() if _is_figure(value)}
        if "step" not in figures:
            raise DataError(str(path), index, "step", "is missing or no number")
        by_step[figures["step"]] = figures
    return [by_step[step] for step in sorted(by_step)]


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _rollout(path: pathlib.Path, index: int, row: Mapping[str, Any]) -> Rollout:
    try:
        return _ROLLOUT.validate_json(json.dumps(row))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise DataError(str(path), index, field, first["msg"]) from error
