r"""Whether an answer is right: text and exact numbers first, then Math-Verify where it is installed.

An answer is right (True), wrong (False) or undecided (None); undecided is never passed off as wrong.

Steps, the first that can tell decides:
    1. A missing or blank answer is wrong.
    2. Equal texts after light normalisation (white space, math delimiters, a final full stop) are right;
       texts of nothing but words are equal whatever their case, and different words are wrong.
    3. Two plain numbers are right if they are exactly equal (integers, decimals, thousands separators,
       currency signs, scientific notation, fractions) and wrong otherwise; a decimal equals a fraction that
       no decimal writes if it has at least 12 correct digits. `1,22` is 1.22 where the other side is one
       number without a comma.
    4. Math-Verify (https://github.com/huggingface/Math-Verify) parses both sides as boxed LaTeX and compares
    them.

Math-Verify is used as it is, with its known faults: among others it takes `1/2^{99}` for `1/2^{98}`. It
limits its time by SIGALRM, which works on the main thread only; on any other thread it runs without a limit.
Texts longer than 1,000 characters, deeply nested ones, and towers of powers and factorials that would never
come back are not handed to it: undecided.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mentor import _answers
from mentor.errors import JudgeError, ScoreError

__all__ = ["AnswerJudge"]

CACHE_SIZE: Final = 16_384
"""Verdicts kept, for all judges of the process together; the least recently used go first."""

MAX_CHARS: Final = 1_000
"""Longer texts are compared as texts and numbers only, and not kept."""

MAX_DEPTH: Final = 24
"""Texts whose brackets nest deeper, or that have more powers, are not handed to Math-Verify."""

_EXPLOSIVE: Final = re.compile(
    r"\d[\s)}]*(?:\^|\*\*)[\s{(]*\d+[\s)}]*(?:\^|\*\*)"  # towers of powers
    r"|(?:\^|\*\*)[\s{(]*[+-]?\d{5}"  # exponents of five digits and more
    r"|\d{4,}[\s)}]*!|!\s*!"  # factorials of four digits and more, and of factorials
)


@dataclass(frozen=True, slots=True)
class AnswerJudge:
    r"""Judges answers against references.

    Attributes:
        math_verify: Whether to ask Math-Verify: True, False, or None for "where it is installed".
        timeout: Math-Verify's limit per parsing and per comparison, in whole seconds (main thread only).

    Raises:
        JudgeError: `math_verify` is True and it is not installed, or the time-out is not positive.

    >>> judge = AnswerJudge(math_verify=False)
    >>> judge.verify(["1,000", r"\frac{1}{2}", "7", None], ["1000", "0.5", ["6", "7"], "3"])
    [True, True, True, False]
    """

    math_verify: bool | None = None
    timeout: int = 5

    def __post_init__(self) -> None:
        if self.math_verify and not _installed():
            raise JudgeError(
                "Math-Verify is not installed: install mentor-rl[judge], or set math_verify=False"
            )
        if self.timeout < 1:
            raise JudgeError(f"timeout must be at least 1 second, not {self.timeout}")

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
        if len(answers) != len(references):
            raise ScoreError(f"field 'references': {len(answers)} answers but {len(references)} references")
        return [self._row(row, *pair) for row, pair in enumerate(zip(answers, references, strict=True))]

    def _row(self, row: int, answer: str | None, reference: str | Sequence[str]) -> bool | None:
        accepted = [reference] if isinstance(reference, str) else list(reference)
        if not accepted or not all(isinstance(one, str) for one in accepted):
            problem = f"expected a str or a list of str, not {reference!r:.80}"
            raise ScoreError(f"row {row}, field 'references': {problem}")
        if answer is None:
            return False
        if not isinstance(answer, str):
            problem = f"expected a str or None, not {type(answer).__name__}"
            raise ScoreError(f"row {row}, field 'answers': {problem}")
        undecided = False
        for one in accepted:
            verdict = self._pair(answer, one)
            if verdict:
                return True
            undecided = undecided or verdict is None
        return None if undecided else False

    def _pair(self, answer: str, reference: str) -> bool | None:
        ask = _installed() if self.math_verify is None else self.math_verify
        # Off the main thread SIGALRM cannot be set: Math-Verify then runs without a limit, or not at all.
        limit = self.timeout if threading.current_thread() is threading.main_thread() else None
        judged = _kept if len(answer) + len(reference) <= MAX_CHARS else _judged
        return judged(answer, reference, ask, limit)


@functools.cache
def _installed() -> bool:
    return importlib.util.find_spec("math_verify") is not None


def _judged(answer: str, reference: str, ask: bool, limit: int | None) -> bool | None:
    verdict = _answers.compare(_answers.read(answer), _answers.read(reference))
    if verdict is not None or not ask:
        return verdict
    return _math_verify(answer, reference, limit)


_kept = functools.lru_cache(CACHE_SIZE)(_judged)


def _hopeless(text: str) -> bool:
    """Whether Math-Verify would take seconds, or for ever, over a text."""
    if len(text) > MAX_CHARS or text.count("^") > MAX_DEPTH or _EXPLOSIVE.search(text):
        return True
    depth = deepest = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


def _math_verify(answer: str, reference: str, limit: int | None) -> bool | None:
    if _hopeless(answer) or _hopeless(reference):
        return None
    library = importlib.import_module("math_verify")
    errors = importlib.import_module("math_verify.errors")

    def ask(strict: bool) -> bool | None:
        gold = library.parse(f"\\boxed{{{reference}}}", parsing_timeout=limit, raise_on_error=strict)
        given = library.parse(f"\\boxed{{{answer}}}", parsing_timeout=limit, raise_on_error=strict)
        return (
            bool(library.verify(gold, given, timeout_seconds=limit, raise_on_error=strict)) if gold else None
        )

    # A form that it cannot read or compare is no verdict: in its own, lax way it goes on to the next form.
    for strict in (True, False):
        try:
            return ask(strict)
        except errors.TimeoutException:
            return None
        except Exception:
            continue
    return None
