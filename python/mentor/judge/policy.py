"""The choices on which graders differ, and the conventions of benchmarks as presets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mentor import _native

__all__ = ["PRESETS", "Policy"]

PRESETS: Final[tuple[str, ...]] = tuple(_native.JUDGE_PRESETS)
"""The names of the presets: `default`, `math`, `aime`, `gsm8k`, `bfcl`."""

_Form: TypeAlias = Literal["written", "value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    r"""What counts as the same answer. The defaults are the careful choice where graders differ.

    Attributes:
        percent: What `50%` equals besides `50%`: `either` (both 50 and 0.5), `value` (0.5), `drop` (50).
        units: `convert`: a unit on one side only is dropped, known units on both are converted, and differ if
            they measure different things. `drop`: units are ignored. `require`: both sides need the unit.
        assignment: Whether `x = 3` equals `3`.
        ignore_names: Whether `x = 3` equals `y = 3`.
        ordered_lists: Whether lists without brackets are ordered.
        ordered_tuples: Whether tuples are ordered, and so differ from sets.
        fold_text: Whether words are compared without regard to case.
        fold_variables: Whether `X` and `x` are the same variable or letter.
        ratios: `written`: `6:8` differs from `3:4`; `value`: it equals it, and `3/4`.
        bases: `written`: `101_2` differs from `5`; `value`: it equals it.
        outward_brackets: Whether `]0, 1[` is the interval `(0, 1)`.
        digits: Correct digits, 1 to 100, that make a decimal equal a number that no decimal writes.
        tolerance: Largest relative difference of equal numbers, in [0, 1); 0 compares exactly.
        prose: Which number of a sentence is the answer: `only` (the marked or the only one) or `last`.
        domain: What an answer may be: `any`, or `aime` (three digits on a form).
    """

    percent: Literal["either", "value", "drop"] = "either"
    units: Literal["convert", "drop", "require"] = "convert"
    assignment: bool = True
    ignore_names: bool = False
    ordered_lists: bool = False
    ordered_tuples: bool = True
    fold_text: bool = True
    fold_variables: bool = False
    ratios: _Form = "written"
    bases: _Form = "written"
    outward_brackets: bool = False
    digits: int = 12
    tolerance: float = 0.0
    prose: Literal["only", "last"] = "only"
    domain: Literal["any", "aime"] = "any"

    @staticmethod
    def preset(name: str) -> Policy:
        """The conventions of a benchmark.

        Raises:
            JudgeError: There is no such preset.
        """
        return Policy(**_native.judge_policy(name))
