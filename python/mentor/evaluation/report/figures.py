"""The report's figures, each from a run's figures to one matplotlib figure."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from mentor.evaluation.intervals import Interval, mean_interval
from mentor.evaluation.report.runfolder import Run
from mentor.evaluation.report.theme import AFTER, BEFORE, COLOURS, INK, MUTED
from mentor.evaluation.result import EvaluationResult
from mentor.evaluation.scoring import task_accuracy

__all__ = [
    "accuracy",
    "bars",
    "calls",
    "domain_accuracy",
    "overview",
    "reward",
    "similarity",
    "smooth",
    "time_share",
    "variance",
]

_SIZE = (6.0, 3.5)
_PARTS = (
    ("reward/answer", "answer right", COLOURS[0]),
    ("reward/alignment", "alignment", COLOURS[1]),
    ("reward/validity", "calls valid", COLOURS[2]),
)
_CALLS = (
    ("calls/valid", "valid", COLOURS[2]),
    ("calls/malformed", "malformed", COLOURS[1]),
    ("calls/unknown", "unknown tool", COLOURS[3]),
    ("calls/failed_tool", "tool error", COLOURS[4]),
)
_TIMES = (
    ("time/generate", "generating", COLOURS[0]),
    ("time/tools", "tools (sandbox)", COLOURS[1]),
    ("time/parse", "parsing", COLOURS[4]),
    ("time/reward", "scoring", COLOURS[2]),
    ("time/optimise", "optimising", COLOURS[3]),
)


def _figure(size: tuple[float, float] = _SIZE, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - an optional package, loaded when drawing

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(1, columns, **options)


def _label(suite: str) -> str:
    """A suite's name in words, short enough to stand at an axis."""
    return textwrap.shorten(suite.replace("_", " "), 28, placeholder=" …")


def smooth(values: Sequence[float]) -> np.ndarray:
    """The centred running mean over about a fifteenth of the run, shape `(len(values),)`."""
    data = np.asarray(values, dtype=np.float64)
    half = max(1, len(data) // 15) // 2 + (len(data) >= 10)
    sums = np.concatenate([[0.0], np.cumsum(data)])
    index = np.arange(len(data))
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, len(data))
    return np.asarray((sums[high] - sums[low]) / (high - low))


def _curve(axes: Any, run: Run, key: str, label: str, colour: str) -> None:
    steps, values = run.series(key)
    if not values:
        return
    axes.plot(steps, values, color=colour, alpha=0.28, linewidth=1.0)
    axes.plot(steps, smooth(values), color=colour, label=label)


def _finish(axes: Any, ylabel: str, *, top: float | None = 1.0, columns: int = 4) -> None:
    """Label the axes; `top` is the greatest share shown, or None where the axis holds no share."""
    axes.set_xlabel("training step")
    axes.set_ylabel(ylabel)
    if top is not None:
        _share_axis(axes, top)
    _legend(axes, columns)


def _legend(axes: Any, columns: int) -> None:
    if axes.get_legend_handles_labels()[0]:
        place = {"loc": "lower left", "bbox_to_anchor": (-0.01, 1.0), "borderaxespad": 0.3}
        axes.legend(**place, ncols=columns, columnspacing=1.3, handlelength=1.3)


def _share_axis(axes: Any, top: float) -> None:
    from matplotlib.ticker import MultipleLocator, PercentFormatter  # noqa: PLC0415 - as above

    axes.set_ylim(-0.02 * top, 1.02 * top)
    axes.yaxis.set_major_locator(MultipleLocator(0.25 if top > 0.5 else 0.1))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))


def _top(run: Run) -> float:
    """The ceiling of the accuracy axes: the least multiple of a tenth with room for every interval."""
    highs = [
        suite.accuracy.high
        for result in (run.before, run.after)
        if result is not None
        for suite in result.suites.values()
        if suite.accuracy is not None
    ]
    reached = max([*highs, *run.series("reward/answer")[1], 0.1])
    return min(1.0, math.ceil(10 * reached) / 10)


