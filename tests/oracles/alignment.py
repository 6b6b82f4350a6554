"""The alignment scores and the reward, from their definitions. A call is a pair (name, arguments)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oracles import matching
from oracles.comparators import agreements, compared, same

Call = tuple[str, Any]
_COUNTS = ("any_order", "unordered", "subset", "superset", "overlap", "precision", "recall", "f1", "jaccard")


@dataclass
class Sides:
    """A student's calls beside a reference's."""

    student: list[Call]
    teacher: list[Call]
    arguments: Any
    n: int
    gap: float

    def rule(self, tool: str) -> Any:
        if isinstance(self.arguments, dict):
            return self.arguments.get(tool, self.arguments.get("*", "exact"))
        return self.arguments

    def _agreements(self, i: int, j: int) -> list[tuple[float, bool]]:
        (name, mine), (_, theirs) = self.student[i], self.teacher[j]
        return agreements(self.rule(name), mine, theirs)

    def same_tool(self, i: int, j: int) -> bool:
        return self.student[i][0] == self.teacher[j][0]

    def same(self, i: int, j: int) -> bool:
        return self.same_tool(i, j) and all(equal for _, equal in self._agreements(i, j))

    def similarity(self, i: int, j: int) -> float:
        if not self.same_tool(i, j):
            return 0.0
        scores = [score for score, _ in self._agreements(i, j)]
        return sum(scores) / len(scores) if scores else 1.0

    def nested(self, i: int, j: int) -> float:
        """The similarity in which objects inside arguments are compared key by key, as DeepEval does."""
        if self.same_tool(i, j) and self.rule(self.student[i][0]) == "exact":
            return _nested(self.student[i][1], self.teacher[j][1])
        return self.similarity(i, j)

    def parameters(self, j: int) -> int:
        name, given = self.teacher[j]
        return len(compared(self.rule(name), given, given))

    def contribution(self, i: int, j: int) -> float:
        """What ToolRL counts of two calls of one tool: the Jaccard index of parameter names, and equal values."""
        (name, mine), (_, theirs) = self.student[i], self.teacher[j]
        both, union, equal = 0, 0, 0.0
        for (key, _), (score, is_same) in zip(
            compared(self.rule(name), mine, theirs), self._agreements(i, j), strict=True
        ):
            union += 1
            if (key in mine) == (key in theirs) or (key in theirs and is_same):
                both += 1
                equal += score
        return (both / union if union else 1.0) + equal


def score(
    student: list[Call],
    teacher: list[Call],
    metric: str,
    *,
    match: str = "multiset",
    arguments: Any = "exact",
    n: int = 2,
    gap: float = 0.25,
) -> float:
    if match == "set":
        student, teacher = _unique(student, arguments), _unique(teacher, arguments)
    if not student and not teacher:
        return 1.0
    sides = Sides(student, teacher, arguments, n, gap)
    return float(_counted(sides, metric) if metric in _COUNTS else _SCORES[metric](sides))


def _unique(calls: list[Call], arguments: Any) -> list[Call]:
    """Without repetitions: of calls of one tool where arguments do not count at all, else of equal calls."""
    kept: list[Call] = []
    for call in calls:
        if not any(call[0] == one[0] and (arguments == "ignore" or same(call[1], one[1])) for one in kept):
            kept.append(call)
    return kept


def _counted(sides: Sides, metric: str) -> float:
    p, r = len(sides.student), len(sides.teacher)
    pairs = matching.best(r, p, lambda j, i: float(sides.same(i, j)))
    shared = sum(pair is not None for pair in pairs)
    return {
        "any_order": float(shared == r),
        "superset": float(shared == r),
        "subset": float(shared == p),
        "unordered": float(shared == p == r),
        "overlap": float(shared > 0),
        "precision": shared / p if p else 0.0,
        "recall": shared / r if r else 0.0,
        "f1": 2 * shared / (p + r),
        "jaccard": shared / (p + r - shared),
    }[metric]


def _exact(sides: Sides) -> bool:
    return len(sides.student) == len(sides.teacher) and all(
        sides.same(i, i) for i in range(len(sides.student))
    )


def _in_order(sides: Sides) -> bool:
    rest = iter(range(len(sides.student)))
    return all(any(sides.same(i, j) for i in rest) for j in range(len(sides.teacher)))


def _prefix(sides: Sides) -> float:
    length = 0
    while length < min(len(sides.student), len(sides.teacher)) and sides.same(length, length):
        length += 1
    return length / max(len(sides.student), len(sides.teacher))


def _ngram(sides: Sides) -> float:
    def grams(calls: int) -> list[list[int | str]]:
        padded = ["before"] * (sides.n - 1) + list(range(calls)) + ["behind"] * (sides.n - 1)
        return [padded[i : i + sides.n] for i in range(len(padded) - sides.n + 1)]

    def equal(a: int | str, b: int | str) -> bool:
        return sides.same(a, b) if isinstance(a, int) and isinstance(b, int) else a == b

    mine, theirs = grams(len(sides.student)), grams(len(sides.teacher))
    pairs = matching.best(
        len(theirs),
        len(mine),
        lambda j, i: float(all(equal(a, b) for a, b in zip(mine[i], theirs[j], strict=True))),
    )
    return 2 * sum(pair is not None for pair in pairs) / (len(mine) + len(theirs))


def _edit(sides: Sides) -> float:
    row = list(range(len(sides.teacher) + 1))
    for i in range(len(sides.student)):
        above, row = row, [i + 1]
        for j in range(len(sides.teacher)):
            row.append(min(above[j] + (not sides.same(i, j)), above[j + 1] + 1, row[j] + 1))
    return 1 - row[-1] / max(len(sides.student), len(sides.teacher))


def _table(sides: Sides, gap: float, pair: Callable[[int, int], float]) -> float:
    """The most that an alignment which keeps both orders is worth."""
    row = [-gap * i for i in range(len(sides.student) + 1)]
    for j in range(len(sides.teacher)):
        above, row = row, [row[0] - gap]
        for i in range(len(sides.student)):
            row.append(max(above[i] + pair(i, j), above[i + 1] - gap, row[i] - gap))
    return row[-1]


def _weighted_lcs(sides: Sides) -> float:
    return _table(sides, 0.0, sides.nested) / len(sides.teacher) if sides.teacher else 0.0


def _global(sides: Sides) -> float:
    worth = _table(sides, sides.gap, sides.similarity)
    return max(0.0, worth / max(len(sides.student), len(sides.teacher)))


def _assignment(sides: Sides) -> float:
    pairs = matching.best(len(sides.teacher), len(sides.student), lambda j, i: sides.similarity(i, j))
    total = sum(sides.similarity(i, j) for j, i in enumerate(pairs) if i is not None)
    return total / max(len(sides.student), len(sides.teacher))


def _toolrl(sides: Sides) -> float:
    mine, theirs = (Counter(name for name, _ in calls) for calls in (sides.student, sides.teacher))
    shared = (mine & theirs).total()
    total = shared / (mine.total() + theirs.total() - shared)
    used: set[int] = set()
    for j in range(len(sides.teacher)):
        best, best_i = 0.0, None
        for i in range(len(sides.student)):
            if i not in used and sides.same_tool(i, j) and sides.contribution(i, j) > best:
                best, best_i = sides.contribution(i, j), i
        if best_i is not None:
            used.add(best_i)
            total += best
    return total / (1 + sum(1 + sides.parameters(j) for j in range(len(sides.teacher))))


def _nested(a: dict[str, Any], b: dict[str, Any]) -> float:
    keys = [*a, *(key for key in b if key not in a)]
    if not keys:
        return 1.0
    total = 0.0
    for key in a.keys() & b.keys():
        if isinstance(a[key], dict) and isinstance(b[key], dict):
            total += _nested(a[key], b[key])
        else:
            total += same(a[key], b[key])
    return total / len(keys)


_SCORES: dict[str, Callable[[Sides], float]] = {
    "exact": _exact,
    "in_order": _in_order,
    "prefix": _prefix,
    "ngram": _ngram,
    "edit": _edit,
    "weighted_lcs": _weighted_lcs,
    "global": _global,
    "assignment": _assignment,
    "toolrl": _toolrl,
}


def reward(
    correct: bool | None,
    alignment: float | None,
    validity: float,
    weights: tuple[float, float, float],
    discount: float,
) -> float | None:
    """The design's formula; None if a part with weight is not known."""
    w_answer, w_align, w_valid = weights
    if correct is None and (w_answer or (w_align and discount != 1)):
        return None
    kept = 1.0 if correct or correct is None else discount
    if alignment is None and w_align and kept:
        return None
    return w_answer * bool(correct) + w_align * (alignment or 0.0) * kept + w_valid * validity
