"""From hand-made episodes to figures, comparison and JSON."""

from __future__ import annotations

import json
import pathlib
from dataclasses import replace
from typing import Any

import pytest

from evaluation_samples import episode, evaluation, outcome, raised, returned, task
from mentor.errors import DataError
from mentor.evaluation import EvaluationResult, compare
from mentor.evaluation.intervals import wilson
from mentor.evaluation.proof import CallCount, count_calls
from mentor.evaluation.result import Decoding, Item
from mentor.evaluation.scoring import fingerprint, items_of, summarise
from mentor.tools import ToolResult
from mentor.types import ToolCall

ADD = ToolCall("add", {"a": 2, "b": 3}, 5)
TIMES = ToolCall("multiply", {"a": 5, "b": 4}, 20)
DID_ADD = ("valid", "add", {"a": 2, "b": 3}, returned(5))
DID_TIMES = ("valid", "multiply", {"a": 5, "b": 4}, returned(20))
TASKS = [
    task("one", "2 + 3, times 4", [ADD, TIMES], "20"),
    task("two", "2 + 3, times 4, please", [ADD, TIMES], "20"),
    task("three", "2 + 3 and so on", [ADD, TIMES], "20"),
    task("four", "no reference here", None, "7"),
]
EPISODES = [
    episode([DID_ADD, DID_TIMES], "20", generated=30),
    episode([("malformed", None, None, None), DID_ADD], "5", generated=20),
    episode(
        [
            ("unknown", "divide", {"a": 1}, None),
            ("valid", "add", {"a": 1}, ToolResult.refused("add: 'b' is missing")),
        ],
        None,
        generated=10,
        finished=False,
    ),
    episode([("valid", "subtract", {"a": 9, "b": 2}, returned(7))], "7", generated=8),
]


def test_every_figure_of_a_small_suite_is_the_one_counted_by_hand() -> None:
    items = items_of(TASKS, EPISODES)
    suite = summarise(TASKS, EPISODES, items, domain="in", keep=2)
    assert [item.correct for item in items] == [True, False, False, True]
    assert suite.tasks == 4
    assert suite.accuracy == wilson(2, 4)
    assert suite.pass_at == {"1": 0.5}
    assert suite.finished == 3 / 4
    assert (suite.calls, suite.valid, suite.malformed, suite.unknown) == (7, 5 / 7, 1 / 7, 1 / 7)
    assert suite.calls_per_task == 7 / 4
    assert (suite.executed, suite.sandboxed, suite.refused, suite.tool_errors) == (4, 4, 1, 1 / 5)
    assert suite.tokens_per_task == (30 + 20 + 10 + 8) / 4
    # Set F1 of {add, multiply} against {add, multiply}, {add} and {add}; the last task has no reference.
    assert suite.alignment is not None
    assert (suite.alignment.value, suite.alignment.n) == (pytest.approx((1 + 2 / 3 + 2 / 3) / 3), 3)
    assert suite.exact == 1 / 3
    assert suite.tools == {"add": 3.0, "multiply": 1.0, "subtract": 1.0}
    assert suite.teacher_tools == {"add": 3.0, "multiply": 3.0}
    # (3/4, 1/4) against (1/2, 1/2), without the fourth task.
    assert suite.similarity == pytest.approx(0.951205, abs=1e-6)
    assert [rollout.id for rollout in suite.rollouts] == ["one", "two"]


def test_references_of_one_task_share_its_weight_and_the_best_one_counts() -> None:
    other = (ToolCall("add", {"a": 2, "b": 3}, 5),)
    two = replace(TASKS[0], references=[*TASKS[0].references, replace(TASKS[0].references[0], calls=other)])
    played = [episode([DID_ADD], "5")]
    suite = summarise([two], played, items_of([two], played), domain="in")
    assert suite.teacher_tools == {"add": 1.0, "multiply": 0.5}
    assert suite.alignment is not None
    assert (suite.alignment.value, suite.exact) == (1.0, 1.0)


