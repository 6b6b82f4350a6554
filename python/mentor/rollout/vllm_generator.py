"""Generation by vLLM through a TRL trainer, colocated with training or on a server of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mentor.errors import ConfigError
from mentor.rollout.generation import Generation, Sampling

__all__ = ["VLLMGenerator"]


class VLLMGenerator:
    """Continues rows with the vLLM engine that a `GRPOTrainer` holds and keeps in step with its weights.

    vLLM's own prefix cache takes the place of `continues`, and its own random generator that of `seeds`.
    Where several processes generate with one engine (a server, or tensor parallelism) all of them must call
    equally often and with equally many rows; shorter batches are filled up with a copy of their last row, and
    dropped again.

    Args:
        trainer: A `GRPOTrainer` with `use_vllm=True`.

    Raises:
        ConfigError: If the trainer has no vLLM engine.
    """

    def __init__(self, trainer: Any) -> None:
        engine = getattr(trainer, "vllm_generation", None)
        if engine is None:
            raise ConfigError(
                "trainer", ["rollout.generator: the trainer was made without vLLM (use_vllm=True)"]
            )
        self._engine = engine
        self._accelerator = trainer.accelerator
        shared = engine.mode == "server" or engine.tensor_parallel_size > 1
        self._together = shared and trainer.accelerator.num_processes > 1
        self._filler: list[int] = [int(trainer.processing_class.eos_token_id)]

    def pending(self, rows: int) -> bool:
        """See `Generator.pending`."""
        return (max(self._counts(rows)) if self._together else rows) > 0

    def release(self) -> None:
        """Nothing is kept here: the engine keeps its own prefixes."""

    def generate(
        self,
        ids: Sequence[Sequence[int]],
        *,
        max_new_tokens: Sequence[int],
        stop_ids: Sequence[int],
        sampling: Sampling,
        seeds: Sequence[int],
        continues: Sequence[int] | None = None,
    ) -> list[Generation]:
        """See `Generator.generate`; a row is cut at its own budget after the longest budget was generated."""
        del seeds, continues
        prompts = [list(row) for row in ids]
        if self._together:
            prompts += [prompts[-1] if prompts else self._filler] * (
                max(self._counts(len(prompts))) - len(prompts)
            )
        before = self._settings(sampling, max(max_new_tokens, default=1), stop_ids)
        try:
            _, tokens, logprobs, _ = self._engine.generate(prompts=prompts, images=None, num_generations=1)
        finally:
            for name, value in before.items():
                setattr(self._engine, name, value)
        stops = set(stop_ids)
        return [
            _cut(list(tokens[row]), None if logprobs is None else logprobs[row], budget, stops)
            for row, budget in enumerate(max_new_tokens)
        ]

    def _settings(self, sampling: Sampling, longest: int, stop_ids: Sequence[int]) -> dict[str, Any]:
        """Sets the engine's sampling for this call; returns what it was."""
        wanted = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k or -1,
            "max_completion_length": longest,
            "generation_kwargs": {**(self._engine.generation_kwargs or {}), "stop_token_ids": list(stop_ids)},
        }
        before = {name: getattr(self._engine, name) for name in wanted}
        for name, value in wanted.items():
            setattr(self._engine, name, value)
        return before

    def _counts(self, rows: int) -> list[int]:
        from accelerate.utils import gather_object

        counts: list[int] = gather_object([rows])
        return counts


def _cut(tokens: list[int], logprobs: Any, budget: int, stops: set[int]) -> Generation:
    tokens = tokens[:budget]
    stopped = bool(tokens) and tokens[-1] in stops
    # The engine gives a list of candidates per token, the drawn one first, and None for a value it could not
    # compute.
    scores = None if logprobs is None else [float("nan") if s[0] is None else s[0] for s in logprobs[:budget]]
    return Generation(tokens, stopped, scores)
