"""Hostile programs, each with its exact verdict, in a sandbox that must be as new after each (tests/abuse)."""

import collections

import pytest

from abuse import ALL, CHEAP, THEMES
from abuse.canary import Canary, facts
from abuse.case import LIMITS, PRELUDE
from mentor.sandbox import Sandbox

# The slower ways to put memory back take milliseconds a call: here they run a sample, `make soak` runs all.
SAMPLE = CHEAP[::4]


def make(restore):
    return Sandbox(PRELUDE, limits=LIMITS, threads=1, restore=restore)


@pytest.fixture(scope="module")
def canary():
    return Canary.of(make(None))


@pytest.fixture(scope="module")
def box():
    return make(None)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{theme}: {case.name}") for theme in THEMES for case in THEMES[theme]]
)
def test_a_hostile_program_gets_its_verdict_and_leaves_nothing(case, box, canary):
    case.check(box.run(case.source, limits=case.limits))
    canary.check(box)


@pytest.mark.parametrize("restore", ["compare", "instantiate"])
def test_every_way_to_put_memory_back_says_the_same_and_leaves_nothing(restore, box, canary):
    other = make(restore)
    for case in SAMPLE:
        out = other.run(case.source, limits=case.limits)
        case.check(out)
        assert facts(out) == facts(box.run(case.source, limits=case.limits)), case.name
        canary.check(other)


def test_names_are_unique():
    twice = [name for name, n in collections.Counter(case.name for case in ALL).items() if n > 1]
    assert twice == []
    assert len(ALL) >= 150
