"""Rewards made of rewards, in threads and asynchronously, and the peers' rewards beside their twins."""

import asyncio
import json
import pickle
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.errors import ScoreError
from mentor.judge import AnswerJudge
from mentor.rewards import (
    AsyncReward,
    Gate,
    MentorReward,
    OTCReward,
    OutcomeReward,
    Product,
    ToolRLReward,
    WeightedSum,
)
from oracles import peers

JUDGE = AnswerJudge(math_verify=False)
OUTCOME = OutcomeReward(judge=JUDGE)
COMPLETIONS = [r"\boxed{2}", r"long \boxed{3}", ""]
ANSWERS = ["2"] * 3


def length(completions: list[str], **columns: Any) -> list[float | None]:
    return [float(len(text)) if text else None for text in completions]


async def later(completions: list[str], **columns: Any) -> list[float]:
    return [0.0] * len(completions)


def test_a_weighted_sum_with_a_users_reward() -> None:
    reward = WeightedSum([OUTCOME, length], [10, 0.5], name="mine")
    assert reward(completions=COMPLETIONS, answer=ANSWERS) == [14.5, 7.0, None]
    assert reward.__name__ == "mine"
    assert WeightedSum([OUTCOME, length], [1, 0])(completions=COMPLETIONS, answer=ANSWERS) == [1.0, 0.0, 0.0]
    assert WeightedSum([length], [0])(completions=COMPLETIONS) == [0.0] * 3


def test_a_product_and_a_gate() -> None:
    assert Product([OUTCOME, length])(completions=COMPLETIONS, answer=ANSWERS) == [9.0, 0.0, None]
    gate = Gate(OUTCOME, length, otherwise=-1)
    assert gate(completions=COMPLETIONS, answer=ANSWERS) == [9.0, -1.0, -1.0]
    assert Gate(length, OUTCOME, at_least=10)(completions=COMPLETIONS, answer=ANSWERS) == [0.0, 0.0, None]


def test_members_log_for_themselves() -> None:
    metrics: dict[str, float] = {}
    reward = WeightedSum([OUTCOME, length], [1, 1])
    reward(completions=COMPLETIONS, answer=ANSWERS, log_metric=metrics.__setitem__)
    assert metrics["rewards/outcome_reward/answer"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "reward",
    [WeightedSum([OUTCOME, length], [1, 2]), Product([OUTCOME]), Gate(OUTCOME, length), AsyncReward(OUTCOME)],
)
def test_compositions_are_values(reward: Any) -> None:
    again = pickle.loads(pickle.dumps(reward))
    assert again == reward
    assert again.__name__ == reward.__name__


def test_a_reward_from_threads_and_as_an_asynchronous_one() -> None:
    reward = WeightedSum([MentorReward(judge=JUDGE), OUTCOME], [1, 1])
    teacher = json.dumps([{"calls": []}])
    columns: dict[str, Any] = {"completions": COMPLETIONS, "answer": ANSWERS, "references": [teacher] * 3}
    expected = reward(**columns)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(reward(**columns))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4

    async def both() -> list[Any]:
        return await asyncio.gather(AsyncReward(reward)(**columns), AsyncReward(OUTCOME)(**columns))

    assert asyncio.run(both()) == [expected, OUTCOME(**columns)]
    assert AsyncReward(OUTCOME).__name__ == "outcome_reward"


