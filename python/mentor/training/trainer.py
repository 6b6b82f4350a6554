"""TRL's GRPOTrainer, computing without padding.

Episodes of one step differ in length several times over, and TRL pads all of them to the longest. Here rows
of like length are put through the model together and cut to their own length: the same log-probabilities
for a fraction of the arithmetic.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import pad
from trl import GRPOTrainer

__all__ = ["UnpaddedGRPOTrainer"]

# Tokens (rows times columns) that go through the model at once; a longer row goes alone.
_CHUNK = 4_096


class UnpaddedGRPOTrainer(GRPOTrainer):  # type: ignore[misc]  # trl is untyped for mypy here
    """A GRPOTrainer that groups a batch's rows by length before the forward pass.

    Several processes, images and router losses take TRL's own way.
    """

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        **others: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        own = super()._get_per_token_logps_and_entropies
        plain = {"batch_size", "compute_entropy"}
        special = any(
            value is not None and value is not False for name, value in others.items() if name not in plain
        )
        if special or self.accelerator.num_processes > 1:
            whole: tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None] = own(
                model, input_ids, attention_mask, logits_to_keep, **others
            )
            return whole
        columns = torch.arange(attention_mask.shape[1], device=attention_mask.device)
        first = torch.where(attention_mask > 0, columns, columns[-1]).amin(1).tolist()
        end = (torch.where(attention_mask > 0, columns, 0).amax(1) + 1).tolist()
        prompt = input_ids.shape[1] - logits_to_keep
        scores, entropies, order = [], [], []
        for rows in _chunks(first, end):
            left, right = min(first[r] for r in rows), max(*(end[r] for r in rows), prompt + 1)
            at = torch.tensor(rows, device=input_ids.device)
            logps, entropy, _ = own(
                model,
                input_ids[at, left:right],
                attention_mask[at, left:right],
                right - prompt,
                compute_entropy=others.get("compute_entropy", False),
            )
            room = (0, input_ids.shape[1] - right)
            scores.append(pad(logps, room))
            entropies += [] if entropy is None else [pad(entropy, room)]
            order += rows
        back = torch.tensor(order, device=input_ids.device).argsort()
        return torch.cat(scores)[back], torch.cat(entropies)[back] if entropies else None, None


def _chunks(first: list[int], end: list[int]) -> list[list[int]]:
    """The rows, shortest first, in groups of at most `_CHUNK` padded tokens."""
    chunks: list[list[int]] = [[]]
    for row in sorted(range(len(end)), key=lambda r: (end[r] - first[r], r)):
        group = [*chunks[-1], row]
        width = max(end[r] for r in group) - min(first[r] for r in group)
        if len(group) > 1 and len(group) * width > _CHUNK:
            chunks.append([row])
        else:
            chunks[-1] = group
    return chunks
