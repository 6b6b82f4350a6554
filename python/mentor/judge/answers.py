r"""`AnswerJudge`: batches of answers against references, and one pair explained."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Literal

from mentor import _native
from mentor.errors import JudgeError
from mentor.judge import fallback
from mentor.judge.policy import Policy

__all__ = ["AnswerJudge", "Explanation"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair was judged as it was.

    Attributes:
        decision: `equal`, `different` or `undecided`.
        reason: The rule that decided.
        decided_by: `mentor`, or `math-verify` where that was asked.
        answer: The answer's normal text.
        answer_kind: What it was read as, such as `a number` or `an equation`.
        reference: The reference's normal text.
        reference_kind: What it was read as.
    """

    decision: Literal["equal", "different", "undecided"]
    reason: str
    decided_by: Literal["mentor", "math-verify"]
    answer: str
    answer_kind: str
    reference: str
    reference_kind: str


@dataclass(frozen=True, slots=True)
class AnswerJudge:
    r"""Judges answers against references.

    A value: it pickles, holds no state, and may be used from several threads. A batch is spread over all cores
    with the GIL released; verdicts are kept for the process, bounded, keyed by both normal texts and the policy.

    Attributes:
        policy: What counts as the same answer: a `Policy`, or the name of a preset.
        math_verify: Whether to ask Math-Verify about pairs that are undecided: True, False, or None for "where
            it is installed".
        cache: A file that keeps what Math-Verify said, for later processes; None keeps it in memory only.

    Raises:
        JudgeError: The policy is unknown or has a field out of range, or `math_verify` is True and it is not
            installed.

    >>> judge = AnswerJudge(math_verify=False)
    >>> judge.verify(["1,000", r"\frac{1}{2}", "7", None], ["1000", "0.5", ["6", "7"], "3"])
    [True, True, True, False]
    >>> judge.explain(r"\sqrt{8}", r"2\sqrt{2}").reason
    'the same canonical form'
    """

    policy: Policy | str = "default"
    math_verify: bool | None = None
    cache: str | PathLike[str] | None = None

    def __post_init__(self) -> None:
        _native_judge(self.policy)
        if self.math_verify and not fallback.installed():
            raise JudgeError(
                "Math-Verify is not installed: install mentor-rl[judge], or set math_verify=False"
            )

    def verify(
        self, answers: Sequence[str | None], references: Sequence[str | Sequence[str]]
    ) -> list[bool | None]:
        """Judges a batch, row by row.

        Args:
            answers: The answers; None for none given.
            references: For each the accepted answer, or several of them.

        Returns:
            True where any reference agrees, False where every one disagrees, None where that is not known. No
            text, however malformed, raises.

        Raises:
            ScoreError: The batch is ragged, or an entry is not text.
        """
        verdicts, undecided = _native_judge(self.policy).verify(answers, references)
        if undecided and self._asks():
            said = fallback.ask([(pair[2], pair[3]) for pair in undecided], self.cache)
            left: set[int] = set()
            for (row, *_), verdict in zip(undecided, said, strict=True):
                if verdict:
                    verdicts[row] = True
                elif verdict is None:
                    left.add(row)
            for row, *_ in undecided:
                if verdicts[row] is None and row not in left:
                    verdicts[row] = False
        return verdicts

    def explain(self, answer: str, reference: str) -> Explanation:
        """Says how one pair is judged and why.

        Args:
            answer: The answer.
            reference: The accepted answer.

        Raises:
            ScoreError: One of them is not text.
        """
        decision, reason, *sides = _native_judge(self.policy).explain(answer, reference)
        if decision == "undecided" and self._asks():
            (said,) = fallback.ask([(sides[0], sides[2])], self.cache)
            if said is not None:
                return Explanation("equal" if said else "different", reason, "math-verify", *sides)
        return Explanation(decision, reason, "mentor", *sides)

    def _asks(self) -> bool:
        return fallback.installed() if self.math_verify is None else self.math_verify


@functools.lru_cache(maxsize=64)
def _native_judge(policy: Policy | str) -> _native.AnswerJudge:
    chosen = Policy.preset(policy) if isinstance(policy, str) else policy
    if not isinstance(chosen, Policy):
        raise JudgeError(f"policy: expected a Policy or the name of a preset, not {policy!r:.80}")
    return _native.AnswerJudge(dataclasses.asdict(chosen))
