"""The reward's further settings: every alignment score with its options, unfinished rows, formats, messages."""

import pickle
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from mentor import align
from mentor.errors import ScoreError
from mentor.judge import AnswerJudge
from mentor.rewards import MentorReward, OutcomeReward
from mentor.types import ToolCall

JUDGE = AnswerJudge(math_verify=False)
BOX = r"\boxed{5}"
TEACHER = [[ToolCall("add", {"a": 2, "b": 3}, 5), ToolCall("sqrt", {"x": 25}, 5)]]


def call(name: str, **arguments: Any) -> str:
    import json

    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


TEXTS = [
    call("add", a=2, b=3) + call("sqrt", x=25) + BOX,
    call("add", a=2, b=3.0000001) + BOX,
    call("sqrt", x=25) + call("add", a=3, b=2) + "<tool_call>{</tool_call>" + BOX,
    BOX,
]
STUDENTS: list[Any] = [
    [ToolCall("add", {"a": 2, "b": 3}), ToolCall("sqrt", {"x": 25})],
    [ToolCall("add", {"a": 2, "b": 3.0000001})],
    [ToolCall("sqrt", {"x": 25}), ToolCall("add", {"a": 3, "b": 2})],
    [],
]
COLUMNS: dict[str, Any] = {"answer": ["5"] * 4, "references": [TEACHER] * 4}


