"""Finished episodes to figures: one item per episode, one summary per suite. No model is needed here."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from mentor import align
from mentor.evaluation.intervals import Interval, bootstrap, mean_interval
from mentor.evaluation.measures import distribution_similarity, pass_at_k
from mentor.evaluation.proof import count_calls
from mentor.evaluation.result import Item, Rollout, RolloutCall, SuiteResult, TeacherCall
from mentor.judge import AnswerJudge
from mentor.types import Task

if TYPE_CHECKING:
    from mentor.rollout import Episode

__all__ = ["fingerprint", "items_of", "rollout_of", "summarise", "task_accuracy"]

TEXT_LIMIT = 20_000  # characters of a kept rollout's text; a runaway episode must not swell the file


def fingerprint(tasks: Sequence[Task]) -> str:
    """A digest of what the tasks ask, offer and accept: 16 hexadecimal digits, equal on every machine."""
    digest = hashlib.sha256()
    for task in tasks:
        accepted = [task.answer] if isinstance(task.answer, str) else list(task.answer)
        fields = [task.id, task.question, list(task.tools), task.tool_source, accepted]
        fields += ["stateful"] if task.stateful else []
        digest.update(json.dumps(fields, sort_keys=True, ensure_ascii=True).encode() + b"\n")
    return digest.hexdigest()[:16]


def items_of(
    tasks: Sequence[Task], episodes: Sequence[Episode], *, samples: int = 1, judge: AnswerJudge | None = None
) -> list[Item]:
    """Measure the episodes of one suite.

    Args:
        tasks: The tasks, one per episode: a task sampled twice stands here twice, next to itself.
        episodes: The finished episodes, in the same order.
        samples: How often each task was sampled; numbers the items.
        judge: Decides whether an answer is right; the default judge otherwise.

    Returns:
        One item per episode, in order.

    Raises:
        ValueError: If there are not as many episodes as tasks.
    """
    if len(tasks) != len(episodes):
        raise ValueError(f"{len(episodes)} episodes for {len(tasks)} tasks")
    verdicts = (judge or AnswerJudge()).verify([e.answer for e in episodes], [t.answer for t in tasks])
    aligned, exact = _alignments(tasks, episodes)
    return [
        _item(task, episode, sample=i % samples, verdict=verdict, aligned=aligned[i], exact=exact[i])
        for i, (task, episode, verdict) in enumerate(zip(tasks, episodes, verdicts, strict=True))
    ]


def _alignments(
    tasks: Sequence[Task], episodes: Sequence[Episode]
) -> tuple[list[float | None], list[float | None]]:
    known = [i for i, task in enumerate(tasks) if task.references]
    aligned: list[float | None] = [None] * len(tasks)
    exact: list[float | None] = [None] * len(tasks)
    if known:
        students = [episodes[i].trajectory() for i in known]
        references = [tasks[i].references for i in known]
        shares = align.score_batch(students, references, metric="f1", match="set", arguments="ignore")
        equals = align.score_batch(students, references, metric="exact", arguments="exact")
        for i, share, equal in zip(known, shares, equals, strict=True):
            aligned[i], exact[i] = float(share), float(equal)
    return aligned, exact


def _item(
    task: Task,
    episode: Episode,
    *,
    sample: int,
    verdict: bool | None,
    aligned: float | None,
    exact: float | None,
) -> Item:
    statuses = Counter(call.status for call in episode.calls)
    count = count_calls(episode.results)
    lost = episode.failure is not None
    return Item(
        id=task.id,
        sample=sample,
        correct=None if lost else verdict,
        answer=episode.answer,
        failure=episode.failure,
        finished=episode.finished,
        valid=statuses["valid"],
        malformed=statuses["malformed"],
        unknown=statuses["unknown"],
        executed=count.executed,
        sandboxed=count.sandboxed,
        refused=count.refused,
        errors=sum(r is not None and not r.ok and not r.failed for r in episode.results),
        alignment=None if lost else aligned,
        exact=None if lost else exact,
        tokens=sum(episode.mask),
    )


def summarise(
    tasks: Sequence[Task],
    episodes: Sequence[Episode],
    items: Sequence[Item],
    *,
    domain: Literal["in", "out"],
    samples: int = 1,
    seed: int = 0,
    keep: int = 0,
) -> SuiteResult:
    """Sum up one suite.

    Args:
        tasks: The tasks, one per episode.
        episodes: The episodes.
        items: What `items_of` gave for them.
        domain: Whether the student was trained on tasks like these.
        samples: How often each task was sampled.
        seed: Seeds the bootstrap.
        keep: How many episodes to keep in full, from the first on.
    """
    whole = [i for i, item in enumerate(items) if item.failure is None]
    kept = [items[i] for i in whole]
    calls = sum(item.calls for item in kept)
    executed, refused = sum(item.executed for item in items), sum(item.refused for item in items)
    tools = _tool_counts([episodes[i] for i in whole])
    guided = [i for i in whole if tasks[i].references]
    teacher = _teacher_counts([tasks[i] for i in guided])
    student = _tool_counts([episodes[i] for i in guided])
    return SuiteResult(
        domain=domain,
        fingerprint=fingerprint(tasks[::samples]),
        tasks=len(tasks) // samples,
        accuracy=mean_interval(list(task_accuracy(items).values()), seed=seed),
        pass_at=_pass_at(items, samples),
        undecided=sum(item.correct is None for item in kept),
        failures=len(items) - len(kept),
        finished=_share(sum(item.finished for item in kept), len(kept)),
        valid=_share(sum(item.valid for item in kept), calls),
        malformed=_share(sum(item.malformed for item in kept), calls),
        unknown=_share(sum(item.unknown for item in kept), calls),
        calls=calls,
        calls_per_task=_share(calls, len(kept)),
        executed=executed,
        sandboxed=sum(item.sandboxed for item in items),
        refused=refused,
        tool_errors=_share(sum(item.errors for item in items), executed + refused),
        alignment=_alignment_interval(kept, seed),
        exact=_mean([item.exact for item in kept if item.exact is not None]),
        similarity=distribution_similarity(student, teacher) if guided else None,
        tokens_per_task=_share(sum(item.tokens for item in kept), len(kept)),
        tools=tools,
        teacher_tools=teacher,
        items=list(items),
        rollouts=[rollout_of(tasks[i], episodes[i], items[i]) for i in range(min(keep, len(items)))],
    )


def task_accuracy(items: Sequence[Item]) -> dict[str, float]:
    """The share of right answers among each task's decided samples, in [0, 1], by task id."""
    verdicts: dict[str, list[bool]] = {}
    for item in items:
        if item.correct is not None:
            verdicts.setdefault(item.id, []).append(item.correct)
    return {task: sum(right) / len(right) for task, right in verdicts.items()}


