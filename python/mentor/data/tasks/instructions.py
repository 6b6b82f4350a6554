"""What a task can ask for: instructions, their wordings, and the valid ways of carrying them out.

A *plain* instruction names its operation ("add 5"); a *hint* needs to be known ("midpoint to 5", "boxes of
8"). The first way is the teacher's. Ways give the same result wherever a task is made of them (the generator
checks it), so an answer cannot tell them apart; the tools they need can.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["HINTS", "INSTRUCTIONS", "PLAIN", "Instruction", "Step", "Way"]

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a way.

    Attributes:
        tool: The tool's name.
        operands: Where each operand comes from: `v` the running value, `b` and `c` the instruction's numbers,
            `-b`, `1/b`, `b%` (a hundredth of b), or a constant such as `0.5`.
    """

    tool: str
    operands: tuple[str, ...]


Way = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One kind of instruction.

    Attributes:
        name: Its name in this table.
        phrasings: Three wordings with `{b}` and `{c}`; the third is never used in the training domain.
        ways: The valid ways; the first is the teacher's.
        small: The range, or the choices, of its numbers.
        big: The same for the suite with big numbers.
        count: How many numbers it takes: 0, 1 or 2.
        hint: Whether its meaning has to be known.
    """

    name: str
    phrasings: tuple[str, str, str]
    ways: tuple[Way, ...]
    small: Sequence[int] = ()
    big: Sequence[int] = ()
    count: int = 0
    hint: bool = False

    def draw_numbers(self, rng: random.Random, *, big: bool) -> Numbers:
        """Draw the instruction's numbers, `count` of them."""
        return tuple(rng.choice(self.big if big else self.small) for _ in range(self.count))

    def words(self, phrasing: int, numbers: Numbers) -> str:
        """The instruction in words; `phrasing` is 0, 1 or 2."""
        return self.phrasings[phrasing].format(**dict(zip("bc", numbers, strict=False)))


def _ways(*texts: str) -> tuple[Way, ...]:
    """Read ways from text: `"divide v b > floor v"` is two steps."""
    return tuple(
        tuple(Step(tool, tuple(operands)) for tool, *operands in (step.split() for step in text.split(">")))
        for text in texts
    )


_ANY, _HUNDREDS = range(2, 51), range(100, 1000)
_FEW, _DOZENS = range(3, 10), range(11, 61)

INSTRUCTIONS: dict[str, Instruction] = {
    i.name: i
    for i in (
        Instruction(
            "add",
            ("add {b}", "plus {b}", "more by {b}"),
            _ways("add v b", "sum_numbers v b"),
            _ANY,
            _HUNDREDS,
            1,
        ),
        Instruction(
            "subtract",
            ("subtract {b}", "minus {b}", "less by {b}"),
            _ways("subtract v b", "add v -b"),
            _ANY,
            _HUNDREDS,
            1,
        ),
        Instruction(
            "multiply",
            ("multiply by {b}", "times {b}", "scale by {b}"),
            _ways("multiply v b"),
            _FEW,
            range(11, 41),
            1,
        ),
        Instruction(
            "divide",
            ("divide by {b}", "over {b}", "split by {b}"),
            _ways("divide v b", "multiply v 1/b"),
            (2, 4, 5, 10),
            (20, 25, 40, 50),
            1,
        ),
        Instruction(
            "modulo",
            ("modulo {b}", "remainder by {b}", "left after {b}"),
            _ways("modulo v b"),
            range(3, 13),
            _DOZENS,
            1,
        ),
        Instruction("square", ("square", "to power 2", "squared"), _ways("power v 2", "multiply v v")),
        Instruction("double", ("double", "twice", "doubled"), _ways("multiply v 2", "add v v")),
        Instruction("halve", ("halve", "half", "halved"), _ways("divide v 2", "multiply v 0.5")),
        Instruction("negate", ("negate", "opposite", "negated"), _ways("subtract 0 v", "multiply v -1")),
        Instruction("round", ("round", "nearest whole", "rounded"), _ways("round_number v")),
        Instruction(
            "total",
            ("total with {b} and {c}", "sum with {b} and {c}", "altogether with {b} and {c}"),
            _ways("sum_numbers v b c", "add v b > add v c"),
            _ANY,
            _HUNDREDS,
            2,
            hint=True,
        ),
        Instruction(
            "mean",
            ("mean with {b} and {c}", "average with {b} and {c}", "evened with {b} and {c}"),
            _ways("sum_numbers v b c > divide v 3", "add v b > add v c > divide v 3"),
            _ANY,
            _HUNDREDS,
            2,
            hint=True,
        ),
        Instruction(
            "midpoint",
            ("midpoint to {b}", "middle of it and {b}", "midway to {b}"),
            _ways("sum_numbers v b > divide v 2", "add v b > divide v 2", "add v b > multiply v 0.5"),
            _ANY,
            _HUNDREDS,
            1,
            hint=True,
        ),
        Instruction(
            "distance",
            ("distance to {b}", "gap to {b}", "how far from {b}"),
            _ways("subtract v b > abs_value v", "add v -b > abs_value v"),
            range(2, 100),
            _HUNDREDS,
            1,
            hint=True,
        ),
        Instruction(
            "groups",
            ("full groups of {b}", "whole shares of {b}", "groups by {b}"),
            _ways("divide v b > floor v"),
            _FEW,
            _DOZENS,
            1,
            hint=True,
        ),
        Instruction(
            "boxes",
            ("boxes of {b}", "packs of {b}", "crates of {b}"),
            _ways("divide v b > ceil v"),
            _FEW,
            _DOZENS,
            1,
            hint=True,
        ),
        Instruction(
            "tens",
            ("to tens", "nearest ten", "in whole tens"),
            _ways(
                "divide v 10 > round_number v > multiply v 10",
                "multiply v 0.1 > round_number v > multiply v 10",
            ),
            hint=True,
        ),
        Instruction(
            "percent",
            ("{b} percent", "share of {b} percent", "{b} in a hundred"),
            _ways("multiply v b > divide v 100", "divide v 100 > multiply v b", "multiply v b%"),
            (5, 10, 20, 25, 30, 40, 50),
            (15, 35, 45, 65),
            1,
            hint=True,
        ),
        Instruction(
            "geometric",
            ("geometric mean with {b}", "square side with {b}", "root of product with {b}"),
            _ways("multiply v b > sqrt v", "multiply v b > power v 0.5"),
            _ANY,
            _HUNDREDS,
            1,
            hint=True,
        ),
        Instruction(
            "squared_gap",
            ("squared gap to {b}", "squared distance to {b}", "deviation from {b}"),
            _ways("subtract v b > power v 2", "add v -b > power v 2"),
            _ANY,
            range(100, 200),
            1,
            hint=True,
        ),
    )
}
"""Every instruction by name; the order is fixed, since held-out pairs are counted by it."""

HINTS: tuple[str, ...] = tuple(name for name, i in INSTRUCTIONS.items() if i.hint)
PLAIN: tuple[str, ...] = tuple(name for name, i in INSTRUCTIONS.items() if not i.hint)
