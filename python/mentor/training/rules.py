"""What a configuration's fields must fulfil together, told all at once."""

from __future__ import annotations

import os

from mentor.data import check
from mentor.training.config import Config

__all__ = ["problems_of", "processes"]

# The reward settings that each regime reads.
_READS = {
    "mentor": {"metric", "match", "arguments", "weights", "discount"},
    "sparse": {"wrong"},
    "strict": set[str](),
    "sft": set[str](),
}


def processes() -> int:
    """How many processes train together, as the launcher says."""
    return max(1, int(os.environ.get("WORLD_SIZE", "1")))


def problems_of(config: Config) -> list[str]:
    """The faults between fields, one line each."""
    return [
        *_advantages(config),
        *_reward(config),
        *_batch(config),
        *_warm_start(config),
        *_engine(config),
        *_data(config),
    ]


def _advantages(config: Config) -> list[str]:
    if config.regime == "sft":
        return [] if config.advantages is None else ["advantages: SFT has none; remove the line"]
    if config.advantages is None:
        return [
            "advantages: is missing; say none, group, batch or parts, since it decides how the reward acts "
            "(docs/training.md)"
        ]
    if config.advantages == "parts" and config.regime != "mentor":
        return [f"advantages: parts needs a reward of several parts, and {config.regime!r} has one"]
    return []


def _reward(config: Config) -> list[str]:
    unread = sorted(config.reward.model_fields_set - _READS[config.regime])
    found = [f"reward.{name}: the regime {config.regime!r} does not read it; remove it" for name in unread]
    weights = config.reward.weights
    if config.regime == "mentor" and weights.answer + weights.alignment + weights.validity == 0:
        found.append("reward.weights: at least one must be above 0")
    return found


def _batch(config: Config) -> list[str]:
    found = []
    rows = config.batch.prompts
    if config.regime != "sft":
        if config.batch.rollouts < 2:
            found.append("batch.rollouts: GRPO compares rollouts of one prompt, so it needs at least 2")
        rows *= config.batch.rollouts
    share, rest = divmod(rows, processes())
    if rest:
        found.append(f"batch.prompts: {rows} rows a step do not divide among {processes()} processes")
    elif config.batch.micro is not None and share % config.batch.micro:
        found.append(f"batch.micro: must divide the {share} rows that a process has in a step")
    return found


def _warm_start(config: Config) -> list[str]:
    if config.warm_start is None:
        return []
    if config.regime == "sft":
        return ["warm_start: SFT needs none; remove it"]
    prompts = config.warm_start.prompts or config.batch.prompts
    if prompts % processes():
        return [
            f"warm_start.prompts: {prompts} trajectories a step do not divide among {processes()} processes"
        ]
    return []


def _engine(config: Config) -> list[str]:
    found = []
    if config.rollout.generator == "vllm" and config.vllm is None:
        found.append("vllm: is missing, and rollout.generator is vllm")
    if config.vllm is not None:
        if config.rollout.generator != "vllm":
            found.append("vllm: is given, but rollout.generator is not vllm")
        if config.vllm.mode == "server" and config.vllm.server_base_url is None:
            found.append("vllm.server_base_url: is missing, and vllm.mode is server")
        if config.vllm.mode == "colocate" and config.vllm.server_base_url is not None:
            found.append("vllm.server_base_url: is given, but vllm.mode is colocate")
    return found


def _data(config: Config) -> list[str]:
    return [line for k, source in enumerate(config.data) for line in check(source, field=f"data[{k}]")]
