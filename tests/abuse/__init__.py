"""Programs that try to break the sandbox, as data: a module a theme, each program with its exact verdict.

`test_sandbox_abuse` runs each of them, under every way to put memory back, and after each a canary that must not
notice; `test_sandbox_determinism` and the soak mix them into larger loads.
"""

from abuse import (
    bombs,
    depth,
    doors,
    evil,
    exceptions,
    files,
    forgery,
    hooks,
    loops,
    memory,
    output,
    paths,
    recursion,
    surgery,
    text,
    values,
)
from abuse.case import Case

__all__ = ["ALL", "CHEAP", "THEMES", "Case"]

THEMES: dict[str, list[Case]] = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (
        bombs,
        depth,
        doors,
        evil,
        exceptions,
        files,
        forgery,
        hooks,
        loops,
        memory,
        output,
        paths,
        recursion,
        surgery,
        text,
        values,
    )
}
ALL: list[Case] = [case for cases in THEMES.values() for case in cases]
# Those that take milliseconds.
CHEAP = [case for case in ALL if case.limits.fuel <= 100_000_000]
