"""`mentor demo`: evaluate the start model, train it, evaluate again, and say what changed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mentor.cli.evaluate import progress_line
from mentor.cli.needs import need
from mentor.types import Task

if TYPE_CHECKING:
    from mentor.evaluation import EvaluationResult
    from mentor.evaluation.report import Run
    from mentor.training import Config

__all__ = ["add_parser", "problems", "run"]

_OUT = "runs/demo"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "demo",
        help="train the tiny student and show what it learnt",
        description="Evaluate the start model, train it, evaluate again; print the table, write the "
        "report. Exits with 1 if a tool call went round the sandbox, an evaluation is missing, or accuracy in domain "
        "did not rise.",
    )
    add = parser.add_argument
    add("--config", metavar="FILE", default="examples/demo.yaml", help="what to train (%(default)s)")
    add("--out", metavar="FOLDER", help=f"the run folder ({_OUT}, where an earlier demo is replaced)")
    add("--overwrite", action="store_true", help="replace a run in --out")
    add("--n", type=int, default=300, help="tasks per suite (%(default)s)")
    add("--task-seed", type=int, default=0, help="seed of the suites' tasks (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Run the demo; returns the exit status.

    Raises:
        ConfigError: If the configuration cannot be used, or the folder holds another run.
        MentorError: If the machinery fails.
    """
    need("demo", "torch", "transformers", "trl", "pydantic", "yaml", "matplotlib", "jinja2")
    import torch

    from mentor.data.tasks import suites
    from mentor.training import RunFolder, load_config, train
    from mentor.training.config import PretrainedModel

    if args.n < 1:
        print("mentor demo: --n: expected at least 1", file=sys.stderr)
        return 2
    started = time.monotonic()
    folder = Path(args.out or _OUT)
    config = load_config(args.config).model_copy(update={"output": str(folder)})
    if config.compute.threads is not None:
        torch.set_num_threads(config.compute.threads)
    # Folder, data and tools are looked at before minutes are spent on an evaluation.
    RunFolder(folder).start(config, overwrite=args.overwrite or args.out is None)
    for name in ("before", "after"):
        (folder / "evaluation" / f"{name}.json").unlink(missing_ok=True)
    tasks = suites(args.n, args.task_seed)
    _say(f"1 of 3: evaluating the start model on {len(tasks)} suites of {args.n} tasks")
    _evaluated(config, config.model, tasks, folder, "before")
    _say(
        f"2 of 3: training, {config.steps} steps of {config.batch.prompts} x {config.batch.rollouts} episodes"
    )
    trained = train(config, overwrite=True, name=args.config)
    if trained.interrupted is not None:
        _say(f"stopped after {trained.steps} steps; go on with: mentor train {folder}/config.yaml --resume")
        return 128 + trained.interrupted
    _say("3 of 3: evaluating the trained model")
    final = PretrainedModel(kind="pretrained", path=str(folder / "final"), revision=None)
    _evaluated(config, final, tasks, folder, "after")
    return _conclude(folder, time.monotonic() - started)


def _say(text: str) -> None:
    print(f"mentor demo: {text}", flush=True)


def _evaluated(
    config: Config, source: Any, tasks: Mapping[str, Sequence[Task]], folder: Path, name: str
) -> EvaluationResult:
    """Evaluate a model and write the result into the run folder."""
    from mentor.evaluation.configured import evaluate_as_configured
    from mentor.training import load_model

    model, tokenizer = load_model(source, device=config.compute.device)
    progress = progress_line(f"mentor demo: evaluating {name}")
    result = evaluate_as_configured(config, model, tokenizer, tasks, name=name, progress=progress)
    result.save(folder / "evaluation" / f"{name}.json")
    return result


def _conclude(folder: Path, seconds: float) -> int:
    """Write the report, print the table and the verdict."""
    from mentor.evaluation import compare
    from mentor.evaluation.report import read_run, write_report
    from mentor.evaluation.table import accuracy_table

    files = write_report(folder)
    done = read_run(folder)
    if done.before is not None and done.after is not None:
        print()
        print(accuracy_table(compare(done.before, done.after), done.before).text())
        print("Accuracy in percent with 95 % intervals; the change is paired by task, in points.")
        print()
    found = problems(done)
    for problem in found:
        print(f"mentor demo: {problem}", file=sys.stderr)
    if not found:
        executed, sandboxed = _training_calls(done)
        evaluated = sum(result.sandboxed for result in (done.before, done.after) if result is not None)
        _say(f"all {sandboxed + evaluated:,} tool calls ran in the sandbox ({executed:,} in training)")
    minutes, rest = divmod(round(seconds), 60)
    _say(f"{minutes} min {rest} s; the report is {files.html}")
    return 1 if found else 0


def problems(done: Run) -> list[str]:
    """What keeps a finished demo from counting as a success; empty where nothing does.

    Args:
        done: The run folder, read.
    """
    from mentor.evaluation import compare

    found = []
    for name, result in (("before", done.before), ("after", done.after)):
        if result is None:
            found.append(f"the evaluation {name} training is missing")
        elif result.sandboxed != result.executed:
            missing = result.executed - result.sandboxed
            found.append(f"evaluation {name}: {missing} tool calls carry no record of the sandbox")
    executed, sandboxed = _training_calls(done)
    if executed != sandboxed:
        found.append(f"training: {executed - sandboxed} tool calls carry no record of the sandbox")
    elif not sandboxed:
        found.append("training: no tool call was logged")
    if done.before is not None and done.after is not None:
        inside = compare(done.before, done.after).in_domain
        if inside is None:
            found.append("no suite in domain was evaluated")
        elif inside.change.low <= 0:
            change = 100 * inside.change.value
            low, high = 100 * inside.change.low, 100 * inside.change.high
            interval = f"95 % interval {low:+.1f} to {high:+.1f}"
            found.append(f"accuracy in domain did not rise clearly: {change:+.1f} points, {interval}")
    return found


def _training_calls(done: Run) -> tuple[int, int]:
    """Tool calls of the training: those that ran, and those with the sandbox's record."""
    executed, sandboxed = (sum(done.series(key)[1]) for key in ("executed_calls", "sandbox_calls"))
    return int(executed), int(sandboxed)
