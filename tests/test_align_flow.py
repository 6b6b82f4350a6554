"""Alignment by value flow: the table of laws, its Python twin, laws that hold whatever the calls are."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.align import FlowFacts, FlowWeights, compile_references, explain, score, score_batch
from mentor.types import ToolCall
from oracles import flow as twin

TOOLS: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "sum_numbers": lambda *numbers: sum(numbers),
    "abs_value": abs,
    "sqrt": math.sqrt,
}
COMMUTATIVE = {"add": ("a", "b"), "multiply": ("a", "b"), "sum_numbers": ("numbers",)}
FACTS = FlowFacts(commutative=COMMUTATIVE)
TASK = "Add 2 and 3, then multiply the sum by 4."
Plan = Sequence[tuple[Any, ...]]


def call(name: str, *numbers: float) -> ToolCall:
    """A call of an arithmetic tool with what it returns."""
    if name == "sum_numbers":
        arguments: dict[str, Any] = {"numbers": list(numbers)}
    else:
        arguments = dict(zip("ab" if len(numbers) == 2 else "x", numbers, strict=True))
    try:
        return ToolCall(name, arguments, TOOLS[name](*numbers))
    except (ArithmeticError, ValueError) as error:
        return ToolCall(name, arguments, error=str(error))


def run(plan: Plan) -> list[ToolCall]:
    return [call(*step) for step in plan]


def flow(student: Plan, teacher: Plan, task: str | None = TASK) -> float:
    return score(run(student), run(teacher), metric="flow", task=task, facts=FACTS)


TEACHER = (("add", 2, 3), ("multiply", 5, 4))
IDLE = ("add", 7, 7)
LAWS = {
    "the same": (TEACHER, 1.0),
    "commuting arguments swapped": ((("add", 3, 2), ("multiply", 4, 5)), 1.0),
    "another tool": ((("sum_numbers", 2, 3), ("multiply", 5, 4)), 0.95),
    "another way": ((("multiply", 2, 4), ("multiply", 3, 4), ("add", 8, 12)), 0.90),
    "one slip, the plan is right": ((("add", 2, 4), ("multiply", 6, 4)), 0.84),
    "an idle call": ((*TEACHER, IDLE), 0.80),
    "five idle calls": ((*TEACHER, *[IDLE] * 5), 0.44),
    "the same twice": ((*TEACHER, *TEACHER), 0.67),
    "half the work": ((TEACHER[0],), 0.67),
    "the 5 was not there yet": ((TEACHER[1], TEACHER[0]), 0.63),
    "5 was guessed": ((("multiply", 4, 5),), 0.33),
    "every tool once": (
        (*[(name, 2, 3) for name in list(TOOLS)[:6]], ("abs_value", 2), ("sqrt", 2)),
        0.20,
    ),
    "the answer and nothing": ((("add", 20, 0),), 0.0),
    "right names, unrelated arguments": ((("add", 90, 11), ("multiply", 17, 13)), 0.0),
    "nothing": ((), 0.0),
}


@pytest.mark.parametrize("law", LAWS)
def test_the_table_of_laws(law: str) -> None:
    student, expected = LAWS[law]
    assert flow(student, TEACHER) == pytest.approx(expected, abs=0.00501)


@pytest.mark.parametrize(
    ("student", "teacher", "task", "expected"),
    [
        ([("power", 7, 2)], [("multiply", 7, 7)], "7 squared", 0.9),
        ([("sum_numbers", 1, 2, 4)], [("add", 1, 2), ("add", 3, 4)], "1, 2 and 4", 0.9),
        ([("add", 1, 2), ("add", 3, 4)], [("sum_numbers", 1, 2, 4)], "1, 2 and 4", 0.9),
        ([("add", 9, -5)], [("subtract", 9, 5)], "9 less 5", 0.9),
        ([("multiply", 9, 0.25)], [("divide", 9, 4)], "9 over 4", 0.9),
        ([("multiply", 80, 0.15)], [("multiply", 80, 15), ("divide", 1200, 100)], "15 % of 80", 0.9),
        (
            [("multiply", 4, 5), ("multiply", 2, 3), ("add", 6, 20)],
            [("multiply", 2, 3), ("multiply", 4, 5), ("add", 6, 20)],
            "2 times 3 and 4 times 5, added",
            1.0,
        ),
        # The teacher made nothing new, so nothing new is asked for, but the same from the same.
        ([("add", 8, 0)], [("add", 8, 0)], "8 and nothing", 1.0),
        ([("abs_value", 8)], [("add", 8, 0)], "8 and nothing", 0.9),
        ([("add", 60, -30)], [("subtract", 60, 30)], "60 less 30", 0.9),
        ([("add", 30, 0)], [("subtract", 60, 30)], "60 less 30", 0.0),
        ([("multiply", 30, 0.5), ("add", 15, 15)], [("divide", 30, 2), ("multiply", 15, 2)], "30", 0.9),
        ([("abs_value", 30)], [("divide", 30, 2), ("multiply", 15, 2)], "30", 0.0),
        # -7 is a result and the 7 of the task; 0.5 a constant and a hundredth of its 50.
        ([("add", 23, -30), ("add", -7, -7)], [("subtract", 23, 30), ("subtract", -7, 7)], "23, 30, 7", 0.9),
        ([("multiply", 12, 0.5)], [("multiply", 12, 50), ("divide", 600, 100)], "50 % of 12", 0.9),
    ],
)
def test_other_ways(student: Plan, teacher: Plan, task: str, expected: float) -> None:
    assert flow(student, teacher, task) == pytest.approx(expected, abs=1e-12)


# What a search for the greatest score of trajectories that do not do the work has found, with the task
# "Add 2, 3 and 10, in that order, then multiply by 4" where it is another; each kept with what it may earn at most.
EXPLOITS = [
    # Guessed numbers.
    ([("add", 19, 1)], TEACHER, TASK, 0.0),
    ([("sum_numbers", 20, 20), ("divide", 40, 2)], TEACHER, TASK, 0.0),
    # The answer from a number of the task that the reference's work does not rest on.
    ([("add", 10, 10)], TEACHER, TASK + " There are 10 others.", 0.0),
    # Constants made to look computed.
    ([("subtract", 2, 2), ("add", 0, 10), ("add", 10, 10)], TEACHER, TASK, 0.0),
    # The answer built up from constants and one given number.
    ([("add", 3, 10), ("subtract", 13, 3), ("add", 10, 10)], TEACHER, TASK, 0.2),
    # A constant that looks as if a computed number had been turned, to rest on a number that it does not.
    ([("subtract", 2, 3), ("divide", 2, 3), ("power", 2, 3), ("add", 1, 4)], TEACHER, TASK, 0.2),
    # An idle call that a given number is a hundredth of.
    ([("multiply", 100, 3), ("add", 3, 2), ("multiply", 0, 4)], TEACHER, TASK, 0.6),
    # The right sum computed, and another one used.
    ([("add", 3, 4), ("subtract", 7, 2), ("multiply", 7, 4)], TEACHER, TASK, 0.74),
    # One result reached twice, by the teacher's call and another way.
    ([("subtract", 4, 3), ("add", 1, 4), ("add", 3, 2), ("multiply", 5, 3)], TEACHER, TASK, 0.7),
    # A call repeated before its result is used.
    ([TEACHER[0], TEACHER[0], TEACHER[0], TEACHER[1]], TEACHER, TASK, 0.67),
]


@pytest.mark.parametrize(("student", "teacher", "task", "most"), EXPLOITS)
def test_exploits_that_were_found(student: Plan, teacher: Plan, task: str, most: float) -> None:
    assert flow(student, teacher, task) <= most + 0.005


def test_acknowledgements_and_effects_do_not_stand_in_for_one_another() -> None:
    teacher = [ToolCall("book", {"id": "A7"}, "ok"), ToolCall("mail", {"to": "bob"}, {"status": "sent"})]
    assert score(teacher, teacher, metric="flow") == 1.0
    for name in ("ping", "cancel"):
        student = [ToolCall(name, {"id": "A7"}, "ok"), ToolCall("noop", {}, {"status": "sent"})]
        assert score(student, teacher, metric="flow") == 0.0
    deposit = [ToolCall("deposit", {"amount": 10}, {"balance": 110})]
    credit = [ToolCall("credit", {"amount": 10}, {"balance": 110})]
    assert score(credit, deposit, metric="flow", task="Pay in 10.") == pytest.approx(0.9)
    effects = FlowFacts(effects=frozenset({"deposit"}))
    assert score(credit, deposit, metric="flow", task="Pay in 10.", facts=effects) == 0.0


def test_provenance_is_a_place_in_a_result() -> None:
    split = ToolCall("split", {"text": "a b", "by": "b"}, {"first": 6, "second": 3})
    right, wrong = ToolCall("divide", {"a": 6, "b": 3}, 2), ToolCall("divide", {"a": 3, "b": 6}, 0.5)
    other = ToolCall("split", {"text": "a c", "by": "b"}, {"first": 8, "second": 4})
    carried = ToolCall("divide", {"a": 8, "b": 4}, 2)
    crossed = ToolCall("divide", {"a": 4, "b": 8}, 0.5)
    teacher = [split, right]
    assert score(teacher, teacher, metric="flow", task="a b") == 1.0
    assert score([split, wrong], teacher, metric="flow", task="a b") < 0.8
    slip = explain([other, carried], teacher, task="a b")
    assert [pair.similarity for pair in slip.pairs] == [0.5, 1.0]
    assert [why.why for why in slip.pairs[1].parameters] == ["provenance", "provenance"]
    assert score([other, crossed], teacher, metric="flow", task="a b") < slip.score


def test_the_answer_says_which_results_count() -> None:
    calls = [
        ToolCall("weather", {"city": city}, {"degrees": degrees})
        for city, degrees in (("Oslo", 4), ("Rome", 21))
    ]
    both = {"calls": calls, "answer": "4 in Oslo, 21 in Rome"}
    last = {"calls": calls, "answer": "21 in Rome"}
    assert score(calls[1:], both, metric="flow") == pytest.approx(2 / 3)
    assert score(calls[1:], last, metric="flow") == pytest.approx(2 * 0.8 / 1.8)


def test_failures_earn_nothing_unless_they_are_the_teachers() -> None:
    failed = [call("divide", 5, 0)]
    assert failed[0].error is not None
    assert score(failed, failed, metric="flow", task="5 over 0") == 1.0
    retried = [*failed, call("divide", 5, 2)]
    assert score(retried, retried[1:], metric="flow", task="5 over 2, not 0") == pytest.approx(2 / 3)


def test_results_that_are_not_known_are_the_equal_calls() -> None:
    bare = [ToolCall(one.name, one.arguments) for one in run(TEACHER)]
    assert score(bare, run(TEACHER), metric="flow", task=TASK) == 1.0
    text = "".join(
        f'<tool_call>{{"name": "{one.name}", "arguments": {{"a": {one.arguments["a"]}, "b": {one.arguments["b"]}}}}}'
        "</tool_call>"
        for one in bare
    )
    assert score(text, run(TEACHER), metric="flow", task=TASK) == 1.0


def test_weights_are_settable_and_shown() -> None:
    weights = FlowWeights(equivalence=0.5, beta=2.0)
    student = run(LAWS["another way"][0])
    assert score(
        student, run(TEACHER), metric="flow", task=TASK, facts=FACTS, weights=weights
    ) == pytest.approx(0.5)
    found = explain(student, run(TEACHER), task=TASK, facts=FACTS, weights=weights)
    assert found.flow is not None
    assert found.flow.weights == weights
    assert "equivalence 0.5" in str(found)
    assert found.flow.reached == ("covered", 2)


# ---- trajectories at random

numbers = st.sampled_from([2, 3, 4, 5, 6, 8, 12, 20, 0, 1, 10, 0.5, 2.5, -3, 7, 100])


@st.composite
def plans(draw: Any, most: int = 4) -> list[ToolCall]:
    """Arithmetic calls whose arguments are often results of earlier ones."""
    made: list[ToolCall] = []
    pool = [draw(numbers) for _ in range(3)]
    for _ in range(draw(st.integers(0, most))):
        name = draw(st.sampled_from(list(TOOLS)))
        count = {"abs_value": 1, "sqrt": 1, "sum_numbers": draw(st.integers(2, 3))}.get(name, 2)
        given = [draw(st.one_of(st.sampled_from(pool), numbers)) for _ in range(count)]
        one = call(name, *given)
        if isinstance(one.result, complex) or (one.result is not None and abs(one.result) > 1e9):
            continue
        made.append(one)
        if one.result is not None:
            pool.append(one.result)
    return made


scalars = st.one_of(
    st.sampled_from(["x1", " x1", "Paris", "7", "ok", ""]), st.sampled_from([1, 7, 7.0, 35, 0.07, None, True])
)
values = st.one_of(
    scalars, st.lists(scalars, max_size=3), st.dictionaries(st.sampled_from("pq"), scalars, max_size=2)
)


@st.composite
def records(draw: Any, most: int = 4) -> list[ToolCall]:
    """Calls with results of any shape."""
    return [
        ToolCall(
            draw(st.sampled_from(["find", "get", "put"])),
            draw(st.dictionaries(st.sampled_from("abc"), values, max_size=3)),
            draw(values),
            draw(st.sampled_from([None, None, None, None, "broken"])),
        )
        for _ in range(draw(st.integers(0, most)))
    ]


tasks = st.one_of(
    st.none(),
    st.lists(numbers, max_size=4).map(lambda found: f"With {', '.join(map(str, found))} do it."),
    st.just("Find x1 in PARIS, 7 times."),
)
known = st.builds(
    twin.Known,
    task=tasks,
    commutative=st.sampled_from([{}, COMMUTATIVE, {"find": ("a", "b"), "get": ("c",)}]),
    effects=st.sampled_from([frozenset(), frozenset({"put", "add"})]),
    answer=st.sampled_from([None, "20 or x1", "it is 7"]),
)
laws = cases(150)


def options(about: twin.Known) -> dict[str, Any]:
    facts = FlowFacts(order=[list(about.order)], effects=about.effects, commutative=about.commutative)
    return {"metric": "flow", "task": about.task, "facts": facts}


def pairs(trajectories: Any) -> Any:
    """Two trajectories, the student's often a changed copy of the reference."""

    def changed(drawn: tuple[list[ToolCall], list[ToolCall], int]) -> tuple[list[ToolCall], list[ToolCall]]:
        student, teacher, seed = drawn
        dice = random.Random(seed)
        mixed = [*student, *teacher] if seed % 3 else student
        dice.shuffle(mixed)
        return mixed[: max(len(student), 1) + 1] if seed % 2 else [*teacher, *student][:5], teacher

    return st.tuples(trajectories, trajectories, st.integers(0, 1_000)).map(changed)


