"""What became of one call, as a value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mentor.sandbox.host import HostCall, NativeCall

__all__ = ["GuestError", "LimitName", "NativeOutcome", "Outcome", "Status", "Usage"]

Status: TypeAlias = Literal["ok", "raised", "limit", "exited", "crashed", "diverged", "failed"]
LimitName: TypeAlias = Literal["fuel", "wall", "memory", "files", "stack", "arguments", "host", "result"]

# What the core gives: status, stdout, stderr, their true lengths, value as JSON, error, limit, exit code, usage, calls.
NativeOutcome: TypeAlias = tuple[
    Status,
    bytes,
    bytes,
    int,
    int,
    str | None,
    tuple[str, str, str] | None,
    LimitName | None,
    int | None,
    tuple[int, int, float, int],
    tuple[NativeCall, ...],
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


_NOTHING_USED = Usage(0, 0, 0.0, 0)
_LATER: Any = object()


class Outcome:
    """Everything one call did: a value that is compared, hashed and pickled by all that is below.

    The texts and the value are decoded when they are first asked for, so that a batch costs no more than what is
    looked at.

    Attributes:
        status: `ok`; `raised` (an exception that the program did not catch); `limit` (see `limit`); `exited`
            (see `exit_code`); `crashed` (the guest trapped: abort, deadlock); `diverged` (a replay's program
            called host tools otherwise than the record) and `failed` (the machinery's fault), which say nothing
            about the program and must not be scored as its mistake.
    """

    __slots__ = ("_native", "_value", "status")

    def __init__(
        self,
        status: Status,
        *,
        stdout: str = "",
        stderr: str = "",
        value: Any = None,
        error: GuestError | None = None,
        limit: LimitName | None = None,
        exit_code: int | None = None,
        usage: Usage = _NOTHING_USED,
        host_calls: Sequence[HostCall] = (),
    ) -> None:
        out, err = stdout.encode("utf-8", "replace"), stderr.encode("utf-8", "replace")
        text = None if value is None else json.dumps(value)
        fault = None if error is None else (error.type, error.message, error.traceback)
        used = (usage.fuel, usage.memory, usage.wall, usage.pages)
        calls = tuple(call._native() for call in host_calls)
        native: NativeOutcome
        native = (status, out, err, len(out), len(err), text, fault, limit, exit_code, used, calls)
        self.status, self._native, self._value = status, native, _LATER

    @classmethod
    def _from_native(cls, native: NativeOutcome) -> Outcome:
        self = cls.__new__(cls)
        self.status, self._native, self._value = native[0], native, _LATER
        return self

    @property
    def ok(self) -> bool:
        """Whether the program ended normally."""
        return self.status == "ok"

    @property
    def stdout(self) -> str:
        """The kept prefix of standard output, decoded as UTF-8 with replacement."""
        return self._native[1].decode("utf-8", "replace")

    @property
    def stderr(self) -> str:
        """The kept prefix of standard error."""
        return self._native[2].decode("utf-8", "replace")

    @property
    def value(self) -> Any:
        """The value of the final expression, or what the called function returned, as JSON values."""
        if self._value is _LATER:
            text = self._native[5]
            self._value = None if text is None else json.loads(text)
        return self._value

    @property
    def error(self) -> GuestError | None:
        """Why the call did not end normally, or None."""
        error = self._native[6]
        return None if error is None else GuestError(*error)

    @property
    def usage(self) -> Usage:
        """What it used."""
        return Usage(*self._native[9])

    @property
    def host_calls(self) -> tuple[HostCall, ...]:
        """Its calls of host tools in order; `replay` takes them."""
        return tuple(map(HostCall._from_native, self._native[10]))

    @property
    def stdout_bytes(self) -> int:
        """The true length of standard output."""
        return self._native[3]

    @property
    def stderr_bytes(self) -> int:
        """The true length of standard error."""
        return self._native[4]

    @property
    def value_json(self) -> str | None:
        """The value as JSON text, as the guest wrote it; None where there is none."""
        return self._native[5]

    @property
    def limit(self) -> LimitName | None:
        """The limit that stopped it, or None."""
        return self._native[7]

    @property
    def exit_code(self) -> int | None:
        """The code that it exited with, or None."""
        return self._native[8]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and self._native == other._native

    def __hash__(self) -> int:
        return hash(self._native)

    def __reduce__(self) -> tuple[Any, ...]:
        return Outcome._from_native, (self._native,)

    def __repr__(self) -> str:
        names = ["status", "stdout", "stderr", "value", "error", "limit", "exit_code", "usage", "host_calls"]
        return f"Outcome({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"
