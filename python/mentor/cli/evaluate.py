"""`mentor evaluate`: a model on named suites with sandboxed tools."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mentor.cli.needs import need
from mentor.data.sources import check, load
from mentor.data.tasks import EVALUATION_SUITES
from mentor.errors import ConfigError
from mentor.types import Task

if TYPE_CHECKING:
    from mentor.evaluation import EvaluationResult

__all__ = ["add_parser", "progress_line", "run"]

_DATA_HELP = 'a further suite: name and source as JSON, such as math=\'{"kind": "bfcl"}\'; may be repeated'


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "evaluate",
        help="evaluate a model on named suites with sandboxed tools",
        description="Evaluate a model on named suites with sandboxed tools; prints a table, writes JSON.",
    )
    add = parser.add_argument
    add("model", metavar="MODEL", nargs="?", help="a folder or hub id; by default the tiny student")
    add("--config", metavar="FILE", help="take prompts and bounds from a training configuration")
    add("--suites", metavar="NAMES", default=",".join(EVALUATION_SUITES), help="generated suites, or none")
    add("--n", type=int, default=200, help="tasks per generated suite (%(default)s)")
    add("--task-seed", type=int, default=0, help="seed of the generated tasks (%(default)s)")
    add("--data", metavar="NAME=SOURCE", action="append", default=[], help=_DATA_HELP)
    add("--in-domain", metavar="NAMES", default="in_domain", help="suites in domain (%(default)s)")
    add("--temperature", type=float, default=0.0, help="0, the default, decodes greedily")
    add("--samples", type=int, default=1, help="episodes per task; several need a temperature (%(default)s)")
    add("--seed", type=int, default=0, help="seed of sampling and bootstrap (%(default)s)")
    add("--max-turns", type=int, help="turns per episode (8, or the configuration's)")
    add("--max-tokens", type=int, help="tokens per episode after the prompt (512, or the configuration's)")
    add("--batch-size", type=int, default=128, help="episodes that advance together (%(default)s)")
    add("--threads", type=int, help="torch's threads (1 for the tiny student, else torch's own choice)")
    add("--keep", type=int, default=4, help="episodes per suite kept in full in the JSON (%(default)s)")
    add("--out", metavar="FILE", help="write the evaluation as JSON, after every suite")
    add("--resume", action="store_true", help="take over the suites that --out holds already")
    add("--against", metavar="FILE", help="an earlier evaluation's JSON to compare with, task by task")


def run(args: argparse.Namespace) -> int:
    """Evaluate and print; returns 0, or 1 where a tool call went round the sandbox.

    Raises:
        ConfigError: If an option or the configuration cannot be used; lists every fault of the options.
        DataError: If a suite or the earlier evaluation cannot be read.
    """
    need("evaluate", "torch", "transformers", "trl", "pydantic", "yaml")
    from mentor.evaluation import EvaluationResult, compare
    from mentor.evaluation.table import accuracy_table, behaviour_table, single_table

    suites = _suites(args)
    earlier = None if args.against is None else EvaluationResult.load(args.against)
    known = EvaluationResult.load(args.out) if args.resume and Path(args.out).is_file() else None
    result = _evaluate(args, suites, known)
    if args.out is not None:
        result.save(args.out)
    if earlier is None:
        print(single_table(result).text())
    else:
        print(accuracy_table(compare(earlier, result, seed=args.seed), earlier).text())
    print()
    print(behaviour_table([("", result)]).text())
    missing = result.executed - result.sandboxed
    if missing:
        print(f"mentor evaluate: {missing} tool calls carry no record of the sandbox", file=sys.stderr)
    return 1 if missing else 0


def _evaluate(
    args: argparse.Namespace, suites: Mapping[str, Sequence[Task]], known: EvaluationResult | None
) -> EvaluationResult:
    import torch

    from mentor.evaluation.configured import evaluate_as_configured
    from mentor.evaluation.evaluator import evaluate
    from mentor.training import load_config, load_model
    from mentor.training.config import PretrainedModel, StudentModel

    config = None if args.config is None else load_config(args.config)
    if args.model is not None:
        source: Any = PretrainedModel(kind="pretrained", path=args.model, revision=None)
    else:
        source = StudentModel(kind="student") if config is None else config.model
    # A second thread gains nothing on matrices this small, and costs much where a core is busy.
    threads = args.threads or (1 if source.kind == "student" else None)
    if threads is not None:
        torch.set_num_threads(threads)
    model, tokenizer = load_model(source)
    name = args.model or getattr(source, "path", source.kind)
    options: dict[str, Any] = {
        "name": name,
        "temperature": args.temperature,
        "samples": args.samples,
        "seed": args.seed,
        "batch_size": args.batch_size,
        "in_domain": _names(args.in_domain),
        "keep": args.keep,
        "progress": progress_line(f"evaluating {name}"),
        "known": known,
        "save": None if args.out is None else lambda so_far: so_far.save(args.out),
    }
    bounds = {"max_turns": args.max_turns, "max_completion_tokens": args.max_tokens}
    options |= {key: value for key, value in bounds.items() if value is not None}
    if config is None:
        return evaluate(model, tokenizer, suites, **options)
    return evaluate_as_configured(config, model, tokenizer, suites, **options)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _suites(args: argparse.Namespace) -> dict[str, list[Task]]:
    """The suites that the options name, all faults of the options reported at once."""
    names = [name for name in _names(args.suites) if name != "none"]
    problems = [
        f"--suites: no suite {name!r}; there are {', '.join(EVALUATION_SUITES)}"
        for name in names
        if name not in EVALUATION_SUITES
    ]
    sources: dict[str, Mapping[str, Any]] = {}
    for option in args.data:
        name, source, faults = _source(option, [*names, *sources])
        problems += faults
        if source is not None:
            sources[name] = source
    if not names and not args.data:
        problems.append("--suites: expected at least one suite, here or by --data")
    problems += _out_of_range(args)
    if problems:
        raise ConfigError("command line", problems)
    generated = {
        name: load({"kind": "arithmetic", "suite": name, "n": args.n, "seed": args.task_seed})
        for name in names
    }
    return {**generated, **{name: load(source, path=name) for name, source in sources.items()}}


def _source(option: str, taken: Sequence[str]) -> tuple[str, Mapping[str, Any] | None, list[str]]:
    """A suite given as NAME=SOURCE: its name, its source, and what is wrong with them."""
    name, _, text = option.partition("=")
    try:
        source = json.loads(text)
    except ValueError as error:
        return name, None, [f"--data {name}: expected NAME=SOURCE with the source as JSON: {error}"]
    if not name or not isinstance(source, dict):
        return name, None, [f"--data {option}: expected a name, = and a JSON object"]
    if name in taken:
        return name, None, [f"--data {name}: a suite of this name is there already"]
    return name, source, check(source, field=f"--data {name}")


def _out_of_range(args: argparse.Namespace) -> list[str]:
    least = {"n": 1, "samples": 1, "max_turns": 1, "max_tokens": 1, "batch_size": 1, "threads": 1, "keep": 0}
    problems = [
        f"--{option.replace('_', '-')}: expected at least {bound}, got {value}"
        for option, bound in least.items()
        if (value := getattr(args, option)) is not None and value < bound
    ]
    if args.temperature < 0 or (args.temperature == 0 and args.samples > 1):
        problems.append("--temperature: expected 0 with one sample, or more than 0")
    if args.resume and args.out is None:
        problems.append("--resume: needs --out, whose suites are taken over")
    return problems


def progress_line(title: str) -> Any:
    """A progress callback for `evaluate`: rewrites one line of the terminal, stays silent in a pipe."""

    def show(suite: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            end = "\r\x1b[K" if done == of else ""
            print(f"\r\x1b[K{title}: {suite} {done}/{of}", end=end, file=sys.stderr, flush=True)

    return show
