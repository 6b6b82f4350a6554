"""The GRPO trainer of a configuration: TRL's, with our rollouts and rewards."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from trl import GRPOConfig

from mentor.rollout import ChatFormat
from mentor.training.adapters import peft_config
from mentor.training.arguments import common_arguments
from mentor.training.config import Config
from mentor.training.interrupt import Interrupt
from mentor.training.order import task_order, training_rows
from mentor.training.rollouts import RolloutFunction
from mentor.training.rules import processes
from mentor.training.runfolder import RunFolder
from mentor.training.scoring import BatchScorer, make_reward, reward_functions
from mentor.training.tracking import Tracker
from mentor.training.trainer import UnpaddedGRPOTrainer
from mentor.types import Task

__all__ = ["grpo_arguments", "grpo_trainer"]


def grpo_arguments(config: Config, folder: RunFolder) -> GRPOConfig:
    """TRL's arguments for a configuration."""
    rows = config.batch.prompts * config.batch.rollouts // processes()
    micro = config.batch.micro or rows
    rollout, optimiser = config.rollout, config.optimiser
    parts = config.advantages == "parts"
    return GRPOConfig(
        **common_arguments(config, folder),
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=rows // micro,
        # Generation fills exactly one optimiser step, so every step is on-policy.
        steps_per_generation=rows // micro,
        num_iterations=1,
        num_generations=config.batch.rollouts,
        max_completion_length=rollout.max_completion_tokens,
        temperature=rollout.temperature,
        top_p=rollout.top_p,
        top_k=rollout.top_k,
        # The data set holds the run's rows in order already.
        shuffle_dataset=False,
        beta=optimiser.kl,
        epsilon=optimiser.clip,
        loss_type=optimiser.loss,
        scale_rewards="group" if parts else config.advantages,
        multi_objective_aggregation="normalize_then_sum" if parts else "sum_then_normalize",
        reward_weights=reward_functions(config, BatchScorer(None))[1],
        log_completions=False,
        **_vllm(config),
    )


def grpo_trainer(
    config: Config,
    folder: RunFolder,
    *,
    model: Any,
    tokenizer: Any,
    chat: ChatFormat,
    tasks: Sequence[Task],
    interrupt: Interrupt,
) -> UnpaddedGRPOTrainer:
    """A trainer that is ready to train.

    Args:
        config: A GRPO configuration.
        folder: The run's folder.
        model: The start model.
        tokenizer: Its tokenizer.
        chat: How tasks become prompts.
        tasks: The tasks.
        interrupt: Asked between turns whether to stop.
    """
    order = task_order(len(tasks), config.steps * config.batch.prompts, config.seed)
    scorer = BatchScorer(make_reward(config))
    rollouts = RolloutFunction(config, tasks, tokenizer, chat, interrupt)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*'rollout_func', which is an experimental")
        return UnpaddedGRPOTrainer(
            model=model,
            args=grpo_arguments(config, folder),
            reward_funcs=reward_functions(config, scorer)[0],
            train_dataset=training_rows(tasks, order),
            processing_class=tokenizer,
            rollout_func=rollouts,
            peft_config=peft_config(config),
            callbacks=[Tracker(config, folder, rollouts, scorer)],
        )


def _vllm(config: Config) -> dict[str, Any]:
    engine = config.vllm
    if engine is None:
        return {"use_vllm": False}
    return {
        "use_vllm": True,
        "vllm_mode": engine.mode,
        "vllm_gpu_memory_utilization": engine.gpu_memory_utilization,
        "vllm_max_model_length": engine.max_model_length,
        "vllm_tensor_parallel_size": engine.tensor_parallel_size,
        "vllm_enable_sleep_mode": engine.sleep,
        "vllm_server_base_url": engine.server_base_url,
        "vllm_importance_sampling_correction": engine.importance_sampling,
    }
