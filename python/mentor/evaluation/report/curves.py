"""The figures over the training steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mentor.evaluation.intervals import Interval, mean_interval
from mentor.evaluation.report.axes import errors, new_figure, step_axis, top
from mentor.evaluation.report.runfolder import Run
from mentor.evaluation.report.theme import COLOURS, INK
from mentor.evaluation.result import EvaluationResult
from mentor.evaluation.scoring import task_accuracy

__all__ = [
    "accuracy",
    "calls",
    "domain_accuracy",
    "draw_accuracy",
    "reward",
    "smooth",
    "time_share",
    "variance",
]

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


def reward(run: Run) -> Any:
    """The reward and its parts over the training steps."""
    figure, axes = new_figure()
    _curve(axes, run, "reward", "reward", INK)
    for key, label, colour in _PARTS:
        _curve(axes, run, key, label, colour)
    step_axis(axes, "mean over the step's rollouts", ceiling=None)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    return figure


def accuracy(run: Run) -> Any:
    """Accuracy on the training prompts over the steps, with the evaluations before and after."""
    figure, axes = new_figure()
    draw_accuracy(axes, run)
    return figure


def draw_accuracy(axes: Any, run: Run) -> None:
    """Draw what `accuracy` shows into given axes."""
    _curve(axes, run, "reward/answer", "training prompts, sampled", COLOURS[0])
    ends = _ends(run)
    for kind, name, colour, marker, shift in (
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
            yerr=errors([interval for _, interval in known]),
            color=colour,
            marker=marker,
            markersize=6,
            linestyle="none",
            elinewidth=1.6,
            capsize=3.5,
            label=name,
            zorder=3,
        )
    step_axis(axes, "accuracy", ceiling=top(run))


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


def calls(run: Run) -> Any:
    """Shares of valid, malformed and unknown calls, and of tool errors, over the steps."""
    figure, axes = new_figure()
    for key, label, colour in _CALLS:
        _curve(axes, run, key, label, colour)
    step_axis(axes, "share of calls")
    return figure


def variance(run: Run) -> Any:
    """The share of groups whose rewards differ (only they teach), and of episodes ended by the model."""
    figure, axes = new_figure()
    _curve(axes, run, "groups_with_variance", "groups with variance", COLOURS[0])
    _curve(axes, run, "episodes/finished", "episodes the model finished", COLOURS[2])
    step_axis(axes, "share")
    return figure


def time_share(run: Run) -> Any:
    """Where a step's time goes: stacked shares of the whole run, and seconds a step."""
    figure, axes = new_figure((6.0, 3.5))
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
    step_axis(axes, "seconds a step", ceiling=None, columns=3)
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    return figure


def _on(steps: Sequence[float], at: Sequence[float], values: Sequence[float]) -> list[float]:
    by_step = dict(zip(at, values, strict=True))
    return [by_step.get(step, 0.0) for step in steps]
