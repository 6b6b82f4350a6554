"""Batches and threads: the GIL is released, forked processes work, and thread counts change no byte."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from mentor import _native
from mentor.align import score_batch
from mentor.parsing import parse_tool_calls_batch

SLOW_TEXT = "<" * (1 << 20)
FEW = 2


def middle_ticks(work: Callable[[], object]) -> int:
    """How often another Python thread got to run in the middle half of the work."""
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.0005)

    other = threading.Thread(target=tick)
    other.start()
    try:
        start = time.perf_counter()
        work()
        end = time.perf_counter()
    finally:
        done.set()
        other.join()
    quarter = (end - start) / 4
    return sum(start + quarter < at < end - quarter for at in ticks)


@pytest.mark.parametrize(
    "work",
    [
        lambda rows: parse_tool_calls_batch([SLOW_TEXT] * rows),
        lambda rows: score_batch([SLOW_TEXT] * rows, [[]] * rows),
        lambda rows: _native.extract_answers(["\\boxed{" + SLOW_TEXT] * rows),
    ],
    ids=["parse", "align", "answers"],
)
def test_the_gil_is_released(work: Callable[[int], object]) -> None:
    # A busy machine may need a longer call before it gives the other thread a turn.
    assert any(middle_ticks(lambda rows=rows: work(rows)) > FEW for rows in (32, 128, 512))


def test_a_call_that_holds_the_gil_shows() -> None:
    text = SLOW_TEXT * 32
    assert middle_ticks(lambda: text.count("<>")) <= FEW


def big_batch() -> bytes:
    call = '<tool_call>{{"name": "f{0}", "arguments": {{"x": {1}}}}}</tool_call>'
    texts = ["".join(call.format(i % 3, j % 4) for j in range(i % 7)) + "x" * 200 for i in range(600)]
    teacher = '[{"calls": [{"name": "f0", "arguments": {"x": 0}}, {"name": "f1", "arguments": {"x": 1.0}}]}]'
    return score_batch(texts, [teacher] * len(texts), metric="jaccard").tobytes()


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    script = "import sys; sys.path[:0] = [sys.argv[1]]; import test_rewards_threads as t; print(t.digest())"
    here = os.path.dirname(__file__)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    digests = {
        subprocess.run(
            [sys.executable, "-c", script, here],
            env={**environment, "RAYON_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for threads in ("1", "2", "7")
    }
    assert digests == {digest()}


def digest() -> str:
    return hashlib.sha256(big_batch()).hexdigest()


def send_digest(queue: "multiprocessing.Queue[str]") -> None:
    queue.put(digest())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_makes_its_own_threads() -> None:
    expected = digest()
    context = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[str] = context.Queue()
    child = context.Process(target=send_digest, args=(queue,))
    child.start()
    try:
        assert queue.get(timeout=120) == expected
    finally:
        child.terminate()
        child.join()
