r"""What TRL hands to a reward function, made into what the native core takes.

A row's student is its finished episode where there is one (`mentor.rollout.Episode`: its calls, what they returned,
its answer, and whether the machinery failed), else its completion: text, or a list of messages, read as
`mentor.conversation` reads them. The answer of a completion is the last complete `\boxed{...}` of its last assistant
message; of a text that holds tool responses, of what follows the last one.
"""

from __future__ import annotations

import functools
import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mentor import _native
from mentor.conversation import content, read_conversations
from mentor.errors import ScoreError
from mentor.parsing import Tools, ToolSet
from mentor.rewards.alignment import Student

__all__ = ["Students", "accepted_answers", "read_students", "read_tasks", "read_tools", "row_count"]


@dataclass(frozen=True, slots=True)
class Students:
    """What the students of a batch did.

    Attributes:
        calls: Per row a text to parse, the calls, or None where the machinery failed.
        results: Per row what each call returned; None where that is in the text, or not known.
        answers: Per row the answer, or None where there is none.
        finished: Per row whether it came to an answer and ended by itself, as far as that is known.
    """

    calls: list[Any]
    results: list[list[Any] | None]
    answers: list[str | None]
    finished: list[bool]

    def attempts(self, call_format: str, tools: Sequence[Tools | None] | None) -> list[Student | None]:
        """The attempts of each row and what they returned, the texts read; None where the machinery failed."""
        texts = [row for row, calls in enumerate(self.calls) if isinstance(calls, str)]
        read = read_conversations(
            [self.calls[row] for row in texts],
            format=call_format,
            tools=None if tools is None else [tools[row] for row in texts],
        )
        found: list[Student | None] = [
            None
            if calls is None or isinstance(calls, str)
            else (calls, self.results[row] or [None] * len(calls))
            for row, calls in enumerate(self.calls)
        ]
        for row, conversation in zip(texts, read, strict=True):
            found[row] = conversation.calls, conversation.results
        return found


def row_count(completions: Sequence[Any] | None, episodes: Sequence[Any] | None) -> int:
    """The number of rows of a batch.

    Raises:
        ScoreError: Neither completions nor episodes are given, or they differ in length.
    """
    rows = completions if episodes is None else episodes
    if rows is None:
        raise ScoreError("field 'completions': a reward needs completions or episodes")
    if completions is not None and len(completions) != len(rows):
        raise ScoreError(f"field 'episodes': {len(completions)} completions but {len(rows)} episodes")
    return len(rows)


def read_students(
    completions: Sequence[Any] | None,
    episodes: Sequence[Any] | None,
    *,
    call_format: str,
    tools: Sequence[Tools | None] | None = None,
) -> Students:
    """Takes the students of a batch out of its episodes, or of its completions.

    Args:
        completions: Per row text or messages.
        episodes: Per row the episode, or None for one that has none.
        call_format: The format of calls in text; see `mentor.parsing`.
        tools: Per row the offered tools.

    Raises:
        ScoreError: As `row_count`, or a completion is neither text nor messages.
    """
    rows = row_count(completions, episodes)
    if episodes is None and completions is not None and all(type(one) is str for one in completions):
        said = _native.final_answers(completions, call_format)
        return Students(list(completions), [None] * rows, said, [one is not None for one in said])
    read = Students([None] * rows, [None] * rows, [None] * rows, [False] * rows)
    texts: list[int] = []
    talks: list[int] = []
    for row in range(rows):
        if episodes is not None and episodes[row] is not None:
            _read_episode(read, row, episodes[row])
        elif completions is None:
            raise ScoreError(f"row {row}, field 'episodes': None, and there are no completions")
        else:
            read.calls[row] = _completion(completions[row], row)
            (texts if isinstance(read.calls[row], str) else talks).append(row)
    for row, answer in zip(
        texts, _native.final_answers([read.calls[row] for row in texts], call_format), strict=True
    ):
        read.answers[row], read.finished[row] = answer, answer is not None
    _read_talks(read, talks, call_format, tools)
    return read


def _read_episode(read: Students, row: int, episode: Any) -> None:
    if episode.failure is None:
        read.calls[row] = list(episode.calls)
    results = getattr(episode, "results", None)
    if results:
        read.results[row] = [None if one is None or not one.ok else one.value for one in results]
    read.answers[row] = episode.answer
    read.finished[row] = episode.answer is not None and getattr(episode, "finished", True)


def _completion(completion: Any, row: int) -> Any:
    """The text of a completion, or its messages if it takes more than one to say it."""
    if isinstance(completion, str):
        return completion
    if not isinstance(completion, Sequence) or not all(isinstance(one, Mapping) for one in completion):
        raise ScoreError(f"row {row}, field 'completions': expected text or a list of messages")
    only = completion[0] if len(completion) == 1 else {}
    plain = only.get("role") == "assistant" and not only.get("tool_calls") and not only.get("function_call")
    return content(only) if plain else completion


def _read_talks(
    read: Students, rows: list[int], call_format: str, tools: Sequence[Tools | None] | None
) -> None:
    offered = None if tools is None else [tools[row] for row in rows]
    talks = read_conversations([read.calls[row] for row in rows], format=call_format, tools=offered)
    for row, talk in zip(rows, talks, strict=True):
        read.calls[row], read.results[row] = list(talk.calls), list(talk.results)
        read.answers[row], read.finished[row] = talk.answer, talk.answer is not None


def read_tasks(column: Sequence[Any], rows: int, name: str) -> list[str | None]:
    """The task's text of each row: the text, or what the user says in messages.

    Raises:
        ScoreError: The column is ragged or holds something else.
    """
    if len(column) != rows:
        raise ScoreError(f"field {name!r}: {rows} completions but {len(column)} rows")
    return [_task(task, row, name) for row, task in enumerate(column)]


def _task(task: Any, row: int, name: str) -> str | None:
    if task is None or isinstance(task, str):
        return task
    if isinstance(task, Sequence) and all(isinstance(one, Mapping) for one in task):
        return "\n".join(content(one) for one in task if one.get("role") == "user")
    raise ScoreError(f"row {row}, field {name!r}: expected text or a list of messages")


# How most answers begin, and no JSON text of a string or a list does.
_NO_JSON = frozenset(string.digits + string.ascii_letters + "-+.$\\")


def accepted_answers(answer: Any, row: int) -> str | list[str]:
    """The accepted answers of a row: a text, a list of texts, or the JSON text of either.

    A text that is not the JSON of a string or of a list of strings is the answer itself: `42`, `[0, 1)`, `[1,
    2]`.

    Raises:
        ScoreError: It is none of these.
    """
    if isinstance(answer, str):
        return answer if answer[:1] in _NO_JSON else _decoded(answer)
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
