"""Which task stands where in a run: an order fixed by the seed, so that resuming finds its place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from datasets import Dataset

from mentor.data.rows import to_columns
from mentor.types import Task

__all__ = ["TASK_KEY", "task_of", "task_order", "training_rows"]

TASK_KEY = "task"
"""The key of a prompt's last message that holds the task's index: TRL hands the rollout function a row's
messages and nothing else."""


def task_order(tasks: int, slots: int, seed: int) -> list[int]:
    """The tasks' indices for every slot of a run: each pass over the data in a new order.

    The order depends on nothing but the arguments, so that runs with different rewards see the same prompts
    at the same steps.

    Args:
        tasks: How many tasks there are, at least 1.
        slots: How many are needed: steps times prompts a step.
        seed: The run's seed.
    """
    rng = random.Random(f"order:{seed}")
    order: list[int] = []
    while len(order) < slots:
        one_pass = list(range(tasks))
        rng.shuffle(one_pass)
        order += one_pass
    return order[:slots]


def training_rows(tasks: Sequence[Task], order: Sequence[int]) -> Dataset:
    """The data set of a GRPO run: the tasks' columns, a row per slot."""
    rows = to_columns(tasks)
    for index, row in enumerate(rows):
        row["prompt"][-1][TASK_KEY] = str(index)
    return Dataset.from_list(rows).select(list(order))


def task_of(prompt: Sequence[dict[str, Any]]) -> int:
    """The task's index of a prompt made by `training_rows`."""
    return int(prompt[-1][TASK_KEY])
