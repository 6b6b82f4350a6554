"""A fresh call in the sandbox beside what else runs Python: a new process, and a bare `exec` as the floor."""

import subprocess
import sys

import pytest

from mentor import Sandbox, ToolCall, ToolEnv

TOOLS = "def add(a: float, b: float) -> float:\n    return a + b\n"


@pytest.fixture(scope="module")
def box():
    return Sandbox()


@pytest.mark.benchmark(group="fresh call")
def test_exec_in_process_without_isolation(benchmark):
    benchmark(lambda: exec("pass", {}))


@pytest.mark.benchmark(group="fresh call")
def test_sandbox_run(benchmark, box):
    assert benchmark(lambda: box.run("pass")).ok


@pytest.mark.benchmark(group="fresh call")
def test_new_python_process(benchmark):
    benchmark(lambda: subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True))


@pytest.mark.benchmark(group="1,000 fresh calls in a batch")
@pytest.mark.parametrize("threads", [1, 2])
def test_sandbox_run_batch(benchmark, threads):
    box = Sandbox(threads=threads)
    assert benchmark(lambda: box.run_batch(["pass"] * 1000))[-1].ok


@pytest.mark.benchmark(group="1,000 fresh calls in a batch")
def test_sandbox_tool_calls(benchmark):
    env = ToolEnv.from_source(TOOLS)
    calls = [ToolCall("add", {"a": n, "b": 1}) for n in range(1000)]
    assert benchmark(lambda: env.call_batch(calls))[-1].value == 1000
