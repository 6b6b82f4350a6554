"""`python -m mentor.student.make --out DIR`: make the tiny student from nothing, on one thread, in minutes."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from mentor.student.corpus import Writers
from mentor.student.model import build_model, save_checkpoint
from mentor.student.pretrain import Schedule, pretrain
from mentor.student.tokenizer import build_tokenizer

__all__ = ["main"]


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mentor.student.make", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--seed", type=int, default=0, help="fixes weights, corpus and batches (default: 0)")
    parser.add_argument("--samples", type=int, default=Schedule().samples, help="trajectories in the corpus")
    parser.add_argument("--epochs", type=int, default=Schedule().epochs, help="how often each is read")
    parser.add_argument(
        "--knowledge",
        type=float,
        default=1.0,
        help="a factor on how often the writers know a hint (default: 1; small values give a start model that can "
        "use tools but does not know what instructions mean)",
    )
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Make a checkpoint; returns the process's exit status."""
    import torch  # noqa: PLC0415

    options = _arguments(given)
    torch.set_num_threads(1)
    tokenizer = build_tokenizer()
    model = build_model(tokenizer, options.seed)
    writers = Writers()
    knowledge = {hint: min(0.95, chance * options.knowledge) for hint, chance in writers.knowledge.items()}
    schedule = replace(Schedule(), samples=options.samples, epochs=options.epochs)
    pretrain(
        model,
        tokenizer,
        replace(writers, knowledge=knowledge),
        schedule,
        options.seed,
        lambda step, loss: print(f"step {step}/{schedule.steps} loss {loss:.4f}", flush=True),  # noqa: T201
    )
    save_checkpoint(model, tokenizer, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
