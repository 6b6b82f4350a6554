"""Evaluate a model on named suites: episodes through the sandbox in large batches, then the figures."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from mentor import rollout
from mentor.evaluation.result import Decoding, EvaluationResult, SuiteResult
from mentor.evaluation.scoring import fingerprint, items_of, summarise
from mentor.judge import AnswerJudge
from mentor.types import Task

if TYPE_CHECKING:
    from mentor.rollout import ChatFormat, Episode, Generator, LoopOptions

__all__ = ["IN_DOMAIN", "Progress", "evaluate"]

IN_DOMAIN = frozenset({"in_domain"})

Progress = Callable[[str, int, int], None]
"""Called after every batch with the suite's name, the episodes done and the episodes to do."""


def evaluate(
    model: Any,
    tokenizer: Any,
    suites: Mapping[str, Sequence[Task]],
    *,
    name: str = "model",
    temperature: float = 0.0,
    samples: int = 1,
    seed: int = 0,
    max_turns: int = 8,
    max_completion_tokens: int = 512,
    batch_size: int = 128,
    in_domain: Collection[str] = IN_DOMAIN,
    judge: AnswerJudge | None = None,
    generator: Generator | None = None,
    chat: ChatFormat | None = None,
    options: LoopOptions | None = None,
    keep: int = 4,
    progress: Progress | None = None,
    known: EvaluationResult | None = None,
    save: Callable[[EvaluationResult], object] | None = None,
) -> EvaluationResult:
    """Let the model solve every task of every suite with sandboxed tools, and measure how it went.

    Args:
        model: A causal language model of transformers; may be None where a `generator` is given.
        tokenizer: Its tokenizer, with a chat template that knows tools.
        suites: Tasks by suite name.
        name: A name for the model, kept in the result.
        temperature: 0 for greedy decoding (one sample per task), above 0 for sampling.
        samples: Episodes per task.
        seed: Seeds sampling, tools and the bootstrap.
        max_turns: Turns of the model per episode.
        max_completion_tokens: Tokens per episode after the prompt, tool results included.
        batch_size: Episodes that advance together.
        in_domain: Names of the suites that count as in domain; every other is out of domain.
        judge: Decides whether an answer is right; the default judge otherwise.
        generator: Produces tokens; made from the model with transformers where it is None.
        chat: How tasks become prompts; by default `ChatFormat(tokenizer)`.
        options: Further bounds of the episodes; those a model was trained with should be given again.
        keep: Episodes per suite that are kept in full, to be read by people.
        progress: Called after every batch.
        known: An evaluation of the same model that was stopped: its suites are taken over where the tasks and the
            decoding are the same.
        save: Called after every suite with the evaluation so far, to be `known` to a later one.

    Returns:
        The result; equal for equal arguments on one machine.

    Raises:
        ValueError: If there is nothing to evaluate or the decoding options contradict each other.
    """
    _check(suites, temperature, samples, batch_size)
    if generator is None:
        generator = rollout.TransformersGenerator(model)  # loads torch, which nothing above needs
    decoding = Decoding(float(temperature), samples, seed, max_turns, max_completion_tokens)
    judge = judge or AnswerJudge()
    results: dict[str, SuiteResult] = {}
    for suite, tasks in suites.items():
        earlier = _earlier(known, suite, tasks, name=name, decoding=decoding)
        if earlier is not None:
            results[suite] = earlier
            continue
        repeated = [task for task in tasks for _ in range(samples)]
        episodes = _episodes(
            suite,
            repeated,
            tokenizer=tokenizer,
            generator=generator,
            decoding=decoding,
            batch_size=batch_size,
            chat=chat or rollout.ChatFormat(tokenizer),
            options=options,
            progress=progress,
        )
        items = items_of(repeated, episodes, samples=samples, judge=judge)
        domain: Literal["in", "out"] = "in" if suite in in_domain else "out"
        results[suite] = summarise(
            repeated, episodes, items, domain=domain, samples=samples, seed=seed, keep=keep
        )
        if save is not None:
            save(EvaluationResult(model=name, decoding=decoding, suites=dict(results)))
    return EvaluationResult(model=name, decoding=decoding, suites=results)


def _earlier(
    known: EvaluationResult | None, suite: str, tasks: Sequence[Task], *, name: str, decoding: Decoding
) -> SuiteResult | None:
    """A suite's result in an earlier evaluation, if it is one of the same model, tasks and decoding."""
    if known is None or (known.model, known.decoding) != (name, decoding):
        return None
    found = known.suites.get(suite)
    return found if found is not None and found.fingerprint == fingerprint(tasks) else None


def _check(suites: Mapping[str, Sequence[Task]], temperature: float, samples: int, batch_size: int) -> None:
    empty = [suite for suite, tasks in suites.items() if not tasks]
    if not suites or empty:
        raise ValueError(f"nothing to evaluate: {'no suites' if not suites else 'no tasks in ' + empty[0]}")
    for suite, tasks in suites.items():
        if len({task.id for task in tasks}) != len(tasks):
            raise ValueError(f"suite {suite!r}: two tasks share an id; ids must be unique within a suite")
    if samples < 1 or batch_size < 1:
        raise ValueError("samples and batch_size must be at least 1")
    if temperature < 0 or (temperature == 0 and samples != 1):
        raise ValueError("greedy decoding (temperature 0) gives one sample; more need a temperature above 0")


def _episodes(
    suite: str,
    tasks: Sequence[Task],
    *,
    tokenizer: Any,
    generator: Generator,
    decoding: Decoding,
    batch_size: int,
    chat: ChatFormat,
    options: LoopOptions | None,
    progress: Progress | None,
) -> list[Episode]:
    episodes: list[Episode] = []
    for start in range(0, len(tasks), batch_size):
        episodes += rollout.run_episodes(
            tasks[start : start + batch_size],
            tokenizer=tokenizer,
            generator=generator,
            max_turns=decoding.max_turns,
            max_completion_tokens=decoding.max_completion_tokens,
            temperature=decoding.temperature,
            seed=zlib.crc32(f"{decoding.seed}/{suite}/{start}".encode()),
            chat=chat,
            options=options,
        )
        if progress is not None:
            progress(suite, len(episodes), len(tasks))
    return episodes
