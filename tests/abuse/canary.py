"""The canary: a program whose every answer is known when nothing was left behind, and the proof that nothing was."""

from __future__ import annotations

from dataclasses import dataclass

from mentor.sandbox import Limits, Outcome, Sandbox

__all__ = ["Canary", "facts"]

# Asks for whatever an earlier program could have changed and this one could see.
SOURCE = """
import atexit, builtins, gc, os, random, re, signal, sys, threading, time, warnings
import numpy as np
[
    len(sys.modules), len(vars(builtins)), sorted(globals()), id(object()), hash('canary'), gc.get_count(),
    gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), sys.getrecursionlimit(), sys.gettrace() is None,
    sys.stdout.encoding, len(sys.meta_path), sys.path, os.getcwd(), dict(os.environ), sorted(os.listdir('/')),
    os.listdir('/tmp'), os.open('/tmp', os.O_RDONLY), time.time(), random.random(), np.random.random(),
    os.urandom(4).hex(), atexit._ncallbacks(), len(warnings.filters), str(signal.getsignal(signal.SIGINT)),
    threading.active_count(), len(re._cache), int(np.empty(10**6, np.uint8).sum()), 7 + 1,
]
"""


# All of an outcome that the call alone decides; not so the time that it took and the pages that were copied.
DECIDED = (
    "status",
    "stdout",
    "stderr",
    "stdout_bytes",
    "stderr_bytes",
    "value_json",
    "error",
    "limit",
    "exit_code",
)


def facts(out: Outcome) -> tuple[object, ...]:
    """What two equal calls must agree on."""
    return (*(getattr(out, name) for name in DECIDED), out.usage.fuel, out.usage.memory)


@dataclass
class Canary:
    """What the canary says in a sandbox in which nothing else ran yet."""

    expected: tuple[object, ...]
    state: object

    @classmethod
    def of(cls, box: Sandbox) -> Canary:
        """Asks a sandbox that is as new."""
        out, state = box.step(box.initial, SOURCE, limits=Limits())
        assert out.ok, out
        return cls(facts(out), state)

    def check(self, box: Sandbox) -> None:
        """Fails unless a sandbox is as new.

        The state compares memory: with `restore="compare"` all of it, byte for byte; with the barrier, what was
        written since the instance was made. Equal fuel says that the same instructions ran.
        """
        out, state = box.step(box.initial, SOURCE, limits=Limits())
        assert facts(out) == self.expected
        assert state == self.state
