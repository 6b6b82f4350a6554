"""What an evaluation found: typed, versioned, and the same JSON for the same model, tasks and seed."""

from __future__ import annotations

import json
import os
import pathlib
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from mentor.errors import DataError
from mentor.evaluation.intervals import Interval
from mentor.types import CallStatus

__all__ = [
    "FORMAT",
    "VERSION",
    "Decoding",
    "EvaluationResult",
    "Item",
    "Rollout",
    "RolloutCall",
    "SuiteResult",
    "TeacherCall",
]

FORMAT = "mentor.evaluation"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Decoding:
    """How the model's tokens were chosen, and within which bounds.

    Attributes:
        temperature: 0 for greedy decoding, above 0 for sampling.
        samples: Episodes per task; 1 for greedy decoding.
        seed: Seeds the sampling, the tools' randomness and the bootstrap.
        max_turns: Turns of the model per episode.
        max_completion_tokens: Tokens per episode after the prompt, tool results included.
    """

    temperature: float
    samples: int
    seed: int
    max_turns: int
    max_completion_tokens: int


@dataclass(frozen=True, slots=True)
class Item:
    """One episode, measured.

    Attributes:
        id: The task's id.
        sample: Which of the task's samples this is, from 0.
        correct: Whether the answer is right; None where the judge could not decide or the machinery failed.
        answer: The answer the model gave, or None.
        failure: What of the machinery failed, or None.
        finished: Whether the model ended the episode itself, within the limits.
        valid: Calls that parsed and named an offered tool.
        malformed: Attempts at a call that did not parse.
        unknown: Calls of tools that were not offered.
        executed: Calls that ran.
        sandboxed: Executed calls whose result carries the sandbox's outcome and usage.
        refused: Calls that ran nowhere, since their arguments did not fit the tool's schema.
        errors: Executed and refused calls that came back with an error message.
        alignment: F1 of the sets of tool names against the teacher's, in [0, 1]; None without a reference.
        exact: 1 if names and arguments equal the teacher's in order, else 0; None without a reference.
        tokens: Tokens that the model generated.
    """

    id: str
    sample: int
    correct: bool | None
    answer: str | None
    failure: str | None
    finished: bool
    valid: int
    malformed: int
    unknown: int
    executed: int
    sandboxed: int
    refused: int
    errors: int
    alignment: float | None
    exact: float | None
    tokens: int

    @property
    def calls(self) -> int:
        """All calls and attempts at calls."""
        return self.valid + self.malformed + self.unknown


