"""Collecting: every task tried several times, in parallel, each attempt written down when it is over.

A folder holds `collect.json` (the settings), `attempts.jsonl` (every finished attempt, one a line) and, in the end,
`tasks.jsonl` (the tasks that have a verified reference) and `facts.jsonl` (what their re-execution says). Only a
finished attempt counts, so a collection may be killed at any moment.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mentor.collect.attempt import SYSTEM, Attempt, attempt
from mentor.collect.endpoint import Endpoint
from mentor.collect.facts import save_facts
from mentor.collect.verify import verify
from mentor.data.rows import save_jsonl
from mentor.errors import ConfigError, EndpointError
from mentor.judge import AnswerJudge
from mentor.types import Task, ToolCall, Trajectory

__all__ = ["CollectSettings", "Collected", "collect"]

_SEED_STEP = 1_000_003


@dataclass(frozen=True, slots=True)
class CollectSettings:
    """What a collection is made with; it can only be continued with the same.

    Attributes:
        samples: Attempts a task.
        keep: Verified references a task, at most; a task that has them is not tried again.
        seed: Seeds the attempts.
        system: The system message.
        describe: Describe the tools there, for models whose chat template knows none.
        max_turns: The most turns of the model in an attempt.
    """

    samples: int = 4
    keep: int = 3
    seed: int = 0
    system: str = SYSTEM
    describe: bool = False
    max_turns: int = 10


@dataclass(frozen=True, slots=True)
class Collected:
    """How a collection stands.

    Attributes:
        tasks: The tasks with their verified references; those without one are left out.
        verdicts: How many attempts came to which verdict.
        failures: Attempts that the endpoint failed; they are tried again when the collection is continued.
        tokens: As the server counts them, over all attempts.
    """

    tasks: list[Task]
    verdicts: dict[str, int]
    failures: list[str]
    tokens: int


def collect(
    tasks: Sequence[Task],
    endpoint: Endpoint,
    folder: str | Path,
    *,
    settings: CollectSettings | None = None,
    parallel: int = 8,
    judge: AnswerJudge | None = None,
    progress: Callable[[int, int, Mapping[str, int]], object] | None = None,
) -> Collected:
    """Sample, verify and keep a teacher's trajectories; goes on with what the folder holds.

    Args:
        tasks: Tasks with tool source; their own references are not used.
        endpoint: The teacher.
        folder: Where everything is kept.
        settings: What is asked for.
        parallel: Attempts at a time.
        judge: Decides whether an answer is right.
        progress: Called after every attempt with the attempts done, those to do, and the verdicts so far.

    Raises:
        ConfigError: The folder holds a collection of other settings or tasks.
        EndpointError: The endpoint refuses requests; what was finished is kept.
        SandboxError: The sandbox failed.
    """
    settings = settings or CollectSettings()
    store = _Store(Path(folder), tasks, endpoint, settings)
    by_id = {task.id: task for task in tasks}
    failures: list[str] = []
    queue = _queue(tasks, settings, store)
    total = len(tasks) * settings.samples
    running: dict[Future[Attempt], tuple[str, int]] = {}
    with ThreadPoolExecutor(parallel) as pool:
        try:
            while True:
                for name, sample in queue:
                    work = pool.submit(
                        attempt,
                        endpoint,
                        by_id[name],
                        seed=settings.seed * _SEED_STEP + sample,
                        system=settings.system,
                        describe=settings.describe,
                        max_turns=settings.max_turns,
                    )
                    running[work] = (name, sample)
                    if len(running) >= parallel:
                        break
                if not running:
                    break
                for work in wait(running, return_when=FIRST_COMPLETED).done:
                    name, sample = running.pop(work)
                    try:
                        store.add(by_id[name], sample, work.result(), judge)
                    except EndpointError as error:
                        if error.lasting:
                            raise
                        failures.append(f"{name}, sample {sample}: {error}")
                if progress is not None:
                    progress(len(store.records) + len(failures), total, store.verdicts())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    kept = [replace(task, references=tuple(found)) for task in tasks if (found := store.references(task.id))]
    save_jsonl(kept, store.folder / "tasks.jsonl")
    save_facts(kept, store.folder / "facts.jsonl")
    tokens = sum(record["tokens"] for record in store.records.values())
    return Collected(kept, store.verdicts(), failures, tokens)


def _queue(tasks: Sequence[Task], settings: CollectSettings, store: _Store) -> Iterator[tuple[str, int]]:
    """What is still to be tried: every task once before any task twice."""
    for sample in range(settings.samples):
        for task in tasks:
            done = (task.id, sample) in store.records
            if not done and len(store.references(task.id)) < settings.keep:
                yield task.id, sample


class _Store:
    """The folder's files, and what they hold."""

    def __init__(
        self, folder: Path, tasks: Sequence[Task], endpoint: Endpoint, settings: CollectSettings
    ) -> None:
        from mentor.evaluation.scoring import fingerprint

        self.folder = folder
        self.records: dict[tuple[str, int], dict[str, Any]] = {}
        self._keep = settings.keep
        self._file = folder / "attempts.jsonl"
        self._lock = threading.Lock()
        self._found: dict[str, list[Trajectory]] = {}
        asked = {
            "model": endpoint.model,
            "options": dict(endpoint.options),
            "tasks": fingerprint(tasks),
            **asdict(settings),
        }
        header = folder / "collect.json"
        if header.is_file():
            _compare(json.loads(header.read_text(encoding="utf-8")), asked, str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        header.write_text(json.dumps(asked, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        self._read()

    def _read(self) -> None:
        """Reads the finished attempts; a line that was cut off is dropped from the file."""
        whole = []
        for line in self._file.read_text(encoding="utf-8").splitlines() if self._file.is_file() else ():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            whole.append(line + "\n")
            self._note(record)
        self._file.write_text("".join(whole), encoding="utf-8")

    def add(self, task: Task, sample: int, made: Attempt, judge: AnswerJudge | None) -> None:
        """Judges a finished attempt and writes it down."""
        [verdict] = verify([(task, made.trajectory)], judge=judge)
        if verdict == "verified" and not made.clean:
            verdict = "failed calls"
        record = {
            "task_id": task.id,
            "sample": sample,
            "verdict": verdict,
            "calls": [
                {"name": c.name, "arguments": dict(c.arguments), "result": c.result, "error": c.error}
                for c in made.trajectory.calls
            ],
            "answer": made.trajectory.answer,
            "finished": made.finished,
            "turns": made.turns,
            "tokens": made.tokens,
            "messages": made.messages,
        }
        with self._lock, self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._note(record)

    def _note(self, record: dict[str, Any]) -> None:
        self.records[(record["task_id"], record["sample"])] = record
        if record["verdict"] != "verified":
            return
        calls = tuple(ToolCall(c["name"], c["arguments"], c["result"], c["error"]) for c in record["calls"])
        trajectory = Trajectory(calls, record["answer"])
        found = self._found.setdefault(record["task_id"], [])
        if len(found) < self._keep and all(one.calls != trajectory.calls for one in found):
            found.append(trajectory)

    def references(self, task: str) -> list[Trajectory]:
        """A task's verified references, no two with the same calls."""
        return self._found.get(task, [])

    def verdicts(self) -> dict[str, int]:
        """How many attempts came to which verdict, the most frequent first."""
        return dict(Counter(record["verdict"] for record in self.records.values()).most_common())


def _compare(before: Mapping[str, Any], now: Mapping[str, Any], path: str) -> None:
    differing = [
        f"{name}: differs from the collection's own in {path}; continue with the same, or choose another folder"
        for name in now
        if before.get(name) != json.loads(json.dumps(now[name]))
    ]
    if differing:
        raise ConfigError(path, differing)
