"""What the sandbox does, as JSON lines: off by default, and then free."""

from __future__ import annotations

import functools
import os
from typing import Literal, TypeAlias

from mentor import _native
from mentor.errors import SandboxError

__all__ = ["Level", "trace"]

Level: TypeAlias = Literal["off", "error", "warn", "info", "debug", "trace"]


def trace(level: Level, file: str | os.PathLike[str] | None = None) -> None:
    """Writes the sandbox's spans and events of a level and above, a JSON object a line.

    `info` has compiling and images, `debug` adds batches and guests made and dropped, `trace` adds every call
    and every restore. Lines hold times, sizes and verdicts, never what a guest reads or writes. The environment
    does the same without code: `MENTOR_TRACE=debug`, and `MENTOR_TRACE_FILE` for a file.

    Args:
        level: May be changed by calling again.
        file: Appended to; None means standard error. Cannot be changed within a process.

    Raises:
        SandboxError: There is no such level, the file cannot be written, or lines go elsewhere already.
    """
    _native.trace(level, file)


@functools.cache
def trace_as_environment_says() -> None:
    """Switches the trace on where `MENTOR_TRACE` asks for it; looks once a process."""
    level = os.environ.get("MENTOR_TRACE")
    if level:
        try:
            _native.trace(level, os.environ.get("MENTOR_TRACE_FILE") or None)
        except SandboxError as error:
            raise SandboxError(f"MENTOR_TRACE={level}: {error}") from error
