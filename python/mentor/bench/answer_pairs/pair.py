"""A labelled pair, and what all kinds of pairs are made with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

__all__ = ["Made", "Pair", "frac"]

Made: TypeAlias = Iterator[tuple[str, str, bool]]
"""Answers, references, and whether they are equal."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled pair.

    Attributes:
        kind: What it tests.
        answer: The answer.
        reference: The accepted answer.
        equal: Whether they say the same.
    """

    kind: str
    answer: str
    reference: str
    equal: bool


def frac(value: Fraction, style: int = 0) -> str:
    """A fraction in one of several styles."""
    sign, value = ("-" if value < 0 else ""), abs(value)
    a, b = value.numerator, value.denominator
    if b == 1:
        return f"{sign}{a}"
    return [rf"{sign}\frac{{{a}}}{{{b}}}", f"{sign}{a}/{b}", rf"{sign}\dfrac{{{a}}}{{{b}}}"][style % 3]