def test_a_failure_of_the_machinery_counts_as_no_mistake() -> None:
    broken = episode([DID_ADD], None, failure="the sandbox failed: no memory")
    played = [EPISODES[0], broken, EPISODES[3]]
    tasks = [TASKS[0], TASKS[1], TASKS[3]]
    items = items_of(tasks, played)
    suite = summarise(tasks, played, items, domain="in")
    assert (items[1].correct, items[1].alignment, items[1].exact) == (None, None, None)
    assert (suite.failures, suite.undecided, suite.accuracy) == (1, 0, wilson(2, 2))
    assert suite.calls == 3


class Undecided:
    """A judge that cannot tell."""

    def verify(self, answers: list[str | None], references: list[Any]) -> list[bool | None]:
        return [None if answer == "5" else answer == "20" for answer in answers]


def test_an_undecided_answer_is_neither_right_nor_wrong() -> None:
    items = items_of(TASKS[:2], EPISODES[:2], judge=Undecided())
    suite = summarise(TASKS[:2], EPISODES[:2], items, domain="in")
    assert (suite.undecided, suite.accuracy, suite.pass_at) == (1, wilson(1, 1), {"1": 1.0})


def test_several_samples_of_a_task_are_one_item_of_its_interval() -> None:
    tasks = [TASKS[0]] * 4 + [TASKS[1]] * 4
    right, wrong = EPISODES[0], EPISODES[1]
    played = [right, wrong, wrong, wrong, right, right, right, right]
    items = items_of(tasks, played, samples=4)
    suite = summarise(tasks, played, items, domain="out", samples=4)
    assert [item.sample for item in items] == [0, 1, 2, 3] * 2
    assert suite.tasks == 2
    assert suite.accuracy is not None
    assert (suite.accuracy.value, suite.accuracy.n, suite.accuracy.method) == (0.625, 2, "bootstrap")
    assert suite.pass_at == {"1": 0.625, "2": pytest.approx((0.5 + 1) / 2), "4": 1.0}
    assert suite.fingerprint == fingerprint(TASKS[:2])


def test_only_the_sandboxs_record_proves_that_a_call_ran_there() -> None:
    host = ToolResult(True, 5, "5", False, None)
    unmetered = ToolResult(True, 5, "5", False, outcome(fuel=0))
    other = ToolResult(True, 5, "5", False, {"status": "ok"})
    broken = ToolResult(False, None, "Error: no memory", True, outcome("failed", fuel=0))
    assert count_calls([returned(5), raised("ZeroDivisionError"), broken]) == CallCount(3, 3, 0)
    assert count_calls([host, unmetered, other]) == CallCount(3, 0, 0)
    assert count_calls([None, ToolResult.refused("no such tool"), returned(1)]) == CallCount(1, 1, 1)
    played = [episode([("valid", "add", {"a": 2, "b": 3}, host), DID_TIMES], "20")]
    suite = summarise(TASKS[:1], played, items_of(TASKS[:1], played), domain="in")
    assert (suite.executed, suite.sandboxed) == (2, 1)


def test_a_suite_without_calls_or_references_has_no_shares_rather_than_zeros() -> None:
    played = [episode([], "7")]
    suite = summarise(TASKS[3:], played, items_of(TASKS[3:], played), domain="in")
    assert (suite.valid, suite.tool_errors, suite.alignment, suite.exact, suite.similarity) == (None,) * 5
    assert suite.calls_per_task == 0.0


def test_tasks_and_episodes_must_pair_up() -> None:
    with pytest.raises(ValueError, match="1 episodes for 2 tasks"):
        items_of(TASKS[:2], EPISODES[:1])


def test_the_fingerprint_tells_tasks_apart() -> None:
    assert fingerprint(TASKS) == fingerprint([replace(each) for each in TASKS])
    for change in ({"id": "x"}, {"question": "x"}, {"answer": "x"}, {"tools": []}, {"tool_source": "x"}):
        assert fingerprint([replace(TASKS[0], **change)]) != fingerprint(TASKS[:1])


