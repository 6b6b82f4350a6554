"""A whole run: check, load, train, and leave a folder that says what happened."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import PrinterCallback, ProgressCallback, set_seed

from mentor.training.check import Prepared, chat_format, prepare
from mentor.training.config import Config
from mentor.training.grpo import grpo_trainer
from mentor.training.interrupt import Interrupt, Interrupted
from mentor.training.models import load_model
from mentor.training.runfolder import RunFolder
from mentor.training.sft import sft_trainer
from mentor.training.tracking import StopWhenAsked

__all__ = ["TrainResult", "train"]


@dataclass(frozen=True, slots=True)
class TrainResult:
    """How a run ended.

    Attributes:
        folder: The run's folder.
        steps: The optimiser steps taken in all.
        interrupted: The signal that stopped the run before its end, or None.
    """

    folder: Path
    steps: int
    interrupted: int | None = None


def train(
    config: Config, *, resume: bool = False, overwrite: bool = False, name: str = "configuration"
) -> TrainResult:
    """Trains a model as the configuration says.

    Ctrl-C and termination leave a checkpoint from which `resume` goes on.

    Args:
        config: A valid configuration.
        resume: Go on from the newest checkpoint of the run's folder.
        overwrite: Replace a run that is already in the folder.
        name: What errors call the configuration.

    Raises:
        ConfigError: The run cannot start; lists every fault found.
        MentorError: The machinery failed while training.
    """
    transformers.logging.disable_progress_bar()
    if config.compute.threads is not None:
        torch.set_num_threads(config.compute.threads)
    folder = RunFolder(config.output)
    prepared = prepare(config, name=name)
    start = folder.resume(config) if resume else None
    if not resume:
        folder.start(config, overwrite=overwrite)
    interrupt = Interrupt()
    with interrupt.listening(), warnings.catch_warnings():
        # TRL and transformers disagree about a name; there is nothing for a user to do about it.
        warnings.filterwarnings(
            "ignore", message=".*gradient_checkpointing` is deprecated", category=FutureWarning
        )
        trainer = _trainer(config, folder, prepared, interrupt)
        _train(trainer, None if start is None else start[0])
        steps = int(trainer.state.global_step)
        stopped = interrupt.signal is not None and steps < config.steps
        if not stopped:
            _save(trainer, folder)
    return TrainResult(folder.path, steps, interrupt.signal if stopped else None)


def _trainer(config: Config, folder: RunFolder, prepared: Prepared, interrupt: Interrupt) -> Any:
    set_seed(config.seed)
    model, tokenizer = load_model(config.model, device=config.compute.device)
    parts = {
        "model": model,
        "tokenizer": tokenizer,
        "chat": chat_format(config, tokenizer),
        "tasks": prepared.tasks,
    }
    if config.regime == "sft":
        trainer = sft_trainer(config, folder, **parts)
    else:
        trainer = grpo_trainer(config, folder, **parts, interrupt=interrupt)
    # The tracker shows progress; the trainer's own printers would write over it.
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(StopWhenAsked(interrupt))
    return trainer


def _save(trainer: Any, folder: RunFolder) -> None:
    """Saves the trained model so that `final` is there whole or not at all, also where several processes save."""
    part = folder.path / "final.part"
    trainer.save_model(str(part))
    trainer.accelerator.wait_for_everyone()
    if trainer.is_world_process_zero():
        shutil.rmtree(folder.final, ignore_errors=True)
        part.rename(folder.final)
    trainer.accelerator.wait_for_everyone()


def _train(trainer: Any, checkpoint: Path | None) -> None:
    try:
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    except Interrupted:
        # Left inside a rollout: the weights and the optimiser are those of the last finished step.
        if trainer.state.global_step:
            trainer._save_checkpoint(trainer.model, trial=None)
