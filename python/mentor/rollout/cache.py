"""A key-value cache whose rows have lengths of their own.

Every row starts at column 0 and is filled without gaps, so a token's column is its position, no padding is
ever attended to, and rows can be dropped, copied and regrouped between turns. It works with every
transformers model whose attention layers take a 4-dimensional mask and explicit positions (eager and SDPA
attention).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache

__all__ = ["RowCache"]

# Room is made in steps of this many columns, so that a cache is not copied for every token.
_BLOCK = 64


class RowCache(Cache):  # type: ignore[misc]  # transformers is untyped for mypy here
    """Keys and values of `rows` sequences.

    Attributes:
        lengths: Tensor of shape `(rows,)`: how many tokens each row holds.
        keys: Per layer a tensor of shape `(rows, heads, capacity, head_dim)`; None before the first token.
        values: Likewise.
    """

    def __init__(self, rows: int, device: torch.device) -> None:
        super().__init__(layers=[])
        self.lengths = torch.zeros(rows, dtype=torch.long, device=device)
        self.keys: list[torch.Tensor] = []
        self.values: list[torch.Tensor] = []
        self._rows = torch.arange(rows, device=device)
        self._longest = 0
        self._width = 0

    def __len__(self) -> int:
        return len(self.keys)

    def open(self, width: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Makes room for `width` more tokens a row; call it before the model's forward pass.

        Returns:
            Their positions, shape `(rows, width)`, and the columns each may attend to, a boolean tensor of
            shape `(rows, 1, width, columns)`.
        """
        self._width = width
        columns = self._longest + width
        if self.keys and self.keys[0].shape[2] < columns:
            room = max(_BLOCK, columns // 2)
            self.keys = [_widen(k, room) for k in self.keys]
            self.values = [_widen(v, room) for v in self.values]
        positions = self.lengths[:, None] + torch.arange(width, device=self.lengths.device)
        mask = torch.arange(columns, device=self.lengths.device) <= positions[:, :, None]
        return positions, mask[:, None]

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Writes one layer's new keys and values at every row's own end; called by the model's attention."""
        del args, kwargs
        if layer_idx == len(self.keys):
            shape = (*key_states.shape[:2], self._longest + self._width + _BLOCK)
            self.keys.append(key_states.new_zeros(*shape, key_states.shape[3]))
            self.values.append(value_states.new_zeros(*shape, value_states.shape[3]))
        keys, values = self.keys[layer_idx], self.values[layer_idx]
        columns = self._longest + self._width
        if self._longest == 0:
            keys[:, :, : self._width], values[:, :, : self._width] = key_states, value_states
        elif self._width == 1:
            keys[self._rows, :, self.lengths] = key_states[:, :, 0]
            values[self._rows, :, self.lengths] = value_states[:, :, 0]
        else:
            at = self.lengths[:, None] + torch.arange(self._width, device=self.lengths.device)
            keys[self._rows[:, None], :, at] = key_states.transpose(1, 2)
            values[self._rows[:, None], :, at] = value_states.transpose(1, 2)
        return keys[:, :, :columns], values[:, :, :columns]

    def close(self, counts: torch.Tensor) -> None:
        """Counts the real tokens: `counts[r]` of those written to row r; the rest was padding."""
        self.lengths = self.lengths + counts
        self._longest = int(self.lengths.max()) if len(self.lengths) else 0

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """The longest row's length; some models ask for it."""
        del layer_idx
        return self._longest

    @staticmethod
    def collect(parts: Sequence[tuple[RowCache, int]]) -> RowCache:
        """A new cache of rows of other caches, in the given order; a row may be taken more than once."""
        first = parts[0][0]
        new = RowCache(len(parts), first.lengths.device)
        sources: dict[int, tuple[RowCache, list[int], list[int]]] = {}
        for target, (cache, row) in enumerate(parts):
            _, rows, targets = sources.setdefault(id(cache), (cache, [], []))
            rows.append(row)
            targets.append(target)
        taken = [
            (c, torch.tensor(rows, device=c.lengths.device), torch.tensor(at, device=c.lengths.device))
            for c, rows, at in sources.values()
        ]
        for cache, rows, at in taken:
            new.lengths[at] = cache.lengths[rows]
        new._longest = int(new.lengths.max())
        capacity = new._longest + _BLOCK
        for layer in range(len(first)):
            shape = (len(parts), first.keys[layer].shape[1], capacity)
            new.keys.append(first.keys[layer].new_zeros(*shape, first.keys[layer].shape[3]))
            new.values.append(first.values[layer].new_zeros(*shape, first.values[layer].shape[3]))
            for cache, rows, at in taken:
                columns = min(cache.keys[layer].shape[2], new._longest)
                new.keys[layer][at, :, :columns] = cache.keys[layer][rows, :, :columns]
                new.values[layer][at, :, :columns] = cache.values[layer][rows, :, :columns]
        return new


def _widen(tensor: torch.Tensor, room: int) -> torch.Tensor:
    wide = tensor.new_zeros(*tensor.shape[:2], tensor.shape[2] + room, tensor.shape[3])
    wide[:, :, : tensor.shape[2]] = tensor
    return wide
