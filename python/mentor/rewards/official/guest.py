r"""The published judges as they run in the sandbox's guest, behind `guest_signals.py`; never imported outside of it.

Right is what any of three calls right, given the prediction and the ground truth without its box; the third is given
the ground truth as it stands. What they raise is a no, as published.
"""

# mypy: ignore-errors
import math_verify
from math_verify.metric import math_metric
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig
from mathruler.grader import grade_answer

_metric = math_metric(
    gold_extraction_target=(LatexExtractionConfig(),),
    pred_extraction_target=(ExprExtractionConfig(), LatexExtractionConfig()),
)


def by_metric(prediction, truth, given):
    """Math-Verify's metric: the gold answer boxed, the prediction bare."""
    try:
        return _metric([f"\\boxed{{{truth}}}"], [prediction])[0] > 0
    except Exception:
        return False


def by_verify(prediction, truth, given):
    """Math-Verify's parse and verify of both bare texts."""
    try:
        return bool(math_verify.verify(math_verify.parse(truth), math_verify.parse(prediction)))
    except Exception:
        return False


def by_mathruler(prediction, truth, given):
    """The grader of mathruler, which evaluates the prediction with sympy."""
    try:
        return bool(grade_answer(prediction, given))
    except Exception:
        return False


def by_any(prediction, truth, given):
    """Whether any of the three says yes, asked in the published order."""
    return any(one(prediction, truth, given) for one in (by_metric, by_verify, by_mathruler))


# What a first question makes sympy and the parsers load and cache is part of the image.
for _pair in (("1", "2"), (r"\frac{1}{2}", "0.25"), (r"$\sqrt{2}+3$", r"$\sqrt{3}+2$"), ("2*x+1", "x+2")):
    by_any(*_pair, _pair[1])
by_verify(r"$x^2+2x+1$", r"$(x+1)^2$", "")
