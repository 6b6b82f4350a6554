"""References that are compiled once, and students read against them, to be scored as often as wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentor import _native
from mentor.align.comparators import Arguments
from mentor.align.facts import FlowFacts
from mentor.align.settings import FlowWeights, Match, Settings, settings_of
from mentor.align.values import Calls, Teacher
from mentor.errors import ScoreError

__all__ = ["References", "Students", "compile_references"]


class References:
    """The references of some rows: parsed, numbered and indexed once, for every metric and any number of students.

    They pickle (and are compiled again where they are read), and may be used from several threads at once.

    Args:
        references: One entry a row: one trajectory, a list of several, or their JSON text.
        tasks: The task's text of each row, which `flow` looks for given values in; None where it is not known.
        facts: What re-execution said of each row's references; see `flow_facts`. One for all rows will do if it
            holds no order.
        tools: Schemas of the offered tools, or their names: every reference must call these only.

    Raises:
        ScoreError: A reference cannot be read or calls a tool that is not offered, or columns are of unequal
            length; the message names row and field.
    """

    def __init__(
        self,
        references: Sequence[Teacher | None],
        *,
        tasks: Sequence[str | None] | None = None,
        facts: FlowFacts | Sequence[FlowFacts | None] | None = None,
        tools: Iterable[Mapping[str, Any] | str] | None = None,
    ) -> None:
        self._given = (list(references), tasks, facts, None if tools is None else list(tools))
        contexts = _contexts(len(self._given[0]), tasks, facts)
        self._native = _native.References(self._given[0], contexts)
        if self._given[3] is not None:
            self._native.check_tools({_name(tool) for tool in self._given[3]})

    def __len__(self) -> int:
        return len(self._native)

    def __reduce__(self) -> tuple[Callable[..., References], tuple[Any, ...]]:
        return _rebuilt, self._given

    def read(
        self,
        students: Sequence[Calls | str | None],
        *,
        rows: Sequence[int] | None = None,
        format: str = "hermes",
    ) -> Students:
        """Reads students once, to be scored under several metrics or explained.

        Args:
            students: One trajectory each, or a model's text to parse; None for one that may not be scored.
            rows: The row of references that each student belongs to; None means that there is one for each.
            format: The format of texts; see `mentor.parsing`.

        Raises:
            ScoreError: Something is not a call, or a row does not exist; the message names row and field.
        """
        return Students(self._native.read(students, _rows(rows), format))

    def score(
        self,
        students: Sequence[Calls | str | None],
        *,
        rows: Sequence[int] | None = None,
        metric: str = "f1",
        match: Match = "multiset",
        arguments: Arguments = "exact",
        n: int = 2,
        gap: float = 0.25,
        weights: FlowWeights | None = None,
        format: str = "hermes",
    ) -> NDArray[np.float64]:
        """Scores students in one native call, on all cores, the GIL released; see `mentor.align.score_batch`.

        Args:
            students: As in `read`.
            rows: As in `read`.
            metric: The score.
            match: Whether repeated calls count.
            arguments: When arguments agree.
            n: The length of n-grams.
            gap: The gap cost of `global`.
            weights: The weights of `flow`.
            format: The format of texts.

        Returns:
            float64 of shape (students,); NaN for a student that is None and for a row without references.
        """
        chosen = settings_of(metric=metric, match=match, arguments=arguments, n=n, gap=gap, weights=weights)
        if chosen.callables:
            return self.read(students, rows=rows, format=format).score_with(chosen)
        return self._native.score(students, _rows(rows), chosen.native, format)


class Students:
    """Students read against their references. Made by `References.read`."""

    def __init__(self, native: _native.Students) -> None:
        self._native = native

    def __len__(self) -> int:
        return len(self._native)

    def score(
        self,
        metric: str = "f1",
        *,
        match: Match = "multiset",
        arguments: Arguments = "exact",
        n: int = 2,
        gap: float = 0.25,
        weights: FlowWeights | None = None,
    ) -> NDArray[np.float64]:
        """Scores the students under one metric; see `References.score`."""
        return self.score_with(
            settings_of(metric=metric, match=match, arguments=arguments, n=n, gap=gap, weights=weights)
        )

    def score_with(self, settings: Settings) -> NDArray[np.float64]:
        """Scores the students under settings already read."""
        return self._native.score(settings.native, self.matrices(settings))

    def explained(self, student: int, settings: Settings) -> Any:
        """What the native core says of one student's score, for `mentor.align.explain`."""
        return self._native.explain(student, settings.native, self.matrices(settings))

    def matrices(self, settings: Settings) -> list[list[list[float]]] | None:
        """The similarities that comparators written in Python give: NaN where they are not asked."""
        if not settings.callables:
            return None
        rules = settings.native["arguments"]
        own = {tool for tool in rules if tool not in settings.callables}
        found = []
        for row, (student, references) in enumerate(self._native.calls()):
            compare = [
                [
                    _similarity(mine, theirs, settings.callables, own, row)
                    for mine in student
                    for theirs in teacher
                ]
                for teacher in references
            ]
            found.append(compare)
        return found