def reward(run: Run) -> Any:
    """The reward and its parts over the training steps."""
    figure, axes = _figure()
    _curve(axes, run, "reward", "reward", INK)
    for key, label, colour in _PARTS:
        _curve(axes, run, key, label, colour)
    _finish(axes, "mean over the step's rollouts", top=None)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    return figure


def accuracy(run: Run) -> Any:
    """Accuracy on the training prompts over the steps, with the evaluations before and after."""
    figure, axes = _figure()
    _draw_accuracy(axes, run)
    return figure


def _draw_accuracy(axes: Any, run: Run) -> None:
    _curve(axes, run, "reward/answer", "training prompts, sampled", COLOURS[0])
    ends = _ends(run)
    for kind, label, colour, marker, shift in (
        ("in", "in domain", COLOURS[1], "o", -0.006),
        ("out", "out of domain", COLOURS[3], "D", 0.006),
    ):
        points = [(step, domain_accuracy(result, kind)) for step, result in ends]
        known = [(step, interval) for step, interval in points if interval is not None]
        if not known:
            continue
        span = max((step for step, _ in ends), default=0.0)
        axes.errorbar(
            [step + shift * span for step, _ in known],
            [interval.value for _, interval in known],
            yerr=_errors([interval for _, interval in known]),
            color=colour,
            marker=marker,
            markersize=6,
            linestyle="none",
            elinewidth=1.6,
            capsize=3.5,
            label=label,
            zorder=3,
        )
    _finish(axes, "accuracy", top=_top(run))


def _ends(run: Run) -> list[tuple[float, EvaluationResult]]:
    """The evaluations with the training step they belong to."""
    last = run.steps[-1]["step"] if run.steps else 0.0
    return [(step, result) for step, result in ((0.0, run.before), (last, run.after)) if result is not None]


def domain_accuracy(result: EvaluationResult, kind: str) -> Interval | None:
    """Accuracy over all tasks of the suites in (`in`) or out of (`out`) domain, every task counting once."""
    values = [
        value
        for suite in result.suites.values()
        if suite.domain == kind
        for value in task_accuracy(suite.items).values()
    ]
    return mean_interval(values, seed=result.decoding.seed)


def _errors(intervals: Sequence[Interval]) -> list[list[float]]:
    return [[i.value - i.low for i in intervals], [i.high - i.value for i in intervals]]


def calls(run: Run) -> Any:
    """Shares of valid, malformed and unknown calls, and of tool errors, over the steps."""
    figure, axes = _figure()
    for key, label, colour in _CALLS:
        _curve(axes, run, key, label, colour)
    _finish(axes, "share of calls")
    return figure


def variance(run: Run) -> Any:
    """The share of groups whose rewards differ (only they teach), and of episodes ended by the model."""
    figure, axes = _figure()
    _curve(axes, run, "groups_with_variance", "groups with variance", COLOURS[0])
    _curve(axes, run, "episodes/finished", "episodes the model finished", COLOURS[2])
    _finish(axes, "share")
    return figure


def time_share(run: Run) -> Any:
    """Where a step's time goes: stacked shares of the whole run, and seconds a step."""
    figure, axes = _figure((6.0, 3.5))
    series = {key: run.series(key) for key, _, _ in _TIMES}
    known = [(key, label, colour) for key, label, colour in _TIMES if series[key][1]]
    if not known:
        return figure
    steps = series[known[0][0]][0]
    whole = sum(sum(series[key][1]) for key, _, _ in known) or 1.0
    axes.stackplot(
        steps,
        [smooth(_on(steps, *series[key])) for key, _, _ in known],
        colors=[colour for _, _, colour in known],
        labels=[f"{label} {100 * sum(series[key][1]) / whole:.1f} %" for key, label, _ in known],
        linewidth=0,
    )
    _finish(axes, "seconds a step", top=None, columns=3)
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    return figure


def _on(steps: Sequence[float], at: Sequence[float], values: Sequence[float]) -> list[float]:
    by_step = dict(zip(at, values, strict=True))
    return [by_step.get(step, 0.0) for step in steps]


