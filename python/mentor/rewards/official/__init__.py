r"""The reward code published with the MENTOR paper, as it behaves, quirks and all.

Source: `choics2623/MENTOR-RL`, commit a158591, `src/verl/utils/reward_score/mentor*.py`. With c = the answer
is right, S and T = the sets of tool names of student and teacher, v = 1 if the student names no unknown tool:

| variant | score |
|---|---|
| `SPARSE` | 1.0 if c else 0.1 |
| `MENTOR` | 0.7 c + 0.3 [S = T] (1 if c else 0.2) + 0.1 v |
| `ABLATION2` | 0.7 c + 0.3 [S ∩ T ≠ ∅] (1 if c else 0.2) |
| `ABLATION3` | 0.7 c + 0.1 v |
| `ABLATION4` | 0.7 c + 0.3 F1(S, T) (1 if c else 0.2) + 0.1 v |

Reproduced bit for bit, natively: 0.0 without the end-of-sequence token; 0.1 without a readable box, and
without teacher's tools except in SPARSE and ABLATION3; the search for the box (`\boxed ` beats `\boxed{`,
`\fbox` never counts, the prompt's box does); the calls, by the published regular expression over the whole
text and Python's lax JSON, with the mis-escaped fallback; the twelve known tools; the order of the
floating-point operations; and NaN where the published code raises (a ground truth whose box cannot be opened;
a tool name that is a list or an object).

The published judge says yes if any of three does: Math-Verify's metric, Math-Verify's parse and verify, and mathruler's
grader. `PublishedJudge` asks the real ones (`mentor-rl[official]`) in the sandbox, from any thread, within a limit:
mathruler evaluates the prediction as Python, so that on some answers (`99999999!`) the published code does not come
back. Such a row is NaN here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mentor import _native
from mentor.rewards.official.judge import PublishedJudge

__all__ = ["VARIANTS", "PublishedJudge", "score"]

VARIANTS: Final = ("SPARSE", "MENTOR", "ABLATION2", "ABLATION3", "ABLATION4")
"""The published rewards."""


def score(
    solution_strs: Sequence[str],
    ground_truths: Sequence[str | Sequence[str]],
    teacher_tools: Sequence[Sequence[str] | None],
    *,
    variant: str,
    eos_token: str,
    correct: Sequence[bool | None] | Callable[[str, list[str]], bool | None] | PublishedJudge | None = None,
) -> NDArray[np.float64]:
    r"""Scores texts by a published variant.

    Args:
        solution_strs: Prompt and response together, special tokens kept.
        ground_truths: Per row the accepted answer or answers.
        teacher_tools: Per row the names of the teacher's calls (`tool_calls_used`); None is an empty list.
        variant: One of `VARIANTS`.
        eos_token: What a finished text ends with; an empty one always fits.
        correct: Whether the answers are right, per row, None where that is not known; or a function of the
            prediction (what the box holds) and the ground truths taken out of their boxes, called for the rows
            that need it; or a `PublishedJudge`; or None for one with its defaults.

    Returns:
        float64 of shape (rows,): the scores; NaN where the published code raises, and where the judge was asked
        and could not say.

    Raises:
        ScoreError: The variant is not known, or the batch is ragged or holds something else.
        JudgeError: The published judge is needed and cannot be used; the message says what to install.

    >>> text = r'<tool_call>{"name": "add"}</tool_call> \boxed{3}<|im_end|>'
    >>> score([text], ["3"], [["add"]], variant="MENTOR", eos_token="<|im_end|>", correct=[True]).round(3)
    array([1.1])
    """
    teachers = [() if tools is None else tools for tools in teacher_tools]
    verdicts: Sequence[bool | None]
    if correct is None or isinstance(correct, PublishedJudge):
        questions = _native.official_questions(solution_strs, ground_truths, eos_token)
        verdicts = _judged(correct or PublishedJudge(), questions, ground_truths)
    elif callable(correct):
        questions = _native.official_questions(solution_strs, ground_truths, eos_token)
        verdicts = [None if question is None else correct(*question) for question in questions]
    else:
        verdicts = correct
    right = [None if verdict is None else bool(verdict) for verdict in verdicts]
    return _native.official_scores(
        solution_strs, ground_truths, teachers, right, variant=variant, eos_token=eos_token
    )


def _judged(
    judge: PublishedJudge, questions: Sequence[Any], ground_truths: Sequence[str | Sequence[str]]
) -> list[bool | None]:
    """The verdicts of the rows that have a question; those of others are not looked at."""
    given = [[one] if isinstance(one, str) else one for one in ground_truths]
    asked = {
        row: (question[0], tuple(zip(question[1], given[row], strict=True)))
        for row, question in enumerate(questions)
        if question is not None
    }
    said = dict(zip(asked, judge.verify(list(asked.values())), strict=True))
    return [said.get(row) for row in range(len(questions))]