def same(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    return bool(mine["a"] == theirs["a"])


@pytest.mark.parametrize(
    "settings",
    [
        *({"metric": metric} for metric in align.METRICS if metric != "flow"),
        {"metric": "assignment", "arguments": {"add": align.Close(relative=1e-3)}},
        {"metric": "f1", "arguments": {"add": ["a"], "*": "ignore"}},
        {"metric": "f1", "arguments": {"add": same}},
        {"metric": "ngram", "align": {"n": 3}},
        {"metric": "global", "align": {"gap": 0.5}, "arguments": "ignore"},
    ],
    ids=str,
)
def test_every_alignment_score_by_its_name_and_settings(settings: dict[str, Any]) -> None:
    settings = {"arguments": "exact", "match": "multiset"} | settings
    reward = MentorReward(judge=JUDGE, weights=(0, 1, 0), discount=1, **settings)
    options = settings.pop("align", {})
    expected = align.score_batch(STUDENTS, [TEACHER] * 4, **settings, **options)
    assert reward(None, TEXTS, **COLUMNS) == pytest.approx(expected.tolist(), abs=1e-12)
    again = pickle.loads(pickle.dumps(reward))
    assert again(None, TEXTS, **COLUMNS) == reward(None, TEXTS, **COLUMNS)


def test_invalid_calls_count_apart_as_they_do_in_one_call() -> None:
    for count_invalid in (False, True):
        common: dict[str, Any] = {"judge": JUDGE, "arguments": "exact", "count_invalid": count_invalid}
        whole = MentorReward(**common).components(None, TEXTS, **COLUMNS)
        apart = MentorReward(align={"gap": 0.25}, **common).components(None, TEXTS, **COLUMNS)
        for part, values in whole.items():
            np.testing.assert_array_equal(values, apart[part], err_msg=part)


def test_flow_sees_results_and_the_task() -> None:
    talk = [
        {"role": "assistant", "content": call("add", a=2, b=3)},
        {"role": "tool", "content": "5"},
        {"role": "assistant", "content": call("sqrt", x=25)},
        {"role": "tool", "content": "5"},
        {"role": "assistant", "content": BOX},
    ]
    prompts = [[{"role": "user", "content": "Add 2 and 3; take the root of 25."}]]
    reward = MentorReward(judge=JUDGE, metric="flow", match="multiset", arguments="exact")
    columns: dict[str, Any] = {"answer": ["5"], "references": [TEACHER]}
    student = [[ToolCall("add", {"a": 2, "b": 3}, 5), ToolCall("sqrt", {"x": 25}, 5)]]
    for given, tasks in ((prompts, ["Add 2 and 3; take the root of 25."]), (None, None)):
        expected = align.score_batch(student, [TEACHER], metric="flow", tasks=tasks)
        found = reward.components(given, [talk], **columns)
        assert found["alignment"].tolist() == expected.tolist()
    by_column = MentorReward(
        judge=JUDGE, metric="flow", match="multiset", arguments="exact", task_column="question"
    )
    found = by_column.components(None, [talk], question=["Add 2 and 3; take the root of 25."], **columns)
    assert found["alignment"].tolist() == reward.components(prompts, [talk], **columns)["alignment"].tolist()
    with pytest.raises(ScoreError, match=r"^field 'prompts': 1 completions but 2 rows$"):
        reward(prompts * 2, [talk], **columns)
    with pytest.raises(ScoreError, match=r"^row 0, field .prompts.: expected text or a list of messages$"):
        reward([5], [talk], **columns)


@dataclass
class FakeEpisode:
    """What a reward reads of `mentor.rollout.Episode`."""

    answer: str | None
    finished: bool = True
    failure: str | None = None
    calls: tuple[Any, ...] = ()
    results: tuple[Any, ...] = field(default=())


def test_unfinished_rows() -> None:
    texts = [TEXTS[0], TEXTS[0].replace(BOX, "and so on")]
    columns: dict[str, Any] = {"answer": ["5"] * 2, "references": [TEACHER] * 2}
    expected = {"score": [1.1, 0.16], "zero": [1.1, 0.0], "skip": [1.1, None]}
    for unfinished, scores in expected.items():
        reward = MentorReward(judge=JUDGE, unfinished=unfinished)
        assert reward(None, texts, **columns) == [
            None if one is None else pytest.approx(one) for one in scores
        ]
    episodes = [
        FakeEpisode("5"),
        FakeEpisode("5", finished=False),
        FakeEpisode("5", failure="gone"),
        FakeEpisode(None),
    ]
    for unfinished, scores in {
        "score": [1, 1, None, 0],
        "zero": [1, 0, None, 0],
        "skip": [1, None, None, None],
    }.items():
        reward = OutcomeReward(judge=JUDGE, unfinished=unfinished)
        assert reward(episodes=episodes, answer=["5"] * 4) == scores
    with pytest.raises(ScoreError, match=r"^unknown unfinished 'x'; known: score, zero, skip$"):
        MentorReward(unfinished="x")


def test_unfinished_rows_are_counted_and_give_no_parts() -> None:
    metrics: dict[str, float] = {}
    reward = MentorReward(judge=JUDGE, unfinished="skip")
    columns: dict[str, Any] = {"answer": ["5"] * 2, "references": [TEACHER, "[]"]}
    reward(None, [TEXTS[1].replace(BOX, ""), TEXTS[0]], log_metric=metrics.__setitem__, **columns)
    counts = {name: value for name, value in metrics.items() if name.startswith("rows/")}
    assert counts == {
        "rows/malformed": 0.0,
        "rows/unknown": 0.0,
        "rows/undecided": 0.0,
        "rows/unfinished": 1.0,
        "rows/unreferenced": 1.0,
        "rows/unscored": 2.0,
    }
    assert reward.parts()[2](None, [TEXTS[1].replace(BOX, ""), TEXTS[0]], **columns) == [None, None]


def test_any_format_in_text_and_in_messages() -> None:
    llama = '<|python_tag|>{"name": "add", "parameters": {"a": 2, "b": 3}}<|eom_id|>'
    columns: dict[str, Any] = {"answer": ["5"] * 2, "references": [[[TEACHER[0][0]]]] * 2}
    talk = [{"role": "assistant", "content": llama}, {"role": "assistant", "content": BOX}]
    for name in ("auto", "llama3_json"):
        reward = MentorReward(judge=JUDGE, format=name, arguments="exact")
        assert reward.components(None, [llama, talk], **columns)["valid"].tolist() == [1, 1]
        assert reward(None, [llama, talk], **columns)[1] == pytest.approx(1.1)


def test_messages_know_their_tools() -> None:
    own = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "add", "arguments": {}}}]}
    talk = [own, {"role": "assistant", "content": call("sqrt", x=25) + BOX}]
    reward = MentorReward(judge=JUDGE, tools=[{"name": "sqrt"}])
    found = reward.components(None, [talk, [talk[1]]], answer=["5"] * 2, references=[TEACHER] * 2)
    assert (found["unknown"].tolist(), found["valid"].tolist()) == ([1, 0], [1, 1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"align": {"m": 3}}, "field 'align': unknown option 'm'; known: facts, n, gap, weights"),
        ({"align": 5}, "field 'align': expected a mapping of options, not 5"),
        (
            {"metric": "ngram", "match": "multiset", "align": {"n": 0}},
            "field 'n': expected an integer of at least 1",
        ),
        ({"metric": "nope", "align": {"n": 2}}, 'unknown metric "nope"; known: exact'),
        ({"arguments": {"add": 5}}, "field \"arguments['add']\": expected a comparator"),
        (
            {"metric": "global", "match": "multiset", "align": {"gap": float("nan")}},
            "field 'gap': expected a finite",
        ),
        ({"weights": (True, 0, 0)}, "field 'weights[0]': expected a finite number, not True"),
    ],
)
def test_wrong_settings_are_reported_at_once(settings: Any, message: str) -> None:
    with pytest.raises(ScoreError) as error:
        MentorReward(**settings)
    assert str(error.value).startswith(message)
