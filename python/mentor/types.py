"""The values that flow through mentor: calls, trajectories and tasks. Plain data, no behaviour beyond conversion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["JSON", "CallStatus", "ParsedCall", "Task", "ToolCall", "Trajectory"]

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
CallStatus: TypeAlias = Literal["valid", "malformed", "unknown"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool.

    Attributes:
        name: The tool's name.
        arguments: The arguments by name, JSON values.
        result: What the call returned, where it is known (a JSON value); alignment by value flow uses it.
        error: What went wrong, where the call failed; else None.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    result: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """One call, or one attempt at a call, found in a model's text.

    Attributes:
        status: `valid`; `malformed` (a marker without a readable name and argument object);
            `unknown` (well formed, but no such tool is offered).
        name: The tool's name; None where it could not be read.
        arguments: The arguments; None for a malformed call.
        span: Start and end of the call in the text, in characters, markers included.
        error: For a call that is not valid, what is wrong, with the offset of the fault; else None.
    """

    status: CallStatus
    name: str | None
    arguments: dict[str, Any] | None
    span: tuple[int, int]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """What one episode did: its calls in order, and its final answer.

    Attributes:
        calls: The calls in order.
        answer: The final answer's text; None where the episode gave none.
    """

    calls: tuple[ToolCall, ...] = ()
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One task for a student: a question, the tools it may use, and what is known to be right.

    Attributes:
        id: Unique within its suite, stable between runs.
        question: The text put to the student.
        tools: The offered tools' OpenAI function schemas (`{"type": "function", "function": {...}}`).
        tool_source: Python source that defines the tools; it runs in the sandbox only.
        answer: The reference answer, or several accepted ones.
        references: The teacher's trajectories; empty where none are known.
        suite: The suite or split the task belongs to (`in_domain`, `tool_missing`, ...).
        stateful: Whether a call sees what the episode's earlier calls did; otherwise each starts from the state
            that the tool source left.
    """

    id: str
    question: str
    tools: Sequence[Mapping[str, Any]]
    tool_source: str
    answer: str | Sequence[str]
    references: Sequence[Trajectory] = ()
    suite: str = ""
    stateful: bool = False