def _similarity(mine: Any, theirs: Any, callables: Any, own: set[str], row: int) -> float:
    """The similarity of two calls by the tool's function; NaN if there is none to ask."""
    if mine is None or mine[0] != theirs[0]:
        return float("nan")
    name = mine[0]
    compare = callables.get(name) or (None if name in own else callables.get("*"))
    if compare is None:
        return float("nan")
    value = compare(mine[1], theirs[1])
    if not isinstance(value, bool | int | float) or not 0 <= value <= 1:
        where = f"arguments[{name!r}]"
        raise ScoreError(
            f"row {row}, field {where!r}: the comparator gave {value!r}; expected a number in [0, 1]"
        )
    return float(value)


def compile_references(
    references: Sequence[Teacher | None],
    *,
    tasks: Sequence[str | None] | None = None,
    facts: FlowFacts | Sequence[FlowFacts | None] | None = None,
    tools: Iterable[Mapping[str, Any] | str] | None = None,
) -> References:
    """Compiles the references of some rows; see `References`.

    >>> references = compile_references([[[{"name": "add", "arguments": {"a": 1}}]]])
    >>> references.score([[{"name": "add", "arguments": {"a": 2}}]], metric="precision", arguments="ignore")
    array([1.])
    """
    return References(references, tasks=tasks, facts=facts, tools=tools)


def _rebuilt(references: Any, tasks: Any, facts: Any, tools: Any) -> References:
    return References(references, tasks=tasks, facts=facts, tools=tools)


def _rows(rows: Sequence[int] | None) -> list[int] | None:
    if rows is None:
        return None
    found = [int(row) for row in rows]
    for place, row in enumerate(found):
        if row < 0:
            raise ScoreError(f"row {place}, field 'rows': expected a row of references, not {row}")
    return found


def _contexts(
    rows: int, tasks: Sequence[str | None] | None, facts: FlowFacts | Sequence[FlowFacts | None] | None
) -> list[Any] | None:
    if tasks is None and facts is None:
        return None
    texts = [None] * rows if tasks is None else list(tasks)
    known = [facts] * rows if facts is None or isinstance(facts, FlowFacts) else list(facts)
    for name, column in (("tasks", texts), ("facts", known)):
        if len(column) != rows:
            raise ScoreError(f"field {name!r}: {rows} rows of references but {len(column)}")
    for row, text in enumerate(texts):
        if text is not None and not isinstance(text, str):
            raise ScoreError(f"row {row}, field 'tasks': expected a str, not {type(text).__name__}")
    return [(text, *_facts(one)) for text, one in zip(texts, known, strict=True)]


def _facts(facts: FlowFacts | None) -> tuple[dict[str, list[str]], set[str], list[list[tuple[int, int]]]]:
    if facts is None:
        return {}, set(), []
    commutative = {tool: list(names) for tool, names in facts.commutative.items()}
    return commutative, set(facts.effects), [list(pairs) for pairs in facts.order]


def _name(tool: Mapping[str, Any] | str) -> str:
    if isinstance(tool, str):
        return tool
    inner = tool.get("function", tool)
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(name, str):
        raise ScoreError(f"field 'tools': expected schemas with a name, not {tool!r}")
    return name
