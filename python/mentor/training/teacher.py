"""A teacher's trajectory as the tokens a student would have to produce, for SFT.

It is put together exactly as the episode loop puts an episode together: the same prompts, the same turns,
the same tool responses (the reference's calls are executed in the sandbox), and the same mask.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass

from mentor.errors import DataError
from mentor.rollout import ChatFormat
from mentor.rollout.execution import Calls, Execute, call_seed, in_sandbox
from mentor.tools.result import bounded
from mentor.training.config import Config
from mentor.types import Task, ToolCall, Trajectory

__all__ = ["TeacherRow", "teacher_rows"]


@dataclass(frozen=True, slots=True)
class TeacherRow:
    """One trajectory.

    Attributes:
        ids: All tokens, the prompt's first.
        mask: As long as `ids`; 1 where the student is to write the token.
    """

    ids: list[int]
    mask: list[int]


def teacher_rows(
    tasks: Sequence[Task], chat: ChatFormat, config: Config, *, execute: Execute = in_sandbox
) -> list[TeacherRow]:
    """The rows of the tasks' references, in order, with one call a turn.

    Args:
        tasks: The tasks; one without references gives no row.
        chat: How tasks become prompts.
        config: Which references are used, and how the final turn reads.
        execute: Runs tool calls; by default in the sandbox.

    Raises:
        DataError: No task has a reference, a reference has no answer, or its calls cannot be executed.
    """
    chosen = [
        (index, task, reference)
        for index, task in enumerate(tasks)
        for reference in (task.references if config.sft.references == "all" else task.references[:1])
    ]
    for index, task, reference in chosen:
        if reference.answer is None:
            raise DataError(
                "training data", index, "references", f"a trajectory of {task.id!r} has no answer"
            )
    if not chosen:
        raise DataError(
            "training data", None, "references", "no task has a teacher's trajectory to learn from"
        )
    responses = _responses(chosen, config, execute)
    return [
        _row(task, reference, texts, chat=chat, form=config.sft.answer)
        for (_, task, reference), texts in zip(chosen, responses, strict=True)
    ]


def _responses(
    chosen: Sequence[tuple[int, Task, Trajectory]], config: Config, execute: Execute
) -> list[list[str]]:
    """What every call of every reference is answered, the calls of all references executed at once."""
    live = [(task, reference) for _, task, reference in chosen if task.tool_source and reference.calls]
    counted = itertools.count()
    ran = iter(
        execute(
            [
                Calls(task, reference.calls, [call_seed(0, next(counted)) for _ in reference.calls])
                for task, reference in live
            ]
        )
        if live
        else ()
    )
    texts = []
    for index, task, reference in chosen:
        if not task.tool_source or not reference.calls:
            texts.append([_recorded(call) for call in reference.calls])
            continue
        results, _ = next(ran)
        for call, result in zip(reference.calls, results, strict=True):
            if result.failed:
                reason = f"the teacher's call of {call.name!r} could not be executed: {result.text}"
                raise DataError("training data", index, "references", reason)
        texts.append([bounded(result.text, config.rollout.max_tool_chars) for result in results])
    return texts


def _recorded(call: ToolCall) -> str:
    return call.result if isinstance(call.result, str) else json.dumps(call.result, ensure_ascii=False)


def _row(
    task: Task, reference: Trajectory, texts: Sequence[str], *, chat: ChatFormat, form: str
) -> TeacherRow:
    segments = []
    for call, text in zip(reference.calls, texts, strict=True):
        segments += [chat.turn_text(calls=[call]), chat.response_text([(call.name, text)])]
    segments.append(chat.turn_text(content=form.replace("{answer}", reference.answer or "")))
    ids = chat.prompt_ids(task)
    mask = [0] * len(ids)
    for place, tokens in enumerate(chat.encode(segments)):
        ids += tokens
        mask += [1 - place % 2] * len(tokens)
    return TeacherRow(ids, mask)
