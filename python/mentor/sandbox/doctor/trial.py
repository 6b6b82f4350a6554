"""The trial: a sandbox is made, does what it promises, and is timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import quantiles
from typing import Any

from mentor import _native
from mentor.errors import SandboxError
from mentor.sandbox.box import Sandbox
from mentor.sandbox.doctor.check import Check
from mentor.sandbox.guest import cache_folder
from mentor.sandbox.limits import Limits

__all__ = ["trial_checks"]

_CALLS = 300
_WARM_UP = 50
# Ten times what a call takes on an idle machine with the write barrier.
_SLOW = 0.5e-3
# Writes where no later call may see it: the interpreter's builtins, a module, a file, a megabyte of memory.
_VANDAL = "import builtins, json\nbuiltins.len = json.loads = None\nopen('/tmp/f', 'w').write('x')\ny = [0] * 250_000"
_PROBE = "import json, os\nx = [len('ab'), json.loads('[1]'), os.listdir('/tmp')]\nx"


def trial_checks() -> Iterator[Check]:
    """Makes a sandbox and tries it."""
    start = time.perf_counter()
    try:
        box = Sandbox(threads=1)
        box.run("pass")
    except SandboxError as error:
        advice = f"if files of the cache are at fault: rm -r {cache_folder()}, then mentor doctor --prepare"
        yield Check("trial", "problem", str(error), advice)
        return
    seconds = time.perf_counter() - start
    yield Check("start", "ok", f"a sandbox in {seconds:.2f} s", facts={"seconds": seconds})
    yield _strategy(box)
    yield _fresh_calls(box)
    yield _steps(box)
    yield _limits(box)
    yield _restores(box)


def _strategy(box: Sandbox) -> Check:
    _, reason = _native.restore_choice()
    facts = {"restore": box.restore, "reason": reason}
    text = f"{box.restore}: {reason}"
    if box.restore == "barrier":
        return Check("restore", "ok", text, facts=facts)
    advice = (
        "calls are exact but some milliseconds slower; for the write barrier use Linux with pages of 4 KiB"
    )
    return Check("restore", "warning", text, advice, facts)


def _times(call: Callable[[], Any]) -> dict[str, float]:
    """Median and 99th percentile of a call, in microseconds."""
    times = []
    for _ in range(_WARM_UP + _CALLS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e6)
    cuts = quantiles(times[_WARM_UP:], n=100)
    return {"p50_us": cuts[49], "p99_us": cuts[98]}


def _fresh_calls(box: Sandbox) -> Check:
    times = _times(lambda: box.run("pass"))
    text = f"{times['p50_us']:.0f} us, 99 % below {times['p99_us']:.0f} us"
    if times["p50_us"] > _SLOW * 1e6:
        advice = "slow: see `restore` and `processor` above; a virtual machine may make page faults expensive"
        return Check("fresh call", "warning", text, advice, times)
    return Check("fresh call", "ok", text, facts=times)


def _steps(box: Sandbox) -> Check:
    out, state = box.step(box.initial, "x = 41")
    value = box.step(state, "x + 1")[0].value if out.ok else None
    times = _times(lambda: box.step(state, "x += 1"))
    facts = {**times, "state_bytes": state.size}
    if value != 42:
        return Check("state", "problem", f"a step from a state gave {value!r}, not 42", _REPORT, facts)
    text = f"{state.size} bytes; a step from it {times['p50_us']:.0f} us, 99 % below {times['p99_us']:.0f} us"
    return Check("state", "ok", text, facts=facts)


def _limits(box: Sandbox) -> Check:
    verdicts = {
        "fuel": box.run("while True: pass", limits=Limits(fuel=20_000_000)).limit,
        "memory": box.run("x = []\nwhile True: x.append(bytearray(1 << 20))").limit,
    }
    wrong = [f"{asked} gave {found}" for asked, found in verdicts.items() if asked != found]
    if wrong:
        return Check("limits", "problem", "; ".join(wrong), _REPORT, verdicts)
    return Check("limits", "ok", "an endless loop and endless memory were stopped", facts=verdicts)


def _restores(box: Sandbox) -> Check:
    """The same program before and after others must end in equal states: all of memory and files."""
    before = box.step(box.initial, _PROBE)
    for source in (_VANDAL, "import os; os.abort()", "def f(): f()\nf()", "x = bytearray(80 << 20)"):
        box.run(source)
    after = box.step(box.initial, _PROBE)
    same = before[0].value == after[0].value == [2, [1], []] and before[1] == after[1]
    if not same:
        return Check("isolation", "problem", "a call saw what an earlier one had left", _REPORT)
    return Check("isolation", "ok", "memory and files are equal before and after four hostile calls")


_REPORT = "do not use the sandbox on this machine; please report this with the output of mentor doctor --json"
