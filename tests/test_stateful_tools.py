"""Episodes as values: each call sees what the ones before it did, and nothing else does."""

import pickle

import pytest

from mentor import ToolCall, ToolEnv
from mentor.errors import SandboxError, ScoreError
from mentor.sandbox import Limits, Sandbox
from mentor.tools import step_batch

SOURCE = '''
import random

ITEMS = []

def put(item: int) -> int:
    """Keeps an item; how many there are now."""
    ITEMS.append(item)
    return len(ITEMS)

def items() -> list[int]:
    return ITEMS

def draw() -> float:
    return random.random()

def put_and(item: int, how: str) -> int:
    """Keeps an item, and then misbehaves."""
    ITEMS.append(item)
    if how == "loop":
        while True: pass
    if how == "trap":
        import os
        os.abort()
    if how == "exit":
        import os
        os._exit(3)
    if how == "raise":
        raise ValueError(how)
    return len(ITEMS)

def write(text: str) -> str:
    with open("/tmp/notes", "a") as file:
        file.write(text)
    with open("/tmp/notes") as file:
        return file.read()
'''


@pytest.fixture(scope="module")
def env():
    box = Sandbox(limits=Limits(fuel=100_000_000), threads=2)
    return ToolEnv.from_source(SOURCE, sandbox=box)


def put(item):
    return ToolCall("put", {"item": item})


ITEMS = ToolCall("items")


def test_calls_of_an_episode_see_one_another_and_no_other_episode(env):
    calls = [[put(10 * row + k) for k in range(row)] + [ITEMS] for row in range(5)]
    results, states = env.step_batch([None] * 5, calls)
    assert [r[-1].value for r in results] == [[10 * row + k for k in range(row)] for row in range(5)]
    assert [[r.value for r in row[:-1]] for row in results] == [list(range(1, row + 1)) for row in range(5)]
    results, _ = env.step_batch(states, [[put(99), ITEMS]] * 5)
    assert [row[1].value for row in results] == [[10 * n + k for k in range(n)] + [99] for n in range(5)]
    assert env.call_batch([ITEMS])[0].value == []


def test_a_state_forks_pickles_and_resumes(env):
    _, (state,) = env.step_batch([None], [[put(1)]])
    copy = pickle.loads(pickle.dumps(state))
    results, _ = env.step_batch([state, copy, env.initial], [[put(2), ITEMS], [put(3), ITEMS], [ITEMS]])
    assert [row[-1].value for row in results] == [[1, 2], [1, 3], []]


def test_steps_in_parts_equal_one_step(env):
    calls = [put(n) for n in range(6)]
    whole, (end,) = env.step_batch([None], [calls])
    state, parts = None, []
    for call in calls:
        (row,), (state,) = env.step_batch([state], [[call]])
        parts += row
    assert [r.value for r in parts] == [r.value for r in whole[0]]
    assert state == end


@pytest.mark.parametrize(("how", "status"), [("loop", "limit"), ("trap", "crashed"), ("exit", "exited")])
def test_a_stopped_call_leaves_no_trace_and_the_next_ones_run(env, how, status):
    bad = ToolCall("put_and", {"item": 2, "how": how})
    (row,), (state,) = env.step_batch([None], [[put(1), bad, put(3), ITEMS]])
    assert row[1].outcome.status == status
    assert [r.value for r in row if r.ok] == [1, 2, [1, 3]]
    assert env.step_batch([state], [[ITEMS]])[0][0][0].value == [1, 3]


def test_a_call_stopped_at_an_end_leaves_the_episode_there(env):
    bad = ToolCall("put_and", {"item": 2, "how": "loop"})
    _, (first,) = env.step_batch([None], [[put(1)]])
    results, (second, third) = env.step_batch([first, None], [[bad], [bad]])
    assert [row[0].outcome.limit for row in results] == ["fuel", "fuel"]
    assert (second, third) == (first, env.initial)


def test_a_raising_call_keeps_what_it_did(env):
    bad = ToolCall("put_and", {"item": 2, "how": "raise"})
    (row,), _ = env.step_batch([None], [[put(1), bad, ITEMS]])
    assert (row[1].text, row[2].value) == ("Error: ValueError: raise", [1, 2])


def test_refused_calls_are_answered_in_their_place(env):
    wrong, unknown = put("x"), ToolCall("nothing")
    (first, second, third), states = env.step_batch(
        [None, None, None], [[wrong, put(1), unknown, ITEMS], [unknown], []]
    )
    assert [r.outcome is None for r in first] == [True, False, True, False]
    assert first[3].value == [1]
    assert first[2].text.startswith("Error: there is no tool 'nothing'; the tools are put, items")
    assert (len(second), len(third)) == (1, 0)
    assert states[1] == states[2] == env.initial


def test_files_belong_to_the_episode(env):
    note = [ToolCall("write", {"text": text}) for text in ("a", "b")]
    results, states = env.step_batch([None, None], [note, note[:1]])
    assert [[r.value for r in row] for row in results] == [["a", "ab"], ["a"]]
    assert [row[0].value for row in env.step_batch(states, [note[1:]] * 2)[0]] == ["abb", "ab"]


def test_seeds_decide_call_by_call(env):
    draws = [[ToolCall("draw")] * 2] * 3
    (a, b, c), _ = env.step_batch([None] * 3, draws, seeds=[[1, 2], [2, 1], [1, 2]])
    assert [r.value for r in a] == [r.value for r in c] == [r.value for r in b][::-1]
    assert a[0].value != a[1].value


def test_many_episodes_of_many_tools_are_one_batch():
    box = Sandbox(threads=2)
    envs = [
        ToolEnv.from_source(
            f"N = {k}\ndef add(n: int) -> int:\n    global N\n    N += n\n    return N", sandbox=box
        )
        for k in range(3)
    ]
    episodes = [(envs[row % 3], None, [ToolCall("add", {"n": row})] * 2) for row in range(300)]
    steps = step_batch(episodes)
    assert [[r.value for r in results] for results, _ in steps] == [
        [row % 3 + row, row % 3 + 2 * row] for row in range(300)
    ]
    again = step_batch(
        [(env, state, calls) for (env, _, calls), (_, state) in zip(episodes, steps, strict=True)]
    )
    assert [results[1].value for results, _ in again] == [row % 3 + 4 * row for row in range(300)]
    metrics = box.metrics()
    assert metrics.instances_made <= 2


def test_the_order_and_the_threads_do_not_matter(env):
    calls = [[put(row), ToolCall("draw"), ITEMS] for row in range(40)]
    results, states = env.step_batch([None] * 40, calls)
    single = ToolEnv.from_source(SOURCE, sandbox=Sandbox(limits=Limits(fuel=100_000_000), threads=1))
    other, others = single.step_batch([None] * 40, calls[::-1])
    assert [[r.value for r in row] for row in results] == [[r.value for r in row] for row in other[::-1]]
    assert states == others[::-1]


def test_misuse_says_what_to_do(env):
    with pytest.raises(ScoreError, match="seeds: 1 lists of them for 2 episodes"):
        env.step_batch([None, None], [[ITEMS], [ITEMS]], seeds=[[1]])
    with pytest.raises(ScoreError, match="seeds: 2 of them for 1 calls"):
        env.step_batch([None], [[ITEMS]], seeds=[[1, 2]])
    with pytest.raises(ScoreError, match="states: 1 of them for 2 lists of calls"):
        env.step_batch([None], [[ITEMS], [ITEMS]])
    other = Sandbox("x = 1", threads=1)
    with pytest.raises(SandboxError, match="belongs to image"):
        env.step_batch([other.initial], [[ITEMS]])