def _ordered(before: EvaluationResult | None, after: EvaluationResult | None) -> list[str]:
    """The suites, those in domain first, otherwise in their own order."""
    results = [result for result in (before, after) if result is not None]
    names = list(dict.fromkeys(name for result in results for name in result.suites))
    inside = {name for result in results for name, suite in result.suites.items() if suite.domain == "in"}
    return [name for name in names if name in inside] + [name for name in names if name not in inside]


def bars(run: Run) -> Any:
    """Accuracy before and after by suite, with 95 % intervals."""
    figure, axes = _figure((11.2, 4.2))
    _draw_bars(axes, run)
    return figure


def _draw_bars(axes: Any, run: Run) -> None:
    names = _ordered(run.before, run.after)
    inside = _count_inside(run, names)
    gap = 0.35 if 0 < inside < len(names) else 0.0
    places = [index + (gap if index >= inside else 0.0) for index in range(len(names))]
    for result, label, colour, shift in (
        (run.before, "before training", BEFORE, -0.2),
        (run.after, "after training", AFTER, 0.2),
    ):
        if result is None:
            continue
        found = [
            (place + shift, suite.accuracy)
            for place, name in zip(places, names, strict=True)
            if (suite := result.suites.get(name)) is not None and suite.accuracy is not None
        ]
        intervals = [interval for _, interval in found]
        axes.bar(
            [x for x, _ in found], [i.value for i in intervals], 0.38, color=colour, label=label, linewidth=0
        )
        axes.errorbar(
            [x for x, _ in found],
            [i.value for i in intervals],
            yerr=_errors(intervals),
            fmt="none",
            ecolor=INK,
            elinewidth=1.2,
            capsize=3,
        )
        for x, interval in found:
            axes.annotate(
                f"{100 * interval.value:.0f}",
                (x, interval.high),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=9.5,
            )
    axes.set_xticks(places, [textwrap.fill(_label(name), 10) for name in names])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    top = _top(run)
    _share_axis(axes, top)
    axes.set_ylim(0, 1.08 * top)
    axes.set_ylabel("accuracy")
    if gap:
        axes.axvline(inside - 0.5 + gap / 2, color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
    _legend(axes, 2)


def _count_inside(run: Run, names: Sequence[str]) -> int:
    results = [result for result in (run.before, run.after) if result is not None]
    return sum(any(name in r.suites and r.suites[name].domain == "in" for r in results) for name in names)


def similarity(run: Run) -> Any:
    """Similarity of tool use to the teacher against accuracy: one arrow a suite, from before to after."""
    figure, axes = _figure()
    names = _ordered(run.before, run.after)
    inside = _count_inside(run, names)
    drawn: set[str] = set()
    for index, name in enumerate(names):
        ends = [_place(result, name) for result in (run.before, run.after)]
        colour = COLOURS[1] if index < inside else COLOURS[3]
        start, stop = ends
        if start is not None and stop is not None:
            arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "shrinkA": 4, "shrinkB": 4}
            axes.annotate("", xy=stop, xytext=start, arrowprops=arrow)
        for end, filled in ((start, False), (stop, True)):
            if end is None:
                continue
            kind = "in domain" if index < inside else "out of domain"
            axes.plot(
                *end,
                "o",
                color=colour,
                markerfacecolor=colour if filled else "none",
                markersize=6,
                label=None if kind in drawn or not filled else kind,
            )
            drawn |= {kind} if filled else set()
        if stop is not None:
            axes.annotate(
                _label(name),
                stop,
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
    axes.margins(x=0.18, y=0.12)
    axes.set_xlabel("similarity to the teacher's tool use (1 − JSD)")
    axes.set_ylabel("accuracy")
    _legend(axes, 2)
    return figure


def _place(result: EvaluationResult | None, name: str) -> tuple[float, float] | None:
    suite = None if result is None else result.suites.get(name)
    if suite is None or suite.similarity is None or suite.accuracy is None:
        return None
    return suite.similarity, suite.accuracy.value


def overview(run: Run) -> Any:
    """The run in one picture: accuracy over the steps at the left, before and after by suite at the right."""
    figure, (left, right) = _figure((12.0, 4.2), 2, width_ratios=[1, 1.5])
    _draw_accuracy(left, run)
    _draw_bars(right, run)
    return figure
