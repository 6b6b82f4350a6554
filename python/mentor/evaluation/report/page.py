"""The page: figures, tables and rollouts in one HTML file that loads nothing and runs one own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

from mentor.evaluation.comparison import Comparison, Difference
from mentor.evaluation.report import curves, suites
from mentor.evaluation.report.rollouts import chosen
from mentor.evaluation.report.runfolder import Run
from mentor.evaluation.report.theme import drawing, svg
from mentor.evaluation.result import EvaluationResult
from mentor.evaluation.table import Table, accuracy_table, behaviour_table, percent, single_table

__all__ = ["render"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of the page: its title, its SVG element and what it shows."""

    title: str
    svg: Any
    caption: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: figures, then tables with their captions."""

    title: str
    figures: list[Picture]
    tables: list[tuple[Table, str]]


@dataclass(frozen=True, slots=True)
class Card:
    """One key figure."""

    label: str
    value: str
    note: str


def render(run: Run, comparison: Comparison | None) -> str:
    """The report as HTML. Text that a model, a tool or a file supplied is escaped by the template.

    Args:
        run: The run folder, read.
        comparison: Its evaluations compared, or None where it does not hold both.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    # Style and script are files of this package: besides the SVGs the only texts taken as they are.
    script = _resource("browser.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
        _resource("report.html.jinja")
    )
    return template.render(
        run=run,
        lead=lead(run),
        cards=cards(run, comparison),
        sections=[section for section in _sections(run, comparison) if section.figures or section.tables],
        rollouts=chosen(run),
        style=Markup(_resource("style.css")),
        script=Markup(script),
        script_hash=f"sha256-{digest}",
    )


def _resource(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


def lead(run: Run) -> str:
    """One sentence on what the run was."""
    parts = [f"{len(run.steps)} training steps"] if run.steps else ["No training steps logged"]
    result = run.after or run.before
    if result is not None:
        count = sum(suite.tasks for suite in result.suites.values())
        way = "greedy decoding" if result.decoding.temperature == 0 else _sampling(result)
        parts.append(f"evaluated on {count} tasks in {len(result.suites)} suites with {way}")
    return ", ".join(parts) + "."


def _sampling(result: EvaluationResult) -> str:
    decoding = result.decoding
    return f"{decoding.samples} samples a task at temperature {decoding.temperature:g}"


def cards(run: Run, comparison: Comparison | None) -> list[Card]:
    """The key figures: accuracy in and out of domain, valid calls, and what ran in the sandbox."""
    found = []
    if comparison is not None:
        for label, difference in (
            ("Accuracy in domain", comparison.in_domain),
            ("Accuracy out of domain", comparison.out_of_domain),
        ):
            if difference is not None:
                found.append(_accuracy_card(label, difference))
    ends = [result for result in (run.before, run.after) if result is not None]
    if ends:
        shares = " → ".join(percent(_valid(result)) for result in ends) + " %"
        found.append(Card("Calls that were valid", shares, "well formed, and naming an offered tool"))
        executed, inside = sum(r.executed for r in ends), sum(r.sandboxed for r in ends)
        found.append(
            Card("Evaluated calls run in the sandbox", f"{inside:,} of {executed:,}", _training_calls(run))
        )
    return found


def _accuracy_card(label: str, difference: Difference) -> Card:
    change = difference.change
    ends = f"{percent(difference.before.value)} → {percent(difference.after.value)} %"
    low, high = percent(change.low, signed=True), percent(change.high, signed=True)
    note = f"{percent(change.value, signed=True)} points, 95 % interval {low} to {high}, {change.n} tasks"
    return Card(label, ends, note)


def _valid(result: EvaluationResult) -> float | None:
    calls = sum(suite.calls for suite in result.suites.values())
    valid = sum(
        item.valid for suite in result.suites.values() for item in suite.items if item.failure is None
    )
    return valid / calls if calls else None


def _training_calls(run: Run) -> str:
    count = sum(run.series("sandbox_calls")[1])
    return f"and {count:,.0f} more during training" if count else "each with its record of use"


def _sections(run: Run, comparison: Comparison | None) -> list[Section]:
    ends = [(name, result) for name, result in (("before", run.before), ("after", run.after)) if result]
    return [
        Section("Results", _result_figures(run), _result_tables(run, comparison)),
        Section("Learning", _learning_figures(run), []),
        Section(
            "Tool use and time",
            _tool_figures(run) + _time_figures(run),
            [(behaviour_table(ends), "Tool use by suite: shares of calls, means per task.")] if ends else [],
        ),
    ]


def _result_figures(run: Run) -> list[Picture]:
    if run.before is None and run.after is None:
        return []
    caption = (
        "Share of tasks solved, with 95 % intervals. Left of the dashed line tasks like those trained on, "
        "right of it tasks that differ from them in the way the suite's name says."
    )
    return [_picture(suites.bars, run, "Accuracy before and after", caption, wide=True)]


def _result_tables(run: Run, comparison: Comparison | None) -> list[tuple[Table, str]]:
    if comparison is not None and run.before is not None:
        caption = "Accuracy in percent with 95 % intervals; the change is paired by task, in points."
        return [(accuracy_table(comparison, run.before), caption)]
    single = run.after or run.before
    return [] if single is None else [(single_table(single), "Accuracy in percent with 95 % intervals.")]


def _learning_figures(run: Run) -> list[Picture]:
    if not run.steps:
        return []
    return [
        _picture(
            curves.accuracy,
            run,
            "Accuracy",
            "Line: right answers among the sampled training rollouts. Points: the evaluations before and "
            "after, with 95 % intervals.",
        ),
        _picture(
            curves.reward,
            run,
            "Reward and its parts",
            "Means over a step's rollouts; the strong line is a running mean. Parts are shown unweighted.",
        ),
        _picture(
            curves.calls,
            run,
            "Tool calls",
            "Valid, malformed and unknown calls as shares of all calls; errors as a share of executed ones.",
        ),
        _picture(
            curves.variance,
            run,
            "What the optimiser can learn from",
            "Only a group of rollouts whose rewards differ gives GRPO a direction.",
        ),
    ]


def _tool_figures(run: Run) -> list[Picture]:
    ends = [result for result in (run.before, run.after) if result is not None]
    if not any(suite.similarity is not None for result in ends for suite in result.suites.values()):
        return []
    caption = (
        "Each arrow is a suite, from before (hollow) to after (filled). Similarity is one minus the "
        "Jensen-Shannon divergence between the student's and the teacher's tool frequencies."
    )
    return [_picture(suites.similarity, run, "Similarity to the teacher against accuracy", caption)]


def _time_figures(run: Run) -> list[Picture]:
    if not run.series("time/generate")[1]:
        return []
    caption = "Seconds of every training step by what they were spent on; shares are of the whole run."
    return [_picture(curves.time_share, run, "Where the time goes", caption)]


def _picture(
    draw: Callable[[Run], Any], run: Run, title: str, caption: str, *, wide: bool = False
) -> Picture:
    from markupsafe import Markup

    with drawing():
        element = svg(draw(run), label=f"{title}. {caption}", prefix=draw.__name__)
    # Matplotlib escapes every text it writes into an SVG; the label is escaped by `svg`.
    return Picture(title, Markup(element), caption, wide)
