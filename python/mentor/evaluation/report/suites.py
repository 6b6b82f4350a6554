"""The figures over the suites, before and after training."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from mentor.evaluation.intervals import Interval
from mentor.evaluation.report.axes import errors, label, legend, new_figure, share_axis, top
from mentor.evaluation.report.curves import draw_accuracy
from mentor.evaluation.report.runfolder import Run
from mentor.evaluation.report.theme import AFTER, BEFORE, COLOURS, INK, MUTED
from mentor.evaluation.result import EvaluationResult

__all__ = ["bars", "overview", "similarity", "spread"]

_GAP = 0.35  # between the suites in and out of domain, in widths of a suite
Point = tuple[float, float]


def bars(run: Run) -> Any:
    """Accuracy before and after by suite, with 95 % intervals."""
    figure, axes = new_figure((11.2, 4.2))
    _draw_bars(axes, run)
    return figure


def overview(run: Run) -> Any:
    """The run in one picture: accuracy over the steps at the left, before and after by suite at the right."""
    figure, (left, right) = new_figure((12.0, 4.2), 2, width_ratios=[1, 1.5])
    draw_accuracy(left, run)
    _draw_bars(right, run)
    return figure


def _domains(run: Run) -> tuple[list[str], list[str]]:
    """The suites in domain and those out of domain, each in their own order."""
    suites = {}
    for result in (run.before, run.after):
        suites.update({} if result is None else result.suites)
    inside = [name for name, suite in suites.items() if suite.domain == "in"]
    return inside, [name for name in suites if name not in inside]


def _draw_bars(axes: Any, run: Run) -> None:
    inside, outside = _domains(run)
    gap = _GAP if inside and outside else 0.0
    places = {name: float(index) for index, name in enumerate(inside)}
    places |= {name: len(inside) + gap + index for index, name in enumerate(outside)}
    for result, words, colour, shift in (
        (run.before, "before training", BEFORE, -0.2),
        (run.after, "after training", AFTER, 0.2),
    ):
        if result is not None:
            found = [
                (place + shift, suite.accuracy)
                for name, place in places.items()
                if (suite := result.suites.get(name)) is not None and suite.accuracy is not None
            ]
            _draw_group(axes, found, words, colour)
    axes.set_xticks(list(places.values()), [textwrap.fill(label(name), 10) for name in places])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    ceiling = top(run)
    share_axis(axes, ceiling)
    axes.set_ylim(0, 1.08 * ceiling)
    axes.set_ylabel("accuracy")
    if gap:
        axes.axvline(len(inside) - 0.5 + gap / 2, color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
    legend(axes, 2)


def _draw_group(axes: Any, found: Sequence[tuple[float, Interval]], words: str, colour: str) -> None:
    """The bars of one evaluation, with their intervals and values."""
    places, intervals = [place for place, _ in found], [interval for _, interval in found]
    values = [interval.value for interval in intervals]
    axes.bar(places, values, 0.38, color=colour, label=words, linewidth=0)
    axes.errorbar(places, values, yerr=errors(intervals), fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
    for place, interval in found:
        above = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center", "va": "bottom"}
        axes.annotate(f"{100 * interval.value:.0f}", (place, interval.high), fontsize=9.5, **above)


def similarity(run: Run) -> Any:
    """Similarity of tool use to the teacher against accuracy: one arrow a suite, from before to after."""
    figure, axes = new_figure()
    ends: dict[str, tuple[Point, bool]] = {}
    for names, words, colour in zip(
        _domains(run), ("in domain", "out of domain"), (COLOURS[1], COLOURS[3]), strict=True
    ):
        for name in names:
            start, stop = _place(run.before, name), _place(run.after, name)
            _draw_arrow(axes, start, stop, colour)
            if (end := stop or start) is not None:
                ends[name] = (end, start is not None and end[0] < start[0])
        if any(name in ends for name in names):
            axes.plot([], [], "o", color=colour, label=words)
    axes.margins(x=0.28, y=0.12)  # room for the names
    _name(axes, ends)
    axes.set_xlabel("similarity to the teacher's tool use (1 − JSD)")
    axes.set_ylabel("accuracy")
    legend(axes, 2)
    return figure


def _place(result: EvaluationResult | None, name: str) -> Point | None:
    suite = None if result is None else result.suites.get(name)
    if suite is None or suite.similarity is None or suite.accuracy is None:
        return None
    return suite.similarity, suite.accuracy.value


def _draw_arrow(axes: Any, start: Point | None, stop: Point | None, colour: str) -> None:
    if start is not None and stop is not None:
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "shrinkA": 4, "shrinkB": 4}
        axes.annotate("", xy=stop, xytext=start, arrowprops=arrow)
    for end, inner in ((start, "none"), (stop, colour)):
        if end is not None:
            axes.plot(*end, "o", color=colour, markerfacecolor=inner, markersize=6)


def _name(axes: Any, ends: dict[str, tuple[Point, bool]]) -> None:
    """Write the suites' names beside their points, away from the arrow, apart where they would overlap."""
    if not ends:
        return
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    # A line of text is about 12 of the 190 points of the axes' height, a name a quarter of their width.
    near = (0.25 * (right - left), 0.062 * (high - low))
    heights = spread([point for point, _ in ends.values()], near)
    for (name, ((x, y), leftwards)), height in zip(ends.items(), heights, strict=True):
        offset = (-7 if leftwards else 7, 190 * (height - y) / (high - low))
        side = {"ha": "right" if leftwards else "left", "va": "center", "textcoords": "offset points"}
        axes.annotate(label(name), (x, y), xytext=offset, fontsize=9, **side)


def spread(points: Sequence[Point], near: Point) -> list[float]:
    """Heights for the points' names: a name moves up until it covers none below it.

    Args:
        points: Where the names belong.
        near: How close two names cover each other, across and upright.

    Returns:
        One height per point, at least the point's own.
    """
    heights = [y for _, y in points]
    placed: list[int] = []
    for index in sorted(range(len(points)), key=lambda i: heights[i]):
        for other in placed:
            if abs(points[index][0] - points[other][0]) < near[0]:
                heights[index] = max(heights[index], heights[other] + near[1])
        placed.append(index)
    return heights
