"""The experiment's pictures: every replicate's accuracy beside the means, and the course of the training."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mentor.evaluation.report.axes import new_figure, step_axis
from mentor.evaluation.report.theme import COLOURS, INK, MUTED
from mentor.experiment.config import BASE
from mentor.experiment.result import Result
from mentor.experiment.statistics import mean

__all__ = ["PICTURES", "accuracy", "training"]

_MOST_PANELS = 4


def accuracy(result: Result) -> Any:
    """A panel a measure: one dot a replicate, the mean, and its standard error over replicates."""
    from matplotlib.ticker import PercentFormatter

    measures = result.measures[:_MOST_PANELS]
    arms = result.arms
    size = (2.1 + 2.0 * len(measures), 0.9 + 0.27 * len(arms))
    figure, grid = new_figure(size, len(measures), sharey=True, squeeze=False)
    for axes, measure in zip(grid[0], measures, strict=True):
        for place, arm in enumerate(arms):
            found = mean(result, arm, measure)
            if found is None:
                continue
            colour = MUTED if arm == BASE else COLOURS[0]
            axes.errorbar(
                found.value, place, xerr=found.error, fmt="o", color=colour, markersize=5, capsize=3
            )
            axes.plot(found.replicates, [place] * len(found.replicates), "|", color=INK, markersize=8)
        axes.set_title(measure.label, fontsize=10)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.set_xlim(left=0)
        axes.grid(axis="y", visible=False)
    grid[0][0].set_yticks(range(len(arms)), arms)
    grid[0][0].invert_yaxis()
    return figure


def training(result: Result) -> Any:
    """Over the training steps: the share of right rollouts, and of prompts whose rollouts differ in reward."""
    figure, (left, right) = new_figure((9.2, 3.9), 2)
    arms = [
        arm for arm in result.arms if any(run.curves.get("reward/answer") for run in result.of(arm).values())
    ]
    for index, arm in enumerate(arms):
        style = {
            "color": COLOURS[index % len(COLOURS)],
            "linestyle": ("-", "--", ":")[index // len(COLOURS) % 3],
        }
        for axes, key in ((left, "reward/answer"), (right, "groups_with_variance")):
            steps, values = _curve(result, arm, key)
            axes.plot(steps, values, label=arm if axes is left else None, **style)
    step_axis(left, "rollouts with a right answer", ceiling=_ceiling(left), columns=4)
    step_axis(right, "prompts whose rollouts differ in reward", ceiling=1.0)
    return figure


def _curve(result: Result, arm: str, key: str) -> tuple[list[float], list[float]]:
    runs = [run for run in result.of(arm).values() if run.curves.get(key)]
    points = min(len(run.curves[key]) for run in runs)
    means = np.mean([run.curves[key][:points] for run in runs], axis=0)
    steps = runs[0].steps
    return [steps * (point + 0.5) / points for point in range(points)], means.tolist()


def _ceiling(axes: Any) -> float:
    tops = [float(np.max(line.get_ydata())) for line in axes.get_lines()]
    return min(1.0, math.ceil(10 * max([*tops, 0.1])) / 10)


PICTURES: dict[str, tuple[Callable[[Result], Any], str]] = {
    "accuracy": (accuracy, "Accuracy by arm and measure: every replicate, the mean and its standard error"),
    "training": (training, "The training: rollouts with a right answer, and prompts whose rollouts differ"),
}
"""By name: what draws the picture, and what it shows."""
