"""The shop's tasks: a state that later calls see, two ways for most wishes, and suites without overlap."""

from __future__ import annotations

import json

import pytest

from mentor.data import from_columns, load, to_columns
from mentor.data.tasks import SHOP_SUITES, generate_shop
from mentor.data.tasks.shop import TOOLS, WISHES
from mentor.data.tasks.shop_tools import Shop
from mentor.rollout.execution import Calls, in_sandbox
from mentor.tools import ToolEnv
from mentor.types import Task, ToolCall

SIZE = 60


@pytest.fixture(scope="module")
def everything() -> dict[str, list[Task]]:
    return {suite: generate_shop(3, SIZE, suite, references=4) for suite in SHOP_SUITES}


def test_the_same_seed_gives_the_same_tasks_and_a_longer_list_begins_with_a_shorter() -> None:
    assert generate_shop(7, 20, "shop_long") == generate_shop(7, 30, "shop_long")[:20]
    assert generate_shop(7, 5) != generate_shop(8, 5)
    assert load({"kind": "shop", "suite": "shop_long", "n": 4, "seed": 7}) == generate_shop(7, 4, "shop_long")


def test_no_question_stands_in_two_suites(everything: dict[str, list[Task]]) -> None:
    again = {suite: [*tasks, *generate_shop(4, SIZE, suite)] for suite, tasks in everything.items()}
    suites = {task.question: suite for suite, tasks in again.items() for task in tasks}
    assert all(suites[task.question] == suite for suite, tasks in again.items() for task in tasks)
    assert len({task.id for tasks in again.values() for task in tasks}) == 2 * SIZE * len(SHOP_SUITES)


def test_every_reference_runs_in_the_sandbox_to_its_results_and_its_answer(
    everything: dict[str, list[Task]],
) -> None:
    rows = [
        (task, reference) for tasks in everything.values() for task in tasks for reference in task.references
    ]
    ran = in_sandbox([Calls(task, reference.calls, [0] * len(reference.calls)) for task, reference in rows])
    for (task, reference), (results, state) in zip(rows, ran, strict=True):
        assert state is not None
        assert [result.value for result in results] == [call.result for call in reference.calls], (
            task.question
        )
        assert json.loads(task.answer) == results[-1].value
        assert {call.name for call in reference.calls} <= {tool["function"]["name"] for tool in task.tools}


def test_calls_alone_do_not_see_each_other(everything: dict[str, list[Task]]) -> None:
    task = everything["shop_train"][0]
    env = ToolEnv.from_source(task.tool_source, task.tools)
    put = next(call for call in task.references[0].calls if call.name == "put")
    first, second = env.call_batch([put, ToolCall("total")])
    assert first.ok
    assert second.value == 0


def test_most_tasks_have_several_ways_and_a_missing_tool_bars_the_teachers(
    everything: dict[str, list[Task]],
) -> None:
    several = [len(task.references) > 1 for task in everything["shop_train"]]
    assert all(several)
    for task in everything["shop_tool_missing"]:
        offered = {tool["function"]["name"] for tool in task.tools}
        assert len(offered) == len(TOOLS) - 1
    assert all(len(task.tools) == len(TOOLS) for task in everything["shop_train"])
    lengths = {
        suite: {len(task.question.split("; ")) for task in tasks} for suite, tasks in everything.items()
    }
    assert lengths["shop_train"] == {3, 4}
    assert lengths["shop_long"] == {6, 7}


def test_every_kind_of_wish_is_drawn(everything: dict[str, list[Task]]) -> None:
    text = " ".join(task.question for tasks in everything.values() for task in tasks).lower()
    for wish in WISHES.values():
        assert all(part.strip() in text for part in wish.words.replace("{", "}").split("}")[::2]), wish.words


def test_a_row_keeps_that_its_tools_have_a_state(everything: dict[str, list[Task]]) -> None:
    tasks = everything["shop_long"][:3]
    rows = to_columns(tasks)
    assert [row["stateful"] for row in rows] == [True] * 3
    assert [task.stateful for task in from_columns(rows)] == [True] * 3
    for row in rows:
        del row["stateful"]  # a file of an earlier release
    assert [task.stateful for task in from_columns(rows)] == [False] * 3


def test_the_shop_refuses_what_no_shop_can_do() -> None:
    shop = Shop({"pears": (1.5, 4)}, {"HALF": 50})
    assert shop.put("pears", 3) == {"pears": 3}
    assert shop.total() == 4.5
    for refused, message in (
        (lambda: shop.put("pears", 2), "only 4 pears are in stock"),
        (lambda: shop.take_out("pears", 4), "a cart cannot hold -1 pears"),
        (lambda: shop.look_up("kiwis"), "no product 'kiwis'; there are pears"),
        (lambda: shop.redeem("FREE"), "the code 'FREE' is not valid"),
    ):
        with pytest.raises(ValueError, match=message):
            refused()
    assert shop.cart == {"pears": 3}
    assert shop.redeem("HALF") == 50
    with pytest.raises(ValueError, match="only one code"):
        shop.redeem("HALF")
    assert shop.check_out() == 2.25
    assert (shop.cart, shop.stock["pears"][1], shop.orders) == ({}, 1, 1)
    with pytest.raises(ValueError, match="the cart is empty"):
        shop.check_out()
