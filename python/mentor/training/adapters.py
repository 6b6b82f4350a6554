"""Low-rank adapters (LoRA, arXiv 2106.09685), by the package peft."""

from __future__ import annotations

import importlib.util
from typing import Any

from mentor.training.config import Config

__all__ = ["lora_problems", "peft_config"]


def lora_problems(config: Config) -> list[str]:
    """What keeps adapters from being trained."""
    if config.lora is None or importlib.util.find_spec("peft") is not None:
        return []
    return ["lora: needs peft; install it with: pip install 'mentor-rl[lora]'"]


def peft_config(config: Config) -> Any:
    """The adapters as peft describes them; None where the whole model is trained."""
    if config.lora is None:
        return None
    from peft import LoraConfig

    asked = config.lora
    return LoraConfig(
        r=asked.rank,
        lora_alpha=asked.alpha,
        lora_dropout=asked.dropout,
        target_modules=asked.targets,
        task_type="CAUSAL_LM",
    )
