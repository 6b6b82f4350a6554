"""A GRPO step of the tiny student beside TRL's own tool loop, in turns in one process, and where a step's time goes.

Both sides train the same student on the same prompts with the same reward on one thread: 16 prompts of 8 rollouts, all
twelve tools offered. TRL runs the tools as plain functions of its own process; ours run in the sandbox.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from mentor.bench.page import as_json, conditions, markdown, text_table, write_between_markers
from mentor.bench.promise import Measured, Promise
from mentor.cli.needs import need

__all__ = ["PROMISES", "WHAT", "add_arguments", "run"]

WHAT = "a GRPO step of the tiny student beside TRL's own tool loop"
"""What is measured, a line."""

PROMISES = (
    Promise("step", "TRL's own tool loop / this one, a GRPO step of 128 rollouts", 3.0, 5.0, "more"),
    Promise("share", "tools, parsing and rewards, of a step's time", 0.05, 0.03, "less"),
)

_ROUNDS, _QUICK = 3, 1
_STEPS = 3  # of a turn; the first warms up and is not counted
_PROMPTS, _ROLLOUTS, _TOKENS, _TURNS = 16, 8, 144, 6
_PACKAGES = ("torch", "transformers", "trl")


def add_arguments(group: argparse._ArgumentGroup) -> None:
    """The bench has no options of its own."""
    del group


def run(args: argparse.Namespace) -> int:
    """Measures and prints; returns 0, or 1 where a promise is missed."""
    need("bench --training", "torch", "transformers", "trl", "pydantic", "yaml")
    import torch

    torch.set_num_threads(1)
    rounds = _QUICK if args.quick else _ROUNDS
    where = conditions(_PACKAGES)
    ratios: list[float] = []
    ours: list[float] = []
    theirs: list[float] = []
    shares: list[float] = []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        for turn in range(rounds):
            mine, parts = _ours(Path(folder) / f"ours-{turn}", turn)
            peer = _theirs(Path(folder) / f"theirs-{turn}", turn)
            print(f"turn {turn + 1} of {rounds}: {median(mine):.2f} s and {median(peer):.2f} s", flush=True)
            ratios.append(median(peer) / median(mine))
            ours += mine
            theirs += peer
            shares += parts
    rows: dict[str, Measured | str] = {
        "step": Measured(
            median(ratios), min(ratios), f"{median(theirs):.2f} s / {median(ours):.2f} s a step, one thread"
        ),
        "share": Measured(median(shares), max(shares), "of this one's step"),
    }
    print(text_table(rows, PROMISES))
    if args.json:
        Path(args.json).write_text(
            json.dumps(as_json(rows, {}, where, PROMISES), indent=2) + "\n", encoding="utf-8"
        )
    if args.page:
        write_between_markers(Path(args.page), "training-table", markdown(rows, {}, where, PROMISES))
    return int(not all(p.kept(found) for p in PROMISES if isinstance(found := rows[p.name], Measured)))


def _tasks(seed: int) -> list[Any]:
    """The prompts of a turn, all twelve tools offered, as TRL's loop offers them."""
    from mentor.data.tasks import generate, schemas

    return [replace(task, tools=schemas()) for task in generate(seed, _PROMPTS * _STEPS)]


def _ours(folder: Path, seed: int) -> tuple[list[float], list[float]]:
    """Seconds of each counted step, and the share of tools, parsing and rewards in it."""
    from mentor.data import save_jsonl
    from mentor.training import RunFolder, parse_config, train

    data = folder.with_suffix(".jsonl")
    save_jsonl(_tasks(seed), data)
    config = parse_config(
        {
            "output": str(folder),
            "regime": "mentor",
            "advantages": "none",
            "steps": _STEPS,
            "seed": seed,
            "model": {"kind": "student"},
            "data": {"kind": "jsonl", "path": str(data)},
            "batch": {"prompts": _PROMPTS, "rollouts": _ROLLOUTS},
            "rollout": {"max_turns": _TURNS, "max_completion_tokens": _TOKENS},
            "optimiser": {"learning_rate": 3e-4},
            "compute": {"device": "cpu", "threads": 1},
            "logging": {"every": _STEPS, "rollouts": 0},
            "checkpoint": {"every": 1000},
        }
    )
    train(config)
    steps = [json.loads(line) for line in RunFolder(folder).log.read_text(encoding="utf-8").splitlines()][1:]
    small = ("time/tools", "time/parse", "time/reward")
    return (
        [step["time/step"] for step in steps],
        [sum(step[name] for name in small) / step["time/step"] for step in steps],
    )


def _theirs(folder: Path, seed: int) -> list[float]:
    """Seconds of each counted step of TRL's GRPOTrainer with its own tool loop."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    from mentor.data import to_columns
    from mentor.data.tasks import TOOL_NAMES, arithmetic_tools
    from mentor.rewards import MentorReward
    from mentor.training import load_model
    from mentor.training.config import StudentModel

    times: list[float] = []

    class Clock(TrainerCallback):  # type: ignore[misc]  # transformers is untyped for mypy here
        began = 0.0

        def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
            self.began = time.perf_counter()

        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            times.append(time.perf_counter() - self.began)

    model, tokenizer = load_model(StudentModel(kind="student"), device="cpu")
    rows = [{key: row[key] for key in ("prompt", "answer", "references")} for row in to_columns(_tasks(seed))]
    trainer = GRPOTrainer(
        model=model,
        args=GRPOConfig(
            output_dir=str(folder),
            max_steps=_STEPS,
            seed=seed,
            learning_rate=3e-4,
            per_device_train_batch_size=_PROMPTS * _ROLLOUTS,
            num_generations=_ROLLOUTS,
            max_completion_length=_TOKENS,
            max_tool_calling_iterations=_TURNS - 1,
            temperature=1.0,
            top_k=0,
            beta=0.0,
            scale_rewards="none",
            shuffle_dataset=False,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
        ),
        reward_funcs=[MentorReward()],
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        tools=[getattr(arithmetic_tools, name) for name in TOOL_NAMES],
        callbacks=[Clock()],
    )
    trainer.train()
    return times[1:]
