"""How a reward compares calls with the teacher's: settings of `mentor.align`, looked at once and used batch by batch.

Most settings are the native core's own, and go with the rest of the reward in one call. What the core cannot take (a
comparator written in Python), or what looks at more than the calls (what they returned, the task's text), is scored
by `mentor.align` first, and the scores are handed in.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mentor import align
from mentor.align.comparators import Arguments, native_rules
from mentor.errors import ScoreError
from mentor.types import ParsedCall, ToolCall

__all__ = ["Alignment", "Student"]

Student = tuple[Sequence[ParsedCall], Sequence[Any]]
"""The attempts of a row, and what each returned, None where that is not known."""

_LOOK_AT_RESULTS: Final = ("flow",)
_OPTIONS: Final = tuple(
    name
    for name in inspect.signature(align.score_batch).parameters
    if name not in ("students", "references", "metric", "match", "arguments", "format", "tasks", "rows")
)


@dataclass(frozen=True)
class Alignment:
    """One of the scores of `mentor.align` with its settings.

    Attributes:
        metric: The score.
        match: Whether repeated calls count.
        arguments: When arguments agree.
        options: Further keyword arguments of `mentor.align.score_batch`, such as `n`, `gap`, `weights`, `facts`.
        count_invalid: Whether malformed and unknown calls count, as calls that agree with nothing.
    """

    metric: str
    match: str
    arguments: Arguments
    options: Mapping[str, Any] = field(default_factory=dict)
    count_invalid: bool = False

    def check(self) -> None:
        """Has `mentor.align` look at the settings.

        Raises:
            ScoreError: One of them is not known or out of its range.
        """
        if not isinstance(self.options, Mapping):
            raise ScoreError(f"field 'align': expected a mapping of options, not {self.options!r}")
        for name in self.options:
            if name not in _OPTIONS:
                raise ScoreError(f"field 'align': unknown option {name!r}; known: {', '.join(_OPTIONS)}")
        self.scores([], [], None)

    @property
    def apart(self) -> bool:
        """Whether `mentor.align` scores first, rather than the reward's own native call."""
        return bool(self.options) or self.looks_at_results or bool(native_rules(self.arguments)[1])

    @property
    def looks_at_results(self) -> bool:
        """Whether what calls returned, and the task, can change the score."""
        return self.metric in _LOOK_AT_RESULTS

    def native(self) -> dict[str, Any]:
        """The settings as the reward's native call takes them; of what is scored apart, harmless ones."""
        if self.apart:
            return {"metric": "f1", "matching": "set", "arguments": "ignore", "count_invalid": False}
        return {
            "metric": self.metric,
            "matching": self.match,
            "arguments": native_rules(self.arguments)[0],
            "count_invalid": self.count_invalid,
        }

    def scores(
        self,
        students: Sequence[Student | None],
        references: Sequence[Any],
        tasks: Sequence[str | None] | None,
    ) -> NDArray[np.float64]:
        """The alignment of each row; NaN where there is no student or no reference."""
        match: Any = self.match
        return align.score_batch(
            [None if student is None else self._calls(student) for student in students],
            references,
            metric=self.metric,
            match=match,
            arguments=self.arguments,
            tasks=tasks if self.looks_at_results else None,
            **self.options,
        )

    def _calls(self, student: Student) -> list[ToolCall | ParsedCall]:
        """The calls that count, the valid ones with what they returned."""
        calls: list[ToolCall | ParsedCall] = []
        for call, result in zip(*student, strict=True):
            if call.status == "valid" and call.name is not None and call.arguments is not None:
                calls.append(ToolCall(call.name, call.arguments, result))
            elif self.count_invalid:
                calls.append(call)
        return calls
