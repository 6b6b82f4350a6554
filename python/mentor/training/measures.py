"""What is written down about a step: figures over its episodes, and some episodes in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mentor.rollout import Episode, RolloutStats
from mentor.types import Task

__all__ = ["episode_counts", "episode_figures", "reward_figures", "rollout_record"]

_MOST_CHARS = 20_000


def episode_counts(episodes: Sequence[Episode], stats: RolloutStats) -> dict[str, float]:
    """What can be summed over processes: counts of calls and of ends."""
    statuses = [call.status for episode in episodes for call in episode.calls]
    executed = [result for episode in episodes for result in episode.results if result is not None]
    return {
        "episodes": len(episodes),
        "calls": len(statuses),
        "valid": statuses.count("valid"),
        "malformed": statuses.count("malformed"),
        "unknown": statuses.count("unknown"),
        "results": len(executed),
        "errors": sum(not result.ok for result in executed),
        # A call that was refused for its arguments never ran: it has neither a value nor a record.
        "executed": sum(result.ok or result.outcome is not None for result in executed),
        # Counted from what the sandbox itself recorded about each call.
        "sandboxed": sum(result.outcome is not None for result in executed),
        "finished": sum(episode.finished for episode in episodes),
        "failed": sum(episode.failure is not None for episode in episodes),
        "turns": sum(episode.turns for episode in episodes),
        "tokens": stats.tokens,
    }


def episode_figures(counts: Sequence[Mapping[str, float]]) -> dict[str, float | None]:
    """Figures about calls and ends: shares of all calls and of all episodes, and counts.

    Args:
        counts: Of every process what `episode_counts` gave.
    """
    n = {name: sum(one[name] for one in counts) for name in counts[0]}
    return {
        "calls/valid": _share(n["valid"], n["calls"]),
        "calls/malformed": _share(n["malformed"], n["calls"]),
        "calls/unknown": _share(n["unknown"], n["calls"]),
        "calls/failed_tool": _share(n["errors"], n["results"]),
        "calls/per_episode": n["calls"] / n["episodes"],
        "episodes/finished": n["finished"] / n["episodes"],
        "episodes/failed": n["failed"] / n["episodes"],
        "episodes/turns": n["turns"] / n["episodes"],
        "tokens": n["tokens"],
        "executed_calls": n["executed"],
        "sandbox_calls": n["sandboxed"],
    }


def reward_figures(components: Mapping[str, np.ndarray], rollouts: int) -> dict[str, float | None]:
    """The mean reward and its parts, and the share of groups whose rewards differ.

    Args:
        components: Per part an array of one value per row, NaN where a row has none; rows of one prompt stand
            together.
        rollouts: Rows of one prompt.
    """
    figures = {
        "reward" if part == "total" else f"reward/{part}": _mean(np.asarray(values, dtype=np.float64))
        for part, values in components.items()
        if part in ("total", "answer", "alignment", "validity")
    }
    total = np.asarray(components["total"], dtype=np.float64)
    if len(total) % rollouts == 0:
        groups = [group[~np.isnan(group)] for group in total.reshape(-1, rollouts)]
        figures["groups_with_variance"] = sum(len(g) > 1 and np.ptp(g) > 1e-9 for g in groups) / len(groups)
    return figures


def rollout_record(
    task: Task, episode: Episode, parts: Mapping[str, float | None], step: int
) -> dict[str, Any]:
    """One episode in full, as `rollouts.jsonl` keeps it, with the teacher's calls beside it."""
    calls = [
        {
            "status": call.status,
            "name": call.name,
            "arguments": call.arguments,
            "result": None if result is None else result.text,
            "ok": result is not None and result.ok,
            "error": call.error,
        }
        for call, result in zip(episode.calls, episode.results, strict=True)
    ]
    teacher = task.references[0].calls if task.references else ()
    right = parts.get("answer")
    return {
        "step": step,
        "id": task.id,
        "suite": task.suite,
        "question": task.question,
        "text": episode.text[:_MOST_CHARS],
        "calls": calls,
        "teacher": [{"name": c.name, "arguments": dict(c.arguments), "result": c.result} for c in teacher],
        "answer": episode.answer,
        "expected": [task.answer] if isinstance(task.answer, str) else list(task.answer),
        "correct": None if right is None else bool(right),
        "parts": dict(parts),
        "stop": episode.stop,
        "failure": episode.failure,
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
