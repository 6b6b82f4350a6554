"""The published judge: Math-Verify's two ways and mathruler's grader, in the sandbox, with a limit that always holds.

Every question is a call of its own in a fresh guest that has the packages of this environment, so that verdicts do
not depend on the thread, the order, the load or what was asked before. The three are asked in one call; where that
runs out of its limit, each is asked alone, since any yes decides.
"""

from __future__ import annotations

import functools
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from mentor.errors import JudgeError, PackageError, ScoreError
from mentor.judge.guest_questions import IMAGE_FUEL, guest_program, limits, was_stopped
from mentor.sandbox import Outcome, Sandbox
from mentor.sandbox.box import Job

__all__ = ["PublishedJudge", "Question"]

Question: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A prediction, and its ground truths: each without its box, and as given."""

_ALONE: Final = ("by_metric", "by_verify", "by_mathruler")
_CACHED: Final = 16_384
_PACKAGES: Final = ("math-verify==0.9.0", "mathruler==0.1.0", "pylatexenc>=2.10,<3", "tqdm")
_ANTLR: Final = ("4.9.3", "4.13.2")


@dataclass(frozen=True, kw_only=True)
class PublishedJudge:
    """What the published code would say of an answer, where it says something at all.

    A value: it pickles, and may be used from several threads at once. Verdicts are those of the main thread of a
    process that has mathruler's undeclared needs (elsewhere the published code silently says no). Judges with the
    same settings share one sandbox.

    Attributes:
        fuel: The bound of each question, in the sandbox's fuel; see `mentor.sandbox.Limits`. The default is some
            four seconds; the published code has five seconds for each of Math-Verify's steps, and no bound for
            mathruler.
        antlr: The version of antlr that Math-Verify's parser runs on, `4.9.3` (the published environment) or
            `4.13.2`; None for the one installed. They read percent signs differently (official quirk 24).
        folders: Where packages are looked for before this environment, so that another antlr can be named: `pip
            install --no-deps --target FOLDER antlr4-python3-runtime==4.9.3`.

    Raises:
        ScoreError: A setting is out of its range.
    """

    fuel: int = 10_000_000_000
    antlr: str | None = None
    folders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.fuel, bool) or not isinstance(self.fuel, int) or self.fuel < 1:
            raise ScoreError(f"field 'fuel': expected an integer of at least 1, not {self.fuel!r}")
        if self.antlr is not None and self.antlr not in _ANTLR:
            raise ScoreError(f"field 'antlr': unknown version {self.antlr!r}; known: {', '.join(_ANTLR)}")
        if isinstance(self.folders, str | os.PathLike):
            raise ScoreError(f"field 'folders': expected a sequence of folders, not {self.folders!r}")
        object.__setattr__(self, "folders", tuple(os.fspath(folder) for folder in self.folders))

    def verify(self, questions: Sequence[Question]) -> list[bool | None]:
        """Judges predictions, many at once on all cores.

        Args:
            questions: Each a prediction and its ground truths.

        Returns:
            One verdict a question: True if any of the three judges takes the prediction for any of the ground
            truths; False if all said no; None if none said yes and one ran into the limit, or would have ended
            the process.

        Raises:
            JudgeError: A package is missing, or the sandbox failed.
        """
        pairs = {(prediction, *truth) for prediction, truths in questions for truth in truths}
        said = _verdicts(self, sorted(pairs))
        return [_any([said[prediction, *truth] for truth in truths]) for prediction, truths in questions]


_Asked: TypeAlias = tuple[str, str, str]
_known: dict[tuple[PublishedJudge, _Asked], bool | None] = {}
_LOCK = threading.Lock()


def _verdicts(judge: PublishedJudge, asked: Sequence[_Asked]) -> dict[_Asked, bool | None]:
    """The verdicts, those already known kept: they are facts of the settings and the texts."""
    with _LOCK:
        said = {pair: _known[judge, pair] for pair in asked if (judge, pair) in _known}
    new = [pair for pair in asked if pair not in said]
    if new:
        found = dict(zip(new, _ask(judge, new), strict=True))
        said |= found
        with _LOCK:
            if len(_known) + len(found) > _CACHED:
                _known.clear()
            _known.update(((judge, pair), verdict) for pair, verdict in found.items())
    return said


def _ask(judge: PublishedJudge, asked: Sequence[_Asked]) -> list[bool | None]:
    verdicts = [_verdict(outcome) for outcome in _run(judge, [("by_any", pair) for pair in asked])]
    open_rows = [row for row, verdict in enumerate(verdicts) if verdict is None]
    alone = _run(judge, [(one, asked[row]) for row in open_rows for one in _ALONE])
    for place, row in enumerate(open_rows):
        three = alone[place * len(_ALONE) : (place + 1) * len(_ALONE)]
        verdicts[row] = _any([_verdict(outcome) for outcome in three])
    return verdicts


def _any(verdicts: Sequence[bool | None]) -> bool | None:
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _run(judge: PublishedJudge, calls: Sequence[tuple[str, _Asked]]) -> list[Outcome]:
    jobs: list[Job] = [
        (
            name,
            json.dumps(dict(zip(("prediction", "truth", "given"), pair, strict=True))),
            0,
            None,
            False,
            False,
            None,
        )
        for name, pair in calls
    ]
    with _LOCK:
        box = _sandbox(judge.antlr, judge.folders)
    return [outcome for outcome, _ in box._run(jobs, limits(judge.fuel))] if jobs else []


def _verdict(outcome: Outcome) -> bool | None:
    """What the guest said; None where it was stopped or ended itself by what it evaluated."""
    return None if was_stopped(outcome, "the published judge's") else bool(outcome.value)


@functools.cache
def _sandbox(antlr: str | None, folders: tuple[str, ...]) -> Sandbox:
    """The guest with the judges in it, made when first used."""
    program = guest_program("mentor.rewards.official")
    packages = [*_PACKAGES, *([] if antlr is None else [f"antlr4-python3-runtime=={antlr}"])]
    try:
        return Sandbox(program, packages=packages, package_folders=folders, limits=limits(IMAGE_FUEL))
    except PackageError as error:
        raise JudgeError(
            "the published judge needs Math-Verify and mathruler: install mentor-rl[official], or pass correct= "
            f"({error})"
        ) from error
