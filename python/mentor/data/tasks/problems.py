"""Drawing one problem: a start number, a chain of instructions, their wording, and the offered tools."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from mentor.data.tasks.instructions import HINTS, INSTRUCTIONS, PLAIN, Instruction
from mentor.data.tasks.renaming import NEW_NAMES, renamed_call
from mentor.data.tasks.toolbox import TOOL_NAMES
from mentor.data.tasks.ways import carry_out, uses_only
from mentor.types import ToolCall, Trajectory

__all__ = ["Domain", "Link", "Problem", "answer_text", "draw_problem", "pair_is_held_out"]

Frame = tuple[str, str, str]

SEEN_FRAMES: tuple[Frame, ...] = (
    ("Take {x}: ", ", then ", "."),
    ("Start with {x}. ", ". Next ", "."),
    ("From {x}, ", " and then ", "!"),
)
NEW_FRAMES: tuple[Frame, ...] = (
    ("Take {x}. ", " and then ", "."),
    ("From {x}: ", ". Next ", "."),
    ("Start with {x}, ", ", then ", "!"),
)
"""The beginnings, joints and ends of a question; the new ones recombine what the seen ones use."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What problems are drawn from.

    Attributes:
        instructions: How many instructions a problem may have.
        hints: How many of them may be hints; None for any number.
        pairs: Neighbouring instructions: `seen` (no held-out pair), `held_out` (at least one), or `any`.
        big: Whether to use big numbers.
        phrasings: The weights of each instruction's three phrasings.
        frames: The question's frames.
        missing: Whether one of the teacher's tools is taken away, another way remaining.
        renamed: Whether one of the teacher's tools is offered under another name.
        offered: The chance that a tool nobody needs is offered as well.
        largest: The largest size of any result.
    """

    instructions: tuple[int, ...] = (2, 3)
    hints: tuple[int, ...] | None = (1, 2)
    pairs: str = "seen"
    big: bool = False
    phrasings: tuple[float, float, float] = (1.0, 1.0, 0.0)
    frames: tuple[Frame, ...] = SEEN_FRAMES
    missing: bool = False
    renamed: bool = False
    offered: float = 0.7
    largest: int = 9_999


@dataclass(frozen=True, slots=True)
class Link:
    """One instruction within a problem.

    Attributes:
        instruction: The kind of instruction.
        numbers: Its numbers, at most two.
        start: The running value that it finds.
        ways: The calls of each way, in the order of `instruction.ways`.
    """

    instruction: Instruction
    numbers: tuple[int, ...]
    start: float
    ways: tuple[tuple[ToolCall, ...], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with all that is known about it.

    Attributes:
        start: The number that it starts from.
        links: Its instructions in order.
        question: Its wording.
        offered: The offered tools by their usual names, in the order of `TOOL_NAMES`.
        renamed: The one that is offered under its new name; None for none.
    """

    start: int
    links: tuple[Link, ...]
    question: str
    offered: tuple[str, ...] = field(default=TOOL_NAMES)
    renamed: str | None = None

    @property
    def offered_names(self) -> tuple[str, ...]:
        """The names under which the tools are offered."""
        return tuple(NEW_NAMES[tool] if tool == self.renamed else tool for tool in self.offered)

    @property
    def answer(self) -> float:
        """The value after the last instruction."""
        result: float = self.links[-1].ways[0][-1].result
        return result

    def trajectories(self, limit: int = 1) -> tuple[Trajectory, ...]:
        """The valid trajectories that use offered tools only, the teacher's (or the nearest to it) first.

        Args:
            limit: The most trajectories to return, at least 1.
        """
        open_ways = [
            [
                calls
                for way, calls in zip(link.instruction.ways, link.ways, strict=True)
                if uses_only(way, self.offered)
            ]
            for link in self.links
        ]
        answer = answer_text(self.answer)
        chosen = itertools.islice(itertools.product(*open_ways), limit)
        return tuple(
            Trajectory(tuple(renamed_call(call, self.renamed) for call in itertools.chain(*calls)), answer)
            for calls in chosen
        )


