"""`python -m mentor.student.make --out DIR`: make the tiny student from scratch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from mentor.student.card import write_card
from mentor.student.model import build_model, save_checkpoint
from mentor.student.pretrain import Schedule, pretrain
from mentor.student.recipe import Recipe
from mentor.student.tokenizer import build_tokenizer

__all__ = ["main", "make_student"]

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
        "--renamed",
        type=float,
        default=0.0,
        help="the share of tasks with a tool under another name (default: 0)",
    )
    parser.add_argument(
        "--lengths",
        type=_weights,
        default=None,
        metavar="W,W,...",
        help="the weights of tasks of one, two, ... instructions (default: as the shipped student's)",
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


def _weights(text: str) -> tuple[float, ...]:
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected numbers with commas between, got {text!r}") from error
    if min(weights) < 0 or sum(weights) == 0:
        raise argparse.ArgumentTypeError("expected weights of at least 0, not all 0")
    return weights


def main(given: list[str] | None = None, say: Callable[[str], object] = sys.stderr.write) -> int:
    """Make a checkpoint.

    Args:
        given: The command's arguments; those of the process by default.
        say: Takes a line of progress.

    Returns:
        The process's exit status.
    """
    options = _arguments(given)
    recipe = Recipe(
        options.seed, options.samples, options.epochs, options.knowledge, options.renamed, options.lengths
    )
    make_student(options.out, recipe, say)
    write_card(options.out, recipe, tasks=options.measure)
    return 0


def make_student(folder: Path, recipe: Recipe, say: Callable[[str], object]) -> None:
    """Make a checkpoint, without its card.

    Args:
        folder: The folder to write.
        recipe: How; equal recipes give equal checkpoints on one machine.
        say: Takes a line of progress.
    """
    import torch

    torch.set_num_threads(1)
    tokenizer = build_tokenizer()
    model = build_model(tokenizer, recipe.seed)
    schedule = recipe.schedule
    pretrain(
        model,
        tokenizer,
        recipe.writers,
        schedule,
        seed=recipe.seed,
        report=lambda step, loss: say(f"step {step} of {schedule.steps}: loss {loss:.4f}\n"),
    )
    save_checkpoint(model, tokenizer, folder)


if __name__ == "__main__":
    sys.exit(main())
