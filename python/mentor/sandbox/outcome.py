"""What became of one call, as a value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["GuestError", "LimitName", "NativeOutcome", "Outcome", "Status", "Usage"]

Status: TypeAlias = Literal["ok", "raised", "limit", "exited", "crashed", "failed"]
LimitName: TypeAlias = Literal["fuel", "wall", "memory", "files", "stack", "arguments", "result"]

# The native core's tuple: status, stdout, stderr (each with its true length), value, error, limit, exit code, usage.
NativeOutcome: TypeAlias = tuple[
    Status,
    tuple[bytes, int],
    tuple[bytes, int],
    str | None,
    tuple[str, str, str] | None,
    LimitName | None,
    int | None,
    tuple[int, int, float, int],
]


@dataclass(frozen=True, slots=True)
class GuestError:
    """Why a call did not end normally. The guest's own words: untrusted, bounded text.

    Attributes:
        type: The exception's type name; `LimitExceeded`, `Trap` or `SandboxFailure` where the host speaks.
        message: Its message.
        traceback: A line or two per frame, the innermost last; empty where there is none.
    """

    type: str
    message: str
    traceback: str = ""

    def __str__(self) -> str:
        """The last line of a traceback: `ValueError: bad input`."""
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call used.

    Attributes:
        fuel: Instructions; the same for the same call on any machine.
        memory: Bytes of guest memory at the end.
        wall: Seconds on the worker.
        pages: 4 KiB pages that were put back afterwards.
    """

    fuel: int
    memory: int
    wall: float
    pages: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything one call did.

    Attributes:
        status: `ok`; `raised` (an exception that the program did not catch); `limit` (see `limit`); `exited`
            (see `exit_code`); `crashed` (the guest trapped: abort, deadlock); `failed` (the
            machinery's fault: says nothing about the program and must not be scored as its mistake).
        stdout: The kept prefix of standard output, decoded as UTF-8 with replacement.
        stderr: The kept prefix of standard error.
        stdout_bytes: The true length of standard output.
        stderr_bytes: The true length of standard error.
        value: The value of the final expression, or what the called function returned, as JSON values.
        error: Why the call did not end normally, or None.
        limit: The limit that stopped it, or None.
        exit_code: The code that it exited with, or None.
        usage: What it used.
    """

    status: Status
    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    value: Any
    error: GuestError | None
    limit: LimitName | None
    exit_code: int | None
    usage: Usage

    @property
    def ok(self) -> bool:
        """Whether the program ended normally."""
        return self.status == "ok"

    @classmethod
    def _from_native(cls, native: NativeOutcome) -> Outcome:
        status, (stdout, stdout_bytes), (stderr, stderr_bytes), value, error, limit, exit_code, usage = native
        return cls(
            status=status,
            stdout=stdout.decode("utf-8", "replace"),
            stderr=stderr.decode("utf-8", "replace"),
            stdout_bytes=stdout_bytes,
            stderr_bytes=stderr_bytes,
            value=None if value is None else json.loads(value),
            error=None if error is None else GuestError(*error),
            limit=limit,
            exit_code=exit_code,
            usage=Usage(*usage),
        )
