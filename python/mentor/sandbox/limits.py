"""Every bound on a call, in one type."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use. The host enforces all of it; nothing relies on the guest's cooperation.

    Attributes:
        fuel: Wasm instructions, roughly; a second runs 2 to 3 thousand million. Deterministic: the same call
            stops at the same instruction on any machine under any load.
        wall: Seconds from the moment the call starts to run, checked every 10 ms. Not deterministic: it
            protects the host.
        memory: Bytes of guest memory, the image's own 40 MiB included; at most 4 GiB.
        output: Bytes kept of each of stdout and stderr; the rest is counted and dropped.
        files: Bytes in all files that the call may have at once.
        result: Bytes of the value, as JSON text.
    """

    fuel: int = 2_000_000_000
    wall: float = 5.0
    memory: int = 256 << 20
    output: int = 64 << 10
    files: int = 16 << 20
    result: int = 1 << 20

    def _native(self) -> tuple[int, float, int, int, int, int]:
        return self.fuel, self.wall, self.memory, self.output, self.files, self.result
