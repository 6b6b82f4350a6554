"""The same calls say the same bytes: on any number of threads, in any order, under load, by any strategy."""

import contextlib
import random
import subprocess
import sys

import pytest

from abuse.mix import LIMITS, PRELUDE, digest, mixed
from mentor.sandbox import Sandbox

COUNT = 10_000
SOURCES, SEEDS = mixed(COUNT)


def make(threads, restore=None):
    return Sandbox(PRELUDE, limits=LIMITS, threads=threads, restore=restore)


@pytest.fixture(scope="module")
def expected():
    """What one thread says, call after call."""
    return make(1).run_batch(SOURCES, seeds=SEEDS)


@contextlib.contextmanager
def load(processes=2):
    """Other processes that burn all the processor time they get."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def test_the_mix_is_mixed(expected):
    counts = {status: sum(out.status == status for out in expected) for status in ("ok", "raised", "limit")}
    assert counts["ok"] > 0.9 * COUNT
    assert counts["raised"] > 100
    assert counts["limit"] > 20
    assert {out.limit for out in expected} >= {"fuel", "memory", "files", "result"}
    assert {out.status for out in expected} >= {"exited", "crashed"}
    assert not any(out.status == "failed" for out in expected)


def test_more_threads_say_the_same(expected):
    assert digest(make(3).run_batch(SOURCES, seeds=SEEDS)) == digest(expected)


def test_any_order_says_the_same(expected):
    order = list(range(COUNT))
    random.Random(1).shuffle(order)
    outs = make(2).run_batch([SOURCES[k] for k in order], seeds=[SEEDS[k] for k in order])
    back = dict(zip(order, outs, strict=True))
    assert digest(back[k] for k in range(COUNT)) == digest(expected)


def test_load_changes_nothing(expected):
    box = make(2)
    with load():
        assert digest(box.run_batch(SOURCES, seeds=SEEDS)) == digest(expected)


def test_one_at_a_time_says_the_same_as_a_batch(expected):
    box = make(2)
    outs = [box.run(source, seed=seed) for source, seed in zip(SOURCES[:1000], SEEDS[:1000], strict=True)]
    assert digest(outs) == digest(expected[:1000])


@pytest.mark.parametrize("restore", ["compare", "instantiate"])
def test_every_strategy_says_the_same(restore, expected):
    """A part of the mix, since these strategies take milliseconds a call; `make soak` runs all of it."""
    part = slice(0, 200)
    assert digest(make(2, restore).run_batch(SOURCES[part], seeds=SEEDS[part])) == digest(expected[part])


def test_steps_from_the_start_say_the_same_as_calls(expected):
    box = make(1)
    outs = [
        box.step(box.initial, source, seed=seed)[0]
        for source, seed in zip(SOURCES[:500], SEEDS[:500], strict=True)
    ]
    assert digest(outs) == digest(expected[:500])
