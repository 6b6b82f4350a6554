"""A whole run: check, load, train, and leave a folder that says what happened."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from accelerate import PartialState
from transformers import PrinterCallback, ProgressCallback, set_seed

from mentor.training.check import Prepared, chat_format, prepare
from mentor.training.config import Config
from mentor.training.grpo import grpo_trainer
from mentor.training.interrupt import Interrupt, Interrupted
from mentor.training.models import load_model
from mentor.training.rules import processes
from mentor.training.runfolder import RunFolder
from mentor.training.sft import sft_trainer
from mentor.training.tracking import StopWhenAsked
from mentor.training.warmstart import after_warm_start, warm_start_config

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
    checkpoint = _folder_ready(config, folder, resume=resume, overwrite=overwrite)
    interrupt = Interrupt()
    with interrupt.listening(), warnings.catch_warnings():
        # TRL and transformers disagree about a name; there is nothing for a user to do about it.
        warnings.filterwarnings(
            "ignore", message=".*gradient_checkpointing` is deprecated", category=FutureWarning
        )
        if config.warm_start is not None:
            if not _warm_started(config, prepared, interrupt):
                return TrainResult(folder.path, 0, interrupt.signal)
            config = after_warm_start(config)
        steps, stopped = _run(config, folder, prepared, interrupt, checkpoint)
    return TrainResult(folder.path, steps, interrupt.signal if stopped else None)


def _folder_ready(config: Config, folder: RunFolder, *, resume: bool, overwrite: bool) -> Path | None:
    """Prepares the run's folder, once for all processes; returns the checkpoint to go on from."""
    state = PartialState(cpu=config.compute.device == "cpu") if processes() > 1 else None
    if state is None or state.is_main_process:
        if resume:
            folder.resume(config)
        else:
            folder.start(config, overwrite=overwrite)
    if state is not None:
        state.wait_for_everyone()
    found = folder.last_checkpoint() if resume else None
    return None if found is None else found[0]


def _warm_started(config: Config, prepared: Prepared, interrupt: Interrupt) -> bool:
    """Does what is left of the warm start; returns whether it is done."""
    first = warm_start_config(config)
    folder = RunFolder(first.output)
    if folder.final.is_dir():
        return True
    checkpoint = _folder_ready(first, folder, resume=folder.config.is_file(), overwrite=False)
    return not _run(first, folder, prepared, interrupt, checkpoint)[1]


def _run(
    config: Config, folder: RunFolder, prepared: Prepared, interrupt: Interrupt, checkpoint: Path | None
) -> tuple[int, bool]:
    """Trains and saves; returns the steps taken in all, and whether a signal stopped it before the last."""
    trainer = _trainer(config, folder, prepared, interrupt)
    _train(trainer, checkpoint)
    steps = int(trainer.state.global_step)
    stopped = interrupt.signal is not None and steps < config.steps
    if not stopped:
        _save(config, trainer, folder)
    return steps, stopped


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


def _save(config: Config, trainer: Any, folder: RunFolder) -> None:
    """Saves the trained model so that `final` is there whole or not at all, also where several processes save.

    Adapters are merged into the model, except where its weights are spread over processes.
    """
    part = folder.path / "final.part"
    spread = trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled
    if config.lora is None or spread:
        trainer.save_model(str(part))
    elif trainer.is_world_process_zero():
        model = trainer.accelerator.unwrap_model(trainer.model).merge_and_unload()
        model.save_pretrained(part)
        trainer.processing_class.save_pretrained(part)
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