def answer_text(value: float) -> str:
    """A tool's result as the text of an answer: `12`, `-0.5`."""
    return repr(value)


def pair_is_held_out(first: str, second: str) -> bool:
    """Whether two neighbouring instructions, by name, never stand together in the training domain.

    A quarter of the ordered pairs are held out, spread evenly over first and second instructions.
    """
    order = list(INSTRUCTIONS)
    return (order.index(first) * 7 + order.index(second) * 3) % 4 == 0


def draw_problem(rng: random.Random, domain: Domain) -> Problem:
    """Draw one problem; the same generator state gives the same problem."""
    while True:
        names = _draw_names(rng, domain)
        if names is None:
            continue
        start = rng.randint(100, 999) if domain.big else rng.randint(2, 99)
        links = _draw_links(rng, domain, names, start)
        if links is None:
            continue
        offered = _draw_offered(rng, domain, links)
        if offered is None:
            continue
        renamed = rng.choice(sorted(_needed(links))) if domain.renamed else None
        return Problem(start, links, _draw_question(rng, domain, start, links), offered, renamed)


def _draw_names(rng: random.Random, domain: Domain) -> list[str] | None:
    """The instructions' names, or None where their pairs do not fit the domain."""
    count = rng.choice(domain.instructions)
    hints = rng.randint(0, count) if domain.hints is None else min(count, rng.choice(domain.hints))
    kinds = [HINTS] * hints + [PLAIN] * (count - hints)
    rng.shuffle(kinds)
    names = [rng.choice(kind) for kind in kinds]
    held_out = any(itertools.starmap(pair_is_held_out, itertools.pairwise(names)))
    fits = domain.pairs == "any" or held_out == (domain.pairs == "held_out")
    return names if fits else None


def _draw_links(
    rng: random.Random, domain: Domain, names: Sequence[str], start: int
) -> tuple[Link, ...] | None:
    """The chain of instructions, or None where one cannot be carried out, or its ways disagree."""
    links: list[Link] = []
    value: float = start
    for name in names:
        link = _draw_link(rng, domain, INSTRUCTIONS[name], value)
        if link is None:
            return None
        links.append(link)
        value = link.ways[0][-1].result
    return tuple(links)


def _draw_link(rng: random.Random, domain: Domain, instruction: Instruction, value: float) -> Link | None:
    if instruction.name == "round" and value == int(value) and rng.random() < 0.8:
        return None  # rounding a whole number asks for nothing; keep few of them
    numbers = instruction.draw_numbers(rng, big=domain.big)
    try:
        ways = tuple(tuple(carry_out(way, value, numbers)) for way in instruction.ways)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    if len({calls[-1].result for calls in ways}) > 1:
        return None
    if any(abs(made.result) > domain.largest for calls in ways for made in calls):
        return None
    return Link(instruction, numbers, value, ways)


def _needed(links: Sequence[Link]) -> set[str]:
    """The tools that the teacher's ways use."""
    return {step.tool for link in links for step in link.instruction.ways[0]}


def _draw_offered(rng: random.Random, domain: Domain, links: Sequence[Link]) -> tuple[str, ...] | None:
    """The offered tools, or None where no tool of the teacher's can be taken away."""
    needed = _needed(links)
    offered = {tool for tool in TOOL_NAMES if tool in needed or rng.random() < domain.offered}
    if domain.missing:
        choices = []
        for tool in sorted(needed):
            others = [[w for w in x.instruction.ways if all(s.tool != tool for s in w)] for x in links]
            if all(others):
                choices.append((tool, {step.tool for ways in others for step in rng.choice(ways)}))
        if not choices:
            return None
        taken, others_need = rng.choice(choices)
        offered = (offered | others_need) - {taken}
    return tuple(tool for tool in TOOL_NAMES if tool in offered)


def _draw_question(rng: random.Random, domain: Domain, start: int, links: Sequence[Link]) -> str:
    beginning, joint, end = rng.choice(domain.frames)
    words = [
        link.instruction.words(rng.choices(range(3), domain.phrasings)[0], link.numbers) for link in links
    ]
    return beginning.format(x=start) + joint.join(words) + end
