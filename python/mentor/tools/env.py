"""`ToolEnv`: tool source executed once in the sandbox, and calls from the state that it left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from mentor.errors import SandboxError, ScoreError, ToolSourceError
from mentor.sandbox import Limits, Sandbox, State, default_sandbox
from mentor.tools.calls import call_batch, step_batch
from mentor.tools.offer import Offer
from mentor.tools.result import ToolResult
from mentor.types import ToolCall

__all__ = ["ToolEnv"]

_SOURCE_LIMITS = Limits(fuel=50_000_000_000, wall=60.0, memory=1 << 30)
_CACHED = 4096


class ToolEnv:
    """Tools for a student: Python functions that run in the sandbox.

    Each call starts from the state that the source left, and none sees another's effects, unless it is stepped.
    Make one with `from_source`.

    Attributes:
        source: The Python source.
        schemas: The tools' OpenAI function schemas.
        sandbox: Where the calls run.
        initial: The state that the source left: where calls and episodes start.
    """

    def __init__(self, source: str, offer: Offer, sandbox: Sandbox, initial: State) -> None:
        self.source = source
        self.schemas = offer.schemas
        self.sandbox = sandbox
        self.initial = initial
        self._offer = offer

    @classmethod
    def from_source(
        cls,
        source: str,
        schemas: Sequence[Mapping[str, Any]] | None = None,
        *,
        sandbox: Sandbox | None = None,
    ) -> ToolEnv:
        """Executes the source in the sandbox, or takes it from the cache of equal sources.

        Args:
            source: Python source whose top-level functions are the tools.
            schemas: The tools to offer, as OpenAI schemas or bare `{"name", "parameters"}`; None means every
                public function of the source, typed by its annotations.
            sandbox: Where to run; None means the one that all tools share.

        Raises:
            ToolSourceError: The source is not Python, fails when executed, cannot be typed, or lacks a function
                that a schema names.
            SandboxError: The sandbox cannot be made.
        """
        given = None if schemas is None else json.dumps(list(schemas), sort_keys=True)
        return _from_source(source, given, sandbox or default_sandbox())

    @property
    def names(self) -> list[str]:
        """The tools' names."""
        return self._offer.names

    def call_batch(
        self, calls: Sequence[ToolCall], *, seeds: Sequence[int] | None = None
    ) -> list[ToolResult]:
        """Runs calls on all cores; see `mentor.tools.call_batch`."""
        return call_batch([(self, call) for call in calls], seeds=seeds)

    def step_batch(
        self,
        states: Sequence[State | None],
        calls_per_episode: Sequence[Sequence[ToolCall]],
        *,
        seeds: Sequence[Sequence[int]] | None = None,
    ) -> tuple[list[list[ToolResult]], list[State]]:
        """Runs the next calls of many episodes of these tools; see `mentor.tools.step_batch`.

        Args:
            states: Where each episode is; None for the start.
            calls_per_episode: Each episode's calls, run in order.
            seeds: For each episode, one seed for each call; None means 0 for all.

        Returns:
            The results by episode, and the episodes' next states.

        Raises:
            ScoreError: `states` or `seeds` has another length than `calls_per_episode`.
            SandboxError: A state belongs to another image.
        """
        if len(states) != len(calls_per_episode):
            many = f"{len(states)} of them for {len(calls_per_episode)} lists of calls"
            raise ScoreError(f"states: {many}; expected one for each")
        episodes = [(self, state, calls) for state, calls in zip(states, calls_per_episode, strict=True)]
        steps = step_batch(episodes, seeds=seeds)
        return [results for results, _ in steps], [state for _, state in steps]

    def _prepare(self, call: ToolCall) -> tuple[str, str] | ToolResult:
        """The function's name and the arguments' JSON, or the result of a call that is refused."""
        prepared = self._offer.prepare(call.name, call.arguments)
        return ToolResult.refused(prepared) if isinstance(prepared, str) else prepared


@lru_cache(maxsize=_CACHED)
def _from_source(source: str, given: str | None, sandbox: Sandbox) -> ToolEnv:
    offer = Offer(source, None if given is None else json.loads(given))
    state = sandbox.initial
    for part in offer.parts:
        outcome, state = sandbox.step(state, part, limits=_SOURCE_LIMITS)
        if outcome.status == "failed":
            raise SandboxError(f"the tool source could not be executed: {outcome.error}")
        if not outcome.ok:
            why = str(outcome.error) if outcome.error else f"it {outcome.status}"
            trace = f"\n{outcome.error.traceback}" if outcome.error and outcome.error.traceback else ""
            raise ToolSourceError(f"the tool source failed in the sandbox: {why}{trace}".rstrip())
    return ToolEnv(source, offer, sandbox, state)
