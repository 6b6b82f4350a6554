"""Numbers that others print for their own examples, and agentevals itself where it is installed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.align import efficiency, score
from mentor.types import ToolCall


def calls(*names: str, **arguments: Any) -> list[ToolCall]:
    return [ToolCall(name, arguments) for name in names]


def test_rapidfuzz_levenshtein_of_its_documentation() -> None:
    # Levenshtein.distance("lewenstein", "levenshtein") is 2, the normalised similarity 0.81818181818181.
    assert score(calls(*"lewenstein"), calls(*"levenshtein"), metric="edit") == pytest.approx(
        0.8181818181818181
    )


def test_scipy_linear_sum_assignment_of_its_documentation() -> None:
    # Costs [[4, 1, 3], [2, 0, 5], [3, 2, 2]]: the least total is 1 + 2 + 2 = 5.
    cost = [[4, 1, 3], [2, 0, 5], [3, 2, 2]]
    rows, columns = ([ToolCall("f", {"n": n}) for n in range(3)] for _ in range(2))
    found = score(
        columns,
        rows,
        metric="assignment",
        arguments={"f": lambda mine, theirs: 1 - cost[theirs["n"]][mine["n"]] / 5},
    )
    assert found == pytest.approx((3 - 5 / 5) / 3)


WEATHER = [ToolCall("get_weather", {"city": "San Francisco"})]
EVENTS = [ToolCall("get_events", {"city": "San Francisco"})]


@pytest.mark.parametrize(
    ("metric", "student", "teacher"),
    [
        ("exact", WEATHER, WEATHER),
        ("unordered", EVENTS + WEATHER, WEATHER + EVENTS),
        ("superset", [*WEATHER, ToolCall("get_detailed_forecast", {"city": "San Francisco"})], WEATHER),
        ("subset", WEATHER, WEATHER + EVENTS),
    ],
)
def test_agentevals_modes_of_its_documentation(metric: str, student: Any, teacher: Any) -> None:
    assert score(student, teacher, metric=metric) == 1.0


def test_ragas_tool_call_accuracy_of_its_documentation() -> None:
    student = [
        ToolCall("weather_check", {"location": "New York"}),
        ToolCall("temperature_conversion", {"temperature_fahrenheit": 75}),
    ]
    assert score(student, student, metric="exact") == 1.0
    assert score(student, student[::-1], metric="exact") == 0.0
    assert score(student, student[::-1], metric="f1") == 1.0


def test_otcs_own_numbers() -> None:
    # With as few calls as needed the term is 1; without a known minimum no call is 1, and it falls from there.
    assert efficiency(0) == 1.0
    assert [efficiency(n, n) for n in (1, 2, 7)] == [1.0, 1.0, 1.0]
    assert efficiency(0, 0) == 1.0
    falling = [efficiency(calls) for calls in range(6)]
    assert falling == sorted(falling, reverse=True)


small = st.lists(
    st.tuples(st.sampled_from("fg"), st.dictionaries(st.sampled_from("ab"), st.integers(0, 1), max_size=2)),
    max_size=4,
)


@cases(60)
@given(small, small)
def test_agentevals_says_the_same(student: Any, teacher: Any) -> None:
    match = pytest.importorskip("agentevals.trajectory.match")
    mine, theirs = ([ToolCall(*one) for one in side] for side in (student, teacher))

    def messages(side: Any) -> list[dict[str, Any]]:
        made = [{"function": {"name": name, "arguments": json.dumps(given)}} for name, given in side]
        return [{"role": "assistant", "content": "", "tool_calls": made}]

    for mode, metric in (("unordered", "unordered"), ("subset", "subset"), ("superset", "superset")):
        evaluate = match.create_trajectory_match_evaluator(trajectory_match_mode=mode)
        said = evaluate(outputs=messages(student), reference_outputs=messages(teacher))["score"]
        assert float(said) == score(mine, theirs, metric=metric), mode
