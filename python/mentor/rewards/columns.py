r"""What TRL hands to a reward function, made into what the native core takes.

A row's student is its finished episode where there is one (`mentor.rollout.Episode`: its calls, its answer,
and whether the machinery failed), else its completion: text, or a list of messages whose assistant turns are
read. Calls that a message carries in `tool_calls` come after those in its text. The answer of a completion is
the last complete `\boxed{...}` of its last assistant message; of a text that holds tool responses, of what
follows the last one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mentor import _native
from mentor.conversation import content, read_conversation
from mentor.errors import ScoreError
from mentor.parsing import Tools, ToolSet

__all__ = ["Students", "accepted_answers", "read_students", "read_tools"]

TURN_END = "<|im_end|>"


@dataclass(frozen=True, slots=True)
class Students:
    """What the students of a batch did.

    Attributes:
        calls: Per row a text to parse, the calls, or None where the machinery failed.
        answers: Per row the answer, or None where there is none.
    """

    calls: list[Any]
    answers: list[str | None]


def read_students(
    completions: Sequence[Any] | None, episodes: Sequence[Any] | None, *, call_format: str
) -> Students:
    """Takes the students of a batch out of its episodes, or of its completions.

    Raises:
        ScoreError: Neither is given, they differ in length, or a completion is neither text nor messages.
    """
    rows = completions if episodes is None else episodes
    if rows is None:
        raise ScoreError("field 'completions': a reward needs completions or episodes")
    if completions is not None and len(completions) != len(rows):
        raise ScoreError(f"field 'episodes': {len(completions)} completions but {len(rows)} episodes")
    calls: list[Any] = []
    answers: list[str | None] = []
    finals: dict[int, str] = {}
    for row, episode in enumerate(rows if episodes is not None else [None] * len(rows)):
        if episode is not None:
            calls.append(None if episode.failure is not None else list(episode.calls))
            answers.append(episode.answer)
            continue
        if completions is None:
            raise ScoreError(f"row {row}, field 'episodes': None, and there are no completions")
        student, final = _read_completion(completions[row], row, call_format)
        calls.append(student)
        answers.append(None)
        finals[row] = final
    read = _native.final_answers(list(finals.values()), call_format)
    for row, answer in zip(finals, read, strict=True):
        answers[row] = answer
    return Students(calls, answers)


def _read_completion(completion: Any, row: int, call_format: str) -> tuple[Any, str]:
    """The student of a completion, and the text that may hold its answer."""
    if isinstance(completion, str):
        return completion, completion
    messages = isinstance(completion, Sequence) and all(isinstance(one, Mapping) for one in completion)
    if not messages:
        raise ScoreError(f"row {row}, field 'completions': expected text or a list of messages")
    turns = [message for message in completion if message.get("role") == "assistant"]
    contents = [content(turn) for turn in turns]
    final = contents[-1] if contents else ""
    if not any(turn.get("tool_calls") for turn in turns):
        return TURN_END.join(contents), final
    return list(read_conversation(completion, format=call_format).calls), final


def accepted_answers(answer: Any, row: int) -> str | list[str]:
    """The accepted answers of a row: a text, a list of texts, or the JSON text of either.

    A text that is not the JSON of a string or of a list of strings is the answer itself: `42`, `[0, 1)`, `[1,
    2]`.

    Raises:
        ScoreError: It is none of these.
    """
    if isinstance(answer, str):
        return _decoded(answer)
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        return str(answer)
    if isinstance(answer, Sequence) and answer and all(isinstance(one, str) for one in answer):
        return list(answer)
    raise ScoreError(f"row {row}, field 'answer': expected text or a list of texts, not {answer!r:.80}")


def _decoded(text: str) -> str | list[str]:
    if not text.lstrip().startswith(('"', "[")):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, str) or (
        isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    ):
        return value
    return text


def read_tools(column: Any, default: Tools | None, rows: int) -> list[Tools | None] | None:
    """The tools of each row; None where names are not checked.

    Args:
        column: Per row the schemas or their JSON text, or None for a row that has none.
        default: The tools where a row has none.
        rows: The number of rows.

    Raises:
        ScoreError: The column is ragged or holds something else.
    """
    if column is None:
        return None if default is None else [default] * rows
    if len(column) != rows:
        raise ScoreError(f"field 'tools': {rows} rows but {len(column)} lists of tools")
    return [_tools(tools, row) or default for row, tools in enumerate(column)]


def _tools(tools: Any, row: int) -> Tools | None:
    if not isinstance(tools, str):
        return cast("Tools | None", tools)
    try:
        return _tools_of_text(tools)
    except (ValueError, TypeError, ScoreError) as error:
        raise ScoreError(f"row {row}, field 'tools': expected JSON text of tool schemas: {error}") from error


@functools.lru_cache(4_096)
def _tools_of_text(text: str) -> ToolSet:
    """The compiled tools of a text, kept between batches."""
    return ToolSet(json.loads(text))
