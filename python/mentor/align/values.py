"""What is aligned: the forms that calls, trajectories and references may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from mentor.errors import ScoreError
from mentor.types import ParsedCall, ToolCall, Trajectory

__all__ = ["Call", "Calls", "Teacher", "several"]

Call: TypeAlias = ToolCall | ParsedCall | Mapping[str, Any]
"""A call: `ToolCall`, `ParsedCall`, or a mapping with `name` and `arguments`, also inside OpenAI's `function`."""
Calls: TypeAlias = Trajectory | Sequence[Call] | Mapping[str, Any]
"""The calls of one trajectory."""
Teacher: TypeAlias = Calls | Iterable[Calls] | str
"""One trajectory, several, or the JSON text of either (`[{"calls": [{"name": ..., "arguments": {...}, "result":
...}], "answer": ...}]`)."""


def several(teacher: Teacher) -> Any:
    """A teacher's trajectories as a row of references; an empty list is one empty trajectory.

    Raises:
        ScoreError: It is none.
    """
    if isinstance(teacher, Trajectory | Mapping | str):
        return teacher
    if not isinstance(teacher, Iterable):
        raise ScoreError(f"field 'teacher': expected one trajectory or several, not {teacher!r}")
    return list(teacher) or Trajectory()
