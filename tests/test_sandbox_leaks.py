"""Nothing that a program leaves behind is there for the next one (tests/abuse/leaks.py)."""

import pytest

from abuse.canary import facts
from abuse.leaks import HOST, LEAKS, LIMITS
from mentor.sandbox import Sandbox

PRELUDE = "import re, sys, random, json\nimport numpy as np"


@pytest.fixture(scope="module")
def fresh():
    """Only probes run here."""
    return Sandbox(PRELUDE, limits=LIMITS, threads=1)


@pytest.fixture(scope="module")
def box():
    return Sandbox(PRELUDE, limits=LIMITS, threads=1)


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_a_later_program_finds_nothing(leak, box, fresh):
    expected = fresh.run(leak.probe)
    assert expected.ok, expected
    together = box.run(f"{leak.plant}\n{leak.probe}")
    assert together.ok, together
    assert together.value != expected.value, "the probe does not find what is there"
    box.run(f"{leak.plant}\n{leak.ending}")
    assert facts(box.run(leak.probe)) == facts(expected)


@pytest.mark.parametrize(
    "leak", [leak for leak in LEAKS if leak.kept and not leak.ending], ids=lambda leak: leak.name
)
def test_another_state_has_nothing(leak, box, fresh):
    """The same by states: what one episode holds, a sibling from the same start does not."""
    expected, after = fresh.step(fresh.initial, leak.probe)
    _, planted = box.step(box.initial, leak.plant)
    found, _ = box.step(planted, leak.probe)
    assert found.value != expected.value, "the state did not keep what was planted"
    out, state = box.step(box.initial, leak.probe)
    assert facts(out) == facts(expected)
    assert state == after


@pytest.mark.parametrize(
    "leak", [leak for leak in LEAKS if leak.kept and not leak.ending], ids=lambda leak: leak.name
)
def test_a_guest_that_stays_at_a_state_leaves_it(leak, box, fresh):
    """A guest from whose state call after call starts keeps that state in place; others must not see it."""
    expected, after = fresh.step(fresh.initial, leak.probe)
    _, planted = box.step(box.initial, leak.plant)
    found = [box.step(planted, leak.probe) for _ in range(4)]
    assert len({facts(out) for out, _ in found}) == 1
    assert len({state for _, state in found}) == 1
    out, state = box.step(box.initial, leak.probe)
    assert facts(out) == facts(expected)
    assert state == after


@pytest.mark.parametrize("leak", HOST, ids=lambda leak: leak.name)
def test_the_host_forgets(leak, box, fresh):
    expected = fresh.run(leak.probe)
    box.run(leak.plant)
    assert facts(box.run(leak.probe)) == facts(expected)
