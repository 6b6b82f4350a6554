"""Running the calls of a whole batch of episodes, and what the model is told about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mentor.tools import ToolEnv, ToolResult, call_batch
from mentor.tools.result import unknown_tool
from mentor.types import ParsedCall, Task, ToolCall

__all__ = ["Execute", "call_seed", "in_sandbox", "refusal"]

Execute = Callable[[Sequence[tuple[Task, ToolCall]], Sequence[int]], list[ToolResult]]
"""Runs calls, each with its task's tools and a seed, and returns one result per call, in order."""

_MASK = (1 << 63) - 1


def in_sandbox(calls: Sequence[tuple[Task, ToolCall]], seeds: Sequence[int]) -> list[ToolResult]:
    """Runs every call in the sandbox, all of them in one native call.

    Raises:
        SandboxError: If the sandbox itself cannot run.
        ToolSourceError: If a task's tool source is no set of tools.
    """
    envs: dict[int, ToolEnv] = {}
    for task, _ in calls:
        if id(task) not in envs:
            envs[id(task)] = ToolEnv.from_source(task.tool_source, task.tools)
    return call_batch([(envs[id(task)], call) for task, call in calls], seeds=list(seeds))


def call_seed(episode_seed: int, index: int) -> int:
    """The seed of an episode's call number `index`: different calls of one episode draw different numbers."""
    return (episode_seed * 1_000_003 + index * 7_919 + 1) & _MASK


def refusal(call: ParsedCall, task: Task) -> str:
    """What the model reads in place of a result for a call that cannot be executed."""
    if call.status == "unknown":
        names = (str(schema.get("function", schema)["name"]) for schema in task.tools)
        return f"Error: {unknown_tool(call.name, names)}"
    return f"Error: the call could not be read: {call.error}"
