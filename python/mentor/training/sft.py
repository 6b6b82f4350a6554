"""The SFT trainer of a configuration: TRL's own, on the teacher's trajectories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from trl import SFTConfig as SFTArguments
from trl import SFTTrainer

from mentor.rollout import ChatFormat
from mentor.training.adapters import peft_config
from mentor.training.arguments import common_arguments
from mentor.training.config import Config
from mentor.training.order import task_order
from mentor.training.rules import processes
from mentor.training.runfolder import RunFolder
from mentor.training.teacher import teacher_rows
from mentor.training.tracking import Tracker
from mentor.types import Task

__all__ = ["sft_trainer"]

_IGNORED = -100


def sft_trainer(
    config: Config,
    folder: RunFolder,
    *,
    model: Any,
    tokenizer: Any,
    chat: ChatFormat,
    tasks: Sequence[Task],
) -> SFTTrainer:
    """A trainer that is ready to train; the loss is on the tokens that the student is to write.

    Args:
        config: An SFT configuration.
        folder: The run's folder.
        model: The start model.
        tokenizer: Its tokenizer.
        chat: How tasks become prompts.
        tasks: Tasks with references.
    """
    share = config.batch.prompts // processes()
    micro = config.batch.micro or share
    arguments = SFTArguments(
        **common_arguments(config, folder),
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=share // micro,
        # The data set holds the run's rows in order, tokenised and labelled.
        train_sampling_strategy="sequential",
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        packing=False,
    )
    rows = teacher_rows(tasks, chat, config)
    labelled = [
        {
            "input_ids": row.ids,
            "labels": [token if own else _IGNORED for token, own in zip(row.ids, row.mask, strict=True)],
        }
        for row in rows
    ]
    order = task_order(len(rows), config.steps * config.batch.prompts, config.seed)
    return SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list(labelled).select(order),
        processing_class=tokenizer,
        peft_config=peft_config(config),
        callbacks=[Tracker(config, folder)],
    )
