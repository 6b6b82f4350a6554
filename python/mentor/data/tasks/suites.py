"""The suites: what each is drawn from, and how a question is kept to one of them.

A question belongs to training or to evaluation by a checksum of its text, whatever the seed and the size, so
no evaluation question is ever trained on. `in_domain`, `tool_missing` and `tool_renamed` share a domain and split
the evaluation side between them; every other suite differs from both, and from each other, by what it is made of.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from mentor.data.tasks.problems import NEW_FRAMES, Domain, Problem, answer_text, draw_problem
from mentor.data.tasks.renaming import renamed_schemas, renamed_source
from mentor.data.tasks.toolbox import schemas, tool_source
from mentor.types import Task

__all__ = ["EVALUATION_SUITES", "SUITES", "belongs_to_training", "generate", "problems", "suites"]

_TRAINING = Domain()

SUITES: Mapping[str, Domain] = MappingProxyType(
    {
        "train": _TRAINING,
        "in_domain": _TRAINING,
        "held_out_pairs": replace(_TRAINING, pairs="held_out"),
        "long": replace(_TRAINING, instructions=(4,), pairs="any"),
        "big_numbers": replace(_TRAINING, big=True, largest=99_999),
        "new_phrasing": replace(_TRAINING, phrasings=(0.0, 0.0, 1.0), frames=NEW_FRAMES),
        "tool_missing": replace(_TRAINING, missing=True),
        "tool_renamed": replace(_TRAINING, renamed=True),
    }
)
"""Every suite's domain by name: `train`, then the suites of an evaluation."""

EVALUATION_SUITES: tuple[str, ...] = tuple(name for name in SUITES if name != "train")

_SIDES = 20
_SIDES_OF: Mapping[str, frozenset[int]] = MappingProxyType(
    {"in_domain": frozenset({0, 10}), "tool_missing": frozenset({1}), "tool_renamed": frozenset({11})}
)


def _side(question: str) -> int:
    return zlib.crc32(question.encode()) % _SIDES


def belongs_to_training(question: str) -> bool:
    """Whether a question is on the training side: sixteen questions of twenty are."""
    return not any(_side(question) in sides for sides in _SIDES_OF.values())


def _fits(suite: str, question: str) -> bool:
    if suite in _SIDES_OF:
        return _side(question) in _SIDES_OF[suite]
    return belongs_to_training(question) == (suite == "train")


def problems(seed: int, n: int, suite: str) -> list[Problem]:
    """Draw a suite's problems, no question twice.

    The first problems of a larger n are those of a smaller one.

    Args:
        seed: Any integer; it and the suite's name fix every problem.
        n: How many problems, at least 0.
        suite: A name out of `SUITES`.

    Raises:
        KeyError: No such suite.
    """
    domain = SUITES[suite]
    rng = random.Random(f"{suite}:{seed}")
    drawn: dict[str, Problem] = {}
    while len(drawn) < n:
        problem = draw_problem(rng, domain)
        if _fits(suite, problem.question):
            drawn.setdefault(problem.question, problem)
    return list(drawn.values())


def generate(seed: int, n: int, suite: str = "train", *, references: int = 1) -> list[Task]:
    """Generate executable tasks with the scripted teacher's trajectories.

    Args:
        seed: Any integer; it and the suite's name fix every task.
        n: How many tasks, at least 0.
        suite: `train`, or one of `EVALUATION_SUITES`.
        references: The most trajectories to keep per task. The first is the teacher's way; the others are
            other valid ways with the offered tools. In `tool_missing`, where the teacher's way is barred, the
            first takes the first way that the offered tools allow.

    Returns:
        The tasks; all share one tool source, but for `tool_renamed`, and each offers some of its tools.

    Raises:
        KeyError: No such suite.
    """
    return [
        Task(
            id=f"arithmetic/{suite}/{seed}/{index}",
            question=problem.question,
            tools=_schemas(problem),
            tool_source=tool_source() if problem.renamed is None else renamed_source(problem.renamed),
            answer=answer_text(problem.answer),
            references=problem.trajectories(references),
            suite=suite,
        )
        for index, problem in enumerate(problems(seed, n, suite))
    ]


def _schemas(problem: Problem) -> list[dict[str, Any]]:
    if problem.renamed is None:
        return schemas(problem.offered)
    return renamed_schemas(problem.offered, problem.renamed)


def suites(
    n: int, seed: int = 0, names: Sequence[str] = EVALUATION_SUITES, *, references: int = 1
) -> dict[str, list[Task]]:
    """Generate the evaluation suites, n tasks each, in the order of `names`. Arguments as for `generate`."""
    return {name: generate(seed, n, name, references=references) for name in names}
