r"""Whether an answer is right: decided natively and exactly, by a policy that can be chosen, with a reason.

An answer is right (True), wrong (False) or undecided (None); undecided is never passed off as wrong.

`AnswerJudge` reads both texts (plain, LaTeX with or without delimiters, unicode) and compares what they say:
numbers exactly, expressions by canonical forms and by values with rigorous bounds, and tuples, sets, intervals,
equations, units, dates, choices and words by the rules of its `Policy`. What it cannot decide goes to
Math-Verify where that is installed. See docs/judge.md.
"""

from mentor.judge.answers import AnswerJudge, Explanation
from mentor.judge.policy import PRESETS, Policy

__all__ = ["PRESETS", "AnswerJudge", "Explanation", "Policy"]
