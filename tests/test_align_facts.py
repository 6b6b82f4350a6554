"""What re-execution in the sandbox says of a reference: effects, order, arguments that commute."""

from typing import Any

import pytest

from mentor import ToolEnv
from mentor.align import FlowFacts, compile_references, flow_facts, score
from mentor.errors import ScoreError
from mentor.types import ToolCall, Trajectory

SOURCE = '''
balance = 0.0
seen = set()

def deposit(amount: float) -> float:
    """Puts money in."""
    global balance
    balance += amount
    return balance

def double() -> None:
    """Doubles the balance."""
    global balance
    balance *= 2

def note(text: str) -> None:
    """Notes a text."""
    seen.add(text)

def add(a: float, b: float) -> float:
    """Adds."""
    return a + b

def subtract(a: float, b: float) -> float:
    """Subtracts."""
    return a - b

def total(numbers: list[float]) -> float:
    """Adds all."""
    return sum(numbers)
'''


@pytest.fixture(scope="module")
def env() -> ToolEnv:
    return ToolEnv.from_source(SOURCE)


def call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name, arguments)


def test_effects_that_do_not_commute_are_in_order(env: ToolEnv) -> None:
    reference = [call("deposit", amount=5), call("note", text="a"), call("double"), call("note", text="b")]
    facts = flow_facts(env, [reference])
    assert facts.order == (((0, 2),),)
    assert facts.effects == {"deposit", "note", "double"}
    assert facts.untested == 0
    assert [one.result for one in facts.references[0].calls] == [5.0, None, None, None]


def test_flow_pays_less_for_effects_in_the_wrong_order(env: ToolEnv) -> None:
    reference = Trajectory((call("deposit", amount=5), call("double"), call("note", text="a")))
    facts = flow_facts(env, [reference])
    swapped = Trajectory(tuple(facts.references[0].calls[place] for place in (1, 0, 2)))
    moved = Trajectory(tuple(facts.references[0].calls[place] for place in (2, 0, 1)))
    teacher = facts.references[0]
    assert score(teacher, [teacher], metric="flow", facts=facts) == 1.0
    assert score(moved, [teacher], metric="flow", facts=facts) == 1.0
    assert score(swapped, [teacher], metric="flow", facts=facts) == pytest.approx(5 / 6)
    assert score(swapped, [teacher], metric="flow") == 1.0, "without facts the order is not known to matter"


def test_arguments_that_commute_are_found(env: ToolEnv) -> None:
    reference = [call("add", a=2, b=3), call("subtract", a=5, b=3), call("total", numbers=[1, 2, 4])]
    facts = flow_facts(env, [reference])
    assert {tool: set(names) for tool, names in facts.commutative.items()} == {
        "add": {"a", "b"},
        "total": {"numbers"},
    }
    assert facts.effects == frozenset()
    assert facts.order == ((),)


def test_pairs_beyond_the_bound_are_counted(env: ToolEnv) -> None:
    reference = [call("deposit", amount=amount) for amount in (1, 2, 3, 4)]
    facts = flow_facts(env, [reference], max_pairs=2)
    assert facts.untested == 4
    assert len(facts.order[0]) <= 2


def test_the_same_in_every_run(env: ToolEnv) -> None:
    reference = [call("deposit", amount=5), call("double"), call("add", a=1, b=2)]
    assert flow_facts(env, [reference]) == flow_facts(env, [reference])


def test_wrong_input_is_named(env: ToolEnv) -> None:
    with pytest.raises(ScoreError, match="field 'references': expected trajectories, not JSON text"):
        flow_facts(env, "[]")
    with pytest.raises(ScoreError, match="row 0, field 'references"):
        compile_references([[[call("add", a=1, b=2)]]], facts=FlowFacts(order=[[(0, 1)]]))
