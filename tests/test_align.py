"""The alignment scores: worked examples, their Python twin, and laws that hold whatever the calls are."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.align import METRICS, score, score_batch
from mentor.errors import ScoreError
from mentor.parsing import parse_tool_calls
from mentor.types import ParsedCall, ToolCall, Trajectory
from oracles import alignment, call_texts, texts

COUNTS = METRICS[2:11]
SETTINGS = [
    (metric, match, arguments)
    for metric in METRICS
    for match in ("multiset", "set")
    for arguments in ("exact", "ignore")
    if metric != "flow" and (match == "multiset" or metric in COUNTS)
]
SYMMETRIC = (
    "exact",
    "unordered",
    "overlap",
    "f1",
    "jaccard",
    "prefix",
    "ngram",
    "edit",
    "assignment",
    "global",
)
ADD, MULTIPLY, SQRT = ToolCall("add", {"a": 1}), ToolCall("multiply", {"a": 2}), ToolCall("sqrt", {"x": 4})
trajectories = st.lists(texts.calls, max_size=5)
laws = cases(80)


def made(calls: list[tuple[str, Any]]) -> list[ToolCall]:
    return [ToolCall(name, arguments) for name, arguments in calls]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("exact", 0.0),
        ("in_order", 0.0),
        ("any_order", 0.0),
        ("superset", 0.0),
        ("subset", 0.0),
        ("unordered", 0.0),
        ("overlap", 1.0),
        ("precision", 2 / 3),
        ("recall", 1.0 / 2),
        ("f1", 4 / 7),
        ("jaccard", 2 / 5),
        ("prefix", 0.0),
        ("ngram", 0.0),
        ("edit", 1 - 3 / 4),
        ("weighted_lcs", 1 / 4),
        ("toolrl", (2 / 5 + 2 + 2) / 9),
        ("assignment", 2 / 4),
        ("global", (1 - 0.25) / 4),
    ],
)
def test_a_worked_example(metric: str, expected: float) -> None:
    student, teacher = [ADD, MULTIPLY, MULTIPLY], [MULTIPLY, ADD, SQRT, SQRT]
    assert score(student, teacher, metric=metric) == expected


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ({"x": 1}, {"x": 1.0}, True),
        ({"x": 1}, {"x": True}, False),
        ({"x": "1"}, {"x": 1}, False),
        ({"x": 2**63}, {"x": float(2**63)}, True),
        ({"x": 2**53 + 1}, {"x": float(2**53)}, False),
        ({"x": 10**30}, {"x": 10**30 + 1}, False),
        ({"x": [1, 2]}, {"x": (1, 2)}, True),
        ({"x": [1, 2]}, {"x": [2, 1]}, False),
        ({"x": {"a": 1, "b": 2}}, {"x": {"b": 2, "a": 1.0}}, True),
        ({"x": None}, {}, False),
        ({"x": 0.0}, {"x": -0.0}, True),
        ({"x": 1}, MappingProxyType({"x": 1}), True),
    ],
)
def test_arguments_are_equal_by_value(a: Any, b: Any, equal: bool) -> None:
    assert score([ToolCall("f", a)], [ToolCall("f", b)]) == float(equal)
    assert score([ToolCall("f", a)], [ToolCall("f", b)], arguments="ignore") == 1.0


def test_every_form_of_a_trajectory_is_the_same() -> None:
    openai = {"type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    forms: list[Any] = [
        [ADD],
        (ADD,),
        Trajectory((ADD,), "1"),
        {"calls": [ADD]},
        [{"name": "add", "arguments": {"a": 1}}],
        [openai],
        parse_tool_calls('<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>'),
    ]
    for student in forms:
        for teacher in [
            *forms,
            *([form] for form in forms),
            '[{"calls": [{"name": "add", "arguments": {"a": 1}}]}]',
        ]:
            assert score(student, teacher, metric="exact") == 1.0, (student, teacher)


def test_invalid_calls_agree_with_nothing() -> None:
    malformed = ParsedCall("malformed", None, None, (0, 1), "broken")
    unknown = ParsedCall("unknown", "add", {"a": 1}, (0, 1), "no such tool")
    assert score([ADD, malformed], [ADD], metric="precision") == 0.5
    assert score([unknown], [ADD], metric="f1") == 0.0
    assert score([malformed, malformed], [ADD], metric="precision", match="set") == 0.0
    assert score([ADD, malformed], [ADD], metric="exact") == 0.0


def test_the_best_reference_counts_and_none_is_not_zero() -> None:
    assert score([ADD], [[SQRT], [ADD, MULTIPLY], []], metric="f1") == 2 / 3
    assert score([], []) == 1.0
    scores = score_batch([[ADD], [ADD], None, [ADD]], [[[ADD]], [], [[ADD]], None])
    assert scores.dtype == np.float64
    assert np.array_equal(scores, [1.0, np.nan, np.nan, np.nan], equal_nan=True)


def test_texts_are_scored_like_their_calls() -> None:
    text = '<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call><tool_call>{</tool_call>'
    assert score_batch([text], [[ADD]])[0] == score(parse_tool_calls(text), [ADD]) == 2 / 3


@cases(200)
@given(call_texts.of("hermes"), texts.calls)
def test_exact_needs_no_more_of_a_text_than_decides_it(text: str, other: Any) -> None:
    found = parse_tool_calls(text, format="hermes")
    calls = [ToolCall(one.name, one.arguments) for one in found if one.status == "valid"]
    for teacher in (
        [calls],
        [calls[:-1]],
        [calls[1:]],
        [[*calls, *made([other])]],
        [made([other]), calls],
        [],
    ):
        given = [[*teacher]] if teacher else [None]
        expected = score_batch([found], given, metric="exact")
        assert np.array_equal(score_batch([text], given, metric="exact"), expected, equal_nan=True)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: score([], [], metric="f2"), f'unknown metric "f2"; known: {", ".join(METRICS)}'),
        (lambda: score([], [], match="bag"), 'unknown match "bag"; known: multiset, set'),
        (
            lambda: score([], [], arguments="some"),
            'unknown arguments "some"; known: exact, ignore, subset, superset, or a mapping',
        ),
        (
            lambda: score([], [], metric="exact", match="set"),
            'metric "exact" does not compare sets; use match="multiset"',
        ),
        (lambda: score_batch([[]], []), "field 'references': 1 students but 0 rows of references"),
        (lambda: score_batch([[], [5]], [[], []]), "row 1, field 'students[0]': expected a call, not int"),
        (
            lambda: score([ToolCall("f", {"x": [float("nan")]})], []),
            "row 0, field 'students[0].arguments.x[0]': not a finite number",
        ),
        (
            lambda: score([], [[ToolCall("f", {"x": {1: 2}})]]),
            "row 0, field 'references[0][0].arguments.x': expected a str, not int",
        ),
        (
            lambda: score_batch([[]], ['[{"calls": [{}]}]']),
            "row 0, field 'references[0].calls[0]': no \"name\"",
        ),
        (lambda: score_batch([[]], ["[,"]), "row 0, field 'references': expected a value at byte 1"),
        (
            lambda: score([], [[ParsedCall("malformed", None, None, (0, 1), "")]]),
            "row 0, field 'references[0][0]': a reference holds a malformed call",
        ),
    ],
)
def test_wrong_input_is_named(attempt: Callable[[], Any], message: str) -> None:
    with pytest.raises(ScoreError) as error:
        attempt()
    assert str(error.value).startswith(message)


@cases(150)
@given(trajectories, trajectories)
def test_scores_equal_their_twin(student: list[Any], teacher: list[Any]) -> None:
    for metric, match, arguments in SETTINGS:
        options: Any = {"metric": metric, "match": match, "arguments": arguments}
        expected = alignment.score(student, teacher, **options)
        assert score(made(student), [made(teacher)], **options) == pytest.approx(expected, abs=1e-12), options


@laws
@given(trajectories, trajectories)
def test_laws_of_two(student: list[Any], teacher: list[Any]) -> None:
    p, r = made(student), made(teacher)
    for metric, match, arguments in SETTINGS:
        options: Any = {"metric": metric, "match": match, "arguments": arguments}
        forth, back = score(p, [r], **options), score(r, [p], **options)
        assert 0.0 <= forth <= 1.0
        assert score(p, [p], **options) == 1.0
        if metric in SYMMETRIC:
            assert forth == pytest.approx(back, abs=1e-12)
        if metric == "precision":
            assert forth == score(r, [p], **{**options, "metric": "recall"})
        if metric in COUNTS:
            assert forth == score(p[::-1], [r], **options)
        assert score(p, [r, []], **options) >= forth
        assert score(p, [[], r], **options) == score(p, [r, []], **options)


@laws
@given(trajectories, trajectories, st.integers(0, 4))
def test_a_call_too_many_never_helps(student: list[Any], teacher: list[Any], place: int) -> None:
    worse = [*student[:place], ("not_the_teachers", {}), *student[place:]]
    for metric in ("exact", "unordered", "subset", "precision", "f1", "jaccard", "assignment", "toolrl"):
        without, with_it = (score(made(calls), [made(teacher)], metric=metric) for calls in (student, worse))
        if student or not teacher:
            assert with_it <= without


@laws
@given(trajectories, trajectories)
def test_names_and_values_are_only_names_and_values(student: list[Any], teacher: list[Any]) -> None:
    wrapped = [[(name + "_2", {"k": given}) for name, given in calls] for calls in (student, teacher)]
    renamed = [
        [(name + "_2", {key + "_2": value for key, value in given.items()}) for name, given in calls]
        for calls in (student, teacher)
    ]
    for metric, match, arguments in SETTINGS:
        options: Any = {"metric": metric, "match": match, "arguments": arguments}
        before = score(made(student), [made(teacher)], **options)
        assert score(made(renamed[0]), [made(renamed[1])], **options) == before
        if metric not in ("toolrl", "weighted_lcs", "assignment", "global"):
            assert score(made(wrapped[0]), [made(wrapped[1])], **options) == before


@laws
@given(st.lists(st.tuples(trajectories, st.lists(trajectories, min_size=1, max_size=2)), max_size=4))
def test_a_batch_is_its_rows(rows: list[Any]) -> None:
    students = [made(student) for student, _ in rows]
    references = [[made(one) for one in several] for _, several in rows]
    for metric, match, arguments in SETTINGS[::5]:
        options: Any = {"metric": metric, "match": match, "arguments": arguments}
        single = [score(p, several, **options) for p, several in zip(students, references, strict=True)]
        assert score_batch(students, references, **options).tolist() == single
