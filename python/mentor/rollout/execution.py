"""Running the calls of a whole batch of episodes, and what the model is told about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mentor.tools import ToolEnv, ToolResult, call_batch, step_batch
from mentor.tools.offer import unknown_tool
from mentor.types import ParsedCall, Task, ToolCall

if TYPE_CHECKING:
    from mentor.sandbox import State

__all__ = ["Calls", "Execute", "Executed", "call_seed", "in_sandbox", "refusal"]


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one episode that are to run, in order.

    Attributes:
        task: The episode's task.
        calls: The calls.
        seeds: One a call.
        state: Where an episode of stateful tools is; None at its start, and for other tools.
    """

    task: Task
    calls: Sequence[ToolCall]
    seeds: Sequence[int]
    state: State | None = None


Executed = tuple[list[ToolResult], "State | None"]
"""What the calls of one episode gave, in order, and where the episode is afterwards."""

Execute = Callable[[Sequence[Calls]], list[Executed]]
"""Runs the calls of many episodes at once."""

_MASK = (1 << 63) - 1


def in_sandbox(episodes: Sequence[Calls]) -> list[Executed]:
    """Runs every call in the sandbox, those of stateless tools in one native call and all others in another.

    Raises:
        SandboxError: If the sandbox itself cannot run.
        ToolSourceError: If a task's tool source is no set of tools.
    """
    envs: dict[int, ToolEnv] = {}
    for one in episodes:
        if id(one.task) not in envs:
            envs[id(one.task)] = ToolEnv.from_source(one.task.tool_source, one.task.tools)
    alone = [one for one in episodes if not one.task.stateful]
    chained = [one for one in episodes if one.task.stateful]
    flat = iter(
        call_batch(
            [(envs[id(one.task)], call) for one in alone for call in one.calls],
            seeds=[seed for one in alone for seed in one.seeds],
        )
        if alone
        else ()
    )
    steps = iter(
        step_batch(
            [(envs[id(one.task)], one.state, one.calls) for one in chained],
            seeds=[one.seeds for one in chained],
        )
        if chained
        else ()
    )
    return [next(steps) if one.task.stateful else ([next(flat) for _ in one.calls], None) for one in episodes]


def call_seed(episode_seed: int, index: int) -> int:
    """The seed of an episode's call number `index`: different calls of one episode draw different numbers."""
    return (episode_seed * 1_000_003 + index * 7_919 + 1) & _MASK


def refusal(call: ParsedCall, task: Task) -> str:
    """What the model reads in place of a result for a call that cannot be executed."""
    if call.status == "unknown":
        names = (str(schema.get("function", schema)["name"]) for schema in task.tools)
        return f"Error: {unknown_tool(call.name, names)}"
    return f"Error: the call could not be read: {call.error}"
