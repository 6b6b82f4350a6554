"""`mentor collect SOURCE`: a teacher's trajectories, from an endpoint or the source itself, verified and kept."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mentor.errors import ConfigError
from mentor.types import Task

__all__ = ["add_parser", "run"]

_SOURCE_HELP = (
    'tasks: a JSONL file of mentor\'s rows, or a source as JSON, such as \'{"kind": "bfcl"}\' (docs/data.md)'
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "collect",
        help="collect a teacher's trajectories, verified, as references",
        description="Sample trajectories from an OpenAI-compatible endpoint with tools in the sandbox, keep those "
        "whose answer is right and whose calls give the same again. Goes on where it was stopped. Without --endpoint, "
        "verify and convert the references that the source has.",
    )
    add = parser.add_argument
    add("source", metavar="SOURCE", help=_SOURCE_HELP)
    add("--out", metavar="FOLDER", required=True, help="where attempts, tasks and facts are kept")
    add("--endpoint", metavar="URL", help="the API's base, such as http://localhost:8000/v1")
    add("--model", metavar="NAME", help="the teacher's name there")
    add("--key-env", metavar="NAME", default="OPENAI_API_KEY", help="the variable with the key (%(default)s)")
    add("--samples", type=int, default=4, metavar="N", help="attempts a task (%(default)s)")
    add("--keep", type=int, default=3, metavar="N", help="verified references a task (%(default)s)")
    add("--temperature", type=float, default=0.7, metavar="T", help="(%(default)s)")
    add("--max-tokens", type=int, default=1024, metavar="N", help="of one turn (%(default)s)")
    add("--max-turns", type=int, default=10, metavar="N", help="of one attempt (%(default)s)")
    add("--describe", action="store_true", help="describe tools in the system message, not to the server")
    add("--rate", type=float, metavar="R", help="the most requests a second (no bound)")
    add("--parallel", type=int, default=8, metavar="N", help="attempts at a time (%(default)s)")
    add("--timeout", type=float, default=120.0, metavar="S", help="seconds to wait for a reply (%(default)s)")
    add("--seed", type=int, default=0, help="(%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Run the command; returns 0, or 1 where attempts failed.

    Raises:
        ConfigError: An option or the source cannot be used.
        DataError: The source cannot be read.
        EndpointError: The endpoint refuses requests.
        SandboxError: The sandbox failed.
    """
    _check(args)
    tasks = _tasks(args.source)
    if not tasks:
        raise ConfigError("command line", ["SOURCE: there is no task in it"])
    return _converted(tasks, Path(args.out)) if args.endpoint is None else _collected(args, tasks)


def _check(args: argparse.Namespace) -> None:
    problems = [
        f"--{name.replace('_', '-')}: expected at least 1"
        for name in ("samples", "keep", "max_tokens", "max_turns", "parallel")
        if getattr(args, name) < 1
    ]
    if args.rate is not None and args.rate <= 0:
        problems.append("--rate: expected more than 0")
    if args.endpoint is not None and not args.model:
        problems.append("--model: is missing, and --endpoint is given")
    if args.endpoint is not None and not args.endpoint.startswith(("http://", "https://")):
        problems.append(f"--endpoint: expected an address with http:// or https://, got {args.endpoint!r}")
    if problems:
        raise ConfigError("command line", problems)


def _tasks(source: str) -> list[Task]:
    from mentor.data import load

    if not source.lstrip().startswith("{"):
        return load({"kind": "jsonl", "path": source})
    try:
        given = json.loads(source)
    except ValueError as error:
        raise ConfigError("command line", [f"SOURCE: is not JSON: {error}"]) from error
    return load(given, path="command line", field="SOURCE")


def _converted(tasks: list[Task], folder: Path) -> int:
    """Verify the references that are there, and keep the good ones."""
    from mentor.collect import save_facts, verify
    from mentor.data import save_jsonl

    rows = [(task, reference) for task in tasks for reference in task.references]
    verdicts = verify(rows)
    good: dict[int, list[Any]] = {}
    for (task, reference), verdict in zip(rows, verdicts, strict=True):
        if verdict == "verified":
            good.setdefault(id(task), []).append(reference)
    kept = [replace(task, references=tuple(good[id(task)])) for task in tasks if id(task) in good]
    folder.mkdir(parents=True, exist_ok=True)
    save_jsonl(kept, folder / "tasks.jsonl")
    save_facts(kept, folder / "facts.jsonl")
    print(_summary(len(tasks), kept, Counter(verdicts)))
    return 0


def _collected(args: argparse.Namespace, tasks: list[Task]) -> int:
    from mentor.collect import CollectSettings, Endpoint, collect

    endpoint = Endpoint(
        args.endpoint,
        args.model,
        key=os.environ.get(args.key_env) or None,
        options={"temperature": args.temperature, "max_tokens": args.max_tokens},
        rate=args.rate,
        timeout=args.timeout,
    )
    settings = CollectSettings(samples=args.samples, keep=args.keep, seed=args.seed, max_turns=args.max_turns)
    found = collect(
        tasks, endpoint, args.out, settings=settings, parallel=args.parallel, progress=_progress(args.samples)
    )
    print(_summary(len(tasks), found.tasks, found.verdicts))
    print(f"{found.tokens:,} tokens; {Path(args.out) / 'tasks.jsonl'}")
    for failure in found.failures[:5]:
        print(f"mentor collect: {failure}", file=sys.stderr)
    if found.failures:
        print(f"mentor collect: {len(found.failures)} attempts failed; run it again", file=sys.stderr)
    return 1 if found.failures else 0


def _progress(samples: int) -> Any:
    terminal = sys.stderr.isatty()

    def show(done: int, total: int, verdicts: Mapping[str, int]) -> None:
        said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        line = f"attempt {done} of at most {total}: {said}"
        if terminal:
            print(f"\r{line:100}", end="\n" if done == total else "", file=sys.stderr, flush=True)
        elif done % max(1, samples * 10) == 0 or done == total:
            print(line, file=sys.stderr, flush=True)

    return show


def _summary(count: int, kept: list[Task], verdicts: Mapping[str, int]) -> str:
    references = sum(len(task.references) for task in kept)
    said = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items()) or "no references"
    return f"{len(kept)} of {count} tasks have {references} verified references ({said})"