@laws
@given(st.one_of(pairs(plans()), pairs(records())), known)
def test_scores_equal_their_twin(both: Any, about: twin.Known) -> None:
    student, teacher = both
    if len(teacher) > 2:
        about.order = [(0, 2)]
    expected = twin.score(student, teacher, about)
    reference = {"calls": teacher, "answer": about.answer}
    assert score(student, reference, **options(about)) == pytest.approx(expected, abs=1e-12)


@laws
@given(st.one_of(plans(), records()), known)
def test_identity_scores_one(calls: Any, about: twin.Known) -> None:
    assert score(calls, [calls], **options(about)) == 1.0
    assert score(calls, [[], calls], **options(about)) == 1.0


@laws
@given(st.one_of(pairs(plans()), pairs(records())), known, plans())
def test_references_do_not_touch_one_another(both: Any, about: twin.Known, other: Any) -> None:
    student, teacher = both
    alone = score(student, [teacher], **options(about))
    unrelated = [ToolCall("unrelated", {"zz": "unrelated"}, "unrelated too")]
    beside = score(student, [unrelated], **options(about))
    assert score(student, [teacher, unrelated], **options(about)) == max(alone, beside)
    assert score(student, [teacher, other], **options(about)) == score(
        student, [other, teacher], **options(about)
    )
    assert 0.0 <= alone <= 1.0


