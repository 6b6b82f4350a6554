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
from mentor.rewards.columns import Students, accepted_answers, read_students, read_tools

__all__ = ["PARTS", "PartReward", "Reward", "Validity", "finite", "optional"]

PARTS = ("answer", "alignment", "validity")
"""The parts of a reward, each in [0, 1]."""

Validity: TypeAlias = Literal["all", "share", "known"]
Columns: TypeAlias = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Reward(abc.ABC):
    """A reward: compares calls, judges answers, and weighs the parts by its formula.

    Subclasses say how. Instances are values: they pickle, hold no state between calls, and may be called from
    several threads at once (the judge's time limit then does not work; see `mentor.judge`).

    Attributes:
        judge: Decides whether an answer is right; None for `AnswerJudge()`. Anything with its `verify` will
            do.
        tools: Schemas of the offered tools, for completions given as text whose row has no `tools` of its
            own; None does not check names.
        format: The format of calls in text; see `mentor.parsing`.
        name: The reward's name in logs.
    """

    judge: Any = None
    tools: Tools | None = None
    format: str = "hermes"
    name: str = ""

    _default_name: ClassVar[str] = "reward"

    @property
    def __name__(self) -> str:
        """The name that TRL logs the reward under."""
        return self.name or self._default_name

    @abc.abstractmethod
    def _settings(self) -> dict[str, Any]:
        """The native call's settings."""

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
            prompts: Not looked at.
            completions: Per row the model's text, or a list of messages.
            answer: Per row the accepted answer or answers, or their JSON text.
            references: Per row the teacher's trajectories or their JSON text; see `mentor.align.score_batch`.
            tools: Per row the offered tools' schemas or their JSON text; names are checked in completions
                only.
            episodes: Per row the finished episode, which then stands for the completion; None where there is
                none.
            log_metric: TRL's hook; gets the mean of every part and the calls per row.
            log_extra: TRL's hook; gets every part as a column.
            **kwargs: Whatever else the trainer passes; not looked at.

        Returns:
            One reward per row; None where the machinery failed, the judge could not decide, or there are no
            references to align with, if the reward depends on it.

        Raises:
            ScoreError: The batch is ragged or holds something that is no answer, reference or completion.
        """
        parts = self.components(
            prompts, completions, answer=answer, references=references, tools=tools, episodes=episodes
        )
        if log_metric is not None:
            for key, value in _means(parts):
                log_metric(key if key.startswith("calls/") else f"rewards/{self.__name__}/{key}", value)
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
            **kwargs: Not looked at.

        Returns:
            Arrays of one value per row: float64 `answer` (1 right, 0 wrong), `alignment` and `validity` in
            [0, 1], unweighted, and `total`, NaN where not known; int64 `valid`, `malformed` and `unknown`
            calls.

        Raises:
            ScoreError: As in calling the reward.
        """
        students = read_students(completions, episodes, call_format=self.format)
        rows = len(students.calls)
        for column, values in (("answer", answer), ("references", references)):
            if values is not None and len(values) != rows:
                raise ScoreError(f"field {column!r}: {rows} completions but {len(values)} rows")
        default = self.tools if self.tools is None or isinstance(self.tools, ToolSet) else ToolSet(self.tools)
        return _native.reward_batch(
            students.calls,
            [()] * rows if references is None else references,
            self._verdicts(students, answer),
            tools=read_tools(tools, default, rows),
            format=self.format,
            **self._settings(),
        )

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
        return tuple(PartReward(self, part) for part in PARTS)


@dataclass(frozen=True)
class PartReward:
    """One part of a reward as a TRL reward function.

    Attributes:
        reward: The whole reward.
        part: `answer`, `alignment` or `validity`.
    """

    reward: Reward
    part: str

    @property
    def __name__(self) -> str:
        """The name that TRL logs the part under."""
        return f"{self.reward.__name__}_{self.part}"

    def __call__(self, *args: Any, **kwargs: Any) -> list[float | None]:
        """The part of every row; None where it, or the whole reward, is not known."""
        columns = self.reward.components(*args, **kwargs)
        return optional(np.where(np.isnan(columns["total"]), np.nan, columns[self.part]))


def finite(value: float, path: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A setting that must be a finite number in a range.

    Raises:
        ScoreError: It is not; the message names `path`.
    """
    if not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
        bounds = "" if low == -math.inf else f" in [{low:g}, {high:g}]"
        raise ScoreError(f"field {path!r}: expected a finite number{bounds}, not {value!r}")
    return float(value)


def optional(values: NDArray[np.float64]) -> list[float | None]:
    """Scores as TRL takes them: None where there is none (NaN)."""
    return [None if math.isnan(value) else value for value in values.tolist()]


def _means(parts: Columns) -> list[tuple[str, float]]:
    """The mean of every part over the rows where it is known, and of the calls over the scored rows."""
    scored = ~np.isnan(parts["validity"])
    known = [(key, parts[key][~np.isnan(parts[key])]) for key in PARTS]
    calls = [(f"calls/{key}", parts[key][scored]) for key in ("valid", "malformed", "unknown")]
    return [(key, float(values.mean())) for key, values in known + calls if values.size]
