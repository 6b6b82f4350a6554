"""What an experiment found, collected from its run folders into one file: all that tables and pictures are made of.

Every run names its folder, and every evaluation its file and that file's digest, so each number can be followed to
the episodes behind it; the right answers themselves are kept task by task, so that every figure can be computed again
without the folders.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from mentor.errors import DataError
from mentor.evaluation import EvaluationResult
from mentor.experiment.config import Experiment, Measure
from mentor.experiment.plan import Job, evaluation_file, is_done, plan

__all__ = ["Evaluated", "Result", "RunResult", "collect"]

FORMAT = "mentor.experiment"
VERSION = 1
_CURVES = ("reward", "reward/answer", "groups_with_variance", "calls/unknown", "entropy")
_POINTS = 24  # of each training curve, every one the mean over the steps up to it
_MARKS = {True: "1", False: "0", None: "?"}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One evaluation.

    Attributes:
        step: The training step.
        file: The evaluation's file, relative to the experiment's folder.
        sha256: The file's digest.
        right: By suite, one character a task in order: 1 right, 0 wrong, ? not decided.
        fingerprints: By suite, the digest of its tasks.
        similarity: By suite, the similarity of the distribution of tools to the teacher's, in [0, 1].
        alignment: By suite, the mean F1 of the sets of tool names against the teacher's.
        unknown: By suite, the share of calls that named a tool not offered.
    """

    step: int
    file: str
    sha256: str
    right: dict[str, str]
    fingerprints: dict[str, str]
    similarity: dict[str, float | None]
    alignment: dict[str, float | None]
    unknown: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run.

    Attributes:
        arm: The arm.
        start: The start model.
        seed: The training's seed; None for the start model itself.
        folder: The run's folder, relative to the experiment's.
        sha256: The digest of its `config.yaml`; None for the start model.
        steps: Steps taken.
        seconds: Time of all steps.
        evaluations: In the order of the steps.
        curves: Figures of the training, each the means over equal stretches of the steps.
    """

    arm: str
    start: str
    seed: int | None
    folder: str
    sha256: str | None
    steps: int
    seconds: float
    evaluations: list[Evaluated]
    curves: dict[str, list[float]]

    def right(self, suites: Sequence[str], steps: Sequence[int] | None) -> NDArray[np.float64]:
        """Per task the share of right answers over the steps (None: the last), NaN where nothing was decided."""
        chosen = [e for e in self.evaluations if steps is None or e.step in steps or self.seed is None]
        chosen = chosen[-1:] if steps is None else chosen
        rows = [[_number(mark) for suite in suites for mark in one.right[suite]] for one in chosen]
        values = np.asarray(rows, dtype=np.float64)
        known = ~np.isnan(values)
        counts = known.sum(0)
        sums = np.where(known, values, 0.0).sum(0)
        return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


@dataclass(frozen=True, slots=True)
class Result:
    """An experiment's outcome.

    Attributes:
        name: The form's name.
        experiment: The configuration as it was used.
        runs: The finished runs, in the order of the plan.
        unfinished: The names of those that are not.
    """

    name: str
    experiment: dict[str, Any]
    runs: list[RunResult]
    unfinished: list[str]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures; the first is the primary one."""
        return tuple(Measure.model_validate(one) for one in self.experiment["form"]["measures"])

    @property
    def arms(self) -> list[str]:
        """The arms of which a run is finished, in the order of the configuration; the untrained models first."""
        found = {run.arm for run in self.runs}
        return [arm for arm in ("base", *self.experiment["form"]["arms"]) if arm in found]

    def of(self, arm: str) -> dict[tuple[str, int | None], RunResult]:
        """An arm's runs by replicate (start model and seed)."""
        return {(run.start, run.seed): run for run in self.runs if run.arm == arm}

    def to_json(self) -> str:
        """The result as JSON text, ending in a newline."""
        body = _ADAPTER.dump_python(self, mode="json")
        return json.dumps({"format": FORMAT, "version": VERSION, **body}, indent=1, allow_nan=False) + "\n"

    @classmethod
    def load(cls, path: str | Path) -> Result:
        """Reads what `to_json` wrote.

        Raises:
            DataError: The file cannot be read or is no experiment of this version.
        """
        try:
            body = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(str(path), None, None, f"cannot be read: {error}") from error
        if not isinstance(body, dict) or (body.get("format"), body.get("version")) != (FORMAT, VERSION):
            raise DataError(str(path), None, "format", f"expected {FORMAT!r}, version {VERSION}")
        try:
            return _ADAPTER.validate_python({k: v for k, v in body.items() if k not in ("format", "version")})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise DataError(str(path), None, where, first["msg"]) from error


_ADAPTER = TypeAdapter(Result)


def collect(experiment: Experiment) -> Result:
    """Reads the finished runs' folders.

    Raises:
        DataError: A file in them cannot be read.
    """
    jobs = [job for job in plan(experiment) if job.kind != "start"]
    return Result(
        name=experiment.name,
        experiment=experiment.model_dump(mode="json"),
        runs=[_run(experiment, job) for job in jobs if is_done(experiment, job)],
        unfinished=[job.name for job in jobs if not is_done(experiment, job)],
    )


def _run(experiment: Experiment, job: Job) -> RunResult:
    folder = job.folder(experiment)
    config = folder / "config.yaml"
    trained = job.kind == "run"
    steps = _log(folder / "log.jsonl") if trained else []
    return RunResult(
        arm=job.arm,
        start=job.start,
        seed=job.seed,
        folder=folder.relative_to(experiment.output).as_posix(),
        sha256=_digest(config) if trained else None,
        steps=len(steps),
        seconds=round(sum(step.get("time/step") or 0.0 for step in steps), 1),
        evaluations=[
            _evaluated(experiment, evaluation_file(folder, step), step)
            for step in (experiment.form.evaluate_at if trained else (0,))
        ],
        curves={key: curve for key in _CURVES if (curve := _curve(steps, key))},
    )


def _evaluated(experiment: Experiment, file: Path, step: int) -> Evaluated:
    suites = EvaluationResult.load(file).suites
    return Evaluated(
        step=step,
        file=file.relative_to(experiment.output).as_posix(),
        sha256=_digest(file),
        right={name: "".join(_MARKS[item.correct] for item in suite.items) for name, suite in suites.items()},
        fingerprints={name: suite.fingerprint for name, suite in suites.items()},
        similarity={name: suite.similarity for name, suite in suites.items()},
        alignment={
            name: suite.alignment.value if suite.alignment else None for name, suite in suites.items()
        },
        unknown={name: suite.unknown for name, suite in suites.items()},
    )


def _log(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise DataError(str(file), None, None, f"cannot be read: {error}") from error


def _curve(steps: Sequence[dict[str, Any]], key: str) -> list[float]:
    values = [step[key] for step in steps if step.get(key) is not None]
    parts = np.array_split(np.asarray(values, dtype=np.float64), min(_POINTS, len(values)) or 1)
    return [round(float(part.mean()), 4) for part in parts if len(part)]


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _number(mark: str) -> float:
    return float("nan") if mark == "?" else float(mark)
