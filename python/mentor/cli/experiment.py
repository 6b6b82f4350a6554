"""`mentor experiment FILE`: run an experiment's jobs, however often it is killed, and write down what came out."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from mentor.cli.needs import need
from mentor.errors import ConfigError

if TYPE_CHECKING:
    from mentor.experiment import Experiment

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "experiment",
        help="compare training regimes: many runs from one configuration",
        description="Run every job of an experiment that is not done yet, and write tables and pictures. "
        "It may be killed at any moment; the same command goes on. Exits with 1 if a job failed.",
    )
    add = parser.add_argument
    add("file", metavar="FILE", help="the experiment (YAML; see docs/experiment.md)")
    add("--form", default="full", metavar="NAME", help="which of its forms (%(default)s)")
    add("--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="at a time (%(default)s)")
    add("--check", action="store_true", help="check the file and say what is done; run nothing")
    add("--collect", action="store_true", help="run nothing; write down what is done so far")
    add("--page", metavar="FILE", help="a page to write the tables into, between its markers")
    add("--assets", metavar="FOLDER", help="where JSON and pictures go (by default the experiment's folder)")
    add("--job", metavar="NAME", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run the command.

    Raises:
        ConfigError: The experiment or an option cannot be used.
        MentorError: A job given by name cannot be done.
    """
    need("experiment", "torch", "transformers", "trl", "pydantic", "yaml", "matplotlib")
    from mentor.experiment import load_experiment, plan
    from mentor.experiment.plan import is_done

    if args.processes < 1:
        raise ConfigError("command line", ["--processes: expected at least 1"])
    experiment = load_experiment(args.file, args.form)
    if args.job is not None:
        return _one(experiment, args.job)
    if args.check:
        jobs = plan(experiment)
        done = sum(is_done(experiment, job) for job in jobs)
        print(f"{args.file}, {args.form}: in order; {done} of {len(jobs)} jobs are done")
        return 0
    failed = [] if args.collect else _all(args, experiment)
    return _written(args, experiment) or bool(failed)


def _one(experiment: Experiment, name: str) -> int:
    from mentor.experiment import plan
    from mentor.experiment.work import do

    jobs = {job.name: job for job in plan(experiment)}
    if name not in jobs:
        raise ConfigError("command line", [f"--job: there is no job {name!r}"])
    return do(experiment, jobs[name])


def _all(args: argparse.Namespace, experiment: Experiment) -> list[str]:
    from mentor.experiment.schedule import job_command, run_all

    # A termination stops as Ctrl-C does: the running jobs are asked to save.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failed = run_all(
        experiment,
        lambda job: job_command(args.file, args.form, job),
        processes=args.processes,
        say=lambda line: print(f"mentor experiment: {line}", flush=True),
    )
    return [job.name for job in failed]


def _written(args: argparse.Namespace, experiment: Experiment) -> int:
    from mentor.experiment import collect
    from mentor.experiment.page import write
    from mentor.experiment.tables import accuracy_table, difference_table

    result = collect(experiment)
    if not result.runs:
        print("mentor experiment: no run is finished, so there is nothing to write")
        return 1
    page = Path(args.page) if args.page else experiment.output / "result.md"
    if not args.page:
        page.write_text(f"<!-- experiment {result.name} -->\n<!-- /experiment {result.name} -->\n")
    files = write(result, page, Path(args.assets) if args.assets else experiment.output)
    print(accuracy_table(result).text())
    print()
    print(difference_table(result).text())
    print(f"\nwritten: {', '.join(map(str, files))}")
    return 1 if result.unfinished else 0
