"""What the tiny student reads before it is trained with rewards: broad but unreliable writers' trajectories.

They stand for an LLM's pre-training. The writers master the tool protocol and most plain instructions, know
only some of the hints, take other ways than the teacher, slip, guess, stop early, and usually look at which
tools are offered. Their tasks are broader than any training suite, and no evaluation question is among them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mentor.data.tasks.instructions import Step, Way
from mentor.data.tasks.problems import (
    NEW_FRAMES,
    SEEN_FRAMES,
    Domain,
    Link,
    Problem,
    answer_text,
    draw_problem,
)
from mentor.data.tasks.renaming import renamed_call
from mentor.data.tasks.suites import belongs_to_training
from mentor.data.tasks.toolbox import TOOL_NAMES, arguments, run
from mentor.data.tasks.ways import operands_of, uses_only
from mentor.student.chat import Segment, Turn, result_text, segments
from mentor.types import ToolCall

__all__ = ["HINT_KNOWLEDGE", "Writers", "write_corpus"]

HINT_KNOWLEDGE: Mapping[str, float] = {
    "total": 0.8,
    "mean": 0.25,
    "midpoint": 0.35,
    "distance": 0.65,
    "groups": 0.6,
    "boxes": 0.3,
    "tens": 0.2,
    "percent": 0.5,
    "geometric": 0.2,
    "squared_gap": 0.35,
}
"""How often the writers know what a hint means; above one half, a greedy student will mostly know it too."""

_CONFUSED = {
    "add": "subtract",
    "subtract": "add",
    "multiply": "add",
    "divide": "modulo",
    "modulo": "divide",
    "power": "multiply",
    "floor": "ceil",
    "ceil": "round_number",
    "round_number": "floor",
    "abs_value": "round_number",
    "sqrt": "floor",
    "sum_numbers": "add",
}
_UNARY = frozenset({"floor", "ceil", "round_number", "sqrt", "abs_value"})


@dataclass(frozen=True, slots=True)
class Writers:
    """The habits of the corpus's writers; every number is a chance from 0 to 1.

    Attributes:
        knowledge: Per hint, how often its meaning is known.
        slip: How often a plain instruction is carried out wrongly.
        other_way: How often another way than the teacher's is taken, where there is one.
        guess: How often the answer is guessed without a call.
        stop: How often a writer stops before an instruction that is not the first.
        obey: How often a writer looks at the offered tools when it chooses a way.
        recover: How often it finds an offered way after the call of a tool that is not offered.
        missing: The share of tasks with a tool of the teacher's taken away.
        renamed: The share of the other tasks with a tool of the teacher's under another name.
        lengths: The weights of tasks of one, two, ... instructions.
    """

    knowledge: Mapping[str, float] = field(default_factory=lambda: dict(HINT_KNOWLEDGE))
    slip: float = 0.06
    other_way: float = 0.3
    guess: float = 0.04
    stop: float = 0.03
    obey: float = 0.85
    recover: float = 0.7
    missing: float = 0.15
    renamed: float = 0.0
    lengths: tuple[float, ...] = (0.2, 0.3, 0.3, 0.15, 0.05)


def _domain(writers: Writers, rng: random.Random) -> Domain:
    """The domain of one task: any pairs of instructions, any phrasing, sometimes big numbers."""
    length = rng.choices(range(1, len(writers.lengths) + 1), writers.lengths)[0]
    big, missing = rng.random() < 0.2, rng.random() < writers.missing
    # No number is drawn for writers that know no renamed tools: theirs is the shipped student's corpus.
    renamed = writers.renamed > 0 and not missing and rng.random() < writers.renamed
    return Domain(
        instructions=(length,),
        hints=None,
        pairs="any",
        big=big,
        phrasings=(0.4, 0.4, 0.2),
        frames=(*SEEN_FRAMES, *NEW_FRAMES),
        missing=missing,
        renamed=renamed,
        largest=99_999,
    )


def write_corpus(seed: int, writers: Writers) -> Iterator[list[Segment]]:
    """Write trajectories without end; the same seed and writers give the same ones.

    Yields:
        A trajectory as segments (see `mentor.student.chat.segments`).
    """
    rng = random.Random(f"corpus:{seed}")
    while True:
        problem = draw_problem(rng, _domain(writers, rng))
        if not belongs_to_training(problem.question):
            continue
        written = _write(rng, writers, problem)
        if written is not None:
            turns, answer = written
            yield segments(problem.question, problem.offered_names, turns, answer)


def _write(rng: random.Random, writers: Writers, problem: Problem) -> tuple[list[Turn], str] | None:
    """One writer's turns and answer, or None where a slip leads to what no tool can compute."""
    draft = _Draft(rng, problem, problem.start, obey=writers.obey)
    if rng.random() < writers.guess:
        return [], answer_text(problem.start + rng.randint(-9, 60))
    for index, link in enumerate(problem.links):
        if index and rng.random() < writers.stop:
            break
        open_ways = [way for way in link.instruction.ways if uses_only(way, problem.offered)]
        try:
            if not draft.follow(_choose_way(rng, writers, link, open_ways), link.numbers):
                if not open_ways or rng.random() >= writers.recover:
                    break
                draft.follow(rng.choice(open_ways), link.numbers)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
    return draft.turns, answer_text(draft.value)


