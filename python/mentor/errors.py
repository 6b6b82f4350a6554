"""Every error that mentor raises on purpose, under one base class.

A message says what was wrong, where (file, row, field or offset) and what to do about it. What a *guest
program* does wrong is never an exception: it is an `Outcome` (see `mentor.sandbox`).
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ConfigError",
    "DataError",
    "EndpointError",
    "JudgeError",
    "MentorError",
    "PackageError",
    "SandboxError",
    "ScoreError",
    "ServerError",
    "StateError",
    "ToolSourceError",
    "WrongImageError",
]


class MentorError(Exception):
    """The base class of every error raised by this package."""


class ConfigError(MentorError):
    """A configuration that cannot be used; it lists every fault found, not only the first.

    Attributes:
        path: The file that was read, or a name for a configuration given as an object.
        problems: One line per fault, each naming the field (`reward.weights.answer`) and what is expected.
    """

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        self.path = path
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{path}: {count} problem{'' if count == 1 else 's'} in the configuration"
        super().__init__("\n".join([head, *(f"  - {p}" for p in self.problems)]))


class DataError(MentorError):
    """A row of data that cannot be used.

    Attributes:
        path: The file or data set.
        row: The row's index, from 0, or None where the whole file is at fault.
        field: The field's path within the row (`extra_info.func_schemas[2].name`), or None.
        reason: What is wrong and what is expected.
    """

    def __init__(self, path: str, row: int | None, field: str | None, reason: str) -> None:
        self.path, self.row, self.field, self.reason = path, row, field, reason
        where = "".join(
            [path, "" if row is None else f", row {row}", "" if field is None else f", field {field!r}"]
        )
        super().__init__(f"{where}: {reason}")


class EndpointError(MentorError):
    """A teacher's endpoint failed.

    Attributes:
        url: The endpoint.
        reason: What happened.
        lasting: Whether every further request would fail alike (a wrong key, an unknown model).
    """

    def __init__(self, url: str, reason: str, *, lasting: bool = False) -> None:
        self.url, self.reason, self.lasting = url, reason, lasting
        super().__init__(f"{url}: {reason}")


class ToolSourceError(MentorError):
    """Tool source that cannot be offered as tools: it does not parse, run, or say its types.

    Attributes:
        reason: What is wrong and what to do.
        line: The line of the source, from 1, or None.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason if line is None else f"line {line}: {reason}")


class ScoreError(MentorError, ValueError):
    """A scorer was called with input it cannot score: an unknown metric, ragged batches, non-finite weights."""


class JudgeError(MentorError):
    """The answer judge cannot be used as configured (a missing package, an unknown policy)."""


class SandboxError(MentorError):
    """The sandbox's machinery failed: the guest is missing, cannot be compiled, or the host is out of memory."""


class PackageError(SandboxError):
    """A package cannot be brought into the sandbox: it is missing, compiled, or of a version that does not fit."""


class StateError(SandboxError):
    """A state cannot be used: its bytes are damaged, of another version, or no program's making."""


class WrongImageError(StateError):
    """A state was given to a sandbox whose image is not the one that it was made from."""


class ServerError(MentorError):
    """`mentor serve` cannot start, or a server refused a request or cannot be reached.

    Attributes:
        status: The HTTP status of a refusal, or None.
        kind: What `mentor serve` calls the refusal (`busy`, `bad_request`, ...), or None.
    """

    def __init__(self, message: str, status: int | None = None, kind: str | None = None) -> None:
        self.status, self.kind = status, kind
        super().__init__(message)
