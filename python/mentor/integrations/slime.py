"""A reward for slime: `--custom-rm-path mentor.integrations.slime.reward`.

A sample's `label` is the right answer; its `metadata` may hold `references` and `tools`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from mentor.integrations.scoring import score_batch

__all__ = ["reward"]


async def reward(args: Any, sample: Any, **_: Any) -> Any:
    """The reward of a sample, or of a list of samples in one native call.

    A row that cannot be scored is marked `remove_sample`, so that its 0 trains nothing.
    """
    samples = sample if isinstance(sample, list) else [sample]
    scores = await asyncio.to_thread(
        score_batch,
        [one.response for one in samples],
        [one.label for one in samples],
        [getattr(one, "metadata", None) or {} for one in samples],
    )
    for one, value in zip(samples, scores, strict=True):
        if value is None:
            one.remove_sample = True
    numbers = [0.0 if value is None else float(value) for value in scores]
    return numbers if isinstance(sample, list) else numbers[0]
