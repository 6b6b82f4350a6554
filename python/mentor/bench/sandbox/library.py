"""The rows that are measured from Python: tool calls in batches, and the start of a process."""

from __future__ import annotations

import subprocess
import sys
import time

from mentor.bench.promise import Measured
from mentor.bench.timing import percentile
from mentor.sandbox import Sandbox
from mentor.tools import ToolEnv
from mentor.types import ToolCall

__all__ = ["CALL", "TOOLS", "start_row", "tools_row"]

TOOLS = '''
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b
'''
CALL = ToolCall("add", {"a": 2, "b": 3})

_BATCH = 1000
_START = """
import time
begin = time.perf_counter()
from mentor.sandbox import Sandbox
imported = time.perf_counter()
box = Sandbox("import numpy")
assert box.run("pass").ok
ready = time.perf_counter()
print(ready - imported, imported - begin)
"""


def tools_row(rounds: int) -> Measured:
    """Tool calls a second on one worker thread: arguments checked, called, values read, one after the other."""
    env = ToolEnv.from_source(TOOLS, sandbox=Sandbox(threads=1))
    calls = [ToolCall("add", {"a": n, "b": 1}) for n in range(_BATCH)]
    rates = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        results = env.call_batch(calls)
        rates.append(_BATCH / (time.perf_counter() - start))
        assert results[-1].value == _BATCH
    return Measured(
        percentile(rates[1:], 50), percentile(rates[1:], 1), f"batches of {_BATCH:,} on one thread"
    )


def start_row(starts: int) -> Measured:
    """Seconds in a new process from the imported library to the first outcome, the prelude `import numpy`."""
    times = []
    for _ in range(starts + 1):
        done = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
        times.append([float(part) for part in done.stdout.split()])
    ready = [ready for ready, _ in times[1:]]
    imports = percentile([imported for _, imported in times[1:]], 50)
    return Measured(
        percentile(ready, 50),
        percentile(ready, 99),
        f"the library's own import, before that, {imports:.2f} s",
    )