@dataclass(slots=True)
class _Draft:
    """A trajectory while it is being written: the turns so far, and the running value."""

    rng: random.Random
    problem: Problem
    value: float
    obey: float
    turns: list[Turn] = field(default_factory=list)

    def follow(self, way: Way, numbers: Sequence[int]) -> bool:
        """Take a way's steps; stop at a tool that is not offered, and return False.

        A tool under another name is first called by its usual one, by a writer that does not look.
        """
        for step in way:
            given = arguments(step.tool, operands_of(step, self.value, numbers))
            if step.tool not in self.problem.offered:
                self._refused(step.tool, given)
                return False
            renamed = step.tool == self.problem.renamed
            if renamed and self.rng.random() >= self.obey:
                self._refused(step.tool, given)
            self.value = run(step.tool, given)
            call = renamed_call(ToolCall(step.tool, given, self.value), self.problem.renamed)
            self.turns.append((call, result_text(self.value)))
        return True

    def _refused(self, tool: str, given: dict[str, Any]) -> None:
        """Call a tool by a name that is not offered, and be told so."""
        refusal = _refusal(self.rng, tool, self.problem.offered_names)
        self.turns.append((ToolCall(tool, given), refusal))


def _choose_way(rng: random.Random, writers: Writers, link: Link, open_ways: Sequence[Way]) -> Way:
    """The way that a writer takes, right or wrong."""
    ways = open_ways if open_ways and rng.random() < writers.obey else link.instruction.ways
    astray = len(ways) > 1 and rng.random() < writers.other_way
    way = rng.choice(ways[1:]) if astray else ways[0]
    knows = writers.knowledge[link.instruction.name] if link.instruction.hint else 1 - writers.slip
    return way if rng.random() < knows else _spoil(rng, way, link)


def _spoil(rng: random.Random, way: Way, link: Link) -> Way:
    """A way with a step left out or a tool confused with another, or a guess of one step."""
    kind = rng.random()
    index = rng.randrange(len(way))
    if kind < 0.35 and len(way) > 1:
        return way[:index] + way[index + 1 :]
    extra = "b" if link.numbers else "2"
    if kind < 0.7:
        step = way[index]
        tool = _CONFUSED[step.tool] if rng.random() < 0.5 else rng.choice(TOOL_NAMES)
        fits = len(step.operands) == 2 or (len(step.operands) > 2 and tool == "sum_numbers")
        operands = ("v",) if tool in _UNARY else step.operands if fits else ("v", extra)
        return (*way[:index], Step(tool, operands), *way[index + 1 :])
    tool = rng.choice(TOOL_NAMES)
    return (Step(tool, ("v",) if tool in _UNARY else ("v", extra)),)


def _refusal(rng: random.Random, name: str, offered: Sequence[str]) -> str:
    """An error message for a tool that is not offered, in one of several wordings."""
    listed = ", ".join(offered)
    return "Error: " + rng.choice(
        (
            f"unknown tool {name!r}; the tools are {listed}",
            f"no tool named {name!r} is offered; offered are: {listed}",
            f"unknown tool: {name}",
            f"no tool named {name} is offered",
        )
    )
