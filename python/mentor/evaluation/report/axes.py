"""What the figures have in common: axes, legends, labels and the ceiling of accuracy."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from mentor.evaluation.intervals import Interval
from mentor.evaluation.report.runfolder import Run

__all__ = ["errors", "label", "legend", "new_figure", "share_axis", "step_axis", "top"]

SIZE = (6.0, 3.5)


def new_figure(size: tuple[float, float] = SIZE, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    """A figure of a size in inches, and its axes: one, or an array of them side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(1, columns, **options)


def label(suite: str) -> str:
    """A suite's name in words, short enough to stand at an axis."""
    return textwrap.shorten(suite.replace("_", " "), 28, placeholder=" …")


def step_axis(axes: Any, ylabel: str, *, ceiling: float | None = 1.0, columns: int = 4) -> None:
    """Label axes over the training steps; `ceiling` is the greatest share shown, None for other figures."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel("training step")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(ylabel)
    if ceiling is not None:
        share_axis(axes, ceiling)
    legend(axes, columns)


def legend(axes: Any, columns: int) -> None:
    """A legend above the axes, where anything is labelled."""
    if axes.get_legend_handles_labels()[0]:
        place = {"loc": "lower left", "bbox_to_anchor": (-0.01, 1.0), "borderaxespad": 0.3}
        axes.legend(**place, ncols=columns, columnspacing=1.3, handlelength=1.3)


def share_axis(axes: Any, ceiling: float) -> None:
    """Show the upright axis in percent, from 0 to `ceiling`."""
    from matplotlib.ticker import MultipleLocator, PercentFormatter

    axes.set_ylim(-0.02 * ceiling, 1.02 * ceiling)
    axes.yaxis.set_major_locator(MultipleLocator(0.25 if ceiling > 0.5 else 0.1))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))


def top(run: Run) -> float:
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


def errors(intervals: Sequence[Interval]) -> list[list[float]]:
    """How far the intervals reach below and above their values, as matplotlib's error bars want it."""
    return [[i.value - i.low for i in intervals], [i.high - i.value for i in intervals]]
