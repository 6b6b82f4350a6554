"""The parts of a reward as reward functions of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PARTS", "PartReward", "optional"]

PARTS = ("answer", "alignment", "validity")
"""The parts of a reward, each in [0, 1]."""


@dataclass(frozen=True)
class PartReward:
    """One part of a reward as a TRL reward function, unweighted.

    A row without a reward has none of its parts either, though some of them may be known.

    Attributes:
        scorer: The whole reward, or anything else whose `components` gives the columns of a batch.
        part: `answer`, `alignment` or `validity`.
        name: The part's name in logs.
    """

    scorer: Any
    part: str
    name: str

    @property
    def __name__(self) -> str:
        """The name that TRL logs the part under."""
        return self.name

    def __call__(self, *args: Any, **kwargs: Any) -> list[float | None]:
        """The part of every row; None where it, or the whole reward, is not known."""
        columns = self.scorer.components(*args, **kwargs)
        return optional(np.where(np.isnan(columns["total"]), np.nan, columns[self.part]))


def optional(values: NDArray[np.float64]) -> list[float | None]:
    """Scores as TRL takes them: None where there is none (NaN)."""
    return [None if math.isnan(value) else value for value in values.tolist()]
