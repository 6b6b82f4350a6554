"""`python -m mentor.student.make --out DIR`: make the tiny student from scratch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mentor.student.card import write_card
from mentor.student.corpus import Writers
from mentor.student.model import build_model, save_checkpoint
from mentor.student.pretrain import Schedule, pretrain
from mentor.student.tokenizer import build_tokenizer

__all__ = ["main"]

_DESCRIPTION = "Make the tiny student: its tokenizer, its pretraining from scratch, and its model card."


def _arguments(given: list[str] | None) -> argparse.Namespace:
    usual = Schedule()
    parser = argparse.ArgumentParser(prog="python -m mentor.student.make", description=_DESCRIPTION)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--seed", type=int, default=0, help="fixes weights, corpus and batches (default: 0)")
    parser.add_argument("--samples", type=_count, default=usual.samples, help="trajectories in the corpus")
    parser.add_argument("--epochs", type=_count, default=usual.epochs, help="how often each is read")
    parser.add_argument(
        "--knowledge",
        type=float,
        default=1.0,
        help="a factor on how often the writers know a hint (default: 1); a small one makes a start model "
        "that can use tools but does not know what the hints mean",
    )
    parser.add_argument(
        "--measure",
        type=int,
        default=0,
        metavar="N",
        help="then measure greedy accuracy on N tasks of each suite, in the sandbox, for the model card",
    )
    return parser.parse_args(given)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


def main(given: list[str] | None = None, say: Callable[[str], object] = sys.stderr.write) -> int:
    """Make a checkpoint.

    Args:
        given: The command's arguments; those of the process by default.
        say: Takes a line of progress.

    Returns:
        The process's exit status.
    """
    import torch

    options = _arguments(given)
    torch.set_num_threads(1)
    tokenizer = build_tokenizer()
    model = build_model(tokenizer, options.seed)
    schedule = replace(Schedule(), samples=options.samples, epochs=options.epochs)
    writers = _writers(options.knowledge)
    pretrain(
        model,
        tokenizer,
        writers,
        schedule,
        seed=options.seed,
        report=lambda step, loss: say(f"step {step} of {schedule.steps}: loss {loss:.4f}\n"),
    )
    save_checkpoint(model, tokenizer, options.out)
    write_card(
        options.out,
        seed=options.seed,
        knowledge=options.knowledge,
        schedule=schedule,
        tasks=options.measure,
    )
    return 0


def _writers(factor: float) -> Writers:
    """The usual writers, with their knowledge of every hint multiplied; none knows a hint always."""
    usual = Writers()
    return replace(usual, knowledge={hint: min(0.95, k * factor) for hint, k in usual.knowledge.items()})


if __name__ == "__main__":
    sys.exit(main())
