"""Whether a trajectory may teach: its answer is right, its calls are clean, and running them again gives the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mentor.errors import SandboxError
from mentor.judge import AnswerJudge
from mentor.rollout.execution import Calls, call_seed, in_sandbox
from mentor.types import Task, Trajectory

__all__ = ["Verdict", "verify"]

Verdict = Literal["verified", "wrong answer", "undecided", "no answer", "failed calls", "not reproduced"]

# Another seed than any attempt's, so that results which depend on chance show it.
_SEED = 0x5EED


def verify(
    rows: Sequence[tuple[Task, Trajectory]], *, judge: AnswerJudge | None = None, execute: bool = True
) -> list[Verdict]:
    """Look at trajectories, the calls of all of them run again at once.

    Args:
        rows: Each trajectory with its task.
        judge: Decides whether an answer is right; the default judge otherwise.
        execute: Whether to run the calls again. Tasks without tool source, and calls whose results are not
            known (MENTOR's rows name the tools only), cannot be: the answer alone decides then.

    Raises:
        SandboxError: The machinery failed.
    """
    answers = [trajectory.answer for _, trajectory in rows]
    right = (judge or AnswerJudge()).verify(answers, [task.answer for task, _ in rows])
    verdicts: list[Verdict] = []
    for (_, trajectory), verdict in zip(rows, right, strict=True):
        if trajectory.answer is None:
            verdicts.append("no answer")
        elif verdict is None:
            verdicts.append("undecided")
        elif not verdict:
            verdicts.append("wrong answer")
        elif any(call.error is not None for call in trajectory.calls):
            verdicts.append("failed calls")
        else:
            verdicts.append("verified")
    again = [
        place
        for place, (task, trajectory) in enumerate(rows)
        if execute and verdicts[place] == "verified" and task.tool_source and _has_results(trajectory)
    ]
    for place, reproduced in zip(again, _reproduced([rows[place] for place in again]), strict=True):
        if not reproduced:
            verdicts[place] = "not reproduced"
    return verdicts


def _has_results(trajectory: Trajectory) -> bool:
    return bool(trajectory.calls) and any(call.result is not None for call in trajectory.calls)


def _reproduced(rows: Sequence[tuple[Task, Trajectory]]) -> list[bool]:
    if not rows:
        return []
    ran = in_sandbox(
        [
            Calls(task, trajectory.calls, [call_seed(_SEED, place) for place in range(len(trajectory.calls))])
            for task, trajectory in rows
        ]
    )
    same = []
    for (_, trajectory), (results, _) in zip(rows, ran, strict=True):
        if any(result.failed for result in results):
            raise SandboxError("a reference's call could not be run again")
        same.append(
            all(
                result.ok and result.value == call.result
                for call, result in zip(trajectory.calls, results, strict=True)
            )
        )
    return same
