"""One text scored: what trainers that reward row by row have in common.

The reference is a row of `mentor.data`'s columns: `answer`, and `references` as the teacher's trajectories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mentor.rewards import MentorReward

__all__ = ["score", "score_batch"]


def score(text: str, answer: str | Sequence[str], row: Mapping[str, Any], reward: Any = None) -> float | None:
    """The reward of one text; see `score_batch`."""
    return score_batch([text], [answer], [row], reward)[0]


def score_batch(
    texts: Sequence[str],
    answers: Sequence[str | Sequence[str]],
    rows: Sequence[Mapping[str, Any]],
    reward: Any = None,
) -> list[float | None]:
    """The rewards of texts.

    Args:
        texts: What the model wrote, tool responses included.
        answers: For each row the answers that are right.
        rows: For each row what else is known of it: `references`, `tools`.
        reward: A reward of `mentor.rewards`; None means `MentorReward()`.

    Returns:
        For each row its reward, or None where it cannot be scored.
    """
    reward = MentorReward() if reward is None else reward
    columns: dict[str, list[Any]] = {"answer": list(answers)}
    for name in ("references", "tools"):
        if any(row.get(name) is not None for row in rows):
            columns[name] = [row.get(name) for row in rows]
    scores: list[float | None] = reward([""] * len(texts), list(texts), **columns)
    return scores
