"""MENTOR's reward, the outcome alone, and strict matching; the published variants as settings of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mentor.align import Arguments
from mentor.errors import ScoreError
from mentor.rewards.alignment import Alignment
from mentor.rewards.base import Reward, Validity, finite

__all__ = ["MentorReward", "OutcomeReward", "StrictReward", "published"]


@dataclass(frozen=True)
class MentorReward(Reward):
    r"""The answer's correctness, guided by the teacher's tool use (arXiv 2510.18383).

    `reward = w_answer * correct + w_align * alignment * (1 if correct else discount) + w_valid * validity`

    The defaults are the published ABLATION4 (the F1 of the sets of tool names, which the published sample
    script trains with), with one difference: a malformed call counts against validity.

    Attributes:
        metric: The alignment score; see `mentor.align`.
        match: Whether repeated calls count (`multiset`) or not (`set`).
        arguments: When arguments agree: `exact`, `ignore` (names alone), or comparators tool by tool; see
            `mentor.align.comparators`.
        weights: Of the answer, the alignment and the validity.
        discount: What is left of the alignment where the answer is wrong, in [0, 1].
        validity: `all`: 1 if no call is malformed or of an unknown tool, else 0; `share`: the share of calls
            that are neither; `known`: the published rule, blind to malformed calls. Without calls it is 1.
        count_invalid: Whether malformed and unknown calls also count in the alignment, as calls that agree
            with nothing.
        align: Further settings of the alignment score, as `mentor.align.score_batch` takes them (`n`, `gap`,
            `weights`, `facts`).

    Raises:
        ScoreError: A setting is not known, or a weight is not a finite number.

    >>> reward = MentorReward()
    >>> call = '<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>'
    >>> teacher = '[{"calls": [{"name": "add", "arguments": {"a": 1, "b": 2}}]}]'
    >>> texts = [call + r"\boxed{3}", r"\boxed{4}"]
    >>> [round(one, 3) for one in reward(None, texts, answer=["3", "3"], references=[teacher, teacher])]
    [1.1, 0.1]
    """

    metric: str = "f1"
    match: str = "set"
    arguments: Arguments = "ignore"
    weights: tuple[float, float, float] = (0.7, 0.3, 0.1)
    discount: float = 0.2
    judge: Any = None
    validity: Validity = "all"
    count_invalid: bool = False
    align: Mapping[str, Any] = field(default_factory=dict)

    _default_name: ClassVar[str] = "mentor_reward"

    def __post_init__(self) -> None:
        if len(self.weights) != 3:
            raise ScoreError(f"field 'weights': expected three numbers, not {self.weights!r}")
        for place, weight in enumerate(self.weights):
            finite(weight, f"weights[{place}]")
        finite(self.discount, "discount", 0.0, 1.0)
        super().__post_init__()

    def _alignment(self) -> Alignment:
        return Alignment(self.metric, self.match, self.arguments, self.align, self.count_invalid)

    def _validity(self) -> str:
        return self.validity

    def _formula(self) -> tuple[str, list[float]]:
        return "weighted", [*map(float, self.weights), float(self.discount)]


@dataclass(frozen=True)
class OutcomeReward(Reward):
    """The outcome alone: `right` for a right answer, `wrong` for a wrong one.

    The published SPARSE reward has `wrong=0.1`. Alignment is reported as the F1 of the sets of tool names
    where there are references, and does not count.

    Attributes:
        right: The reward of a right answer.
        wrong: The reward of a wrong one.

    Raises:
        ScoreError: A number is not finite.
    """

    right: float = 1.0
    wrong: float = 0.0
    judge: Any = None

    _default_name: ClassVar[str] = "outcome_reward"

    def __post_init__(self) -> None:
        finite(self.right, "right")
        finite(self.wrong, "wrong")
        super().__post_init__()

    def _alignment(self) -> Alignment:
        return Alignment("f1", "set", "ignore")

    def _formula(self) -> tuple[str, list[float]]:
        return "outcome", [float(self.right), float(self.wrong)]


@dataclass(frozen=True)
class StrictReward(Reward):
    """1 if the answer is right and the calls are exactly a reference's, else 0.

    Exactly: the same names and arguments in the same order, nothing more, and no malformed call. The
    published code has no strict baseline; this one is what strict trajectory matching means in `mentor.align`
    (`exact`).
    """

    judge: Any = None

    _default_name: ClassVar[str] = "strict_reward"

    def _alignment(self) -> Alignment:
        return Alignment("exact", "multiset", "exact", count_invalid=True)

    def _formula(self) -> tuple[str, list[float]]:
        return "strict", []


_PUBLISHED: dict[str, dict[str, Any]] = {
    "MENTOR": {"metric": "unordered"},
    "ABLATION2": {"metric": "overlap", "weights": (0.7, 0.3, 0.0)},
    "ABLATION3": {"weights": (0.7, 0.0, 0.1)},
    "ABLATION4": {},
}


def published(variant: str, **settings: Any) -> Reward:
    """The weights and scores of a published variant, as a reward of ours.

    The formulas are the published ones; what surrounds them is not: calls and boxes are read by our parser,
    the judge is `AnswerJudge`, a missing end of sequence or box has no fixed score, and a teacher without
    tools is compared like any other. `mentor.rewards.official` has all of that as published.

    Args:
        variant: `SPARSE`, `MENTOR`, `ABLATION2`, `ABLATION3` or `ABLATION4`.
        **settings: Further fields of the reward, such as `judge` or `tools`.

    Raises:
        ScoreError: The variant is not known.
    """
    if variant == "SPARSE":
        return OutcomeReward(**({"wrong": 0.1} | settings))
    if variant not in _PUBLISHED:
        raise ScoreError(f"unknown variant {variant!r}; known: {', '.join(['SPARSE', *_PUBLISHED])}")
    return MentorReward(**({"validity": "known"} | _PUBLISHED[variant] | settings))
