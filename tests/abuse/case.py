"""What a case is: a program, what becomes of it, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mentor.sandbox import Limits, Outcome

__all__ = [
    "ABORT",
    "ANY",
    "ARGUMENTS",
    "CRASHED",
    "FILES",
    "FUEL",
    "LIMITS",
    "MEMORY",
    "OK",
    "PRELUDE",
    "RESULT",
    "STACK",
    "WALL",
    "Case",
    "agrees",
    "case",
    "verdict",
]

# Every verdict that a case can have, besides "raised <type>" and "exited <code>". Each is spelt here and nowhere else.
OK = "ok"
FUEL = "limit fuel"
WALL = "limit wall"
MEMORY = "limit memory"
FILES = "limit files"
STACK = "limit stack"
ARGUMENTS = "limit arguments"
RESULT = "limit result"
# The guest gave up by itself: an abort, a lock that would block for ever.
ABORT = "crashed unreachable"
# Some trap; which one depends on what lies where in the guest's memory.
CRASHED = "crashed"

# Small, so that the endless ends soon.
LIMITS = Limits(fuel=60_000_000, wall=60.0, memory=160 << 20, output=16 << 10, files=4 << 20, result=64 << 10)
# What the programs import, once: their own imports are then lookups.
PRELUDE = """
import ast, atexit, base64, binascii, builtins, bz2, codecs, collections, contextlib, copy, csv, dataclasses
import datetime, decimal, dis, enum, fractions, functools, gc, gzip, heapq, html, io, itertools, json, lzma, math
import operator, os, pickle, queue, random, re, shutil, signal, socket, string, struct, sys, tempfile, textwrap
import threading, time, traceback, types, unicodedata, warnings, weakref, zipfile, zlib
import numpy as np
"""
# No value is expected.
ANY: Any = object()


@dataclass(frozen=True)
class Case:
    """One program.

    Attributes:
        name: What it tries.
        source: The program.
        verdict: Its exact verdict, as `verdict` spells it.
        value: Its exact value, or `ANY`.
        stdout: Its exact standard output, or None.
        limits: What it may use.
    """

    name: str
    source: str
    verdict: str
    value: Any = ANY
    stdout: str | None = None
    limits: Limits = field(default=LIMITS)

    def check(self, out: Outcome) -> None:
        """Fails unless this is what becomes of the program."""
        found = verdict(out)
        assert agrees(found, self.verdict), f"{self.name}: {found}, not {self.verdict}: {out.error}"
        assert self.value is ANY or out.value == self.value, self.name
        assert self.stdout is None or out.stdout == self.stdout, self.name
        # However it ended, it is bounded, and it is not taken for a failure of the machinery.
        assert out.status != "failed"
        assert len(out.stdout.encode()) <= 3 * self.limits.output
        assert len(out.stderr.encode()) <= 3 * self.limits.output
        assert len(str(out.error)) < 10_000
        assert out.usage.memory <= self.limits.memory


def case(
    name: str, source: str, verdict: str, value: Any = ANY, stdout: str | None = None, **limits: Any
) -> Case:
    """A case with the usual limits, but for those given."""
    bounds = {name: getattr(LIMITS, name) for name in LIMITS.__slots__} | limits
    return Case(name, source, verdict, value, stdout, Limits(**bounds))


def verdict(out: Outcome) -> str:
    """What became of a program, in one line: status, and limit, exception type, exit code or trap."""
    match out.status:
        case "limit":
            return f"limit {out.limit}"
        case "raised" if out.error:
            return f"raised {out.error.type}"
        case "exited":
            return f"exited {out.exit_code}"
        case "crashed" if out.error and "unreachable" in out.error.message:
            return ABORT
        case _:
            return out.status


def agrees(found: str, expected: str) -> bool:
    """Whether a verdict is the expected one."""
    return found == expected or (expected == CRASHED and found.startswith(CRASHED))
