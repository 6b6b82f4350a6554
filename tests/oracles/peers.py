"""ToolRL's and OTC's rewards from their papers, in plain Python."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

Calls = Sequence[tuple[str, dict[str, Any]]]


def jaccard(mine: Sequence[str], theirs: Sequence[str]) -> float:
    """The Jaccard index of multisets; 1 of two empty ones."""
    shared = (Counter(mine) & Counter(theirs)).total()
    return shared / (len(mine) + len(theirs) - shared) if mine or theirs else 1.0


def toolrl(student: Calls, teacher: Calls, malformed: bool) -> float:
    """Format and correctness: the reference's calls in turn take the best call of their name that is left."""
    if malformed:
        return -3.0
    score, most = jaccard([name for name, _ in student], [name for name, _ in teacher]), 1.0
    left = list(range(len(student)))
    for name, wanted in teacher:
        most += 1 + len(wanted)
        best, chosen = 0.0, None
        for place in left:
            if student[place][0] == name:
                given = student[place][1]
                equal = sum(key in given and given[key] == value for key, value in wanted.items())
                worth = jaccard(list(given), list(wanted)) + equal
                if worth > best:
                    best, chosen = worth, place
        if chosen is not None:
            left.remove(chosen)
            score += best
    return 1.0 + 6.0 * score / most - 3.0


def otc(calls: int, fewest: int | None, smoothness: float = 2.0) -> float:
    """The share of a right answer's reward that is left after so many calls."""
    if not fewest:
        return math.cos(calls * math.pi / (2 * calls + smoothness))
    return math.sin(2 * calls * fewest / (calls + fewest) * math.pi / (2 * fewest))
