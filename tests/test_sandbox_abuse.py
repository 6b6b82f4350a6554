"""Hostile programs, each with its exact verdict, in a sandbox that must be as new after each (tests/abuse)."""

import collections

import pytest

from abuse import ALL, THEMES, Case
from abuse.canary import Canary, facts
from abuse.case import ANY, LIMITS, PRELUDE, agrees, verdict
from mentor.sandbox import Sandbox

# The slower ways to put memory back take milliseconds a call: here they run a sample, `make soak` runs all.
CHEAP = 100_000_000
SAMPLE = [case for case in ALL if case.limits.fuel <= CHEAP][::4]


def make(restore):
    return Sandbox(PRELUDE, limits=LIMITS, threads=1, restore=restore)


@pytest.fixture(scope="module")
def canary():
    return Canary.of(make(None))


@pytest.fixture(scope="module")
def box():
    return make(None)


def check(case: Case, out):
    found = verdict(out)
    assert agrees(found, case.verdict), f"{found}: {out.error}"
    assert case.value is ANY or out.value == case.value
    assert case.stdout is None or out.stdout == case.stdout
    # However it ended, it is bounded, and it is not taken for a failure of the machinery.
    assert out.status != "failed"
    assert len(out.stdout.encode()) <= 3 * case.limits.output
    assert len(out.stderr.encode()) <= 3 * case.limits.output
    assert len(str(out.error)) < 10_000
    assert out.usage.memory <= case.limits.memory


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{theme}: {case.name}") for theme in THEMES for case in THEMES[theme]]
)
def test_a_hostile_program_gets_its_verdict_and_leaves_nothing(case, box, canary):
    check(case, box.run(case.source, limits=case.limits))
    canary.check(box)


@pytest.mark.parametrize("restore", ["compare", "instantiate"])
def test_every_way_to_put_memory_back_says_the_same_and_leaves_nothing(restore, box, canary):
    other = make(restore)
    for case in SAMPLE:
        out = other.run(case.source, limits=case.limits)
        check(case, out)
        assert facts(out) == facts(box.run(case.source, limits=case.limits)), case.name
        canary.check(other)


def test_names_are_unique():
    twice = [name for name, n in collections.Counter(case.name for case in ALL).items() if n > 1]
    assert twice == []
    assert len(ALL) >= 150