def _pass_at(items: Sequence[Item], samples: int) -> dict[str, float]:
    """pass@k for k = 1, 2, 4, ... over the tasks of which every sample was decided."""
    verdicts: dict[str, list[bool]] = {}
    for item in items:
        if item.correct is not None:
            verdicts.setdefault(item.id, []).append(item.correct)
    whole = [sum(right) for right in verdicts.values() if len(right) == samples]
    if not whole:
        return {}
    ks = [k for k in (1 << power for power in range(samples.bit_length())) if k <= samples]
    return {str(k): sum(pass_at_k(samples, right, k) for right in whole) / len(whole) for k in ks}


def _alignment_interval(items: Sequence[Item], seed: int) -> Interval | None:
    by_task: dict[str, list[float]] = {}
    for item in items:
        if item.alignment is not None:
            by_task.setdefault(item.id, []).append(item.alignment)
    means = [sum(values) / len(values) for values in by_task.values()]
    return bootstrap(means, seed=seed) if means else None


def _tool_counts(episodes: Sequence[Episode]) -> dict[str, float]:
    names = Counter(call.name for episode in episodes for call in episode.trajectory().calls)
    return {name: float(names[name]) for name in sorted(names)}


def _teacher_counts(tasks: Sequence[Task]) -> dict[str, float]:
    """How often the teacher called each tool; a task's references share one task's weight."""
    counts: dict[str, float] = {}
    for task in tasks:
        for reference in task.references:
            for call in reference.calls:
                counts[call.name] = counts.get(call.name, 0.0) + 1 / len(task.references)
    return {name: counts[name] for name in sorted(counts)}


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def rollout_of(task: Task, episode: Episode, item: Item) -> Rollout:
    """The episode in full, for people: text, calls with their results, and the teacher's first reference."""
    calls = []
    for call, result in zip(episode.calls, episode.results, strict=True):
        text, ok = (None, False) if result is None else (result.text, result.ok)
        calls.append(RolloutCall(call.status, call.name, call.arguments, text, ok, call.error))
    reference = task.references[0].calls if task.references else ()
    return Rollout(
        id=task.id,
        suite=task.suite,
        question=task.question,
        text=episode.text[:TEXT_LIMIT],
        calls=calls,
        teacher=[TeacherCall(call.name, dict(call.arguments), call.result) for call in reference],
        answer=episode.answer,
        expected=[task.answer] if isinstance(task.answer, str) else list(task.answer),
        correct=item.correct,
    )
