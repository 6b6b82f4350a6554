"""The rollout function that TRL's GRPOTrainer calls: a batch of prompts in, finished episodes out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from trl.models import unwrap_model_for_generation

from mentor.errors import MentorError
from mentor.rollout import ChatFormat, Episode, LoopOptions, RolloutStats, run_episodes
from mentor.rollout.transformers_generator import TransformersGenerator
from mentor.rollout.vllm_generator import VLLMGenerator
from mentor.training.config import Config
from mentor.training.interrupt import Interrupt, InterruptibleGenerator
from mentor.training.order import task_of
from mentor.types import Task

__all__ = ["RolloutFunction"]

_SEED_MASK = (1 << 64) - 1


class RolloutFunction:
    """Runs the episodes of a step and hands them, with their tokens, to the trainer and the rewards.

    Every episode's seed is made from the run's seed, the step and the episode's place in the step, so a
    resumed run samples what the uninterrupted one would have.

    Attributes:
        tasks: The last batch's tasks, one per episode.
        episodes: The last batch's episodes.
        stats: What they took.
    """

    def __init__(
        self, config: Config, tasks: Sequence[Task], tokenizer: Any, chat: ChatFormat, interrupt: Interrupt
    ) -> None:
        self._config, self._all = config, tasks
        self._tokenizer, self._chat, self._interrupt = tokenizer, chat, interrupt
        rollout = config.rollout
        self._options = LoopOptions(
            max_calls_per_turn=rollout.max_calls_per_turn,
            max_tool_chars=rollout.max_tool_chars,
            on_malformed=rollout.on_malformed,
        )
        self.tasks: list[Task] = []
        self.episodes: list[Episode] = []
        self.stats = RolloutStats()

    def __call__(self, prompts: list[Any], trainer: Any) -> dict[str, Any]:
        """TRL's rollout function: see `GRPOTrainer`.

        Args:
            prompts: This process's prompts, every one repeated for each of its rollouts.
            trainer: The trainer.

        Raises:
            MentorError: The machinery failed in every episode, so that nothing can be learnt from the step.
        """
        self.tasks = [self._all[task_of(prompt)] for prompt in prompts]
        self.stats = RolloutStats()
        if self._config.rollout.generator == "vllm":
            self.episodes = self._run(VLLMGenerator(trainer), trainer)
        else:
            dtype = torch.bfloat16 if self._config.compute.precision == "bf16" else None
            with unwrap_model_for_generation(
                trainer.model_wrapped,
                trainer.accelerator,
                gather_deepspeed3_params=trainer.args.ds3_gather_for_generation,
            ) as model:
                self.episodes = self._run(TransformersGenerator(model, autocast=dtype), trainer)
        self._report_failures()
        return {
            "prompt_ids": [episode.prompt_ids for episode in self.episodes],
            "completion_ids": [episode.completion_ids for episode in self.episodes],
            "logprobs": [episode.logprobs for episode in self.episodes]
            if all(episode.logprobs is not None for episode in self.episodes)
            else None,
            "env_mask": [episode.mask for episode in self.episodes],
            "episodes": self.episodes,
        }

    def _run(self, generator: Any, trainer: Any) -> list[Episode]:
        alone = trainer.accelerator.num_processes == 1
        rollout = self._config.rollout
        first = trainer.accelerator.process_index * len(self.tasks)
        return run_episodes(
            self.tasks,
            tokenizer=self._tokenizer,
            # Processes that generate together must not leave the loop at different turns.
            generator=InterruptibleGenerator(generator, self._interrupt) if alone else generator,
            max_turns=rollout.max_turns,
            max_completion_tokens=rollout.max_completion_tokens,
            temperature=rollout.temperature,
            top_p=rollout.top_p,
            top_k=rollout.top_k,
            logprobs=rollout.generator == "vllm",
            seeds=[
                _seed(self._config.seed, trainer.state.global_step, first + place)
                for place in range(len(self.tasks))
            ],
            chat=self._chat,
            options=self._options,
            stats=self.stats,
        )

    def _report_failures(self) -> None:
        failed = [episode.failure for episode in self.episodes if episode.failure is not None]
        if not failed:
            return
        if len(failed) == len(self.episodes):
            raise MentorError(f"every rollout of the step failed outside the model's doing: {failed[0]}")
        warnings.warn(
            f"{len(failed)} of {len(self.episodes)} rollouts failed outside the model's doing and are left "
            f"out of the step: {failed[0]}",
            RuntimeWarning,
            stacklevel=2,
        )


def _seed(run: int, step: int, place: int) -> int:
    """A seed of 64 bits, different for every episode of every run."""
    mixed = (run * 0x9E3779B97F4A7C15 + step * 0xC2B2AE3D27D4EB4F + place * 0x165667B19E3779F9) & _SEED_MASK
    return mixed ^ (mixed >> 29)
