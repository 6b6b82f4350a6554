import math
import os
import re

import pytest

from mentor.sandbox import Histogram, Limits, Sandbox, process_metrics, prometheus

FUEL = Limits(fuel=100_000_000)


@pytest.fixture(scope="module")
def box():
    return Sandbox(limits=FUEL, threads=2)


def test_metrics_count_exactly_what_happened():
    process = process_metrics()
    box = Sandbox(limits=FUEL, threads=2)
    before = box.metrics()
    assert (before.calls, before.instances, before.busy.count) == (0, 0, 0)
    outs = box.run_batch(["1"] * 5 + ["1/0", "while True: pass", "exit()", "import os; os.abort()"])
    _, state = box.step(box.initial, "x = 1")
    box.step(state, "x")
    metrics = box.metrics()
    seen = {status: n for status, n in metrics.statuses.items() if n}
    assert seen == {"ok": 7, "raised": 1, "limit": 1, "exited": 1, "crashed": 1}
    assert metrics.statuses["failed"] == 0
    assert {limit: n for limit, n in metrics.limits.items() if n} == {"fuel": 1}
    assert (metrics.calls, metrics.states, metrics.cancelled) == (11, 2, 0)
    assert metrics.busy.count == metrics.queued.count == 11
    assert metrics.busy.total > sum(out.usage.wall for out in outs)
    assert metrics.restores[box.restore].pages >= sum(out.usage.pages for out in outs)
    assert metrics.restores[box.restore].count == 11
    assert metrics.instances == metrics.instances_made in (1, 2)
    assert metrics.resident_bytes > 40 << 20
    made = metrics.instances_made
    del box
    after = process_metrics()
    assert after.calls - process.calls == 11
    assert after.instances_dropped["closed"] - process.instances_dropped["closed"] == made


def test_a_histogram_knows_its_quantiles_within_a_quarter():
    empty = Histogram((0,) * 106, 0.0)
    assert math.isnan(empty.quantile(0.5))
    assert math.isnan(empty.mean)
    assert len(empty.bounds) == 105
    assert (empty.bounds[0], empty.bounds[4], empty.bounds[-1]) == (1e-6, 2e-6, 2**26 / 1e6)
    counts = [0] * 106
    counts[4], counts[40], counts[105] = 90, 9, 1
    times = Histogram(tuple(counts), 5.0)
    assert times.quantile(0.5) == times.quantile(0.9) == 2e-6
    assert times.quantile(0.95) == times.bounds[40]
    assert times.quantile(1.0) == math.inf
    assert times.mean == 0.05
    with pytest.raises(ValueError, match=r"q: 1.5; expected 0 to 1"):
        times.quantile(1.5)


def test_prometheus_reads_every_line(box):
    box.run_batch(["1", "1/0"])
    lines = prometheus({"first": box, "second": box}).splitlines()
    sample = re.compile(r'[a-z_]+\{sandbox="(first|second)"(,[a-z]+="[^"]*")*\} [0-9.e+-]+')
    for line in lines:
        assert line.startswith(("# HELP ", "# TYPE ", "mentor_resident_bytes ")) or sample.fullmatch(line), (
            line
        )
    ok = box.metrics().statuses["ok"]
    assert f'mentor_sandbox_calls_total{{sandbox="second",status="ok"}} {ok}' in lines
    assert f'mentor_sandbox_call_seconds_count{{sandbox="first"}} {box.metrics().calls}' in lines
    assert sum(line.startswith("# TYPE mentor_sandbox_calls_total") for line in lines) == 1
    assert f"mentor_sandbox_states_total {process_metrics().states}" in prometheus().splitlines()


def test_a_forked_child_counts_from_nothing(box):
    box.run("1")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(process_metrics().calls).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"0"
    assert process_metrics().calls > 0
