"""Batches of tool calls: the calls of all episodes in one native call per sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mentor.errors import ScoreError
from mentor.sandbox import Outcome, Sandbox, State
from mentor.sandbox.box import Job, _seeds
from mentor.tools.result import ToolResult
from mentor.types import ToolCall

if TYPE_CHECKING:
    from mentor.tools.env import ToolEnv

__all__ = ["call_batch", "step_batch"]


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
    batch = _Batch()
    for (env, call), seed in zip(pairs, _seeds(seeds, len(pairs)), strict=True):
        batch.add(env, call, seed, env.initial, keep=False, follows=False)
    return list(batch.results())


def step_batch(
    episodes: Sequence[tuple[ToolEnv, State | None, Sequence[ToolCall]]],
    *,
    seeds: Sequence[Sequence[int]] | None = None,
) -> list[tuple[list[ToolResult], State]]:
    """Runs each episode's calls in order, each seeing what the ones before it did, all episodes at once.

    An episode is a value, its `State`, so ten thousand need no more guests than there are cores. A call that is
    refused or stopped by a limit, or that traps, leaves its episode as it was before the call, and the calls after
    it run. A call that raises keeps what it did until then, as in any Python program.

    Args:
        episodes: For each, its tools, its state (None for the start) and its calls.
        seeds: For each episode, one seed for each call; None means 0 for all.

    Returns:
        For each episode, the results in the calls' order, and its next state.

    Raises:
        ScoreError: `seeds` has another shape than the calls.
        SandboxError: A state belongs to another image.
    """
    if seeds is not None and len(seeds) != len(episodes):
        raise ScoreError(
            f"seeds: {len(seeds)} lists of them for {len(episodes)} episodes; expected one for each"
        )
    batch, ends = _Batch(), []
    for row, (env, state, calls) in enumerate(episodes):
        start, last = env.initial if state is None else state, None
        for call, seed in zip(calls, _seeds(None if seeds is None else seeds[row], len(calls)), strict=True):
            ran = batch.add(env, call, seed, start, keep=True, follows=last is not None)
            last = ran or last
        ends.append((start, last))
    results = batch.results()
    rows = [[next(results) for _ in calls] for _, _, calls in episodes]
    return [(row, batch.end(start, last)) for row, (start, last) in zip(rows, ends, strict=True)]


class _Batch:
    """Calls on their way: refused here, or jobs of a sandbox."""

    def __init__(self) -> None:
        # For each call its refusal, or its sandbox's jobs and its place among them.
        self._rows: list[ToolResult | _Place] = []
        self._jobs: dict[int, tuple[Sandbox, list[Job]]] = {}
        self._done: dict[int, list[tuple[Outcome, State | None]]] = {}

    def add(
        self, env: ToolEnv, call: ToolCall, seed: int, state: State, *, keep: bool, follows: bool
    ) -> _Place | None:
        """Adds a call; its place, or None where it is refused."""
        prepared = env._prepare(call)
        if isinstance(prepared, ToolResult):
            self._rows.append(prepared)
            return None
        key = id(env.sandbox)
        jobs = self._jobs.get(key) or self._jobs.setdefault(key, (env.sandbox, []))
        place = (key, len(jobs[1]))
        jobs[1].append((*prepared, seed, state, keep, follows, None))
        self._rows.append(place)
        return place

    def results(self) -> Iterator[ToolResult]:
        """Runs all jobs; the results in the order in which the calls were added."""
        self._done = {key: sandbox._run(jobs) for key, (sandbox, jobs) in self._jobs.items()}
        return (
            row if isinstance(row, ToolResult) else ToolResult.of(self._done[row[0]][row[1]][0])
            for row in self._rows
        )

    def end(self, start: State, last: _Place | None) -> State:
        """Where an episode is after its last call that ran."""
        after = start if last is None else self._done[last[0]][last[1]][1]
        return start if after is None else after


_Place = tuple[int, int]
