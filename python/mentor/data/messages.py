r"""Conversations as JSONL, in OpenAI's form: the student's tasks, with what the assistant did as the teacher's way.

A line holds `messages`, and may hold `tools` (schemas), `answer` (the accepted answer, or a list of them),
`tool_source` (Python source that defines the tools) and `id`. Lines that ask the same question with the same tools are
one task with several references.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from mentor.conversation import content, read_conversation
from mentor.data.fields import Field
from mentor.data.rows import read_json_lines
from mentor.data.schemas import function_schema
from mentor.errors import ScoreError
from mentor.types import Task

__all__ = ["load"]


def load(path: str | Path, *, suite: str = "messages") -> list[Task]:
    r"""Read conversations as tasks.

    Args:
        path: The file.
        suite: The tasks' suite.

    Returns:
        One task per question and set of tools, in the order in which they first stand. The question is the one
        user message. Where a line gives no answer, it is the conversation's: the last `\boxed{...}` of its
        last turn, else that turn's text.

    Raises:
        DataError: The file cannot be read, or a line is unusable; names the row and the field.
    """
    tasks: dict[str, Task] = {}
    for index, row in enumerate(read_json_lines(path)):
        task = _task(Field.of_row(str(path), index, row), suite)
        key = json.dumps([task.question, list(task.tools), task.tool_source], sort_keys=True)
        known = tasks.get(key)
        tasks[key] = (
            task if known is None else replace(known, references=(*known.references, *task.references))
        )
    return list(tasks.values())


def _task(row: Field, suite: str) -> Task:
    messages = [message.mapping() for message in row["messages"].items()]
    asked = [content(message) for message in messages if message.get("role") == "user"]
    if len(asked) != 1:
        raise row["messages"].error(f"expected one user message, got {len(asked)}")
    given = row.get("tools")
    tools = [function_schema(item) for item in given.json_or_value().items()] if given is not None else []
    try:
        trajectory = read_conversation(messages, tools=tools or None).trajectory()
    except ScoreError as error:
        raise row["messages"].error(str(error)) from error
    answer = _answer(row, trajectory.answer or _last_text(messages))
    if trajectory.answer is None:
        trajectory = replace(trajectory, answer=answer if isinstance(answer, str) else answer[0])
    name, source = row.get("id"), row.get("tool_source")
    return Task(
        id=f"{suite}/{row.row}" if name is None or name.value is None else name.text(),
        question=asked[0],
        tools=tools,
        tool_source="" if source is None or source.value is None else source.text(),
        answer=answer,
        references=(trajectory,),
        suite=suite,
    )


def _answer(row: Field, own: str) -> str | list[str]:
    given = row.get("answer")
    if given is None or given.value is None:
        if not own:
            raise row["messages"].error("expected an answer: a last turn of the assistant's with text")
        return own
    return given.text() if isinstance(given.value, str) else [item.text() for item in given.items()]


def _last_text(messages: list[dict[str, Any]]) -> str:
    last = messages[-1] if messages else {}
    return content(last).strip() if last.get("role") == "assistant" else ""