@dataclass(frozen=True, slots=True)
class RolloutCall:
    """One call of a kept rollout: as the model wrote it, and what came back.

    Attributes:
        status: `valid`, `malformed` or `unknown`.
        name: The tool's name, or None where it could not be read.
        arguments: The arguments, or None where they could not be read.
        result: The text the model got back, or None where nothing was executed.
        ok: Whether the tool returned a value.
        error: What is wrong with a call that is not valid, or None.
    """

    status: CallStatus
    name: str | None
    arguments: dict[str, Any] | None
    result: str | None = None
    ok: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TeacherCall:
    """One call of the teacher's.

    Attributes:
        name: The tool's name.
        arguments: The arguments by name.
        result: What the call returned, where known.
    """

    name: str
    arguments: dict[str, Any]
    result: Any = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """One episode in full, kept to be read by people.

    Attributes:
        id: The task's id.
        suite: The task's suite.
        question: The text put to the model.
        text: What the model wrote and was shown, after the prompt.
        calls: The model's calls, in order.
        teacher: The calls of the first reference, in order.
        answer: The model's answer, or None.
        expected: The accepted answers.
        correct: Whether the answer is right; None where undecided.
        parts: The reward and its parts by name, where they were computed.
        step: The training step, or None outside training.
    """

    id: str
    suite: str
    question: str
    text: str
    calls: list[RolloutCall]
    teacher: list[TeacherCall]
    answer: str | None
    expected: list[str]
    correct: bool | None
    parts: dict[str, float | None] = field(default_factory=dict)
    step: int | None = None


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One suite's figures, and the items they were computed from.

    Shares and means are None where there is nothing to divide by.

    Attributes:
        domain: `in` or `out`.
        fingerprint: A digest of the suite's tasks; equal digests mean the same tasks.
        tasks: How many tasks the suite holds.
        accuracy: Share of right answers over the tasks with at least one decided sample, with its interval.
        pass_at: pass@k by k, for k = 1, 2, 4, ... up to the number of samples.
        undecided: Episodes whose answer could not be judged.
        failures: Episodes lost to a failure of the machinery; they count nowhere else.
        finished: Share of episodes that the model ended itself.
        valid: Share of all calls that were valid.
        malformed: Share of all calls that were malformed.
        unknown: Share of all calls that named an unknown tool.
        calls: Calls and attempts at calls.
        calls_per_task: Calls per episode.
        executed: Calls that ran.
        sandboxed: Executed calls with proof that they ran in the sandbox.
        refused: Calls that ran nowhere, since their arguments did not fit the tool's schema.
        tool_errors: Share of executed and refused calls that came back with an error.
        alignment: Mean set-F1 of tool names against the teacher, with its interval.
        exact: Share of episodes that repeat the teacher's calls exactly.
        similarity: One minus the Jensen-Shannon divergence of tool-name frequencies from the teacher's.
        tokens_per_task: Generated tokens per episode.
        tools: Valid calls by tool name.
        teacher_tools: The teacher's calls by tool name, a task's references weighing one task together.
        items: One entry per episode, in the order of the tasks and samples.
        rollouts: Some episodes in full.
    """

    domain: Literal["in", "out"]
    fingerprint: str
    tasks: int
    accuracy: Interval | None
    pass_at: dict[str, float]
    undecided: int
    failures: int
    finished: float | None
    valid: float | None
    malformed: float | None
    unknown: float | None
    calls: int
    calls_per_task: float | None
    executed: int
    sandboxed: int
    refused: int
    tool_errors: float | None
    alignment: Interval | None
    exact: float | None
    similarity: float | None
    tokens_per_task: float | None
    tools: dict[str, float]
    teacher_tools: dict[str, float]
    items: list[Item]
    rollouts: list[Rollout] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """A model's evaluation on named suites.

    Attributes:
        model: A name for the model.
        decoding: How its tokens were chosen.
        suites: The suites' results by name, in the order given.
    """

    model: str
    decoding: Decoding
    suites: dict[str, SuiteResult]

    @property
    def executed(self) -> int:
        """Tool calls that ran, over all suites."""
        return sum(suite.executed for suite in self.suites.values())

    @property
    def sandboxed(self) -> int:
        """Executed tool calls with proof that they ran in the sandbox, over all suites."""
        return sum(suite.sandboxed for suite in self.suites.values())

    def to_json(self) -> str:
        """The result as JSON text: sorted by nothing but the order of the suites, ending in a newline."""
        body = _ADAPTER.dump_python(self, mode="json")
        return json.dumps({"format": FORMAT, "version": VERSION, **body}, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, *, path: str = "evaluation") -> EvaluationResult:
        """Read what `to_json` wrote.

        Args:
            text: The JSON text.
            path: The file's name, for the error message.

        Raises:
            DataError: If the text is no evaluation of this version; names the field at fault.
        """
        try:
            body = json.loads(text)
        except ValueError as error:
            raise DataError(path, None, None, f"is not JSON: {error}") from error
        if not isinstance(body, dict) or body.get("format") != FORMAT:
            raise DataError(path, None, "format", f"expected {FORMAT!r}: this is no evaluation's JSON")
        if (version := body.get("version")) != VERSION:
            raise DataError(path, None, "version", f"is {version!r}; this release reads version {VERSION}")
        return _validated(text, path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the JSON to a file, its folder made where missing; a reader never sees half of it."""
        target = pathlib.Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        part.write_text(self.to_json(), encoding="utf-8")
        part.replace(target)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> EvaluationResult:
        """Read an evaluation from a file.

        Raises:
            DataError: If the file cannot be read or is no evaluation of this version.
        """
        try:
            text = pathlib.Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(str(path), None, None, f"cannot be read: {error}") from error
        return cls.from_json(text, path=str(path))


_ADAPTER = TypeAdapter(EvaluationResult)


def _validated(text: str, path: str) -> EvaluationResult:
    try:
        return _ADAPTER.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        field_path = ".".join(str(part) for part in first["loc"])
        raise DataError(path, None, field_path, first["msg"]) from error
