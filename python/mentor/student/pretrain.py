"""Pretraining the tiny student from scratch on the corpus: next-token prediction on one thread.

Only the writers' own tokens count in the loss, as they will when the student is trained with rewards.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mentor.student.chat import Segment
from mentor.student.corpus import Writers, write_corpus

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

__all__ = ["Sample", "Schedule", "encode_corpus", "pretrain"]

Sample = tuple[list[int], list[bool]]
"""A trajectory's token ids, and for each whether the writer wrote it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to pretrain.

    Attributes:
        samples: How many trajectories the corpus has.
        epochs: How often each is read.
        batch: Trajectories in a batch.
        learning_rate: The peak, reached after `warmup` steps; it falls linearly to a thirtieth.
        warmup: Steps of warming up.
        longest: Longer trajectories, in tokens, are left out.
    """

    samples: int = 60_000
    epochs: int = 1
    batch: int = 32
    learning_rate: float = 3e-3
    warmup: int = 50
    longest: int = 176

    @property
    def steps(self) -> int:
        """The number of optimiser steps."""
        return self.epochs * (self.samples // self.batch)


def encode_corpus(
    tokenizer: PreTrainedTokenizerFast, trajectories: Iterable[list[Segment]], longest: int
) -> Iterable[Sample]:
    """Encode trajectories segment by segment; those longer than `longest` tokens are left out."""
    known: dict[str, list[int]] = {}
    for segments in trajectories:
        ids: list[int] = []
        own: list[bool] = []
        for text, written in segments:
            if text not in known:
                known[text] = tokenizer.encode(text, add_special_tokens=False)
            ids += known[text]
            own += [written] * len(known[text])
        if len(ids) <= longest:
            yield ids, own


def _batches(samples: Sequence[Sample], schedule: Schedule, rng: random.Random) -> list[list[Sample]]:
    """One epoch's batches: of similar length, in random order."""
    order = list(range(len(samples)))
    rng.shuffle(order)
    size, window = schedule.batch, schedule.batch * 16
    batches = []
    for begin in range(0, len(order), window):
        near = sorted(order[begin : begin + window], key=lambda index: len(samples[index][0]))
        batches += [[samples[i] for i in near[k : k + size]] for k in range(0, len(near), size)]
    rng.shuffle(batches)
    return batches


def _loss(model: Qwen3ForCausalLM, batch: Sequence[Sample]) -> torch.Tensor:
    """The mean loss over the writers' own tokens, a scalar."""
    import torch

    width = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    own = torch.zeros(len(batch), width, dtype=torch.bool)
    for row, (sample, written) in enumerate(batch):
        ids[row, : len(sample)] = torch.tensor(sample)
        own[row, : len(sample)] = torch.tensor(written)
    # Padding stands on the right and attention looks back only, so no attention mask is needed.
    hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
    predicted = own[:, 1:]
    return torch.nn.functional.cross_entropy(model.lm_head(hidden[predicted]), ids[:, 1:][predicted])


def pretrain(
    model: Qwen3ForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    writers: Writers,
    schedule: Schedule,
    *,
    seed: int,
    report: Callable[[int, float], object],
) -> None:
    """Pretrain a model in place.

    Args:
        model: The model, of single precision, on the CPU.
        tokenizer: Its tokenizer.
        writers: The habits of the corpus's writers.
        schedule: How long and how fast.
        seed: It fixes the corpus and the order of the batches.
        report: Called every hundred steps with the step and the mean loss since the last call.
    """
    import torch

    encoded = encode_corpus(tokenizer, write_corpus(seed, writers), schedule.longest)
    samples = list(itertools.islice(encoded, schedule.samples))
    rng = random.Random(f"batches:{seed}")
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=schedule.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    losses: list[float] = []
    queue: list[list[Sample]] = []
    model.train()
    for step in range(schedule.steps):
        queue = queue or _batches(samples, schedule, rng)
        rate = min(1.0, (step + 1) / schedule.warmup) * max(1 / 30, 1 - step / schedule.steps)
        for group in optimizer.param_groups:
            group["lr"] = schedule.learning_rate * rate
        loss = _loss(model, queue.pop())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if len(losses) == 100 or step + 1 == schedule.steps:
            report(step + 1, sum(losses) / len(losses))
            losses.clear()
    model.eval()
