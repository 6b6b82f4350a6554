"""Hand-made tasks, episodes and a run folder for the tests of evaluation and report; nothing is measured."""

from __future__ import annotations

import json
import pathlib
import random
from dataclasses import asdict
from typing import Any

from mentor.evaluation.result import Decoding, EvaluationResult, Rollout
from mentor.evaluation.scoring import items_of, rollout_of, summarise
from mentor.rollout.episode import Episode
from mentor.sandbox import Outcome, Usage
from mentor.tools import ToolResult
from mentor.types import CallStatus, ParsedCall, Task, ToolCall, Trajectory

SUITES = ("in_domain", "held_out_pairs", "long", "big_numbers", "new_phrasing", "tool_missing")


def outcome(status: Any = "ok", *, fuel: int = 90_000) -> Outcome:
    """An outcome as the sandbox gives it."""
    return Outcome(status, usage=Usage(fuel, 1 << 20, 1e-4, 9))


def returned(value: Any) -> ToolResult:
    """The result of a call that ran and returned."""
    return ToolResult(True, value, json.dumps(value), False, outcome())


def raised(message: str) -> ToolResult:
    """The result of a call that ran and raised."""
    return ToolResult(False, None, f"Error: {message}", False, outcome("raised"))


def schema(name: str) -> dict[str, Any]:
    numbers = {"a": {"type": "number"}, "b": {"type": "number"}}
    parameters = {"type": "object", "properties": numbers, "required": ["a", "b"]}
    return {"type": "function", "function": {"name": name, "description": "", "parameters": parameters}}


def task(
    id_: str, question: str, teacher: list[ToolCall] | None, answer: str, suite: str = "in_domain"
) -> Task:
    references = [] if teacher is None else [Trajectory(tuple(teacher), answer)]
    tools = [schema(name) for name in ("add", "subtract", "multiply")]
    return Task(id_, question, tools, "def add(a, b): return a + b", answer, references, suite)


def episode(
    calls: list[tuple[CallStatus, str | None, dict[str, Any] | None, ToolResult | None]],
    answer: str | None,
    *,
    generated: int = 10,
    finished: bool = True,
    failure: str | None = None,
    extra: str = "",
) -> Episode:
    """An episode of (status, name, arguments, result) calls; the result None was never executed."""
    text, parsed = extra, []
    for status, name, arguments, result in calls:
        body = f'<tool_call>\n{{"name": "{name}", "arguments": {json.dumps(arguments)}}}\n</tool_call>'
        error = None if status == "valid" else f"{status} at offset {len(text)}"
        span = (len(text), len(text) + len(body))
        parsed.append(ParsedCall(status, name, arguments, span, error))
        text += body + "<|im_end|>"
        if result is not None:
            text += f"\n<tool_response>\n{result.text}\n</tool_response>\n<|im_start|>assistant\n"
    if answer is not None:
        text += f"\\boxed{{{answer}}}<|im_end|>"
    return Episode(
        prompt_ids=[1, 2, 3],
        completion_ids=[0] * (generated + 4),
        mask=[1] * generated + [0] * 4,
        text=text,
        calls=tuple(parsed),
        results=tuple(result for *_, result in calls),
        answer=answer,
        finished=finished,
        failure=failure,
    )


def suite_tasks(suite: str, n: int, seed: int) -> list[Task]:
    rng = random.Random(f"{suite}/{seed}")
    tasks = []
    for i in range(n):
        a, b, c = (rng.randint(2, 40) for _ in range(3))
        calls = [
            ToolCall("add", {"a": a, "b": b}, a + b),
            ToolCall("multiply", {"a": a + b, "b": c}, (a + b) * c),
        ]
        question = f"Start with {a}; add {b}; then times {c}."
        tasks.append(task(f"{suite}/{i}", question, calls, str((a + b) * c), suite))
    return tasks


