"""What is written down about a step: figures over its episodes, and some episodes in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mentor.rollout import Episode, RolloutStats
from mentor.types import Task

__all__ = ["episode_figures", "reward_figures", "rollout_record"]

_MOST_CHARS = 20_000


def episode_figures(episodes: Sequence[Episode], stats: RolloutStats) -> dict[str, float | None]:
    """Figures about calls and ends: shares of all calls and of all episodes, counts and times."""
    statuses = [call.status for episode in episodes for call in episode.calls]
    executed = [result for episode in episodes for result in episode.results if result is not None]
    count = len(episodes)
    return {
        "calls/valid": _share(statuses.count("valid"), len(statuses)),
        "calls/malformed": _share(statuses.count("malformed"), len(statuses)),
        "calls/unknown": _share(statuses.count("unknown"), len(statuses)),
        "calls/failed_tool": _share(sum(not result.ok for result in executed), len(executed)),
        "calls/per_episode": len(statuses) / count,
        "episodes/finished": sum(episode.finished for episode in episodes) / count,
        "episodes/failed": sum(episode.failure is not None for episode in episodes) / count,
        "episodes/turns": sum(episode.turns for episode in episodes) / count,
        "tokens": stats.tokens,
        # A call that was refused for its arguments never ran: it has neither a value nor a record.
        "executed_calls": sum(result.ok or result.outcome is not None for result in executed),
        # Counted from what the sandbox itself recorded about each call.
        "sandbox_calls": sum(result.outcome is not None for result in executed),
        "time/generate": stats.generate,
        "time/tools": stats.tools,
        "time/parse": stats.parse,
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


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
