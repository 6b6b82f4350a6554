r"""Math-Verify as it runs in the sandbox's guest, behind `guest_signals.py`; never imported outside of it."""

# mypy: ignore-errors
import math_verify


def equal(answer, reference):
    """Whether Math-Verify takes one for the other; None where it can only read one of them as text, or not compare."""
    gold, given = (math_verify.parse(f"\\boxed{{{text}}}") for text in (reference, answer))
    if any(all(isinstance(one, str) for one in read) for read in (gold, given)):
        return None
    try:
        return bool(math_verify.verify(gold, given, raise_on_error=True))
    except Exception:
        return None


# What a first question makes sympy and the parsers load and cache is part of the image.
for _pair in (
    ("1", "2"),
    (r"\frac{1}{2}", "0.25"),
    (r"\sqrt{2}+3", r"\sqrt{3}+2"),
    ("x^2+2x+1", "(x+1)^2"),
    ("(0,1)", "[0,1]"),
):
    equal(*_pair)
