"""How the plots look: one palette, drawn by matplotlib, themed by the page's CSS variables."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["AFTER", "BEFORE", "COLOURS", "GRID", "INK", "MUTED", "drawing", "png", "svg"]

# Okabe and Ito's palette for every kind of colour vision, its yellow left out and its orange darkened a
# little for white paper. The page gives each a lighter twin for dark backgrounds (style.css).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#c98a00", "#56b4e9")
INK, MUTED, GRID = "#1b1f24", "#5b6470", "#dde1e6"
BEFORE, AFTER = "#9aa4af", COLOURS[0]

_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    BEFORE: "--before",
    **{colour: f"--c{number}" for number, colour in enumerate(COLOURS, start=1)},
}
_SETTINGS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.unicode_minus": True,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.linewidth": 1.9,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",  # text stays text: sharp, searchable, and in the page's colour
    "svg.hashsalt": "mentor",  # the same picture gives the same bytes
    "text.color": INK,
    "text.parse_math": False,  # names of suites and tools are not formulas
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9.5,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9.5,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw within mentor's settings, leaving matplotlib's own untouched."""
    import matplotlib as mpl
    from cycler import cycler

    with mpl.rc_context(
        {**mpl.rcParamsDefault, **_SETTINGS, "axes.prop_cycle": cycler(color=COLOURS), "backend": "agg"}
    ):
        yield


def svg(figure: Any, *, label: str, prefix: str) -> str:
    """The figure as an inline SVG element that takes its colours from the page.

    Args:
        figure: A matplotlib figure, drawn within `drawing`.
        label: What the picture shows, for readers who cannot see it.
        prefix: Put before every id, so that several pictures live in one page.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\g<1>{prefix}-", text)
    text = text.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans'")
    for colour, variable in _VARIABLES.items():
        text = re.sub(rf": {colour}(?=[;\"])", f": var({variable}, {colour})", text)
    # Without a fixed size the picture follows the width of its place; 4 / 3 turns points into pixels.
    width = figure.get_size_inches()[0] * 72 * 4 / 3
    text = re.sub(r' (?:width|height)="[\d.]+pt"', "", text, count=2)
    opening = f'<svg role="img" aria-label="{_attribute(label)}" style="max-width: {width:.0f}px" '
    return text.replace("<svg ", opening, 1).strip()


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def png(figure: Any) -> bytes:
    """The figure as a PNG on white paper, 160 dots an inch."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=160, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()
