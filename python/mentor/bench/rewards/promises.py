"""The rows of the rewards' table: what each must reach and what it aims at."""

from __future__ import annotations

from mentor.bench.promise import Promise

__all__ = ["PROMISES"]

_TOOLRL = ((2, 10), (8, 30), (32, 100), (64, 200))

PROMISES = (
    Promise(
        "published", "published MENTOR reward without its judge / `official.score`, 29 kB", 10, 50, "more"
    ),
    *(
        Promise(
            f"toolrl-{calls}",
            f"ToolRL's score on dicts / `toolrl` on read calls, {calls} calls",
            must,
            2 * must,
            "more",
        )
        for calls, must in _TOOLRL
    ),
    *(
        Promise(
            f"agentevals-{calls}",
            f"agentevals strict on messages / `exact` from the text, {calls} calls",
            500,
            2_000,
            "more",
        )
        for calls in (4, 16)
    ),
    *(
        Promise(
            f"edit-{calls}",
            f"rapidfuzz on ready integers / `edit` on read calls, {calls} calls",
            1,
            1.5,
            "more",
        )
        for calls in (8, 32, 64)
    ),
    *(
        Promise(
            f"assignment-{calls}",
            f"scipy's `linear_sum_assignment` on a ready matrix / `assignment`, matrix included, {calls} calls",
            1,
            1.5,
            "more",
        )
        for calls in (8, 32, 64)
    ),
    Promise(
        "batch",
        "1,024 completions of 4 kB, 8 of each task, from Python: parse, align, reward",
        10e-3,
        3e-3,
        "less",
        "ms",
        1e-3,
    ),
    Promise("growth", "the same on one thread / on all, by the number of cores", 0.8, 0.95, "more"),
)
"""All but the last two are ratios on one thread, the peer's time by ours."""
