"""Rewards of other papers over the same columns: ToolRL's, and OTC's, which scales a reward by its tool calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mentor.align import efficiency
from mentor.errors import ScoreError
from mentor.rewards.alignment import Alignment
from mentor.rewards.base import Columns, Reward, finite

__all__ = ["OTCReward", "ToolRLReward"]


@dataclass(frozen=True)
class ToolRLReward(Reward):
    """ToolRL's reward (arXiv 2504.13958): format, and correctness of the calls, in [-3, 4].

    `reward = format + low + (high - low) * toolrl`, with the score `toolrl` of `mentor.align`, and `format` 1 if no
    call is malformed, else 0. As published, a malformed call has the lowest correctness, and so has a row without
    calls where the reference has some; the answer does not count. Two things are not as published: the format term
    there also wants the exact sequence of `<think>`, `<tool_call>` and `<response>` of its own prompt, and a
    reference without calls has correctness 0 there, whatever the student does, while here it is one like any other.

    Attributes:
        low: The correctness of calls that have nothing in common.
        high: That of the reference's own.

    Raises:
        ScoreError: A number is not finite.
    """

    low: float = -3.0
    high: float = 3.0

    _default_name: ClassVar[str] = "toolrl_reward"

    def __post_init__(self) -> None:
        finite(self.low, "low")
        finite(self.high, "high")
        super().__post_init__()

    def _alignment(self) -> Alignment:
        return Alignment("toolrl", "multiset", "exact", count_invalid=True)

    def _formula(self) -> tuple[str, list[float]]:
        return "weighted", [0.0, float(self.high - self.low), 0.0, 1.0]

    def _total(self, parts: Columns, prompts: Sequence[Any] | None) -> NDArray[np.float64]:
        malformed = parts["malformed"] > 0
        correct = np.where(malformed & ~np.isnan(parts["total"]), self.low, self.low + parts["total"])
        return correct + ~malformed


@dataclass(frozen=True)
class OTCReward(Reward):
    """OTC's reward (arXiv 2504.14870): a right answer, scaled by how few tool calls it took.

    `reward = right * efficiency(m)` for a right answer after m calls, malformed and unknown ones included, with
    `mentor.align.efficiency`; 0 for a wrong one.

    Attributes:
        right: The reward of a right answer without needless calls (OTC's alpha).
        fewest: `none`: OTC-PPO's form, in which every call costs. `batch`: OTC-GRPO's, in which those beyond the
            fewest that a right answer of the same prompt took in this batch cost.
        smoothness: OTC's constant c, above 0: how slowly the reward falls.

    Raises:
        ScoreError: A setting is not known or out of its range.
    """

    right: float = 1.0
    fewest: Literal["none", "batch"] = "batch"
    smoothness: float = 2.0

    _default_name: ClassVar[str] = "otc_reward"

    def __post_init__(self) -> None:
        finite(self.right, "right")
        if self.fewest not in ("none", "batch"):
            raise ScoreError(f"unknown fewest {self.fewest!r}; known: none, batch")
        efficiency(0, smoothness=finite(self.smoothness, "smoothness"))
        super().__post_init__()

    def _alignment(self) -> Alignment:
        return Alignment("f1", "set", "ignore")

    def _formula(self) -> tuple[str, list[float]]:
        return "outcome", [float(self.right), 0.0]

    def _total(self, parts: Columns, prompts: Sequence[Any] | None) -> NDArray[np.float64]:
        calls = (parts["valid"] + parts["malformed"] + parts["unknown"]).tolist()
        right = [bool(one == 1.0) for one in parts["answer"].tolist()]
        fewest = self._fewest(calls, right, prompts)
        scale = [
            efficiency(made, least, smoothness=self.smoothness) if good else 1.0
            for made, least, good in zip(calls, fewest, right, strict=True)
        ]
        return parts["total"] * np.array(scale, dtype=np.float64)

    def _fewest(self, calls: list[int], right: list[bool], prompts: Sequence[Any] | None) -> list[int | None]:
        """The fewest calls of a right answer to each row's prompt; None where that is not asked."""
        if self.fewest == "none":
            return [None] * len(calls)
        if prompts is None:
            raise ScoreError(
                "field 'prompts': fewest='batch' compares the rows of one prompt, and needs them"
            )
        if len(prompts) != len(calls):
            raise ScoreError(f"field 'prompts': {len(calls)} completions but {len(prompts)} rows")
        keys = [repr(prompt) for prompt in prompts]
        least: dict[str, int] = {}
        for key, made, good in zip(keys, calls, right, strict=True):
            if good:
                least[key] = min(made, least.get(key, made))
        return [least.get(key) for key in keys]
