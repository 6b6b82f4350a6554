"""Labelled pairs of answers made by construction: the label follows from how a pair is made, not from a judge.

Each function makes pairs of one kind from random numbers: equal ones by writing one value in two ways, different
ones by writing another value in one of them. `made(seed)` gives all of them, the same for the same seed.
`written()` gives those that were written by hand.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from mentor.bench.answer_pairs import collections, expressions, numbers, wording
from mentor.bench.answer_pairs.pair import Made, Pair
from mentor.bench.answer_pairs.written import written

__all__ = ["KINDS", "Pair", "made", "written"]

KINDS: Final[tuple[Callable[[random.Random], Made], ...]] = tuple(
    getattr(module, name)
    for module in (numbers, expressions, collections, wording)
    for name in module.__all__
)
"""The kinds of pairs."""


def made(seed: int = 0, rounds: int = 20) -> list[Pair]:
    """Pairs of every kind, without repetitions.

    Args:
        seed: Decides the numbers.
        rounds: How often each kind is made; 20 rounds are some six thousand pairs.
    """
    pairs: dict[tuple[str, str], Pair] = {}
    for kind in KINDS:
        # The numbers make pairs, no secrets.
        r = random.Random(f"{seed} {kind.__name__}")
        for _ in range(rounds):
            for answer, reference, equal in kind(r):
                pairs.setdefault((answer, reference), Pair(kind.__name__, answer, reference, equal))
    return list(pairs.values())
