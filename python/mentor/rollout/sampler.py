"""Draws tokens from logits so that a row's tokens depend on nothing but its logits and its own seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from mentor.rollout.generation import Sampling

__all__ = ["Uniforms", "draw"]

_BLOCK = 64
_MASK = (1 << 64) - 1


class Uniforms:
    """One stream of uniform numbers per row, read in step.

    The stream is numpy's Philox keyed by the row's seed and the length of its tokens, so a row draws the same
    numbers in whatever batch it stands, and other numbers in each turn.
    """

    def __init__(self, seeds: Sequence[int], lengths: Sequence[int]) -> None:
        self._streams = [
            np.random.Generator(np.random.Philox(key=np.array([seed & _MASK, length], dtype=np.uint64)))
            for seed, length in zip(seeds, lengths, strict=True)
        ]
        self._block = np.empty((len(self._streams), 0))
        self._at = 0

    def next(self) -> np.ndarray:
        """The rows' next numbers in [0, 1), float64, shape `(rows,)`."""
        if self._at == self._block.shape[1]:
            self._block = np.stack([stream.random(_BLOCK) for stream in self._streams])
            self._at = 0
        self._at += 1
        return self._block[:, self._at - 1]


def draw(logits: torch.Tensor, uniforms: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """Draws one token a row by inverting the distribution function.

    Args:
        logits: Shape `(rows, vocabulary)`.
        uniforms: Shape `(rows,)`, in [0, 1); not read when the temperature is 0.
        sampling: Temperature and cuts.

    Returns:
        Token ids, shape `(rows,)`.
    """
    if sampling.temperature == 0:
        return logits.argmax(-1)
    probabilities = (logits.float() / sampling.temperature).softmax(-1)
    if sampling.top_k or sampling.top_p < 1:
        probabilities = _cut(probabilities, sampling)
    # In float32 the sum of a large vocabulary is off by more than a rare token's probability.
    cumulative = probabilities.double().cumsum(-1)
    target = uniforms.to(cumulative.device)[:, None] * cumulative[:, -1:]
    return torch.searchsorted(cumulative, target, right=True)[:, 0].clamp_(max=logits.shape[-1] - 1)


def _cut(probabilities: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    ordered, order = probabilities.sort(-1, descending=True)
    keep = torch.ones_like(ordered, dtype=torch.bool)
    if sampling.top_k:
        keep[:, sampling.top_k :] = False
    if sampling.top_p < 1:
        keep &= ordered.cumsum(-1) - ordered < sampling.top_p
    return torch.zeros_like(probabilities).scatter_(-1, order, ordered * keep)
