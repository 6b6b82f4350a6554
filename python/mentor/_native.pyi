"""The native core. Private: use the modules of `mentor`."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__version__: str

# ---- trajectories: parsing, alignment, rewards

def parse_tool_calls(
    texts: Iterable[str],
    format: str,  # noqa: A002
    tools: Sequence[Sequence[str] | None] | None,
) -> list[list[tuple[Any, str | None, dict[str, Any] | None, tuple[int, int], str | None]]]: ...
def extract_answers(texts: Iterable[str]) -> list[str | None]: ...
def align_calls(
    students: Iterable[Any],
    references: Iterable[Any],
    *,
    metric: str,
    matching: str,
    arguments: str,
    count_invalid: bool,
    format: str,  # noqa: A002
) -> NDArray[np.float64]: ...
def reward_batch(
    students: Iterable[Any],
    references: Iterable[Any],
    answers: Sequence[bool | None],
    *,
    tools: Sequence[Sequence[str] | None] | None,
    metric: str,
    matching: str,
    arguments: str,
    count_invalid: bool,
    validity: str,
    formula: tuple[str, Sequence[float]],
    format: str,  # noqa: A002
) -> dict[str, NDArray[Any]]: ...
def official_questions(
    texts: Iterable[str], truths: Iterable[str | Sequence[str]], eos_token: str
) -> list[tuple[str, list[str]] | None]: ...
def official_scores(
    texts: Iterable[str],
    truths: Iterable[str | Sequence[str]],
    teachers: Iterable[Sequence[str]],
    correct: Sequence[bool],
    *,
    variant: str,
    eos_token: str,
) -> NDArray[np.float64]: ...
