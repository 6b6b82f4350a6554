"""The arithmetic tasks: determinism, suites without overlap, teachers whose calls run to their answers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mentor.data.tasks import EVALUATION_SUITES, SUITES, TOOL_NAMES, generate, schemas, suites, tool_source
from mentor.data.tasks.instructions import INSTRUCTIONS
from mentor.data.tasks.problems import NEW_FRAMES, pair_is_held_out
from mentor.data.tasks.renaming import NEW_NAMES, renamed_source
from mentor.data.tasks.suites import belongs_to_training, problems
from mentor.types import Task, Trajectory

SIZE = 120


@pytest.fixture(scope="module")
def tools() -> dict[str, Callable[..., Any]]:
    namespace: dict[str, Any] = {}
    exec(compile(tool_source(), "tool source", "exec"), namespace)
    return {name: namespace[name] for name in TOOL_NAMES}


@pytest.fixture(scope="module")
def everything() -> dict[str, list[Task]]:
    return {"train": generate(1, 4 * SIZE), **suites(SIZE, seed=1)}


def offered(task: Task) -> list[str]:
    return [tool["function"]["name"] for tool in task.tools]


def replay(trajectory: Trajectory, tools: dict[str, Callable[..., Any]]) -> Iterator[tuple[Any, Any]]:
    for call in trajectory.calls:
        yield call.result, tools[call.name](**call.arguments)


def test_the_same_seed_gives_the_same_tasks_and_a_longer_list_begins_with_a_shorter() -> None:
    assert generate(7, 30, "long", references=3) == generate(7, 30, "long", references=3)
    assert generate(7, 40, "train")[:25] == generate(7, 25, "train")
    assert [t.question for t in generate(7, 20)] != [t.question for t in generate(8, 20)]


def test_no_question_stands_in_two_suites_or_twice_in_one(everything: dict[str, list[Task]]) -> None:
    questions = [task.question for tasks in everything.values() for task in tasks]
    assert len(set(questions)) == len(questions) == (4 + len(EVALUATION_SUITES)) * SIZE


def test_another_seed_does_not_bring_evaluation_questions_into_training(
    everything: dict[str, list[Task]],
) -> None:
    for suite, tasks in everything.items():
        assert {belongs_to_training(task.question) for task in tasks} == {suite == "train"}


def test_ids_are_unique_over_all_suites(everything: dict[str, list[Task]]) -> None:
    ids = [task.id for tasks in everything.values() for task in tasks]
    assert len(set(ids)) == len(ids)


def test_each_suite_holds_out_what_it_says() -> None:
    held = {
        suite: [
            any(
                itertools.starmap(
                    pair_is_held_out, itertools.pairwise(link.instruction.name for link in problem.links)
                )
            )
            for problem in problems(3, SIZE, suite)
        ]
        for suite in SUITES
    }
    assert all(held["held_out_pairs"])
    for suite in ("train", "in_domain", "big_numbers", "new_phrasing", "tool_missing"):
        assert not any(held[suite]), suite
    assert {len(p.links) for p in problems(3, SIZE, "long")} == {4}
    assert {len(p.links) for p in problems(3, SIZE, "train")} == {2, 3}
    assert all(p.start >= 100 for p in problems(3, SIZE, "big_numbers"))
    assert all(p.start < 100 for p in problems(3, SIZE, "train"))


def test_new_phrasings_are_never_seen_in_training(everything: dict[str, list[Task]]) -> None:
    beginnings = {frame[0].format(x="").strip() for frame in NEW_FRAMES}
    new_words = {
        word
        for instruction in INSTRUCTIONS.values()
        for word in instruction.phrasings[2].split()
        if "{" not in word
    } - {
        word
        for instruction in INSTRUCTIONS.values()
        for phrasing in instruction.phrasings[:2]
        for word in phrasing.split()
    }
    assert len(beginnings) == 3
    assert new_words >= {"doubled", "crates", "altogether"}
    for task in everything["train"]:
        words = task.question.replace(",", "").replace(".", "").replace("!", "").split()
        assert not new_words & set(words), task.question
    for problem in problems(1, SIZE, "new_phrasing"):
        for link in problem.links:
            assert link.instruction.words(2, link.numbers) in problem.question


def test_every_reference_runs_to_its_results_and_its_answer(
    everything: dict[str, list[Task]], tools: dict[str, Callable[..., Any]]
) -> None:
    new_names = {new: tools[name] for name, new in NEW_NAMES.items()}
    for task in itertools.chain(*everything.values()):
        for reference in task.references:
            for expected, got in replay(reference, tools | new_names):
                assert (got, type(got)) == (expected, type(expected)), task
            assert json.loads(task.answer) == reference.calls[-1].result
            assert reference.answer == task.answer
            assert {call.name for call in reference.calls} <= set(offered(task))


def test_several_references_are_different_valid_ways_with_one_answer(
    tools: dict[str, Callable[..., Any]],
) -> None:
    several = generate(2, SIZE, references=6)
    single = generate(2, SIZE)
    assert sum(len(task.references) > 1 for task in several) > SIZE / 2
    for task, same in zip(several, single, strict=True):
        assert task.references[0] == same.references[0]
        assert 1 <= len(task.references) <= 6
        ways = [repr(reference.calls) for reference in task.references]
        assert len(set(ways)) == len(ways)
        for reference in task.references:
            assert all(expected == got for expected, got in replay(reference, tools))
            assert {call.name for call in reference.calls} <= set(offered(task))


def test_the_missing_tool_bars_the_teachers_own_way() -> None:
    for problem in problems(5, SIZE, "tool_missing"):
        needed = {step.tool for link in problem.links for step in link.instruction.ways[0]}
        assert needed - set(problem.offered)
        assert problem.trajectories()
    for problem in problems(5, SIZE, "in_domain"):
        needed = {step.tool for link in problem.links for step in link.instruction.ways[0]}
        assert needed <= set(problem.offered)


def test_results_are_short_numbers(everything: dict[str, list[Task]]) -> None:
    for task in itertools.chain(*everything.values()):
        for call in task.references[0].calls:
            assert abs(call.result) < 100_000
            assert round(call.result, 2) == call.result


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("add", {"a": 0.1, "b": 0.2}, 0.3),
        ("divide", {"a": 10, "b": 3}, 3.33),
        ("divide", {"a": 10, "b": 5}, 2),
        ("sum_numbers", {"numbers": [1, 2.5, 3]}, 6.5),
        ("round_number", {"x": 2.5}, 2),
        ("modulo", {"a": -7, "b": 3}, 2),
        ("power", {"a": 9, "b": 0.5}, 3),
        ("abs_value", {"x": -4.5}, 4.5),
        ("multiply", {"a": 0, "b": -3}, 0),
    ],
)
def test_tools_round_and_return_whole_numbers_without_a_point(
    tools: dict[str, Callable[..., Any]], name: str, arguments: dict[str, Any], result: float
) -> None:
    got = tools[name](**arguments)
    assert json.dumps(got) == json.dumps(result)


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("divide", {"a": 1, "b": 0}, ZeroDivisionError),
        ("modulo", {"a": 1, "b": 0}, ZeroDivisionError),
        ("sqrt", {"x": -1}, ValueError),
        ("power", {"a": -2, "b": 0.5}, ValueError),
        ("power", {"a": 20_000, "b": 2}, ValueError),
        ("power", {"a": 100, "b": 3}, ValueError),
        ("multiply", {"a": 1e200, "b": 1e200}, ValueError),
    ],
)
def test_tools_raise_where_there_is_no_short_real_result(
    tools: dict[str, Callable[..., Any]], name: str, arguments: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        tools[name](**arguments)


def test_schemas_describe_every_parameter_and_are_the_callers_own() -> None:
    fresh = schemas()
    assert [schema["function"]["name"] for schema in fresh] == list(TOOL_NAMES)
    for schema in fresh:
        function = schema["function"]
        assert function["description"].endswith(".")
        assert set(function["parameters"]["required"]) == set(function["parameters"]["properties"])
        assert all(p["description"] and p["type"] for p in function["parameters"]["properties"].values())
    fresh[0]["function"]["name"] = "changed"
    assert schemas()[0]["function"]["name"] == "add"


def test_an_unknown_suite_is_refused() -> None:
    with pytest.raises(KeyError, match="no_such_suite"):
        generate(0, 1, "no_such_suite")


def test_a_renamed_tool_is_one_of_the_teachers_and_is_called_by_its_new_name() -> None:
    tasks = generate(2, SIZE, "tool_renamed", references=3)
    for task, problem in zip(tasks, problems(2, SIZE, "tool_renamed"), strict=True):
        assert problem.renamed is not None
        new = NEW_NAMES[problem.renamed]
        assert new in offered(task)
        assert problem.renamed not in offered(task)
        names = [call.name for call in task.references[0].calls]
        assert new in names
        assert problem.renamed not in names
        namespace: dict[str, Any] = {}
        exec(compile(task.tool_source, "tool source", "exec"), namespace)
        for reference in task.references:
            assert all(result == again for result, again in replay(reference, namespace))
    assert {problem.renamed for problem in problems(2, 400, "tool_renamed")} >= {
        "add",
        "divide",
        "sum_numbers",
    }


def test_new_names_are_words_of_their_own_and_every_tool_has_one() -> None:
    assert set(NEW_NAMES) == set(TOOL_NAMES)
    assert len(set(NEW_NAMES.values()) - set(TOOL_NAMES)) == len(TOOL_NAMES)
    with pytest.raises(KeyError):
        renamed_source("plus")
