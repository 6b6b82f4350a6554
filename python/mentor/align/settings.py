"""The names and numbers of a comparison, checked and made into what the native core takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mentor.align.comparators import Arguments, Callables, native_rules

__all__ = ["METRICS", "FlowWeights", "Match", "Settings", "settings_of"]

METRICS = (
    "exact",
    "in_order",
    "any_order",
    "unordered",
    "subset",
    "superset",
    "overlap",
    "precision",
    "recall",
    "f1",
    "jaccard",
    "prefix",
    "ngram",
    "edit",
    "weighted_lcs",
    "toolrl",
    "assignment",
    "global",
    "flow",
)
"""The names of the scores."""

Match: TypeAlias = Literal["multiset", "set"]


@dataclass(frozen=True, slots=True)
class FlowWeights:
    """What each kind of agreement is worth to `flow`.

    Attributes:
        order: What is left of a matched call that was made before one that it must follow, in [0, 1].
        equivalence: The credit of a call that reached a reference's result another way, or led to it, in [0, 1].
        detour: The weight in the recall of a reference's call that is not on the way to the answer, in [0, 1].
        support: What is left of a matched call whose numbers came from nowhere, in [0, 1].
        beta: How much more recall counts than precision, above 0.
    """

    order: float = 0.5
    equivalence: float = 0.9
    detour: float = 0.25
    support: float = 0.5
    beta: float = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """A comparison as the native core takes it, and the callables that it cannot take."""

    native: Mapping[str, Any]
    callables: Callables


def settings_of(
    *,
    metric: str,
    match: Match = "multiset",
    arguments: Arguments = "exact",
    n: int = 2,
    gap: float = 0.25,
    weights: FlowWeights | None = None,
) -> Settings:
    """Makes settings of a score's keyword arguments; what they mean is said in `mentor.align.score`.

    Raises:
        ScoreError: A comparator is none, or a number is no number.
    """
    rules, callables = native_rules(arguments)
    chosen = weights or FlowWeights()
    native = {
        "metric": metric,
        "matching": match,
        "arguments": rules,
        "count_invalid": True,
        "n": number(n, "n", int),
        "gap": number(gap, "gap", float),
        "weights": [
            number(getattr(chosen, name), f"weights.{name}", float)
            for name in ("order", "equivalence", "detour", "support", "beta")
        ],
    }
    return Settings(native, callables)


def number(value: Any, field: str, kind: type[int] | type[float]) -> Any:
    """A number of a kind; the native core checks its range.

    Raises:
        ScoreError: It is none.
    """
    from mentor.errors import ScoreError

    wrong = isinstance(value, bool) or not isinstance(value, int if kind is int else int | float)
    if wrong or (kind is int and value < 1):
        what = "an integer of at least 1" if kind is int else "a number"
        raise ScoreError(f"field {field!r}: expected {what}, not {value!r}")
    return kind(value)
