"""The reward of a batch as TRL sees it: scored once, as one function or as one function per part."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mentor.rewards import PARTS, MentorReward, OutcomeReward, PartReward, StrictReward
from mentor.rewards.parts import optional
from mentor.training.config import Config

__all__ = ["BatchScorer", "make_reward", "reward_functions"]


def make_reward(config: Config) -> Any:
    """The regime's reward object.

    Raises:
        ScoreError: A setting is not one that the reward knows.
    """
    settings = config.reward
    if config.regime == "mentor":
        weights = settings.weights
        return MentorReward(
            metric=settings.metric,
            match=settings.match,
            arguments=settings.arguments,
            weights=(weights.answer, weights.alignment, weights.validity),
            discount=settings.discount,
        )
    if config.regime == "strict":
        return StrictReward()
    return OutcomeReward(wrong=settings.wrong)


class BatchScorer:
    """Scores a batch of episodes once, however many reward functions ask for it.

    Attributes:
        seconds: Time spent scoring the last batch.
        finished_at: When the last batch was scored (`time.perf_counter`).
        last: The last batch's parts and total, float64 arrays of one value per row; NaN where a row
            has none.
    """

    __name__ = "reward"

    def __init__(self, reward: Any) -> None:
        self._reward = reward
        self._scored: Any = None
        self.seconds = 0.0
        self.finished_at = 0.0
        self.last: dict[str, np.ndarray] = {}

    def components(self, *, episodes: Sequence[Any], **columns: Any) -> Mapping[str, np.ndarray]:
        """The batch's parts; the same list of episodes is scored only once."""
        if self._scored is None or not _same(self._scored, episodes):
            started = time.perf_counter()
            self.last = dict(self._reward.components(episodes=episodes, **columns))
            self.finished_at = time.perf_counter()
            self.seconds = self.finished_at - started
            self._scored = list(episodes)
        return self.last

    def __call__(self, **columns: Any) -> list[float | None]:
        """The total reward of every row, None where it has none; a TRL reward function."""
        return optional(self.components(**columns)["total"])


def reward_functions(config: Config, scorer: BatchScorer) -> tuple[list[Any], list[float]]:
    """TRL's reward functions and their weights, as the advantage scaling needs them."""
    if config.advantages != "parts":
        return [scorer], [1.0]
    weights = config.reward.weights
    return [PartReward(scorer, part, part) for part in PARTS], [getattr(weights, part) for part in PARTS]


def _same(first: Sequence[Any], second: Sequence[Any]) -> bool:
    return len(first) == len(second) and all(a is b for a, b in zip(first, second, strict=True))
