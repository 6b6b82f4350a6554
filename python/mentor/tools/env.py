"""`ToolEnv`: tool source executed once in the sandbox, and batches of calls from the state that it left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from mentor.errors import ToolSourceError
from mentor.sandbox import Limits, Sandbox, State, default_sandbox
from mentor.sandbox.box import Job, _seeds
from mentor.tools.check import problem
from mentor.tools.result import ToolResult
from mentor.tools.schema import function_names, normalise, parse, schemas_from_source
from mentor.types import ToolCall

__all__ = ["ToolEnv", "call_batch"]

_SOURCE_LIMITS = Limits(fuel=50_000_000_000, wall=60.0, memory=1 << 30)
# What tools leave at rest is exempt from garbage collection, so that calls write fewer pages.
_SETTLE = "import gc as _gc\n_gc.collect()\n_gc.freeze()\ndel _gc"
_CACHED = 4096


class ToolEnv:
    """Tools for a student: Python functions that run in the sandbox.

    Each call starts from the state that the source left, and none sees another's effects. Make one with
    `from_source`.

    Attributes:
        schemas: The tools' OpenAI function schemas.
        sandbox: Where the calls run.
    """

    def __init__(self, source: str, schemas: list[dict[str, Any]], sandbox: Sandbox, state: State) -> None:
        self.source = source
        self.schemas = schemas
        self.sandbox = sandbox
        self._state = state
        self._parameters = {s["function"]["name"]: s["function"]["parameters"] for s in schemas}

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
        return list(self._parameters)

    def call_batch(
        self, calls: Sequence[ToolCall], *, seeds: Sequence[int] | None = None
    ) -> list[ToolResult]:
        """Runs calls on all cores; see `mentor.tools.call_batch`."""
        return call_batch([(self, call) for call in calls], seeds=seeds)

    def _refusal(self, call: ToolCall) -> str | None:
        parameters = self._parameters.get(call.name)
        if parameters is None:
            return f"there is no tool {call.name!r}; the tools are {', '.join(self.names)}"
        fault = problem(call.arguments, parameters)
        return None if fault is None else f"{call.name}: {fault}"


@lru_cache(maxsize=_CACHED)
def _from_source(source: str, given: str | None, sandbox: Sandbox) -> ToolEnv:
    if given is None:
        schemas = schemas_from_source(source)
    else:
        schemas = normalise(json.loads(given))
        bound = set(function_names(parse(source)))
        missing = [s["function"]["name"] for s in schemas if s["function"]["name"] not in bound]
        if missing:
            raise ToolSourceError(f"the tool source defines no {', '.join(missing)}, which its schemas name")
    state = sandbox.initial
    for part in (source, _SETTLE):
        outcome, state = sandbox.step(state, part, limits=_SOURCE_LIMITS)
        if not outcome.ok:
            why = str(outcome.error) if outcome.error else f"it {outcome.status}"
            trace = f"\n{outcome.error.traceback}" if outcome.error and outcome.error.traceback else ""
            raise ToolSourceError(f"the tool source failed in the sandbox: {why}{trace}".rstrip())
    return ToolEnv(source, schemas, sandbox, state)


def call_batch(
    pairs: Sequence[tuple[ToolEnv, ToolCall]], *, seeds: Sequence[int] | None = None
) -> list[ToolResult]:
    """Runs calls of any tools, in one native call per sandbox, on all cores, with the GIL released.

    Args:
        pairs: Each call with the tools that it is a call of.
        seeds: One for each call; None means 0 for all.

    Returns:
        Results in the calls' order. A call of an unknown tool, or with arguments that do not fit the schema, is
        refused with a text that says why; a tool that raises, loops or prints too much gives a bounded text.
        Nothing that a student wrote raises here.
    """
    chosen = _seeds(seeds, len(pairs))
    results: list[ToolResult | None] = [None] * len(pairs)
    waiting: dict[int, tuple[Sandbox, list[int], list[Job]]] = {}
    for row, ((env, call), seed) in enumerate(zip(pairs, chosen, strict=True)):
        refusal = env._refusal(call)
        if refusal is None:
            _, rows, jobs = waiting.setdefault(id(env.sandbox), (env.sandbox, [], []))
            rows.append(row)
            jobs.append((call.name, json.dumps(call.arguments), seed, env._state, None, False))
        else:
            results[row] = ToolResult.refused(refusal)
    for sandbox, rows, jobs in waiting.values():
        for row, (outcome, _) in zip(rows, sandbox._run(jobs), strict=True):
            results[row] = ToolResult.of(outcome)
    return [result for result in results if result is not None]
