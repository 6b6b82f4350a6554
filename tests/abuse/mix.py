"""A mix of calls as a training run makes them: mostly short and honest, some wrong, a few hostile.

A call is source and seed alone, so the same mix can run in any order, on any number of threads, by any strategy,
and must say the same bytes.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable

from abuse.canary import facts
from mentor.sandbox import Limits, Outcome

__all__ = ["LIMITS", "PRELUDE", "digest", "mixed"]

PRELUDE = "import json, math, os, random, re, sys, time\nimport numpy as np, numpy.random"
# Small, so that what does not end by itself ends after some milliseconds.
LIMITS = Limits(fuel=6_000_000, wall=60.0, memory=64 << 20, output=4 << 10, files=1 << 20, result=8 << 10)

HONEST = [
    "{n} + 1",
    "x = {n}\nprint(x * x)",
    "sum(i * {n} for i in range(50))",
    "json.loads(json.dumps({{'name': 'tool', 'arguments': {{'a': {n}}}}}))['arguments']['a']",
    "[random.random(), np.random.random(), os.urandom(4).hex(), {n}]",
    "random.sample(range(100), 5)",
    "int(np.arange({n} % 100 + 1).sum())",
    "np.linspace(0, {n}, 5)",
    "sorted(str({n}) * 3, reverse=True)",
    "re.sub('[0-4]', 'x', str({n}))",
    "math.factorial({n} % 30)",
    "def f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nf({n} % 10)",
    "class C:\n    def __init__(self, n): self.n = n\n    def __repr__(self): return f'C({{self.n}})'\nC({n})",
    "open('/tmp/f', 'w').write('{n}')\nopen('/tmp/f').read()",
    "os.listdir('/tmp')",
    "[time.time(), time.sleep({n} % 7), time.time()]",
    "print('out', {n})\nprint('err', {n}, file=sys.stderr)",
    "'left' in globals()",
    "import builtins\nbuiltins.left = left = {n}\nleft",
    "{{'k' * ({n} % 50): [1.5, None, True, float('inf')]}}",
]
WRONG = [
    "1 / ({n} - {n})",
    "undefined_{n}",
    "this is not Python {n}",
    "raise ValueError('{n}' * 100)",
    "{{}}['{n}']",
    "import sys\nsys.exit({n} % 256)",
    "print('x' * 10_000)",
    "'x' * 10_000",
    "open('/nothing/{n}')",
]
HOSTILE = [
    "while True: pass  # {n}",
    "os.abort()  # {n}",
    "os._exit({n} % 256)",
    "x = bytes(3_000_000 + {n})\nlen(x)",
    "x = bytes(100_000_000 + {n})",
    "open('/tmp/f', 'wb').write(bytes(2_000_000 + {n}))",
    "def f(): f()\nf()  # {n}",
    "import _host\n_host.call(b'V1')\n1 / 0  # {n}",
    "import builtins\nbuiltins.__dict__.clear()\n[{n}]",
]


def mixed(count: int, seed: int = 0) -> tuple[list[str], list[int]]:
    """That many sources, and a seed for each; one in twenty goes wrong, one in a hundred is hostile."""
    draw = random.Random(seed)
    sources, seeds = [], []
    for _ in range(count):
        kind = draw.random()
        texts = HOSTILE if kind < 0.01 else WRONG if kind < 0.06 else HONEST
        sources.append(draw.choice(texts).format(n=draw.randrange(1000)))
        seeds.append(draw.randrange(2**64))
    return sources, seeds


def digest(outs: Iterable[Outcome]) -> str:
    """A hash of all that the calls alone decide."""
    sha = hashlib.sha256()
    for out in outs:
        sha.update(repr(facts(out)).encode("utf-8", "backslashreplace"))
    return sha.hexdigest()
