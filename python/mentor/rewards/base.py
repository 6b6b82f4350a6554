"""What all rewards share: the door that TRL calls, and one native call per batch behind it."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentor import _native
from mentor.errors import ScoreError
from mentor.judge import AnswerJudge
from mentor.parsing import Tools, ToolSet
from mentor.rewards.alignment import Alignment
from mentor.rewards.columns import (
    Students,
    accepted_answers,
    read_students,
    read_tasks,
    read_tools,
    row_count,
)
from mentor.rewards.parts import PARTS, PartReward, optional

__all__ = ["Columns", "Reward", "Unfinished", "Validity", "finite"]

Validity: TypeAlias = Literal["all", "share", "known"]
Unfinished: TypeAlias = Literal["score", "zero", "skip"]
Columns: TypeAlias = dict[str, NDArray[Any]]

_UNFINISHED = ("score", "zero", "skip")


@dataclass(frozen=True, kw_only=True)
class Reward(abc.ABC):
    """A reward: compares calls, judges answers, and weighs the parts by its formula.

    Subclasses say how. Instances are values: they pickle, hold no state between calls, and may be called from
    several threads at once (the judge's time limit then does not work; see `mentor.judge`).

    Attributes:
        judge: Decides whether an answer is right; None for `AnswerJudge()`. Anything with its `verify` will
            do.
        tools: Schemas of the offered tools, for completions whose row has no `tools` of its own; None does not
            check names.
        format: The format of calls in text, `auto` included; see `mentor.parsing`.
        unfinished: What becomes of a row without a final answer, or whose episode was cut off: `score`: it is
            scored like any other (no answer is a wrong one); `zero`: its reward is 0, as the published code has
            it for a text without end; `skip`: it has none and is left out of the batch.
        task_column: The column with the task's text or messages, for alignment scores that look for given
            values in it; `prompts` unless said otherwise.
        name: The reward's name in logs.
    """

    judge: Any = None
    tools: Tools | None = None
    format: str = "hermes"
    unfinished: Unfinished = "score"
    task_column: str = "prompts"
    name: str = ""

    _default_name: ClassVar[str] = "reward"

    def __post_init__(self) -> None:
        if self.unfinished not in _UNFINISHED:
            raise ScoreError(f"unknown unfinished {self.unfinished!r}; known: {', '.join(_UNFINISHED)}")
        self._alignment().check()
        # The native core looks at the rest of the settings, so that a wrong one is reported at once.
        _native.reward_batch([], [], [], tools=None, format=self.format, **self._settings())

    @property
    def __name__(self) -> str:
        """The name that TRL logs the reward under."""
        return self.name or self._default_name

    @abc.abstractmethod
    def _alignment(self) -> Alignment:
        """How calls are compared."""

    @abc.abstractmethod
    def _formula(self) -> tuple[str, list[float]]:
        """The native formula's name and numbers."""

    def _validity(self) -> str:
        """The rule of validity."""
        return "all"

    def _total(self, parts: Columns, prompts: Sequence[Any] | None) -> NDArray[np.float64]:
        """The rewards; those of the formula, unless a subclass makes something else of the parts."""
        return parts["total"]

    def _settings(self) -> dict[str, Any]:
        return {"validity": self._validity(), "formula": self._formula(), **self._alignment().native()}

    def __call__(
        self,
        prompts: Sequence[Any] | None = None,
        completions: Sequence[Any] | None = None,
        *,
        answer: Sequence[Any],
        references: Sequence[Any] | None = None,
        tools: Sequence[Any] | None = None,
        episodes: Sequence[Any] | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        log_extra: Callable[[str, list[Any]], None] | None = None,
        **kwargs: Any,
    ) -> list[float | None]:
        """Scores a batch; a TRL reward function.

        Args:
            prompts: The tasks, for what looks at them (`task_column`), and for rewards that compare the rows of
                one prompt.
            completions: Per row the model's text, or a list of messages.
            answer: Per row the accepted answer or answers, or their JSON text.
            references: Per row the teacher's trajectories or their JSON text; see `mentor.align.score_batch`.
            tools: Per row the offered tools' schemas or their JSON text; names are checked in completions
                only.
            episodes: Per row the finished episode, which then stands for the completion; None where there is
                none.
            log_metric: TRL's hook; gets the mean of every part, the calls per row, and how many rows had a
                malformed call, an unknown one, no verdict, no end, no reference, or no reward.
            log_extra: TRL's hook; gets every part as a column.
            **kwargs: Whatever else the trainer passes.

        Returns:
            One reward per row; None where the machinery failed, the judge could not decide, or there are no
            references to align with, if the reward depends on it.

        Raises:
            ScoreError: The batch is ragged or holds something that is no answer, reference or completion.
        """
        parts = self.components(
            prompts,
            completions,
            answer=answer,
            references=references,
            tools=tools,
            episodes=episodes,
            **kwargs,
        )
        if log_metric is not None:
            for key, value in _measures(parts, self.__name__):
                log_metric(key, value)
        if log_extra is not None:
            for key in PARTS:
                log_extra(f"{self.__name__}/{key}", parts[key].tolist())
        return optional(parts["total"])

    def components(
        self,
        prompts: Sequence[Any] | None = None,
        completions: Sequence[Any] | None = None,
        *,
        answer: Sequence[Any],
        references: Sequence[Any] | None = None,
        tools: Sequence[Any] | None = None,
        episodes: Sequence[Any] | None = None,
        **kwargs: Any,
    ) -> Columns:
        """Scores a batch and gives the parts.

        Args:
            prompts: As in calling the reward, like all others.
            completions: See there.
            answer: See there.
            references: See there.
            tools: See there.
            episodes: See there.
            **kwargs: See there.

        Returns:
            Arrays of one value per row: float64 `answer` (1 right, 0 wrong), `alignment` and `validity` in
            [0, 1], unweighted, and `total`, NaN where not known; int64 `valid`, `malformed` and `unknown`
            calls; bool `finished`.

        Raises:
            ScoreError: As in calling the reward.
        """
        rows = row_count(completions, episodes)
        for column, values in (("answer", answer), ("references", references)):
            if values is not None and len(values) != rows:
                raise ScoreError(f"field {column!r}: {rows} completions but {len(values)} rows")
        default = self.tools if self.tools is None or isinstance(self.tools, ToolSet) else ToolSet(self.tools)
        offered = read_tools(tools, default, rows)
        students = read_students(completions, episodes, call_format=self.format, tools=offered)
        teachers = [()] * rows if references is None else references
        tasks = prompts if self.task_column == "prompts" else kwargs.get(self.task_column)
        calls, aligned = self._aligned(students, teachers, offered, tasks)
        parts: Columns = _native.reward_batch(
            calls,
            teachers,
            self._verdicts(students, answer),
            tools=offered,
            format=self.format,
            alignment=aligned,
            **self._settings(),
        )
        parts["finished"] = np.array(students.finished, dtype=bool)
        parts["total"] = self._ended(self._total(parts, prompts), parts)
        return parts

    def _aligned(
        self, students: Students, references: Sequence[Any], tools: Any, tasks: Sequence[Any] | None
    ) -> tuple[Sequence[Any], Sequence[float] | None]:
        """The calls, and how they align where the native call cannot say."""
        alignment = self._alignment()
        if not alignment.apart:
            return students.calls, None
        attempts = students.attempts(self.format, tools)
        texts = None
        if tasks is not None and alignment.looks_at_results:
            texts = read_tasks(tasks, len(attempts), self.task_column)
        scores = alignment.scores(attempts, references, texts)
        return [None if one is None else one[0] for one in attempts], scores.tolist()

    def _ended(self, total: NDArray[np.float64], parts: Columns) -> NDArray[np.float64]:
        """The rewards, with what becomes of unfinished rows; a failure of the machinery stays one."""
        if self.unfinished == "score":
            return total
        cut = ~parts["finished"] & ~np.isnan(parts["validity"])
        return np.where(cut, 0.0 if self.unfinished == "zero" else np.nan, total)

    def _verdicts(self, students: Students, answer: Sequence[Any]) -> list[bool | None]:
        """Asks the judge about the rows that can be scored."""
        accepted = [accepted_answers(one, row) for row, one in enumerate(answer)]
        asked = [row for row, calls in enumerate(students.calls) if calls is not None]
        judge = AnswerJudge() if self.judge is None else self.judge
        said = judge.verify([students.answers[row] for row in asked], [accepted[row] for row in asked])
        verdicts: list[bool | None] = [None] * len(accepted)
        for row, verdict in zip(asked, said, strict=True):
            verdicts[row] = verdict
        return verdicts

    def parts(self) -> tuple[PartReward, ...]:
        """The parts as reward functions of their own, for trainers that normalise each apart.

        Each is unweighted and in [0, 1]; give the trainer the weights (TRL's `reward_weights`). They share
        the judge's cache, so answers are judged once.
        """
        return tuple(PartReward(self, part, f"{self.__name__}_{part}") for part in PARTS)


def finite(value: float, path: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A setting that must be a finite number in a range.

    Raises:
        ScoreError: It is not; the message names `path`.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not low <= value <= high
    ):
        bounds = "" if low == -math.inf else f" in [{low:g}, {high:g}]"
        raise ScoreError(f"field {path!r}: expected a finite number{bounds}, not {value!r}")
    return float(value)


def _measures(parts: Columns, name: str) -> list[tuple[str, float]]:
    """The mean of every part over the rows where it is known, of the calls over the scored rows, and counts of rows."""
    scored = ~np.isnan(parts["validity"])
    means = [(f"rewards/{name}/{key}", parts[key][~np.isnan(parts[key])]) for key in PARTS]
    means += [(f"calls/{key}", parts[key][scored]) for key in ("valid", "malformed", "unknown")]
    counts = {
        "malformed": parts["malformed"] > 0,
        "unknown": parts["unknown"] > 0,
        "undecided": scored & np.isnan(parts["answer"]),
        "unfinished": scored & ~parts["finished"],
        "unreferenced": scored & np.isnan(parts["alignment"]),
        "unscored": np.isnan(parts["total"]),
    }
    found = [(key, float(values.mean())) for key, values in means if values.size]
    return found + [(f"rows/{key}", float(rows.sum())) for key, rows in counts.items()]
