"""The trainer arguments that all regimes have in common."""

from __future__ import annotations

from typing import Any

from mentor.training.config import Config
from mentor.training.runfolder import RunFolder

__all__ = ["common_arguments"]

_SCHEDULES = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}


def common_arguments(config: Config, folder: RunFolder) -> dict[str, Any]:
    """Optimiser, precision, checkpoints and logging, as `TrainingArguments` names them."""
    optimiser = config.optimiser
    return {
        "output_dir": str(folder.checkpoints),
        "max_steps": config.steps,
        "seed": config.seed,
        "learning_rate": optimiser.learning_rate,
        "warmup_steps": optimiser.warmup_steps,
        "lr_scheduler_type": _SCHEDULES[optimiser.schedule],
        "weight_decay": optimiser.weight_decay,
        "adam_beta1": optimiser.beta1,
        "adam_beta2": optimiser.beta2,
        "max_grad_norm": optimiser.max_grad_norm,
        "bf16": config.compute.precision == "bf16",
        "fp16": False,
        "gradient_checkpointing": config.compute.gradient_checkpointing,
        "use_cpu": config.compute.device == "cpu",
        "save_strategy": "steps",
        "save_steps": config.checkpoint.every,
        "save_total_limit": config.checkpoint.keep,
        "logging_strategy": "steps",
        "logging_steps": 1,
        # A rollout's text is short-lived and the data set small: worker processes would only cost time.
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": False,
        "remove_unused_columns": False,
        "disable_tqdm": True,
        "report_to": "none",
    }
