"""Every bound on a call, in one type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use. The host enforces all of it; nothing relies on the guest's cooperation.

    A program that goes over one has the status `limit`, with that limit's name, unless it caught the exception
    that the guest raised for it (`memory`, `files`, `host`); `output` is cut and the program goes on. The guest's call
    stack, 8 MiB for every call (`Limits.STACK`), is the limit `stack`.

    Attributes:
        fuel: Wasm instructions, roughly; a second runs 2 to 3 thousand million. Deterministic: the same call
            stops at the same instruction on any machine under any load.
        wall: Seconds from the moment the call starts to run, checked every 10 ms. Not deterministic: it
            protects the host.
        memory: Bytes of guest memory, the image's own 42 MiB included; at most 4 GiB.
        output: Bytes kept of each of stdout and stderr; the rest is counted and dropped.
        files: Bytes in all files that the call may have at once.
        entries: Files and directories that the call may have at once.
        name_length: Bytes of the name of a file or directory.
        path_depth: Components of a path.
        arguments: Bytes of the program, or of the called function's arguments as JSON text.
        host: Bytes of the calls of host tools: arguments and results together, and 128 for each.
        result: Bytes of the value, as JSON text.
    """

    STACK: ClassVar[int] = 8 << 20

    fuel: int = 2_000_000_000
    wall: float = 5.0
    memory: int = 256 << 20
    output: int = 64 << 10
    files: int = 16 << 20
    entries: int = 4096
    name_length: int = 255
    path_depth: int = 64
    arguments: int = 16 << 20
    host: int = 4 << 20
    result: int = 1 << 20