def play(given: Task, skill: float, rng: random.Random) -> Episode:
    """An imagined student: right with the chance `skill`, otherwise wrong in one of several ways."""
    teacher = given.references[0].calls
    right = [("valid", call.name, dict(call.arguments), returned(call.result)) for call in teacher]
    if rng.random() < skill:
        return episode(right, str(given.answer), generated=40 + rng.randint(0, 9))
    slip = rng.random()
    if slip < 0.25:
        return episode([("malformed", None, None, None)], None, generated=60, finished=False)
    if slip < 0.4:
        unknown = ("unknown", "divide", {"a": 1, "b": 0}, None)
        return episode([*right[:1], unknown], "7", generated=33)
    if slip < 0.6:
        wrong = ("valid", "subtract", {"a": 1}, ToolResult.refused("subtract: 'b' is missing"))
        return episode([wrong, *right[1:]], "12", generated=44)
    return episode(right[:1], str(rng.randint(10, 999)), generated=21)


def evaluation(name: str, skill: float, *, n: int = 40, seed: int = 0, keep: int = 2) -> EvaluationResult:
    suites = {}
    for index, suite in enumerate(SUITES):
        tasks = suite_tasks(suite, n, seed)
        rng = random.Random(f"{name}/{suite}/{seed}")
        episodes = [play(each, skill * (1 - 0.12 * index), rng) for each in tasks]
        domain = "in" if suite == "in_domain" else "out"
        items = items_of(tasks, episodes)
        suites[suite] = summarise(tasks, episodes, items, domain=domain, seed=seed, keep=keep)
    return EvaluationResult(name, Decoding(0.0, 1, seed, 8, 256), suites)


def log_row(step: int, of: int, rng: random.Random) -> dict[str, Any]:
    done = step / of
    noise = lambda scale: rng.gauss(0, scale)  # noqa: E731
    answer = min(1.0, max(0.0, 0.1 + 0.4 * done + noise(0.04)))
    alignment = min(1.0, max(0.0, 0.5 + 0.3 * done + noise(0.03)))
    valid = min(1.0, 0.7 + 0.28 * done + noise(0.01))
    return {
        "step": step,
        "loss": noise(0.01),
        "reward": 0.7 * answer + 0.3 * alignment * (0.2 + 0.8 * answer) + 0.1 * valid,
        "reward/answer": answer,
        "reward/alignment": alignment,
        "reward/validity": valid,
        "calls/valid": valid,
        "calls/malformed": (1 - valid) * 0.7,
        "calls/unknown": (1 - valid) * 0.3,
        "calls/failed_tool": max(0.0, 0.1 - 0.05 * done),
        "episodes/finished": min(1.0, 0.9 + 0.1 * done),
        "groups_with_variance": min(1.0, 0.95 - 0.1 * done + noise(0.03)),
        "time/generate": 1.6 + noise(0.1),
        "time/tools": 0.03,
        "time/parse": 0.01,
        "time/reward": 0.008,
        "time/optimise": 1.1 + noise(0.1),
        "time/step": 2.8,
        "tokens": 9000,
        "executed_calls": 320,
        "sandbox_calls": 320,
    }


def write_run(folder: pathlib.Path, *, steps: int = 120, n: int = 40) -> pathlib.Path:
    """A run folder as `mentor demo` leaves it."""
    rng = random.Random(7)
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("regime: grpo\nreward:\n  name: mentor  # <flexible>\nsteps: 120\n")
    rows = [json.dumps(log_row(step, steps, rng)) for step in range(1, steps + 1)]
    (folder / "log.jsonl").write_text("".join(row + "\n" for row in rows))
    tasks = suite_tasks("in_domain", 6, 1)
    kept: list[Rollout] = []
    for index, each in enumerate(tasks):
        done = play(each, 0.3 + 0.1 * index, rng)
        rollout = rollout_of(each, done, items_of([each], [done])[0])
        parts = {"total": 0.37, "answer": float(bool(rollout.correct)), "alignment": 0.5, "validity": 1.0}
        kept.append(Rollout(**{**_fields(rollout), "parts": parts, "step": 20 * index}))
    (folder / "rollouts.jsonl").write_text("".join(json.dumps(asdict(each)) + "\n" for each in kept))
    evaluation("start", 0.35, n=n).save(folder / "evaluation" / "before.json")
    evaluation("trained", 0.72, n=n).save(folder / "evaluation" / "after.json")
    return folder


def _fields(rollout: Rollout) -> dict[str, Any]:
    return {name: getattr(rollout, name) for name in Rollout.__dataclass_fields__}
