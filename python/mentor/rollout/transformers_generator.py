"""Generation by a transformers model: lock-step decoding, with the cache kept across turns.

`model.generate` prefills every row anew in every turn and spends most of a small model's time in its own
bookkeeping. Here equal prompts are computed once for a whole group of rollouts, a later turn feeds only what
was added (the tool responses), and rows that have ended their turn leave the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch

from mentor.errors import ConfigError
from mentor.rollout.cache import RowCache
from mentor.rollout.generation import Generation, Sampling
from mentor.rollout.sampler import Uniforms, draw

__all__ = ["TransformersGenerator"]

# The batch is regrouped once this share of its rows has ended its turn; regrouping copies the cache.
_REGROUP = 0.5
# Tokens fed in one forward pass while prompts are read; bounds the memory of activations.
_CHUNK = 16_384


class TransformersGenerator:
    """Continues rows with any causal language model of transformers that attends to its whole past.

    Rows are kept unpadded in a cache of their own lengths (`RowCache`), and each row draws from a stream
    seeded by its own seed, so a row's tokens do not depend on the rows beside it (up to floating-point
    rounding).

    Args:
        model: A causal language model. It is put in evaluation mode while it generates, and back afterwards.
        autocast: The dtype to compute in, or None to compute as the model is.

    Raises:
        ConfigError: If the model's layers do not all attend to the whole past (sliding windows,
            state spaces), which the cache cannot hold; generate with vLLM then.
    """

    def __init__(self, model: Any, *, autocast: torch.dtype | None = None) -> None:
        self._model = model
        self._autocast = autocast
        config = model.config.get_text_config()
        kinds = set(getattr(config, "layer_types", None) or ()) - {"full_attention"}
        if not getattr(config, "layer_types", None) and getattr(config, "sliding_window", None):
            kinds = {"sliding_attention"}
        if kinds:
            raise ConfigError(
                type(model).__name__,
                [
                    f"model: layers of kind {', '.join(sorted(kinds))} cannot be decoded here; "
                    "set rollout.generator to vllm"
                ],
            )
        self._kept: list[tuple[RowCache, int]] = []
        self._seen: list[list[int]] = []

    @property
    def _device(self) -> torch.device:
        return next(self._model.parameters()).device

    def pending(self, rows: int) -> bool:
        """See `Generator.pending`."""
        return rows > 0

    def release(self) -> None:
        """See `Generator.release`."""
        self._kept, self._seen = [], []

    def generate(
        self,
        ids: Sequence[Sequence[int]],
        *,
        max_new_tokens: Sequence[int],
        stop_ids: Sequence[int],
        sampling: Sampling,
        seeds: Sequence[int],
        continues: Sequence[int] | None = None,
    ) -> list[Generation]:
        """See `Generator.generate`."""
        if not ids:
            return []
        if min(map(len, ids)) < 2:
            raise ValueError("a row needs at least two tokens to be continued")
        training = self._model.training
        self._model.eval()
        try:
            with torch.no_grad(), self._context():
                cache = self._read([list(row) for row in ids], continues)
                return self._decode(
                    cache,
                    ids,
                    max_new_tokens=max_new_tokens,
                    stop_ids=stop_ids,
                    sampling=sampling,
                    seeds=seeds,
                )
        finally:
            self._model.train(training)

    def _context(self) -> Any:
        if self._autocast is None:
            return nullcontext()
        return torch.autocast(self._device.type, dtype=self._autocast)

    def _read(self, ids: list[list[int]], continues: Sequence[int] | None) -> RowCache:
        """A cache that holds every row but its last token."""
        parts: list[tuple[RowCache, int] | None] = [None] * len(ids)
        known = [0] * len(ids)
        for row, parent in enumerate(continues if continues is not None and self._kept else ()):
            seen = self._seen[parent]
            if ids[row][: len(seen)] == seen and len(seen) < len(ids[row]):
                parts[row], known[row] = self._kept[parent], len(seen)
        fresh: dict[tuple[int, ...], list[int]] = {}
        for row, part in enumerate(parts):
            if part is None:
                fresh.setdefault(tuple(ids[row][:-1]), []).append(row)
        for prompts, cache in self._prefill(list(fresh)):
            for at, prompt in enumerate(prompts):
                for row in fresh[prompt]:
                    parts[row], known[row] = (cache, at), len(prompt)
        cache = RowCache.collect([part for part in parts if part is not None])
        added = [row[n:-1] for row, n in zip(ids, known, strict=True)]
        if any(added):
            self._feed(cache, added)
        return cache

    def _prefill(self, prompts: list[tuple[int, ...]]) -> list[tuple[list[tuple[int, ...]], RowCache]]:
        done, batch = [], []
        ordered = sorted(prompts, key=len)
        for at, prompt in enumerate(ordered):
            batch.append(prompt)
            if at + 1 == len(ordered) or (len(batch) + 1) * len(ordered[at + 1]) > _CHUNK:
                cache = RowCache(len(batch), self._device)
                self._feed(cache, [list(p) for p in batch])
                done.append((batch, cache))
                batch = []
        return done

    def _feed(self, cache: RowCache, rows: list[list[int]]) -> None:
        """Reads tokens into the cache without looking at what the model predicts."""
        width = max(map(len, rows))
        counts = torch.tensor([len(row) for row in rows], device=self._device)
        padded = torch.tensor([row + [0] * (width - len(row)) for row in rows], device=self._device)
        self._forward(cache, padded)
        cache.close(counts)

    def _forward(self, cache: RowCache, tokens: torch.Tensor) -> torch.Tensor:
        """One forward pass; returns the logits after the last column, shape `(rows, vocabulary)`."""
        positions, mask = cache.open(tokens.shape[1])
        dtype = self._model.dtype if self._autocast is None else self._autocast
        bias = torch.zeros(mask.shape, dtype=dtype, device=tokens.device)
        bias.masked_fill_(~mask, torch.finfo(dtype).min)
        logits: torch.Tensor = self._model(
            input_ids=tokens,
            attention_mask=bias,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits
        return logits[:, -1]

    def _decode(
        self,
        cache: RowCache,
        ids: Sequence[Sequence[int]],
        *,
        max_new_tokens: Sequence[int],
        stop_ids: Sequence[int],
        sampling: Sampling,
        seeds: Sequence[int],
    ) -> list[Generation]:
        count, device = len(ids), self._device
        uniforms = Uniforms(seeds, [len(row) for row in ids])
        budget = torch.tensor(list(max_new_tokens), device=device)
        stops = torch.tensor(list(stop_ids), device=device)
        tokens = torch.tensor([row[-1] for row in ids], device=device)
        rows = torch.arange(count, device=device)
        live = torch.ones(count, dtype=torch.bool, device=device)
        kept: list[tuple[RowCache, int]] = [(cache, row) for row in range(count)]
        drawn: list[torch.Tensor] = []
        scores: list[torch.Tensor] = []
        while True:
            logits = self._forward(cache, tokens[:, None])
            cache.close(live.long())
            number = torch.from_numpy(uniforms.next())[rows.cpu()]
            tokens = draw(logits, number, sampling)
            column = torch.full((count,), -1, dtype=torch.long, device=device)
            column[rows[live]] = tokens[live]
            drawn.append(column)
            if sampling.logprobs:
                score = torch.zeros(count, device=device)
                score[rows[live]] = _logprob(logits, tokens, sampling)[live]
                scores.append(score)
            live = live & ~torch.isin(tokens, stops) & (budget[rows] > len(drawn))
            alive = int(live.sum())
            if not alive:
                break
            if alive <= len(live) * (1 - _REGROUP):
                at = live.nonzero()[:, 0]
                cache = RowCache.collect([(cache, int(k)) for k in at])
                rows, tokens, live = rows[at], tokens[at], live[at]
                for k, row in enumerate(rows.tolist()):
                    kept[row] = (cache, k)
        return self._finish(ids, kept, torch.stack(drawn, 1).tolist(), scores, set(stop_ids))

    def _finish(
        self,
        ids: Sequence[Sequence[int]],
        kept: list[tuple[RowCache, int]],
        drawn: list[list[int]],
        scores: list[torch.Tensor],
        stops: set[int],
    ) -> list[Generation]:
        table = torch.stack(scores, 1).tolist() if scores else None
        out = []
        self._kept, self._seen = kept, []
        for row, columns in enumerate(drawn):
            new = columns[: columns.index(-1)] if -1 in columns else columns
            # The last drawn token has not been fed to the model yet.
            self._seen.append([*ids[row], *new[:-1]])
            logprobs = table[row][: len(new)] if table is not None else None
            out.append(Generation(new, new[-1] in stops, logprobs))
        return out


def _logprob(logits: torch.Tensor, tokens: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    scaled = logits.float() / (sampling.temperature or 1.0)
    return scaled.log_softmax(-1).gather(-1, tokens[:, None])[:, 0]
