"""One attempt of a teacher at a task: turns with the model, and its calls run in the sandbox in between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mentor.collect.endpoint import Endpoint
from mentor.conversation import read_conversation
from mentor.errors import SandboxError
from mentor.rollout.chat import described_tools
from mentor.rollout.execution import Calls, call_seed, in_sandbox, refusal
from mentor.tools.result import bounded
from mentor.types import ParsedCall, Task, ToolCall, Trajectory

if TYPE_CHECKING:
    from mentor.sandbox import State

__all__ = ["SYSTEM", "Attempt", "attempt"]

SYSTEM = (
    "Solve the task with the tools. Call them as often as you need to, and compute nothing yourself. "
    "Then give the final answer, and nothing else, within \\boxed{}."
)


@dataclass(frozen=True, slots=True)
class Attempt:
    r"""What a teacher did.

    Attributes:
        trajectory: Its executed calls with their results, and the content of its last `\boxed{...}`.
        clean: Whether every call was well formed, of an offered tool, and returned a value.
        finished: Whether it ended itself, within all limits.
        turns: The model's turns.
        tokens: As the server counts them, over all requests.
        messages: The conversation.
    """

    trajectory: Trajectory
    clean: bool
    finished: bool
    turns: int
    tokens: int
    messages: list[dict[str, Any]]


def attempt(
    endpoint: Endpoint,
    task: Task,
    *,
    seed: int,
    system: str = SYSTEM,
    describe: bool = False,
    max_turns: int = 10,
    max_tool_chars: int = 2_000,
) -> Attempt:
    """Let a teacher try a task once.

    Args:
        endpoint: The teacher.
        task: The task.
        seed: Sent to the server, and seeds the tools.
        system: The system message; it has to ask for a boxed answer.
        describe: Describe the tools in the system message instead of handing them to the server, for models whose
            chat template knows no tools; their calls are then read from the text.
        max_turns: The most turns of the model.
        max_tool_chars: A tool's text is cut to this many characters.

    Raises:
        EndpointError: The endpoint failed for good.
        SandboxError: The sandbox failed; the attempt says nothing about the teacher.
    """
    if describe and task.tools:
        system = f"{system}\n\n{described_tools(task.tools)}"
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": system},
        {"role": "user", "content": task.question},
    ]
    calls: list[ToolCall] = []
    clean, tokens, state = True, 0, None
    for turn in range(1, max_turns + 1):
        reply = endpoint.chat(messages, () if describe else task.tools, seed)
        tokens += reply.tokens
        found = read_conversation([reply.message], tools=list(task.tools))
        messages.append(_with_calls(reply.message, found.calls, len(calls), in_text=describe))
        if not found.calls:
            trajectory = Trajectory(tuple(calls), found.answer)
            return Attempt(trajectory, clean, reply.finished, turn, tokens, messages)
        made, texts, state = _run(task, found.calls, state, seed, len(calls))
        clean = clean and len(made) == len(found.calls) and all(call.error is None for call in made)
        calls += made
        messages += _responses(messages[-1].get("tool_calls"), found.calls, texts, max_tool_chars)
    return Attempt(Trajectory(tuple(calls), None), clean, False, max_turns, tokens, messages)


def _with_calls(
    message: Mapping[str, Any], calls: Sequence[ParsedCall], first: int, *, in_text: bool
) -> dict[str, Any]:
    """The message as it is sent back: its calls in the API's form, also those that stood in its text.

    Where the template knows no calls (`in_text`) they stay in the text alone.
    """
    kept: dict[str, Any] = {"role": "assistant", "content": message.get("content") or ""}
    if not calls or in_text:
        return kept
    own = message.get("tool_calls") or []
    if own:
        return {**kept, "tool_calls": own}
    return {
        **kept,
        "tool_calls": [
            {
                "id": f"call_{first + place}",
                "type": "function",
                "function": {"name": call.name or "unknown", "arguments": json.dumps(call.arguments or {})},
            }
            for place, call in enumerate(calls)
        ],
    }


def _run(
    task: Task, calls: Sequence[ParsedCall], state: State | None, seed: int, first: int
) -> tuple[list[ToolCall], list[str], State | None]:
    """Runs a turn's valid calls; returns them with their results, what the model is told of each call, the state."""
    valid = [
        ToolCall(call.name, call.arguments)
        for call in calls
        if call.status == "valid" and call.name is not None and call.arguments is not None
    ]
    seeds = [call_seed(seed, first + place) for place in range(len(valid))]
    results, after = in_sandbox([Calls(task, valid, seeds, state)])[0] if valid else ([], state)
    broken = next((result for result in results if result.failed), None)
    if broken is not None:
        raise SandboxError(f"a teacher's call could not be run: {broken.text}")
    made = [
        ToolCall(call.name, call.arguments, result.value)
        if result.ok
        else ToolCall(call.name, call.arguments, error=result.text)
        for call, result in zip(valid, results, strict=True)
    ]
    told = iter(results)
    texts = [
        next(told).text
        if call.status == "valid" and call.name is not None and call.arguments is not None
        else refusal(call, task)
        for call in calls
    ]
    return made, texts, after


def _responses(
    own: Sequence[Mapping[str, Any]] | None, calls: Sequence[ParsedCall], texts: Sequence[str], limit: int
) -> list[dict[str, Any]]:
    """The tools' messages: each with its call's id, where the calls have one."""
    return [
        {
            "role": "tool",
            **({} if own is None else {"tool_call_id": own[place].get("id") or f"call_{place}"}),
            "name": call.name or "unknown",
            "content": bounded(text, limit),
        }
        for place, (call, text) in enumerate(zip(calls, texts, strict=True))
    ]
