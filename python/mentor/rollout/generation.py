"""What the episode loop asks of whatever produces tokens: the `Generator` protocol and its plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Generation", "Generator", "Sampling"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn.

    Attributes:
        temperature: Divides the logits; 0 takes the most probable token.
        top_p: Keeps the most probable tokens whose probabilities sum to at least this, in (0, 1].
        top_k: Keeps this many most probable tokens; 0 keeps all.
        logprobs: Also return the drawn tokens' log-probabilities (after temperature, before the cuts).
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """One turn's tokens.

    Attributes:
        ids: The sampled tokens, the stop token included where one was reached.
        stopped: A stop token was reached (else the budget ran out).
        logprobs: One per token, or None where they were not asked for or are not known.
    """

    ids: list[int]
    stopped: bool
    logprobs: list[float] | None = None


class Generator(Protocol):
    """Continues many token sequences at once, one turn each."""

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
        """Continues every row until a stop token or its budget.

        Args:
            ids: The rows' tokens so far, unpadded.
            max_new_tokens: Each row's budget, at least 1.
            stop_ids: Tokens that end a turn.
            sampling: How tokens are drawn.
            seeds: One per row. A generator that draws its own randomness makes a row depend on nothing but
                its tokens and its seed.
            continues: For each row, the index of the row of the previous call that it extends, so that what
                was computed then can be kept; None where the rows are new.

        Returns:
            One generation per row, in order.
        """
        ...

    def pending(self, rows: int) -> bool:
        """Whether another call is needed while this process still has `rows` rows to continue.

        Plainly `rows > 0`, except where processes generate together and must call equally often.
        """
        ...

    def release(self) -> None:
        """Forgets what was kept for the next call. The episode loop calls it when a batch is over."""
        ...
