"""The episode loop: all episodes of a batch take their turns together.

In each turn one call generates for all live episodes, one call parses all their texts, and one call runs
every tool call of every episode; then the tool responses are appended and the next turn begins.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from mentor.errors import SandboxError
from mentor.parsing import extract_answer, parse_tool_calls_batch
from mentor.rollout.chat import ChatFormat
from mentor.rollout.episode import Episode, StopReason
from mentor.rollout.execution import Calls, Execute, call_seed, in_sandbox, refusal
from mentor.rollout.generation import Generation, Generator, Sampling
from mentor.tools.result import bounded
from mentor.types import ParsedCall, Task, ToolCall

if TYPE_CHECKING:
    from mentor.sandbox import State
    from mentor.tools import ToolResult

__all__ = ["LoopOptions", "RolloutStats", "run_episodes"]

_SEED_STEP = 0x9E3779B97F4A7C15
_SEED_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Bounds and manners of the episode loop.

    Attributes:
        max_calls_per_turn: Calls of one turn beyond this many are refused.
        max_tool_chars: A tool's text is cut to this many characters.
        on_malformed: What a call that cannot be read does: `respond` tells the model what is wrong with it,
            beside the results of its siblings; `stop` ends the episode after the turn.
        call_format: The form of the calls, as `mentor.parsing` names it.
    """

    max_calls_per_turn: int = 16
    max_tool_chars: int = 2_000
    on_malformed: Literal["respond", "stop"] = "respond"
    call_format: str = "hermes"


@dataclass(slots=True)
class RolloutStats:
    """What a call of `run_episodes` did, summed over its turns.

    Attributes:
        generate: Seconds spent generating.
        tools: Seconds spent executing tool calls.
        parse: Seconds spent decoding and parsing the model's text.
        tokens: Tokens that the model sampled.
        executed: Calls that were executed.
    """

    generate: float = 0.0
    tools: float = 0.0
    parse: float = 0.0
    tokens: int = 0
    executed: int = 0


@dataclass(slots=True)
class _Live:
    """An episode under way."""

    task: Task
    seed: int
    episode: Episode
    ids: list[int]
    row: int = -1  # its row in the generator's previous call
    turn: list[ParsedCall] = field(default_factory=list)  # the calls of the present turn
    calls: list[ParsedCall] = field(default_factory=list)
    results: list[ToolResult | None] = field(default_factory=list)
    responses: list[tuple[str, str]] = field(default_factory=list)
    state: State | None = None  # where an episode of stateful tools is


