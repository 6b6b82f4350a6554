"""What can be observed of a state: the tool source's own variables, and the files.

Two states whose memory differs may be the same to every tool, since running code moves things about; so states are
compared by a digest of what the source's globals hold, computed inside the sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mentor.sandbox import State
    from mentor.tools import ToolEnv

__all__ = ["observations"]

_SOURCE = r"""
def _mentor_observe(limit=100_000):
    import hashlib, os, random, types

    digest, seen, left = hashlib.sha256(), {}, [limit]
    code = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)

    def put(text):
        digest.update(repr(text).encode("utf-8", "surrogatepass") + b";")

    def walk(value):
        left[0] -= 1
        if left[0] < 0:
            return
        if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
            put((type(value).__name__, value))
            return
        if id(value) in seen:
            put(("again", seen[id(value)][0]))
            return
        # Kept alive with its number, so that no other object gets its identity.
        seen[id(value)] = (len(seen), value)
        put((type(value).__module__, type(value).__qualname__))
        if isinstance(value, code):
            return
        if isinstance(value, random.Random):
            put(value.getstate())
        elif isinstance(value, dict):
            for key, item in value.items():
                walk(key)
                walk(item)
        elif isinstance(value, (set, frozenset)):
            put(sorted(map(repr, value)))
        elif isinstance(value, (list, tuple)) or hasattr(value, "__iter__") and hasattr(value, "__len__"):
            for item in value:
                walk(item)
        if hasattr(value, "__dict__"):
            walk(vars(value))
        put("end")

    for name, value in sorted(globals().items()):
        if not name.startswith("__") and name != "_mentor_observe" and not isinstance(value, code):
            put(name)
            walk(value)
    for folder, folders, files in os.walk("/"):
        # What comes with the guest, and what are no files.
        folders[:] = sorted(set(folders) - ({"usr", "dev"} if folder == "/" else set()))
        for name in sorted(files):
            put((folder, name))
            with open(os.path.join(folder, name), "rb") as file:
                while chunk := file.read(1 << 16):
                    digest.update(chunk)
    return digest.hexdigest()

_mentor_observe()
"""


def observations(env: ToolEnv, states: Sequence[State]) -> list[str]:
    """A digest of each state; equal ones cannot be told apart by what their globals and files hold.

    A state that cannot be looked at, since the tools took away what that needs, is different from every other.
    """
    outcomes = env.sandbox.step_batch(states, [_SOURCE] * len(states))
    return [
        outcome.value if outcome.ok else f"{place}: {outcome.status}"
        for place, (outcome, _) in enumerate(outcomes)
    ]
