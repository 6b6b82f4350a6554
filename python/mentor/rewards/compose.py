"""Rewards made of rewards: sums, products, gates, and the asynchronous form.

Members are any callables with TRL's signature: rewards of this package, plain functions, other compositions. Each gets
everything that the trainer passes, its log hooks included. A row that a member cannot score (None) has no reward,
unless its weight is 0 or the gate is shut. All of them are values: they pickle if their members do.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentor.errors import ScoreError
from mentor.rewards.base import finite
from mentor.rewards.parts import optional

__all__ = ["AsyncReward", "Gate", "Product", "RewardFunction", "WeightedSum", "reward_name"]

RewardFunction: TypeAlias = Callable[..., Sequence[float | None]]


@dataclass(frozen=True)
class WeightedSum:
    """The weighted sum of rewards.

    Attributes:
        rewards: The members.
        weights: One for each.
        name: The name in logs.

    Raises:
        ScoreError: There are no members, or not one finite weight for each, or one is asynchronous.

    >>> def brevity(completions, **columns):
    ...     return [1 / (1 + len(text)) for text in completions]
    >>> WeightedSum([brevity, brevity], [1, 2])(completions=["abc"])
    [0.75]
    """

    rewards: Sequence[RewardFunction]
    weights: Sequence[float]
    name: str = "weighted_sum"

    def __post_init__(self) -> None:
        _check(self.rewards)
        if len(self.weights) != len(self.rewards):
            raise ScoreError(f"field 'weights': {len(self.rewards)} rewards but {len(self.weights)} weights")
        for place, weight in enumerate(self.weights):
            finite(weight, f"weights[{place}]")

    @property
    def __name__(self) -> str:
        """The name that TRL logs the reward under."""
        return self.name

    def __call__(self, *args: Any, **kwargs: Any) -> list[float | None]:
        """The reward of every row."""
        scores = _scores(self.rewards, args, kwargs)
        weighed = [w * one for w, one in zip(self.weights, scores, strict=True) if w]
        return optional(np.sum(weighed, axis=0) if weighed else np.zeros(len(scores[0])))


@dataclass(frozen=True)
class Product:
    """The product of rewards: every one of them scales the others.

    Attributes:
        rewards: The members.
        name: The name in logs.

    Raises:
        ScoreError: There are no members, or one is asynchronous.
    """

    rewards: Sequence[RewardFunction]
    name: str = "product"

    def __post_init__(self) -> None:
        _check(self.rewards)

    @property
    def __name__(self) -> str:
        """The name that TRL logs the reward under."""
        return self.name

    def __call__(self, *args: Any, **kwargs: Any) -> list[float | None]:
        """The reward of every row."""
        return optional(np.prod(_scores(self.rewards, args, kwargs), axis=0))


@dataclass(frozen=True)
class Gate:
    """A reward that counts only where another one reaches a threshold.

    Attributes:
        gate: The reward that opens or shuts.
        reward: What an open row earns.
        at_least: The gate is open from this score on.
        otherwise: What a shut row earns.
        name: The name in logs.

    Raises:
        ScoreError: A number is not finite, or a member is asynchronous.
    """

    gate: RewardFunction
    reward: RewardFunction
    at_least: float = 1.0
    otherwise: float = 0.0
    name: str = "gate"

    def __post_init__(self) -> None:
        _check([self.gate, self.reward])
        finite(self.at_least, "at_least")
        finite(self.otherwise, "otherwise")

    @property
    def __name__(self) -> str:
        """The name that TRL logs the reward under."""
        return self.name

    def __call__(self, *args: Any, **kwargs: Any) -> list[float | None]:
        """The reward of every row."""
        gate, reward = _scores([self.gate, self.reward], args, kwargs)
        opened = np.where(gate >= self.at_least, reward, self.otherwise)
        return optional(np.where(np.isnan(gate), np.nan, opened))


@dataclass(frozen=True)
class AsyncReward:
    """A reward as an asynchronous one: it runs in a thread, beside the trainer's other asynchronous rewards.

    Attributes:
        reward: The reward.

    Raises:
        ScoreError: It is asynchronous already.
    """

    reward: RewardFunction

    def __post_init__(self) -> None:
        _check([self.reward])

    @property
    def __name__(self) -> str:
        """The reward's own name."""
        return reward_name(self.reward)

    async def __call__(self, *args: Any, **kwargs: Any) -> Sequence[float | None]:
        """The reward of every row."""
        return await asyncio.to_thread(self.reward, *args, **kwargs)


def reward_name(reward: Any) -> str:
    """What a reward is called in messages and logs."""
    return str(getattr(reward, "__name__", type(reward).__name__))


def _check(rewards: Sequence[RewardFunction]) -> None:
    if not rewards:
        raise ScoreError("field 'rewards': expected at least one")
    for reward in rewards:
        if not callable(reward):
            raise ScoreError(f"field 'rewards': {reward!r} cannot be called")
        if inspect.iscoroutinefunction(reward) or inspect.iscoroutinefunction(type(reward).__call__):
            raise ScoreError(
                f"reward {reward_name(reward)!r} is asynchronous: compose plain ones, then wrap them in AsyncReward"
            )


def _scores(
    rewards: Sequence[RewardFunction], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[NDArray[np.float64]]:
    """The scores of every member, NaN for None, all of one length."""
    scores = [_numbers(reward, reward(*args, **kwargs)) for reward in rewards]
    for reward, one in zip(rewards, scores, strict=True):
        if len(one) != len(scores[0]):
            raise ScoreError(
                f"reward {reward_name(reward)!r}: {len(one)} rows, but {len(scores[0])} by "
                f"{reward_name(rewards[0])!r}"
            )
    return scores


def _numbers(reward: RewardFunction, given: Any) -> NDArray[np.float64]:
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str):
        raise ScoreError(f"reward {reward_name(reward)!r}: expected a list of scores, not {given!r:.80}")
    return np.array([_number(reward, row, one) for row, one in enumerate(given)], dtype=np.float64)


def _number(reward: RewardFunction, row: int, given: Any) -> float:
    if given is None:
        return math.nan
    if not isinstance(given, int | float | np.number) or not math.isfinite(given):
        raise ScoreError(
            f"row {row}, reward {reward_name(reward)!r}: expected a finite number or None, not {given!r:.80}"
        )
    return float(given)
