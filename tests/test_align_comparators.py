"""Comparators of arguments: worked examples, their Python twin, functions of the caller's, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.align import METRICS, Bfcl, Close, Text, Tool, bfcl_arguments, explain, score
from mentor.errors import ScoreError
from mentor.types import ToolCall
from oracles import alignment, texts

COUNTS = METRICS[2:11]


def one(rule: Any, mine: dict[str, Any], theirs: dict[str, Any], metric: str = "assignment") -> float:
    return score([ToolCall("f", mine)], [ToolCall("f", theirs)], metric=metric, arguments=rule)


@pytest.mark.parametrize(
    ("rule", "mine", "theirs", "expected"),
    [
        ("exact", {"a": 1, "b": 2}, {"a": 1, "b": 3}, 0.5),
        ("exact", {"a": 1}, {"a": 1, "b": 3}, 0.5),
        ("ignore", {"a": 1}, {"b": 2}, 1.0),
        ("subset", {"a": 1}, {"a": 1, "b": 3}, 1.0),
        ("superset", {"a": 1}, {"a": 1, "b": 3}, 0.5),
        ("superset", {"a": 1, "b": 3}, {"a": 1}, 1.0),
        (["a"], {"a": 1, "b": 3}, {"a": 1, "b": 4}, 1.0),
        (Close(relative=0.01), {"a": [100, {"x": 1.0}]}, {"a": [100.9, {"x": 1.005}]}, 1.0),
        (Close(relative=0, absolute=0.5), {"a": 1}, {"a": 1.5}, 1.0),
        (Close(relative=0, absolute=0.5), {"a": 1}, {"a": 1.6}, 0.0),
        (Close(), {"a": True}, {"a": 1}, 0.0),
        (Text(0.9), {"a": "kitten"}, {"a": "sitting"}, 1 - 3 / 7),
        (Text(), {"a": ""}, {"a": ""}, 1.0),
        (Text(), {"a": 5}, {"a": 5.0}, 1.0),
        (Bfcl(), {"a": "San Francisco, CA"}, {"a": "san-francisco ca."}, 1.0),
        (Bfcl(["m", "meter"]), {"a": "METER"}, {"a": "feet"}, 1.0),
        (Bfcl(["m", ""]), {}, {"a": "m"}, 1.0),
        ({"a": "ignore", "b": Close(relative=0.1)}, {"a": 1, "b": 10}, {"a": 2, "b": 10.5}, 1.0),
        (
            Tool("superset", Text(0.5), {"b": "exact"}),
            {"a": "abcd", "b": 1, "c": 0},
            {"a": "abcx", "b": 1},
            0.875,
        ),
    ],
)
def test_worked_examples(rule: Any, mine: dict[str, Any], theirs: dict[str, Any], expected: float) -> None:
    assert one({"f": rule}, mine, theirs) == pytest.approx(expected, abs=1e-12)


def test_a_text_counts_as_the_same_from_its_threshold_on() -> None:
    for threshold, expected in ((0.57, 1.0), (0.58, 0.0)):
        assert one({"f": Text(threshold)}, {"a": "kitten"}, {"a": "sitting"}, "exact") == expected


def test_bfcls_own_example_of_an_answer() -> None:
    # Accepted values by parameter, as in BFCL's possible answers: a text among them that is empty is "left out".
    rules = bfcl_arguments({"area": {"base": [10], "height": [5], "unit": ["units", ""]}})
    teacher = [ToolCall("area", {"base": 10, "height": 5, "unit": "units"})]
    for arguments, expected in (
        ({"base": 10, "height": 5}, 1.0),
        ({"base": 10.0, "height": 5, "unit": "Units"}, 1.0),
        ({"base": 10, "height": 5, "unit": "metres"}, 0.0),
        ({"base": 10, "height": 6}, 0.0),
    ):
        assert score([ToolCall("area", arguments)], teacher, metric="exact", arguments=rules) == expected


values = st.sampled_from(
    ["exact", "ignore", Close(0.5), Close(0, 1.5), Text(0.5), Bfcl(), Bfcl(["a", 1, ""])]
)
comparators = st.one_of(
    st.sampled_from(["exact", "ignore", "subset", "superset"]),
    st.lists(st.sampled_from(["a", "b"]), unique=True),
    values.filter(lambda one: not isinstance(one, str)),
    st.dictionaries(st.sampled_from(["a", "name"]), values, max_size=2),
    st.builds(
        Tool,
        st.sampled_from(["exact", "subset", "superset"]),
        values,
        st.dictionaries(st.sampled_from(["a", "name"]), values, max_size=1),
    ),
)
rules = st.dictionaries(st.sampled_from([*texts.NAMES[:2], "*"]), comparators, min_size=1, max_size=3)
trajectories = st.lists(texts.calls, max_size=4)


@cases(120)
@given(trajectories, trajectories, rules, st.integers(1, 3), st.sampled_from([0.0, 0.25, 1.0]))
def test_scores_equal_their_twin(student: Any, teacher: Any, arguments: Any, n: int, gap: float) -> None:
    mine, theirs = ([ToolCall(*call) for call in calls] for calls in (student, teacher))
    for metric in METRICS[:-1]:
        for match in ("multiset", "set") if metric in COUNTS else ("multiset",):
            options: dict[str, Any] = {"match": match, "arguments": arguments, "n": n, "gap": gap}
            expected = alignment.score(student, teacher, metric, **options)
            assert score(mine, theirs, metric=metric, **options) == pytest.approx(expected, abs=1e-9), metric


def test_functions_are_asked_for_calls_of_their_tool() -> None:
    asked: list[Any] = []

    def half(mine: dict[str, Any], theirs: dict[str, Any]) -> float:
        asked.append((mine, theirs))
        return 0.5

    student = [ToolCall("f", {"a": 1}), ToolCall("g", {"a": 1})]
    teacher = [ToolCall("g", {"a": 1}), ToolCall("f", {"a": 2})]
    assert score(student, teacher, metric="assignment", arguments={"f": half}) == 0.75
    assert asked == [({"a": 1}, {"a": 2})]
    assert (
        score(student, teacher, metric="f1", arguments={"*": lambda mine, theirs: True, "f": "exact"}) == 0.5
    )
    pair = explain(student, teacher, metric="assignment", arguments={"f": half}).pairs[1]
    assert (pair.similarity, pair.parameters[0].why) == (0.5, "given")


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: one({"f": 5}, {}, {}), "field \"arguments['f']\": expected a comparator"),
        (lambda: one({5: "exact"}, {}, {}), "field 'arguments[5]': expected a tool's name"),
        (lambda: one({"f": Tool("some")}, {}, {}), "field \"arguments['f']\": unknown scope 'some'"),
        (
            lambda: one({"f": {"a": 1}}, {}, {}),
            "field \"arguments['f']['a']\": expected 'exact', 'ignore', Close",
        ),
        (lambda: one({"f": Close(True)}, {}, {}), "field \"arguments['f']\": expected a number, not True"),
        (lambda: one({"f": Close(float("nan"))}, {}, {}), "relative"),
        (lambda: one({"f": Text(2)}, {}, {}), "threshold"),
        (
            lambda: one({"f": lambda a, b: 2}, {}, {}),
            "row 0, field \"arguments['f']\": the comparator gave 2",
        ),
        (
            lambda: one({"f": lambda a, b: None}, {}, {}),
            "row 0, field \"arguments['f']\": the comparator gave None",
        ),
    ],
)
def test_wrong_comparators_are_named(attempt: Callable[[], Any], message: str) -> None:
    with pytest.raises(ScoreError) as error:
        attempt()
    assert message in str(error.value)