def items(verdicts: str) -> list[Item]:
    """Items out of a text of verdicts: `+` right, `-` wrong, `?` undecided."""
    base = items_of(TASKS[:1], EPISODES[:1])[0]
    known = {"+": True, "-": False, "?": None}
    return [replace(base, id=str(i), correct=known[verdict]) for i, verdict in enumerate(verdicts)]


def result(name: str, **suites: str) -> EvaluationResult:
    base = summarise(TASKS[:1], EPISODES[:1], items_of(TASKS[:1], EPISODES[:1]), domain="in")
    made = {
        suite: replace(base, domain="in" if suite == "in_domain" else "out", items=items(verdicts))
        for suite, verdicts in suites.items()
    }
    return EvaluationResult(name, Decoding(0.0, 1, 0, 4, 64), made)


def test_the_comparison_pairs_tasks_and_leaves_out_what_one_side_did_not_decide() -> None:
    before = result("before", in_domain="--+-?-", long="--", renamed="+-")
    after = result("after", in_domain="++-?++", long="-+", renamed="+-")
    change = compare(before, after)
    inside = change.in_domain
    assert inside is not None
    assert (inside.before.value, inside.after.value, inside.change.value) == (1 / 4, 3 / 4, 1 / 2)
    assert (inside.change.n, inside.better, inside.worse, inside.p_value) == (4, 3, 1, 0.625)
    outside = change.out_of_domain
    assert outside is not None
    assert (outside.suites, outside.change.n, outside.change.value) == (("long", "renamed"), 4, 1 / 4)
    assert list(change.suites) == ["in_domain", "long", "renamed"]
    assert change.suites["renamed"].change.value == 0.0


def test_pairing_narrows_the_interval_of_a_change() -> None:
    before = result("before", in_domain="+-" * 50)
    after = result("after", in_domain="+-" * 48 + "++++")
    inside = compare(before, after).in_domain
    assert inside is not None
    assert inside.change.high - inside.change.low < 0.1 < inside.after.high - inside.after.low


def test_comparing_other_tasks_is_refused() -> None:
    before, after = result("before", in_domain="+-"), result("after", in_domain="+-")
    moved = replace(after, suites={"in_domain": replace(after.suites["in_domain"], fingerprint="0" * 16)})
    with pytest.raises(DataError, match=r"field 'suites.in_domain': holds other tasks"):
        compare(before, moved)
    with pytest.raises(DataError, match="have no suite in common"):
        compare(before, result("after", long="+"))


def test_json_round_trip_keeps_everything(tmp_path: pathlib.Path) -> None:
    made = evaluation("student", 0.6, n=12)
    path = tmp_path / "deep" / "after.json"
    made.save(path)
    assert EvaluationResult.load(path) == made
    assert [file.name for file in path.parent.iterdir()] == ["after.json"]
    assert evaluation("student", 0.6, n=12).to_json() == path.read_text()
    body = json.loads(path.read_text())
    assert (body["format"], body["version"], list(body["suites"])) == (
        "mentor.evaluation",
        1,
        list(made.suites),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "field 'format': expected 'mentor.evaluation'"),
        ({"version": 9}, "field 'version': is 9; this release reads version 1"),
        ({"model": 3}, "field 'model': Input should be a valid string"),
        ({"suites": {"a": {}}}, "field 'suites.a.domain': Field required"),
    ],
)
def test_json_that_is_no_evaluation_says_where(change: dict[str, Any], message: str) -> None:
    body = {**json.loads(evaluation("student", 0.6, n=2).to_json()), **change}
    with pytest.raises(DataError, match=f"^file.json, {message}"):
        EvaluationResult.from_json(json.dumps(body), path="file.json")


def test_a_file_that_cannot_be_read_says_so(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"none\.json: cannot be read"):
        EvaluationResult.load(tmp_path / "none.json")
    (tmp_path / "half.json").write_text('{"format": "mentor.eval')
    with pytest.raises(DataError, match=r"half\.json: is not JSON"):
        EvaluationResult.load(tmp_path / "half.json")