def run_episodes(
    tasks: Sequence[Task],
    *,
    tokenizer: Any,
    generator: Generator,
    max_turns: int,
    max_completion_tokens: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
    top_k: int = 0,
    logprobs: bool = False,
    seed: int = 0,
    seeds: Sequence[int] | None = None,
    chat: ChatFormat | None = None,
    options: LoopOptions | None = None,
    execute: Execute = in_sandbox,
    stats: RolloutStats | None = None,
) -> list[Episode]:
    """Runs one episode per task; a task given several times gets several episodes.

    An episode ends with a turn without calls (its answer), or at its limit of turns or tokens. A tool that
    raises, hangs or prints megabytes becomes a bounded text that the model reads, and the episode goes on.
    Where the machinery fails, the episode's `failure` says how, and no other episode is touched.

    Args:
        tasks: The tasks, in the order of the returned episodes.
        tokenizer: The model's tokenizer.
        generator: What continues token sequences.
        max_turns: The most turns of the model in an episode, at least 1.
        max_completion_tokens: The most tokens after the prompt, tool responses included, at least 1.
        temperature: 0 for greedy decoding.
        top_p: See `Sampling`.
        top_k: See `Sampling`.
        logprobs: Keep the sampled tokens' log-probabilities.
        seed: Seeds the episodes together with their index, where `seeds` is None.
        seeds: One seed per task; equal seed, task and model give an equal episode.
        chat: How tasks become prompts; by default `ChatFormat(tokenizer)`.
        options: Further bounds.
        execute: Runs tool calls; by default in the sandbox.
        stats: Counters to add to.

    Returns:
        The finished episodes, one per task.
    """
    chat = chat or ChatFormat(tokenizer)
    options = options or LoopOptions()
    stats = stats if stats is not None else RolloutStats()
    sampling = Sampling(temperature, top_p, top_k, logprobs)
    batch = _Batch(chat, generator, sampling, max_turns, max_completion_tokens, options, execute, stats)
    if seeds is None:
        seeds = [(seed * _SEED_STEP + index * 2 + 1) & _SEED_MASK for index in range(len(tasks))]
    prompts = {id(task): chat.prompt_ids(task) for task in {id(t): t for t in tasks}.values()}
    everyone = []
    for task, own in zip(tasks, seeds, strict=True):
        prompt = prompts[id(task)]
        episode = Episode(list(prompt), logprobs=[] if logprobs else None)
        everyone.append(_Live(task, own, episode, list(prompt)))
    live = list(everyone)
    try:
        while generator.pending(len(live)):
            live = batch.turn(live)
    finally:
        generator.release()
    for one in everyone:
        one.episode.calls, one.episode.results = tuple(one.calls), tuple(one.results)
    return [one.episode for one in everyone]


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the turns of one batch of episodes have in common."""

    chat: ChatFormat
    generator: Generator
    sampling: Sampling
    max_turns: int
    max_tokens: int
    options: LoopOptions
    execute: Execute
    stats: RolloutStats

    def turn(self, live: list[_Live]) -> list[_Live]:
        """One turn of every live episode; returns the episodes that go on."""
        turns = self._generate(live)
        return self._respond(self._execute(self._read(live, turns)))

    def _generate(self, live: list[_Live]) -> list[Generation]:
        """Samples one turn for every live episode and appends its tokens."""
        started = time.perf_counter()
        turns = self.generator.generate(
            [one.ids for one in live],
            max_new_tokens=[self.max_tokens - len(one.episode.completion_ids) for one in live],
            stop_ids=self.chat.stop_ids,
            sampling=self.sampling,
            seeds=[one.seed for one in live],
            continues=None if live and live[0].row < 0 else [one.row for one in live],
        )
        self.stats.generate += time.perf_counter() - started
        for row, (one, turn) in enumerate(zip(live, turns, strict=True)):
            one.row = row
            one.ids += turn.ids
            one.episode.completion_ids += turn.ids
            one.episode.mask += [1] * len(turn.ids)
            one.episode.turns += 1
            if one.episode.logprobs is not None and turn.logprobs is not None:
                one.episode.logprobs += turn.logprobs
            else:
                one.episode.logprobs = None
            self.stats.tokens += len(turn.ids)
        return turns

    def _read(self, live: list[_Live], turns: list[Generation]) -> list[_Live]:
        """Parses every episode's new turn; returns the episodes that made calls and may go on."""
        started = time.perf_counter()
        ends = [len(turn.ids) - 1 if turn.stopped else len(turn.ids) for turn in turns]
        texts = self.chat.decode([turn.ids[:end] for turn, end in zip(turns, ends, strict=True)])
        stops = self.chat.decode([turn.ids[end:] for turn, end in zip(turns, ends, strict=True)])
        parsed = parse_tool_calls_batch(
            texts, format=self.options.call_format, tools=[list(one.task.tools) for one in live]
        )
        going = []
        for one, turn, text, stop, calls in zip(live, turns, texts, stops, parsed, strict=True):
            offset = len(one.episode.text)
            one.turn = [replace(call, span=(call.span[0] + offset, call.span[1] + offset)) for call in calls]
            one.calls += one.turn
            one.results += [None] * len(calls)
            one.episode.text += text + stop
            one.episode.answer = extract_answer(text)
            reason = self._reason(one, turn)
            if reason is None:
                going.append(one)
            else:
                one.episode.stop = reason
                one.episode.finished = reason == "answer"
        self.stats.parse += time.perf_counter() - started
        return going

    def _reason(self, one: _Live, turn: Generation) -> StopReason | None:
        """Why the episode ends with this turn; None where it goes on."""
        if not turn.stopped:
            return "tokens"
        if not one.turn:
            return "answer"
        if self.options.on_malformed == "stop" and any(call.status == "malformed" for call in one.turn):
            return "malformed"
        return "turns" if one.episode.turns >= self.max_turns else None

    def _execute(self, live: list[_Live]) -> list[_Live]:
        """Runs all calls of all episodes at once; returns the episodes that the machinery did not fail."""
        found: list[tuple[_Live, list[int], list[ToolCall]]] = []
        for one in live:
            places, calls = self._answer(one)
            if places:
                found.append((one, places, calls))
        if not found:
            return live
        started = time.perf_counter()
        try:
            ran = self.execute(
                [
                    Calls(one.task, calls, [call_seed(one.seed, at) for at in places], one.state)
                    for one, places, calls in found
                ]
            )
        except SandboxError as error:
            for one, _, _ in found:
                _fail(one, f"the sandbox failed: {error}")
        else:
            for (one, places, calls), (results, state) in zip(found, ran, strict=True):
                one.state = state
                self._note(one, places, calls, results)
        self.stats.tools += time.perf_counter() - started
        return [one for one in live if one.episode.failure is None]

    def _answer(self, one: _Live) -> tuple[list[int], list[ToolCall]]:
        """Answers those of an episode's calls that do not run; returns the places of the others, and them."""
        first = len(one.calls) - len(one.turn)
        limit = self.options.max_calls_per_turn
        places: list[int] = []
        jobs: list[ToolCall] = []
        one.responses = []
        for k, call in enumerate(one.turn):
            name, text = "unknown", ""
            if call.status != "valid" or call.name is None or call.arguments is None:
                text = bounded(refusal(call, one.task), self.options.max_tool_chars)
            elif k >= limit:
                text = f"Error: not executed; at most {limit} calls can be made in one turn"
            else:
                name = call.name
                places.append(first + k)
                jobs.append(ToolCall(call.name, call.arguments))
            one.responses.append((name, text))
        return places, jobs

    def _note(
        self, one: _Live, places: list[int], calls: list[ToolCall], results: Sequence[ToolResult]
    ) -> None:
        """Notes what an episode's calls gave."""
        self.stats.executed += len(calls)
        for at, call, result in zip(places, calls, results, strict=True):
            one.results[at] = result
            slot = at - (len(one.calls) - len(one.turn))
            one.responses[slot] = (call.name, bounded(result.text, self.options.max_tool_chars))
            if result.failed:
                _fail(one, f"the tool {call.name!r} could not be run: {result.text}")

    def _respond(self, live: list[_Live]) -> list[_Live]:
        """Appends the tool responses; returns the episodes that have room for another turn."""
        texts = [self.chat.response_text(one.responses) for one in live]
        going = []
        for one, text, ids in zip(live, texts, self.chat.encode(texts), strict=True):
            if len(one.episode.completion_ids) + len(ids) >= self.max_tokens:
                one.episode.stop = "tokens"
                continue
            one.ids += ids
            one.episode.completion_ids += ids
            one.episode.mask += [0] * len(ids)
            one.episode.text += text
            if one.episode.logprobs is not None:
                one.episode.logprobs += [0.0] * len(ids)
            going.append(one)
        return going


def _fail(one: _Live, reason: str) -> None:
    one.episode.failure, one.episode.stop = reason, "failure"
