"""The jobs of an experiment: what has to be done, what each needs before it, and whether it is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mentor.experiment.config import BASE, Experiment

__all__ = ["Job", "evaluation_file", "is_done", "plan"]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Attributes:
        name: Its name, which is that of its folder.
        kind: `start` makes a start model; `base` evaluates one; `run` trains and evaluates.
        arm: The arm; `base` for the start model itself.
        start: The start model.
        seed: The training's seed; None without training.
        needs: The jobs that must be done before.
    """

    name: str
    kind: Literal["start", "base", "run"]
    arm: str
    start: str
    seed: int | None = None
    needs: tuple[str, ...] = ()

    def folder(self, experiment: Experiment) -> Path:
        """Where its files are."""
        if self.kind == "start":
            return experiment.start_folder(self.start)
        return experiment.run_folder(self.arm, self.start, self.seed)


def plan(experiment: Experiment) -> list[Job]:
    """All jobs, in the order in which they are begun: one replicate (seed and start model) after the other."""
    form = experiment.form
    jobs = [Job(f"start-{start}", "start", BASE, start) for start in form.starts]
    for index, seed in enumerate(form.seeds):
        for start in form.starts:
            needs = (f"start-{start}",)
            if index == 0:
                jobs.append(Job(f"{BASE}-{start}", "base", BASE, start, None, needs))
            jobs += [Job(f"{arm}-{start}-{seed}", "run", arm, start, seed, needs) for arm in form.arms]
    return jobs


def evaluation_file(folder: Path, step: int) -> Path:
    """Where the evaluation of a run's model after a step is kept."""
    return folder / "evaluation" / f"step-{step:04d}.json"


def is_done(experiment: Experiment, job: Job) -> bool:
    """Whether a job left all that it is to leave."""
    folder = job.folder(experiment)
    if job.kind == "start":
        return folder.is_dir()
    steps = (0,) if job.kind == "base" else experiment.form.evaluate_at
    return all(evaluation_file(folder, step).is_file() for step in steps)
