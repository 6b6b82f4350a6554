"""Executable tasks with a scripted teacher, and suites that do not overlap: arithmetic, and a shop with a state."""

from __future__ import annotations

from mentor.data.tasks.shop import SHOP_SUITES, generate_shop
from mentor.data.tasks.suites import EVALUATION_SUITES, SUITES, generate, suites
from mentor.data.tasks.toolbox import TOOL_NAMES, schemas, tool_source

__all__ = [
    "EVALUATION_SUITES",
    "SHOP_SUITES",
    "SUITES",
    "TOOL_NAMES",
    "generate",
    "generate_shop",
    "schemas",
    "suites",
    "tool_source",
]
