"""The answer judge beside Math-Verify, on the same labelled pairs in one run: quality, then time.

Pairs are those of `mentor.bench.answer_pairs`, and of a file of labelled pairs if one is given. Math-Verify gets each
text in a box, as its users pass answers, in this process. Time is the processor's, on one thread, so that other
work on the machine does not count; verdicts that are kept are forgotten before.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from mentor import _native
from mentor.bench.answer_pairs import Pair, made, written
from mentor.bench.page import write_between_markers
from mentor.errors import DataError, JudgeError
from mentor.judge import AnswerJudge, fallback

__all__ = ["HOSTILE", "WHAT", "JudgeBench", "add_arguments", "measure", "read_pairs", "run"]

WHAT = "the answer judge beside Math-Verify: quality and time"
"""What is measured, a line."""

HOSTILE = (
    "9^{9^{9}}", "9**9**9**9", "(((9!)!)!)", "99999999!", "1e999999999", "2^{2^{2^{2^{2^2}}}}", "x" * 100_000,
    "1" * 100_000, "(" * 5_000, "(" * 5_000 + "5" + ")" * 5_000, "{" * 5_000, "5" + "!" * 3_000, "1/" * 2_000 + "1",
    r"\frac{" * 500 + "1" + "}{2}" * 500, r"\sqrt{" * 90 + "2" + "}" * 90, "(x+1)*" * 900 + "1", "(x+y+z+w)^{50}",
    "(x+1)^{10000}", r"\sum_{k=1}^{1999} k^{1000}", r"\binom{100000}{50000}", r"\sin(10^{1000})",
    "e^{e^{e^{e^{e}}}}", "[0,1]\\cup" * 500 + "[2,3]", "1," * 2_900 + "1", "0." + "3" * 5_000,
    r"\frac{1}{1+" * 90 + "1" + "}" * 90, "(x+1)^{1000000000}", r"\sqrt{2+" * 45 + "2" + "}" * 45,
    "+".join(rf"\sqrt{{{n}}}" for n in range(2, 400)), "*".join(f"(x_{{{n}}}+1)" for n in range(150)),
    r"\begin{pmatrix}" + r"\\".join(["&".join("x" * 25)] * 25) + r"\end{pmatrix}", "(a+b+c+d+e+f+g)^{30}",
    "((((x+1)^{9})^{9})^{9})^{9}", "1/x" * 900, "(2+3i)^{5000}", "1" + ",11" * 1_500 + ",111",
    r"\sum_{i=1}^{1000}\sum_{j=1}^{1000}\frac{i}{j}", r"\sum_{k=1}^{1999} \frac{1}{k^{50}}",
    "+".join(rf"\binom{{{n}000}}{{{n}00}}" for n in range(1, 40)), "*".join(f"(x+{n})^{{7}}" for n in range(40)),
    r"\begin{pmatrix}1&x\\y&z\end{pmatrix}" * 60, "<".join("abcdefghijklmnopqrstuvwxyz" * 5), "&lt;" * 20_000,
)  # fmt: skip
"""Texts made to be slow."""

_BESIDE = ("5", "x+1", "9^{9^{8}}", "(1,2)", "[0,1)", r"\sqrt{2}")
_TARGETS = {"agreement": 98.0, "decided": 95.0, "faster": 100.0, "hostile": 50.0}


@dataclass(frozen=True, slots=True)
class JudgeBench:
    """What was measured.

    Attributes:
        pairs: How many labelled pairs.
        agreement: Share of verdicts that are the label, in percent: ours without the fallback, and Math-Verify's.
        wrongly_equal: Pairs called equal that are labelled different: ours, and Math-Verify's.
        decided: Share that is decided without the fallback, in percent.
        micros: Processor time of a decided pair in a batch on one thread, in microseconds: ours, and
            Math-Verify's on the same pairs.
        slowest_hostile: Longest time of a hostile pair, in milliseconds, the least of three.
        by_kind: Of each kind of pair how many there are, and how many each judge agrees on.
    """

    pairs: int
    agreement: tuple[float, float]
    wrongly_equal: tuple[int, int]
    decided: float
    micros: tuple[float, float]
    slowest_hostile: float
    by_kind: dict[str, tuple[int, int, int]] = field(repr=False)

    def json(self) -> str:
        """All of it, as JSON."""
        return json.dumps(asdict(self), indent=2)

    def table(self) -> str:
        """The table, with what must be reached."""
        (ours, theirs), (mine, its) = self.agreement, self.micros
        rows = [
            ("what", "mentor", "Math-Verify", "must"),
            (f"agreement with {self.pairs:,} labelled pairs", f"{ours:.2f} %", f"{theirs:.2f} %", "98 %"),
            ("different pairs called equal", *map(str, self.wrongly_equal), "0"),
            ("decided without the fallback", f"{self.decided:.2f} %", "", "95 %"),
            ("time of a decided pair, one thread", f"{mine:.1f} us", f"{its:,.0f} us", ""),
            ("times faster", f"{its / mine:,.0f}", "", "100"),
            (
                f"slowest of {len(HOSTILE) * len(_BESIDE)} hostile pairs",
                f"{self.slowest_hostile:.2f} ms",
                "",
                "50 ms",
            ),
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])

    def kinds(self) -> str:
        """Agreement kind by kind."""
        width = max(map(len, self.by_kind))
        head = f"{'kind'.ljust(width)}  pairs  mentor  Math-Verify"
        rows = [
            f"{kind.ljust(width)}  {count:5}  {100 * ours / count:5.1f}%  {100 * theirs / count:10.1f}%"
            for kind, (count, ours, theirs) in self.by_kind.items()
        ]
        return "\n".join([head, *rows])

    def reached(self) -> bool:
        """Whether all that must be reached is."""
        return (
            self.agreement[0] >= max(_TARGETS["agreement"], self.agreement[1])
            and self.wrongly_equal[0] == 0
            and self.decided >= _TARGETS["decided"]
            and self.micros[1] / self.micros[0] >= _TARGETS["faster"]
            and self.slowest_hostile <= _TARGETS["hostile"]
        )


def add_arguments(group: argparse._ArgumentGroup) -> None:
    """The bench's own options."""
    group.add_argument("--pairs", metavar="FILE", help="further labelled pairs, as JSON lines")
    group.add_argument("--details", action="store_true", help="also print the figures kind by kind")


