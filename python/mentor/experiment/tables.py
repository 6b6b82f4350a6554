"""The experiment's tables: accuracy by arm with the scatter over replicates, and paired differences."""

from __future__ import annotations

from mentor.evaluation.table import Table, percent
from mentor.experiment.result import Result
from mentor.experiment.statistics import Difference, Mean, difference, mean

__all__ = ["accuracy_table", "behaviour_table", "difference_table", "index_table"]


def accuracy_table(result: Result) -> Table:
    """Accuracy in percent by arm and measure, mean ± standard error over replicates."""
    header = ("arm", "runs", *(measure.label for measure in result.measures))
    rows = [
        (arm, str(len(result.of(arm))), *(_mean(mean(result, arm, measure)) for measure in result.measures))
        for arm in result.arms
    ]
    return Table(header, tuple(rows))


def difference_table(result: Result) -> Table:
    """Paired differences in points with 95 % intervals and the difference in standard errors (z)."""
    header = ("difference", "replicates", *(measure.label for measure in result.measures))
    rows = []
    for first, second in result.experiment["pairs"]:
        found = [difference(result, first, second, measure) for measure in result.measures]
        if found[0] is not None:
            rows.append((f"{first} − {second}", str(found[0].replicates), *map(_difference, found)))
    return Table(header, tuple(rows))


def behaviour_table(result: Result) -> Table:
    """At the end, over the primary measure's suites: likeness to the teacher, and calls of tools not offered."""
    suites = result.measures[0].suites
    header = (
        "arm",
        "set F1 with the teacher",
        "similarity of tools",
        "unknown tools %",
        "groups that teach %",
    )
    rows = []
    for arm in result.arms:
        last = [run.evaluations[-1] for run in result.of(arm).values()]
        teaching = [run.curves.get("groups_with_variance", []) for run in result.of(arm).values()]
        known = [value for curve in teaching for value in curve]
        rows.append(
            (
                arm,
                _plain([one.alignment[suite] for one in last for suite in suites]),
                _plain([one.similarity[suite] for one in last for suite in suites]),
                _share([one.unknown[suite] for one in last for suite in suites]),
                percent(sum(known) / len(known)) if known else "–",
            )
        )
    return Table(header, tuple(rows))


def index_table(result: Result) -> Table:
    """Where every run's figures come from."""
    header = ("run", "steps", "seconds", "configuration", "evaluation at the end")
    rows = [
        (
            f"`{run.folder}`",
            str(run.steps),
            f"{run.seconds:.0f}",
            f"`{run.sha256[:12]}`" if run.sha256 else "–",
            f"`{run.evaluations[-1].sha256[:12]}`",
        )
        for run in result.runs
    ]
    return Table(header, tuple(rows))


def _mean(found: Mean | None) -> str:
    if found is None:
        return "–"
    return percent(found.value) + ("" if found.error is None else f" ± {percent(found.error)}")


def _difference(found: Difference | None) -> str:
    if found is None:
        return "–"
    low, high = percent(found.low, signed=True), percent(found.high, signed=True)
    return f"{percent(found.value, signed=True)} [{low}, {high}] (z {found.z:.1f})".replace("(z -", "(z −")


def _known(values: list[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _plain(values: list[float | None]) -> str:
    known = _known(values)
    return f"{sum(known) / len(known):.2f}" if known else "–"


def _share(values: list[float | None]) -> str:
    known = _known(values)
    return percent(sum(known) / len(known)) if known else "–"
