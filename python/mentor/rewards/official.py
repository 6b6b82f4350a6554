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

The judge is not complete yet. The published one says yes if any of three does: Math-Verify's metric,
Math-Verify's parse and verify, and mathruler's grader. The built-in one asks the first two, as published, on
the installed versions (the published environment has antlr 4.9.3; with 4.13.2 percent signs read differently,
about 0.2 % of answers). It does not ask mathruler, which evaluates the prediction as Python without a limit:
answers that only mathruler accepts (mostly texts that are equal after the MATH data set's normalisation, such
as `\text{north}` and `north`) are wrong here. Pass `correct` to decide yourself. As in the published code,
off the main thread Math-Verify always says no.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mentor import _native
from mentor.errors import JudgeError

__all__ = ["VARIANTS", "score"]

VARIANTS: Final = ("SPARSE", "MENTOR", "ABLATION2", "ABLATION3", "ABLATION4")
"""The published rewards."""


def score(
    solution_strs: Sequence[str],
    ground_truths: Sequence[str | Sequence[str]],
    teacher_tools: Sequence[Sequence[str] | None],
    *,
    variant: str,
    eos_token: str,
    correct: Sequence[bool] | Callable[[str, list[str]], bool] | None = None,
) -> NDArray[np.float64]:
    r"""Scores texts by a published variant.

    Args:
        solution_strs: Prompt and response together, special tokens kept.
        ground_truths: Per row the accepted answer or answers.
        teacher_tools: Per row the names of the teacher's calls (`tool_calls_used`); None is an empty list.
        variant: One of `VARIANTS`.
        eos_token: What a finished text ends with; an empty one always fits.
        correct: Whether the answers are right, per row; or a judge, called with the prediction (what the box
            holds) and the ground truths taken out of their boxes, for the rows that need it; or None for the
            built-in judge.

    Returns:
        float64 of shape (rows,): the scores; NaN where the published code raises.

    Raises:
        ScoreError: The variant is not known, or the batch is ragged or holds something else.
        JudgeError: No `correct` is given and Math-Verify is not installed.

    >>> text = r'<tool_call>{"name": "add"}</tool_call> \boxed{3}<|im_end|>'
    >>> score([text], ["3"], [["add"]], variant="MENTOR", eos_token="<|im_end|>", correct=[True]).round(3)
    array([1.1])
    """
    teachers = [() if tools is None else tools for tools in teacher_tools]
    if correct is None or callable(correct):
        judge = _math_verify_judge() if correct is None else correct
        questions = _native.official_questions(solution_strs, ground_truths, eos_token)
        verdicts = [question is not None and bool(judge(*question)) for question in questions]
    else:
        verdicts = [bool(one) for one in correct]
    return _native.official_scores(
        solution_strs, ground_truths, teachers, verdicts, variant=variant, eos_token=eos_token
    )


def _math_verify_judge() -> Callable[[str, list[str]], bool]:
    if importlib.util.find_spec("math_verify") is None:
        raise JudgeError("the published judge needs Math-Verify: install mentor-rl[judge], or pass correct=")
    return lambda prediction, truths: any(_judged(prediction, truth, _on_main_thread()) for truth in truths)


def _on_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@functools.lru_cache(16_384)
def _judged(prediction: str, truth: str, on_main_thread: bool) -> bool:
    """The two judges of Math-Verify; they say no on other threads, so that is part of the question."""
    library = importlib.import_module("math_verify")
    try:
        points, _ = _metric()([f"\\boxed{{{truth}}}"], [prediction])
        if points > 0:
            return True
    except Exception:
        # As published: what the metric cannot do is a no.
        points = 0.0
    try:
        return bool(library.verify(library.parse(truth), library.parse(prediction)))
    except Exception:
        return False


@functools.cache
def _metric() -> Any:
    metric = importlib.import_module("math_verify.metric")
    parser = importlib.import_module("math_verify.parser")
    return metric.math_metric(
        gold_extraction_target=(parser.LatexExtractionConfig(),),
        pred_extraction_target=(parser.ExprExtractionConfig(), parser.LatexExtractionConfig()),
    )
