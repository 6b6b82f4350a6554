"""Executable arithmetic-tool tasks with a scripted teacher, and suites that do not overlap."""

from __future__ import annotations

from mentor.data.tasks.suites import EVALUATION_SUITES, SUITES, generate, suites
from mentor.data.tasks.toolbox import TOOL_NAMES, schemas, tool_source

__all__ = ["EVALUATION_SUITES", "SUITES", "TOOL_NAMES", "generate", "schemas", "suites", "tool_source"]
