"""Doing one job: a start model is made, a run is trained and evaluated. What is there already is not done again.

Everything that others look for appears whole or not at all, so a job may be killed at any moment; what it loses is
the steps since the last checkpoint, or one evaluation.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from mentor.experiment.config import Experiment
from mentor.experiment.plan import Job, evaluation_file, is_done

if TYPE_CHECKING:
    from mentor.training import Config

__all__ = ["do"]


def do(experiment: Experiment, job: Job) -> int:
    """Do one job, or what is left of it.

    Returns:
        0, or 128 and the number of the signal that stopped the training at a checkpoint.

    Raises:
        MentorError: It cannot be done.
    """
    with _alone(experiment.output / "locks" / job.name):
        if is_done(experiment, job):
            return 0
        if job.kind == "start":
            _make(experiment, job)
            return 0
        if job.kind == "base":
            config = experiment.training(next(iter(experiment.settings)), job.start, 0)
            _evaluate(experiment, config, job, experiment.start_folder(job.start), 0)
            return 0
        return _train_and_evaluate(experiment, job)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process works at the same job, such as one whose scheduler was killed."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(experiment: Experiment, job: Job) -> None:
    from mentor.student.make import make_student
    from mentor.student.recipe import Recipe

    asked = experiment.form.starts[job.start]
    recipe = Recipe(**{field.name: getattr(asked, field.name) for field in fields(Recipe)})
    folder = job.folder(experiment)
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    make_student(part, recipe, sys.stderr.write)
    part.rename(folder)


def _train_and_evaluate(experiment: Experiment, job: Job) -> int:
    from mentor.training import RunFolder, train

    if job.seed is None:
        raise ValueError("a run has a seed")
    config = experiment.training(job.arm, job.start, job.seed)
    folder = RunFolder(config.output)
    if not folder.final.is_dir():
        trained = train(config, resume=folder.config.is_file(), name=job.name)
        if trained.interrupted is not None:
            return 128 + trained.interrupted
    for step in experiment.form.evaluate_at:
        last = step == experiment.form.steps
        model = folder.final if last else folder.checkpoints / f"checkpoint-{step}"
        _evaluate(experiment, config, job, model, step)
    return 0


def _evaluate(experiment: Experiment, config: Config, job: Job, model: Path, step: int) -> None:
    from mentor.data.tasks import suites
    from mentor.evaluation.configured import evaluate_as_configured
    from mentor.training import load_model
    from mentor.training.config import PretrainedModel

    file = evaluation_file(job.folder(experiment), step)
    if file.is_file():
        return
    asked = experiment.form.evaluation
    source = PretrainedModel(kind="pretrained", path=str(model), revision=None)
    loaded, tokenizer = load_model(source, device=config.compute.device)
    result = evaluate_as_configured(
        config,
        loaded,
        tokenizer,
        suites(asked.n, asked.seed, asked.suites),
        name=f"{job.name}, step {step}",
        batch_size=asked.batch,
    )
    result.save(file)
