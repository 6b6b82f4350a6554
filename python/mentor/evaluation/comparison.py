"""Two evaluations of the same tasks, compared task by task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mentor.errors import DataError
from mentor.evaluation.intervals import Interval, bootstrap, mean_interval, sign_test
from mentor.evaluation.result import EvaluationResult, SuiteResult
from mentor.evaluation.scoring import task_accuracy

__all__ = ["Comparison", "Difference", "compare"]


@dataclass(frozen=True, slots=True)
class Difference:
    """How accuracy changed between two runs over the tasks that both decided.

    Attributes:
        suites: The suites pooled here; every task counts once.
        before: The first run's accuracy over these tasks.
        after: The second run's.
        change: `after - before`, with the interval of the paired bootstrap over tasks.
        better: Tasks with a higher accuracy after than before.
        worse: Tasks with a lower one.
        p_value: Of the exact two-sided sign test on `better` against `worse`.
    """

    suites: tuple[str, ...]
    before: Interval
    after: Interval
    change: Interval
    better: int
    worse: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between two evaluations.

    Attributes:
        suites: By suite, in the order of the first evaluation.
        in_domain: Over all in-domain suites, or None where there are none.
        out_of_domain: Over all out-of-domain suites, or None where there are none.
    """

    suites: dict[str, Difference]
    in_domain: Difference | None
    out_of_domain: Difference | None


def compare(before: EvaluationResult, after: EvaluationResult, *, seed: int = 0) -> Comparison:
    """Compare two evaluations task by task, on the suites that both hold.

    Args:
        before: The first run.
        after: The second run, on the same tasks.
        seed: Seeds the bootstrap.

    Raises:
        DataError: If no suite is in both, or a suite of one name holds other tasks.
    """
    shared = [name for name in before.suites if name in after.suites]
    if not shared:
        raise DataError(
            f"{before.model} and {after.model}", None, "suites", "have no suite in common: nothing to compare"
        )
    for name in shared:
        if before.suites[name].fingerprint != after.suites[name].fingerprint:
            reason = "holds other tasks in the second evaluation: evaluate both on the same tasks"
            raise DataError(f"{before.model} and {after.model}", None, f"suites.{name}", reason)

    def pooled(names: Sequence[str]) -> Difference | None:
        return _difference([(name, before.suites[name], after.suites[name]) for name in names], seed)

    def domain(kind: Literal["in", "out"]) -> list[str]:
        return [name for name in shared if before.suites[name].domain == kind]

    each = {name: pooled([name]) for name in shared}
    return Comparison(
        suites={name: difference for name, difference in each.items() if difference is not None},
        in_domain=pooled(domain("in")),
        out_of_domain=pooled(domain("out")),
    )


def _difference(suites: Sequence[tuple[str, SuiteResult, SuiteResult]], seed: int) -> Difference | None:
    first: list[float] = []
    second: list[float] = []
    for _, old, new in suites:
        earlier, later = task_accuracy(old.items), task_accuracy(new.items)
        paired = [task for task in earlier if task in later]
        first += [earlier[task] for task in paired]
        second += [later[task] for task in paired]
    before, after = mean_interval(first, seed=seed), mean_interval(second, seed=seed)
    if before is None or after is None:
        return None
    changes = [b - a for a, b in zip(first, second, strict=True)]
    better, worse = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    return Difference(
        suites=tuple(name for name, _, _ in suites),
        before=before,
        after=after,
        change=bootstrap(changes, seed=seed),
        better=better,
        worse=worse,
        p_value=sign_test(better, worse),
    )
