"""What the documentation promises: each figure, what it must reach and what it aims at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Measured", "Promise"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure.

    Attributes:
        p50: The median: of calls for times, of rounds for rates and ratios.
        p99: The 99th percentile, or the worst one in a hundred for rates; None for what does not vary.
        detail: What it is made of, a line.
    """

    p50: float
    p99: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of the table.

    Attributes:
        name: Its key.
        text: What is measured.
        must: What it must reach.
        aim: What it should reach.
        better: Whether less or more is better.
        unit: What the figure counts; empty for a ratio.
        scale: What figures are divided by when they are shown.
    """

    name: str
    text: str
    must: float
    aim: float
    better: Literal["less", "more"]
    unit: str = ""
    scale: float = 1.0

    def kept(self, measured: Measured) -> bool:
        """Whether the median reaches what it must."""
        return measured.p50 <= self.must if self.better == "less" else measured.p50 >= self.must

    def shown(self, value: float) -> str:
        """A figure with its unit."""
        scaled = value / self.scale
        digits = 0 if abs(scaled) >= 100 else 1 if abs(scaled) >= 10 else 2
        return f"{scaled:,.{digits}f} {self.unit}".rstrip()
