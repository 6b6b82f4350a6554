"""The alignment scores and the reward, from their definitions. A call is a pair (name, arguments)."""

from typing import Any

Call = tuple[str, Any]


def same(a: Any, b: Any) -> bool:
    """Equality of JSON values: numbers by value, booleans only with booleans."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    numbers = _is_number(a) and _is_number(b)
    return (numbers or type(a) is type(b)) and a == b


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def score(student: list[Call], teacher: list[Call], metric: str, match: str, arguments: str) -> float:
    def equal(a: Call, b: Call) -> bool:
        return a[0] == b[0] and (arguments == "ignore" or same(a[1], b[1]))

    def unique(calls: list[Call]) -> list[Call]:
        kept: list[Call] = []
        for call in calls:
            if not any(equal(call, other) for other in kept):
                kept.append(call)
        return kept

    if match == "set":
        student, teacher = unique(student), unique(teacher)
    if not student and not teacher:
        return 1.0
    left = list(teacher)
    shared = 0
    for call in student:
        found = next((i for i, other in enumerate(left) if equal(call, other)), None)
        if found is not None:
            del left[found]
            shared += 1
    p, r = len(student), len(teacher)
    rest = iter(student)
    scores = {
        "exact": p == r and all(equal(a, b) for a, b in zip(student, teacher, strict=False)),
        "in_order": all(any(equal(call, other) for other in rest) for call in teacher),
        "any_order": shared == r,
        "superset": shared == r,
        "subset": shared == p,
        "unordered": shared == p == r,
        "overlap": shared > 0,
        "precision": shared / p if p else 0.0,
        "recall": shared / r if r else 0.0,
        "f1": 2 * shared / (p + r),
        "jaccard": shared / (p + r - shared),
    }
    return float(scores[metric])


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
