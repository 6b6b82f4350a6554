"""SFT before GRPO: the first of the two is a run of its own within the run's folder, and the second starts from it."""

from __future__ import annotations

from mentor.training.config import Config, PretrainedModel
from mentor.training.configfile import parse_config
from mentor.training.runfolder import RunFolder

__all__ = ["after_warm_start", "warm_start_config"]


def warm_start_config(config: Config) -> Config:
    """The SFT run that comes first: same model, data, chat and seed.

    Args:
        config: A configuration with `warm_start`.

    Raises:
        ConfigError: The settings make no valid run.
    """
    if config.warm_start is None:
        raise ValueError("the configuration has no warm start")
    asked = config.warm_start
    shared = config.model_dump(
        mode="json",
        exclude_unset=True,
        include={"seed", "model", "data", "chat", "sft", "compute", "logging", "checkpoint", "lora"},
    )
    optimiser = config.optimiser.model_dump(exclude_unset=True, exclude={"loss", "kl", "clip"})
    return parse_config(
        {
            **shared,
            "output": str(RunFolder(config.output).warm_start),
            "regime": "sft",
            "steps": asked.steps,
            "batch": {"prompts": asked.prompts or config.batch.prompts},
            "rollout": {
                "max_tool_chars": config.rollout.max_tool_chars,
                "max_completion_tokens": config.rollout.max_completion_tokens,
            },
            "optimiser": {**optimiser, "learning_rate": asked.learning_rate or optimiser["learning_rate"]},
        },
        name="warm_start",
    )


def after_warm_start(config: Config) -> Config:
    """The same run, starting from the model that the warm start left."""
    final = RunFolder(RunFolder(config.output).warm_start).final
    return config.model_copy(
        update={"model": PretrainedModel(kind="pretrained", path=str(final), revision=None)}
    )