def run(args: argparse.Namespace) -> int:
    """Measures and prints; returns 0, or 1 where a target is missed."""
    rounds, repeats = (1, 1) if args.quick else (4, 5)
    found = measure(read_pairs(args.pairs) if args.pairs else None, rounds=rounds, repeats=repeats)
    print(found.table() + ("\n\n" + found.kinds() if args.details else ""))
    if args.json:
        Path(args.json).write_text(found.json() + "\n", encoding="utf-8")
    if args.page:
        write_between_markers(Path(args.page), "judge-table", f"```text\n{found.table()}\n```")
    return int(not found.reached())


def read_pairs(file: str | os.PathLike[str]) -> list[Pair]:
    """Labelled pairs of a file of JSON lines with `answer`, `reference`, `expected` and perhaps `kind`.

    Raises:
        DataError: The file cannot be read, or a row is not of that form.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(str(file), None, None, str(error)) from error
    pairs = []
    for number, line in enumerate(lines):
        try:
            row = json.loads(line)
            pair = Pair(str(row.get("kind", "file")), row["answer"], row["reference"], row["expected"])
        except (ValueError, KeyError, AttributeError) as error:
            problem = "expected an object with answer, reference and expected"
            raise DataError(str(file), number, None, problem) from error
        pairs.append(pair)
    return pairs


def measure(pairs: Sequence[Pair] | None = None, *, rounds: int = 4, repeats: int = 5) -> JudgeBench:
    """Judges all pairs by both and times both. Takes about a minute.

    Args:
        pairs: Labelled pairs beside those made by construction and those written by hand.
        rounds: How many rounds of made pairs; four are more than a thousand pairs.
        repeats: How often our side is timed; the median counts.

    Raises:
        JudgeError: Math-Verify is not installed.
    """
    if not fallback.installed():
        raise JudgeError("the bench needs Math-Verify: install mentor-rl[judge]")
    # The native pool is made at the first batch: one thread, like the other side.
    os.environ["RAYON_NUM_THREADS"] = "1"
    labelled = [*made(rounds=rounds), *written(), *(pairs or [])]
    judge = AnswerJudge(math_verify=False)
    verdicts = _ours(judge, labelled)
    decided = [pair for pair, verdict in zip(labelled, verdicts, strict=True) if verdict is not None]
    times = []
    for _ in range(repeats):
        _native.forget_verdicts()
        start = time.process_time()
        _ours(judge, decided)
        times.append((time.process_time() - start) / len(decided) * 1e6)
    theirs, seconds = _math_verify(labelled)
    of_decided = [spent for spent, verdict in zip(seconds, verdicts, strict=True) if verdict is not None]
    by_kind: dict[str, tuple[int, int, int]] = {}
    counts = Counter(pair.kind for pair in labelled)
    for kind, count in counts.items():
        rows = [row for row, pair in enumerate(labelled) if pair.kind == kind]
        agree = [sum(side[row] == labelled[row].equal for row in rows) for side in (verdicts, theirs)]
        by_kind[kind] = (count, agree[0], agree[1])
    return JudgeBench(
        pairs=len(labelled),
        agreement=(_agreement(labelled, verdicts), _agreement(labelled, theirs)),
        wrongly_equal=(_wrongly_equal(labelled, verdicts), _wrongly_equal(labelled, theirs)),
        decided=100 * len(decided) / len(labelled),
        micros=(median(times), sum(of_decided) / len(of_decided) * 1e6),
        slowest_hostile=_slowest_hostile(judge),
        by_kind=by_kind,
    )


def _ours(judge: AnswerJudge, pairs: Sequence[Pair]) -> list[bool | None]:
    return judge.verify([pair.answer for pair in pairs], [pair.reference for pair in pairs])


def _agreement(pairs: Sequence[Pair], verdicts: Sequence[bool | None]) -> float:
    return 100 * sum(pair.equal == said for pair, said in zip(pairs, verdicts, strict=True)) / len(pairs)


def _wrongly_equal(pairs: Sequence[Pair], verdicts: Sequence[bool | None]) -> int:
    return sum(bool(said) and not pair.equal for pair, said in zip(pairs, verdicts, strict=True))


def _math_verify(pairs: Sequence[Pair]) -> tuple[list[bool | None], list[float]]:
    """Its verdicts, and the processor's seconds of each."""
    library: Any = importlib.import_module("math_verify")
    boxed = r"\boxed{{{}}}".format
    library.verify(library.parse(boxed("1+x")), library.parse(boxed("x+1")))
    verdicts: list[bool | None] = []
    seconds = []
    for pair in pairs:
        start = time.process_time()
        try:
            verdict = bool(
                library.verify(library.parse(boxed(pair.reference)), library.parse(boxed(pair.answer)))
            )
        except Exception:  # It may raise anything: no verdict then.
            verdict = None
        seconds.append(time.process_time() - start)
        verdicts.append(verdict)
    return verdicts, seconds


def _slowest_hostile(judge: AnswerJudge) -> float:
    slowest = 0.0
    for text in HOSTILE:
        for other in _BESIDE:
            least = math.inf
            for _ in range(3):
                _native.forget_verdicts()
                start = time.process_time()
                judge.verify([text], [other])
                least = min(least, time.process_time() - start)
            slowest = max(slowest, least)
    return slowest * 1e3
