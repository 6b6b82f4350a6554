"""Tasks of `reasoning_gym`: about a hundred kinds of procedurally generated questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mentor.data.tasks.toolbox import schemas, tool_source
from mentor.errors import DataError
from mentor.types import Task

__all__ = ["load"]


def load(
    names: Sequence[str],
    *,
    size: int = 100,
    seed: int = 0,
    tools: bool = True,
    options: Mapping[str, Any] | None = None,
) -> list[Task]:
    """Generate tasks of named `reasoning_gym` data sets.

    Args:
        names: The data sets, such as `chain_sum` or `gcd`.
        size: How many tasks of each, at least 1.
        seed: It fixes the tasks.
        tools: Whether to offer the twelve arithmetic tools; False for no tools.
        options: Further options of the data sets, handed to each of them.

    Returns:
        The tasks in the order of the names; a task's suite is its data set's name. There are no references.

    Raises:
        DataError: reasoning_gym is not installed, has no data set of a name, refuses the options, or
            has tasks without a single reference answer.
    """
    return [
        Task(
            id=f"{name}/{seed}/{index}",
            question=entry["question"],
            tools=schemas() if tools else [],
            tool_source=tool_source() if tools else "",
            answer=_answer(name, index, entry["answer"]),
            suite=name,
        )
        for name in names
        for index, entry in enumerate(_entries(name, size, seed, options or {}))
    ]


def _answer(name: str, index: int, answer: object) -> str:
    if not isinstance(answer, str):
        reason = "has no single reference answer, so it cannot be judged by one; choose another data set"
        raise DataError(f"reasoning_gym:{name}", index, "answer", reason)
    return answer


def _entries(name: str, size: int, seed: int, options: Mapping[str, Any]) -> Any:
    where = f"reasoning_gym:{name}"
    try:
        import reasoning_gym
    except ImportError as error:
        raise DataError(where, None, None, "needs reasoning-gym: pip install 'mentor-rl[tasks]'") from error
    try:
        return reasoning_gym.create_dataset(name, size=size, seed=seed, **options)
    except (AssertionError, TypeError, ValueError) as error:
        raise DataError(where, None, None, f"reasoning_gym refuses: {error}") from error
