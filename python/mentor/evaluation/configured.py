"""Evaluate a model with the prompts and bounds of a training configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mentor.evaluation.evaluator import evaluate
from mentor.evaluation.result import EvaluationResult
from mentor.rollout import LoopOptions
from mentor.types import Task

if TYPE_CHECKING:
    from mentor.training import Config

__all__ = ["evaluate_as_configured"]


def evaluate_as_configured(
    config: Config, model: Any, tokenizer: Any, suites: Mapping[str, Sequence[Task]], **options: Any
) -> EvaluationResult:
    """Evaluate with a configuration's chat format, turns, tokens and tool limits.

    A model answers best to the prompts that it was trained with, so the same configuration serves both.

    Args:
        config: A training configuration.
        model: A causal language model.
        tokenizer: Its tokenizer.
        suites: Tasks by suite name.
        options: Further arguments of `evaluate`; they come before the configuration's.

    Raises:
        ConfigError: If the tokenizer's chat template cannot be used.
    """
    from mentor.training import chat_format

    rollout = config.rollout
    return evaluate(
        model,
        tokenizer,
        suites,
        **{
            "max_turns": rollout.max_turns,
            "max_completion_tokens": rollout.max_completion_tokens,
            "chat": chat_format(config, tokenizer),
            "options": LoopOptions(
                max_calls_per_turn=rollout.max_calls_per_turn,
                max_tool_chars=rollout.max_tool_chars,
                on_malformed=rollout.on_malformed,
            ),
            **options,
        },
    )