@laws
@given(st.one_of(pairs(plans(5)), pairs(records(5))), known)
def test_a_call_without_credit_can_go(both: Any, about: twin.Known) -> None:
    student, teacher = both
    if not student or not teacher:
        return
    task, facts = about.task, options(about)["facts"]
    found = explain(student, [teacher], task=task, facts=facts)
    assert found.flow is not None
    for place, credit in enumerate(found.flow.student_credit):
        if credit == 0.0:
            rest = student[:place] + student[place + 1 :]
            assert score(rest, [teacher], **options(about)) >= found.score - 1e-12


@laws
@given(pairs(records()), known)
def test_texts_are_only_names(both: Any, about: twin.Known) -> None:
    names = {
        "x1": "y2",
        " x1": " y2",
        "Paris": "Quito",
        "ok": "fine",
        "find": "seek",
        "get": "take",
        "put": "lay",
    }

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    def all_renamed(calls: list[ToolCall]) -> list[ToolCall]:
        return [ToolCall(names[c.name], renamed(c.arguments), renamed(c.result), c.error) for c in calls]

    student, teacher = both
    other = twin.Known(
        task=None if about.task is None else about.task.replace("x1", "y2").replace("PARIS", "QUITO"),
        commutative={names.get(name, name): group for name, group in about.commutative.items()},
        effects=frozenset(names.get(name, name) for name in about.effects),
    )
    before = score(student, [teacher], **options(about))
    assert score(all_renamed(student), [all_renamed(teacher)], **options(other)) == before


@laws
@given(st.lists(st.tuples(pairs(plans()), tasks), min_size=1, max_size=4))
def test_a_batch_is_its_rows(rows: Any) -> None:
    students = [student for (student, _), _ in rows]
    references = [[teacher] for (_, teacher), _ in rows]
    texts = [task for _, task in rows]
    singles = [
        score(student, [teacher], metric="flow", task=task, facts=FACTS) for (student, teacher), task in rows
    ]
    assert score_batch(students, references, metric="flow", tasks=texts, facts=FACTS).tolist() == singles
    compiled = compile_references(references, tasks=texts, facts=FACTS)
    turned = list(range(len(rows)))[::-1]
    assert compiled.score(students[::-1], rows=turned, metric="flow").tolist() == singles[::-1]
