"""The results as rows of text, shared by the terminal, the Markdown summary and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mentor.evaluation.comparison import Comparison, Difference
from mentor.evaluation.intervals import Interval
from mentor.evaluation.result import EvaluationResult, SuiteResult

__all__ = ["Table", "accuracy_table", "behaviour_table", "percent", "single_table"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of ready texts.

    Attributes:
        header: The columns' names.
        rows: As many cells a row as there are columns; the first column holds words, the others figures.
        totals: Indices of the rows that sum up others.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: frozenset[int] = frozenset()

    def text(self) -> str:
        """The table for a terminal, in columns padded with spaces, totals set off by a rule."""
        widths = [max(len(row[i]) for row in (self.header, *self.rows)) for i in range(len(self.header))]

        def line(row: Sequence[str]) -> str:
            first, *others = zip(row, widths, strict=True)
            return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])

        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        lines = [line(self.header), rule]
        for index, row in enumerate(self.rows):
            if index in self.totals and index - 1 not in self.totals:
                lines.append(rule)
            lines.append(line(row))
        return "\n".join(lines)

    def markdown(self) -> str:
        """The table in GitHub's Markdown, totals in bold."""

        def line(cells: Sequence[str]) -> str:
            return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

        rule = "|---|" + "---:|" * (len(self.header) - 1)
        bold = [
            [f"**{cell}**" if i in self.totals and cell else cell for cell in row]
            for i, row in enumerate(self.rows)
        ]
        return "\n".join([line(self.header), rule, *map(line, bold)])


def percent(value: float | None, *, signed: bool = False) -> str:
    """A share as a percentage with one decimal, or a dash for None."""
    if value is None:
        return "–"
    text = f"{100 * value:+.1f}" if signed else f"{100 * value:.1f}"
    return text.replace("-", "−")


def _interval(interval: Interval | None, *, signed: bool = False) -> str:
    if interval is None:
        return "–"
    low, high = (percent(bound, signed=signed) for bound in (interval.low, interval.high))
    return f"{percent(interval.value, signed=signed)} [{low}, {high}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def accuracy_table(comparison: Comparison, before: EvaluationResult) -> Table:
    """Accuracy in percent before and after, and the paired change in points, with 95 % intervals."""
    header = ("suite", "domain", "tasks", "before", "after", "change", "better/worse")

    def row(name: str, domain: str, difference: Difference) -> tuple[str, ...]:
        return (
            name,
            domain,
            str(difference.change.n),
            _interval(difference.before),
            _interval(difference.after),
            _interval(difference.change, signed=True),
            f"{difference.better}/{difference.worse}",
        )

    rows = [
        row(name, before.suites[name].domain, difference) for name, difference in comparison.suites.items()
    ]
    totals = [
        row(name, domain, difference)
        for name, domain, difference in (
            ("all in domain", "in", comparison.in_domain),
            ("all out of domain", "out", comparison.out_of_domain),
        )
        if difference is not None
    ]
    return Table(header, (*rows, *totals), frozenset(range(len(rows), len(rows) + len(totals))))


def behaviour_table(evaluations: Sequence[tuple[str, EvaluationResult]]) -> Table:
    """How the tools were used, per suite and evaluation: shares in percent, means per task.

    Args:
        evaluations: The evaluations with a short name each (`before`, `after`).
    """
    header = (
        "suite",
        "run",
        "valid %",
        "malformed %",
        "unknown %",
        "tool errors %",
        "alignment",
        "exact %",
        "similarity",
        "calls/task",
        "tokens/task",
        "in sandbox",
    )
    names = list(dict.fromkeys(name for _, evaluation in evaluations for name in evaluation.suites))
    rows = [
        (name if index == 0 else "", label, *_behaviour(evaluation.suites[name]))
        for name in names
        for index, (label, evaluation) in enumerate(
            (label, evaluation) for label, evaluation in evaluations if name in evaluation.suites
        )
    ]
    return Table(header, tuple(rows))


def _behaviour(suite: SuiteResult) -> tuple[str, ...]:
    return (
        percent(suite.valid),
        percent(suite.malformed),
        percent(suite.unknown),
        percent(suite.tool_errors),
        _number(suite.alignment.value if suite.alignment else None),
        percent(suite.exact),
        _number(suite.similarity),
        _number(suite.calls_per_task),
        _decimal(suite.tokens_per_task),
        f"{suite.sandboxed}/{suite.executed}",
    )


def single_table(evaluation: EvaluationResult) -> Table:
    """One evaluation by itself: accuracy in percent with 95 % intervals, and the main figures of tool use."""
    ks = list(dict.fromkeys(k for suite in evaluation.suites.values() for k in suite.pass_at if k != "1"))
    header = (
        "suite",
        "domain",
        "tasks",
        "accuracy",
        *(f"pass@{k} %" for k in ks),
        "valid %",
        "tool errors %",
        "alignment",
        "similarity",
    )
    rows = [
        (
            name,
            suite.domain,
            str(suite.tasks),
            _interval(suite.accuracy),
            *(percent(suite.pass_at.get(k)) for k in ks),
            percent(suite.valid),
            percent(suite.tool_errors),
            _number(suite.alignment.value if suite.alignment else None),
            _number(suite.similarity),
        )
        for name, suite in evaluation.suites.items()
    ]
    return Table(header, tuple(rows))