def test_trl_takes_them_for_what_they_are() -> None:
    utils = pytest.importorskip("trl.trainer.utils")
    assert utils.is_async_callable(AsyncReward(OUTCOME))
    assert not utils.is_async_callable(WeightedSum([OUTCOME], [1]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WeightedSum([], []), "field 'rewards': expected at least one"),
        (lambda: WeightedSum([OUTCOME], [1, 2]), "field 'weights': 1 rewards but 2 weights"),
        (
            lambda: WeightedSum([OUTCOME], [float("nan")]),
            "field 'weights[0]': expected a finite number, not nan",
        ),
        (lambda: Product([5]), "field 'rewards': 5 cannot be called"),  # type: ignore[list-item]
        (lambda: Product([later]), "reward 'later' is asynchronous: compose plain ones"),
        (lambda: AsyncReward(AsyncReward(OUTCOME)), "reward 'outcome_reward' is asynchronous"),
        (
            lambda: Gate(OUTCOME, length, at_least=float("inf")),
            "field 'at_least': expected a finite number, not inf",
        ),
        (lambda: OTCReward(smoothness=0.0), "field 'smoothness': expected a finite number above 0, not 0.0"),
        (lambda: OTCReward(fewest="x"), "unknown fewest 'x'; known: none, batch"),  # type: ignore[arg-type]
        (lambda: ToolRLReward(high=float("inf")), "field 'high': expected a finite number, not inf"),
    ],
)
def test_wrong_settings_are_reported_at_once(make: Any, message: str) -> None:
    with pytest.raises(ScoreError) as error:
        make()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1.0], "reward 'bad': 1 rows, but 3 by 'outcome_reward'"),
        ([1.0, "x", 2.0], "row 1, reward 'bad': expected a finite number or None, not 'x'"),
        ([1.0, 2.0, float("nan")], "row 2, reward 'bad': expected a finite number or None, not nan"),
        (None, "reward 'bad': expected a list of scores, not None"),
    ],
)
def test_a_users_reward_that_gives_something_else_is_named(given: Any, message: str) -> None:
    def bad(**columns: Any) -> Any:
        return given

    with pytest.raises(ScoreError) as error:
        WeightedSum([OUTCOME, bad], [1, 1])(completions=COMPLETIONS, answer=ANSWERS)
    assert str(error.value) == message


names = st.sampled_from(["add", "sqrt", "floor"])
values = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3)
call_lists = st.lists(st.tuples(names, values), max_size=5)


@cases(300)
@given(call_lists, call_lists, st.booleans())
def test_toolrls_reward_equals_its_twin(student: Any, teacher: Any, malformed: bool) -> None:
    def text(calls: Any) -> str:
        return "".join(
            f"<tool_call>{json.dumps({'name': name, 'arguments': given})}</tool_call>"
            for name, given in calls
        )

    completion = text(student) + ("<tool_call>{</tool_call>" if malformed else "")
    references = [[{"name": name, "arguments": given} for name, given in teacher]]
    found = ToolRLReward(judge=JUDGE)(None, [completion], answer=["2"], references=[references])
    assert found == [pytest.approx(peers.toolrl(student, teacher, malformed), abs=1e-12)]


def test_toolrls_published_range() -> None:
    call = {"name": "add", "arguments": {"a": 1}}
    text = f"<tool_call>{json.dumps(call)}</tool_call>"
    columns: dict[str, Any] = {"answer": ["2"] * 4, "references": [[[call]]] * 3 + ["[]"]}
    reward = ToolRLReward(judge=JUDGE)
    assert reward(None, [text, "", "<tool_call>{", text], **columns) == [4.0, -2.0, -3.0, None]


def test_otcs_reward_equals_its_twin() -> None:
    call = '<tool_call>{"name": "add", "arguments": {}}</tool_call>'
    made = [0, 1, 3, 2, 4, 2, 1]
    right = [True, False, True, True, True, True, True]
    prompts: list[Any] = ["a", "a", "b", "b", "b", [{"role": "user", "content": "c"}], "d"]
    texts = [
        call * calls + (r"\boxed{2}" if good else r"\boxed{3}")
        for calls, good in zip(made, right, strict=True)
    ]
    answers = ["2"] * len(made)
    fewest = [0, 0, 2, 2, 2, 2, 1]
    by_batch = OTCReward(judge=JUDGE)(prompts, texts, answer=answers)
    alone = OTCReward(judge=JUDGE, fewest="none", right=2.0)(None, texts, answer=answers)
    for row, (calls, good) in enumerate(zip(made, right, strict=True)):
        assert by_batch[row] == pytest.approx(peers.otc(calls, fewest[row]) if good else 0.0)
        assert alone[row] == pytest.approx(2 * peers.otc(calls, None) if good else 0.0)
    with pytest.raises(ScoreError, match=r"^field 'prompts': fewest='batch' compares the rows of one prompt"):
        OTCReward(judge=JUDGE)(None, texts, answer=answers)
    with pytest.raises(ScoreError, match=r"^field 'prompts': 7 completions but 1 rows$"):
        OTCReward(judge=JUDGE)(["a"], texts, answer=answers)
