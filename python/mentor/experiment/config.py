"""The experiment's file: what all runs share, the arms that differ, the sizes, and the measures declared beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from mentor.data.tasks import EVALUATION_SUITES
from mentor.errors import ConfigError
from mentor.training import Config, parse_config
from mentor.training.configfile import fault_line, read_yaml

__all__ = ["BASE", "Evaluation", "Experiment", "Form", "Measure", "Start", "load_experiment"]

BASE = "base"
"""The name of the arm that is not trained."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*(-[a-z0-9_]+)*$")]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Start(_Block):
    """A start model, made from scratch; see `mentor.student.recipe.Recipe`."""

    seed: int = 0
    samples: PositiveInt = 60_000
    epochs: PositiveInt = 1
    knowledge: Annotated[float, Field(ge=0)] = 1.0
    renamed: Annotated[float, Field(ge=0, le=1)] = 0.0
    lengths: tuple[float, ...] | None = None


class Evaluation(_Block):
    """What trained models are measured on: greedy decoding of `n` tasks of every suite."""

    suites: tuple[str, ...] = EVALUATION_SUITES
    n: PositiveInt = 300
    seed: int = 777
    batch: PositiveInt = 250


class Measure(_Block):
    """One figure of the table: the mean accuracy over suites and steps."""

    label: str = Field(min_length=1)
    suites: Annotated[tuple[str, ...], Field(min_length=1)]
    steps: tuple[PositiveInt, ...] | None = None
    """The steps whose evaluations are averaged; None for the last."""


class Form(_Block):
    """One size of the experiment."""

    output: str = Field(min_length=1)
    starts: Annotated[dict[Name, Start], Field(min_length=1)]
    seeds: Annotated[tuple[int, ...], Field(min_length=1)]
    arms: Annotated[tuple[Name, ...], Field(min_length=1)]
    steps: PositiveInt
    evaluate_at: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    evaluation: Evaluation = Evaluation()
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]
    """The first is the primary one."""
    run: dict[str, Any] = {}
    """Settings of the training runs that differ from the experiment's."""


class Experiment(_Block):
    """One form of an experiment, ready to run.

    Attributes:
        name: The form's name.
        run: The training settings that all arms share.
        settings: By arm, the settings that are its own.
        pairs: Arms whose difference is reported: the first minus the second.
        form: The sizes.
    """

    name: str
    run: dict[str, Any]
    settings: dict[str, dict[str, Any]]
    pairs: tuple[tuple[str, str], ...]
    form: Form

    @property
    def output(self) -> Path:
        """The experiment's folder."""
        return Path(self.form.output)

    def start_folder(self, start: str) -> Path:
        """Where a start model is kept."""
        return self.output / "starts" / start

    def run_folder(self, arm: str, start: str, seed: int | None) -> Path:
        """The folder of one run; of the untrained start model where there is no seed."""
        return self.output / (f"{arm}-{start}" if seed is None else f"{arm}-{start}-{seed}")

    def training(self, arm: str, start: str, seed: int) -> Config:
        """The training configuration of one run.

        Raises:
            ConfigError: The settings make no valid one.
        """
        folder = self.run_folder(arm, start, seed)
        own: dict[str, Any] = {
            "output": str(folder),
            "seed": seed,
            "steps": self.form.steps,
            "model": {"kind": "pretrained", "path": str(self.start_folder(start))},
        }
        content = merged(merged(merged(self.run, self.form.run), self.settings[arm]), own)
        if content.get("regime") == "sft":
            content.pop("advantages", None)
        return parse_config(content, name=f"{self.name}, arm {arm!r}")


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """The first mapping with the second's values in place of its own; mappings within are merged likewise."""
    result = dict(first)
    for key, value in second.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


class _File(_Block):
    run: dict[str, Any]
    arms: Annotated[dict[Name, dict[str, Any]], Field(min_length=1)]
    pairs: tuple[tuple[str, str], ...] = ()
    forms: Annotated[dict[Name, Form], Field(min_length=1)]


def load_experiment(path: str | Path, form: str) -> Experiment:
    """Reads one form of an experiment, and checks every training configuration that it makes.

    Args:
        path: The YAML file.
        form: The form's name within it.

    Raises:
        ConfigError: The file cannot be read or is not valid; it lists every fault.
    """
    try:
        file = _File.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigError(str(path), [fault_line(fault) for fault in error.errors()]) from error
    if form not in file.forms:
        raise ConfigError(str(path), [f"forms: there is no {form!r}; the forms are {', '.join(file.forms)}"])
    chosen = file.forms[form]
    unknown = [arm for arm in chosen.arms if arm not in file.arms]
    if unknown:
        problem = f"forms.{form}.arms: {', '.join(unknown)} not described under arms"
        raise ConfigError(str(path), [problem])
    problems = _problems(file, form, chosen)
    kept = {BASE, *chosen.arms}
    experiment = Experiment(
        name=form,
        run=file.run,
        settings={arm: file.arms[arm] for arm in chosen.arms},
        pairs=tuple(pair for pair in file.pairs if set(pair) <= kept),
        form=chosen,
    )
    for arm in chosen.arms:
        try:
            config = experiment.training(arm, next(iter(chosen.starts)), chosen.seeds[0])
        except ConfigError as error:
            problems += [f"arms.{arm}: {problem}" for problem in error.problems]
        else:
            problems += _checkpoints(arm, config, chosen)
    if problems:
        raise ConfigError(str(path), problems)
    return experiment


def _problems(file: _File, name: str, form: Form) -> list[str]:
    found = [f"arms.{BASE}: is the untrained model's name" for arm in file.arms if arm == BASE]
    found += [
        f"pairs: {arm!r} is no arm" for pair in file.pairs for arm in pair if arm not in {BASE, *file.arms}
    ]
    where = f"forms.{name}"
    suites = [suite for suite in form.evaluation.suites if suite not in EVALUATION_SUITES]
    found += [f"{where}.evaluation.suites: there is no suite {suite!r}" for suite in suites]
    if form.steps not in form.evaluate_at:
        found.append(f"{where}.evaluate_at: must hold the last step, {form.steps}")
    for index, measure in enumerate(form.measures):
        field = f"{where}.measures[{index}]"
        found += [
            f"{field}.suites: {suite!r} is not evaluated"
            for suite in measure.suites
            if suite not in form.evaluation.suites
        ]
        found += [
            f"{field}.steps: {step} is not evaluated"
            for step in measure.steps or ()
            if step not in form.evaluate_at
        ]
    return found


def _checkpoints(arm: str, config: Config, form: Form) -> list[str]:
    """Whether the models that are to be evaluated are kept."""
    before = [step for step in form.evaluate_at if step != form.steps]
    every, keep = config.checkpoint.every, config.checkpoint.keep
    if any(step % every for step in before):
        return [f"arms.{arm}: checkpoint.every = {every} does not divide the steps of evaluate_at"]
    if before and keep < form.steps // every:
        return [f"arms.{arm}: checkpoint.keep must be at least {form.steps // every}, so that all are kept"]
    return []
