"""`Server`: the sandbox and the reward core over HTTP, in this process. `mentor serve` is this at the command line.

The server is native: it has threads of its own and never takes the interpreter's lock. What it answers is described
by `/openapi.json` and in docs/serving.md; `mentor.client` is the Python client.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from mentor import _native
from mentor.errors import SandboxError, ServerError
from mentor.sandbox.box import _package_files
from mentor.sandbox.guest import artifacts_folder, cache_folder, image_cache_bytes, prepare
from mentor.sandbox.limits import Limits

__all__ = ["Bounds", "Server"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a server takes on.

    Attributes:
        body: Bytes of a request's body.
        batch: Programs, texts or rows of a request.
        queue: Requests that may wait; the next one is refused with 429 at once.
        slow_queue: Requests that may wait whose programs need more than a slice of their limits.
        connections: Open connections.
        patience: Seconds that a client may take to send a request, or to take its answer.
        work: Seconds that a request may work, waiting not counted.
        drain: Seconds that open requests may go on once the server drains.
    """

    body: int = 16 << 20
    batch: int = 4096
    queue: int = 1024
    slow_queue: int = 64
    connections: int = 4096
    patience: float = 20.0
    work: float = 300.0
    drain: float = 4.0


class Server:
    """A running server; a context manager that drains it at the end.

    Args:
        host: The address to listen on. Any but a loopback address needs a token.
        port: The port; 0 means one that is free.
        token: What clients must send as `Authorization: Bearer TOKEN`, at least 16 characters; None lets every
            program of this machine in.
        prelude: As of `Sandbox`: source that every program starts behind.
        packages: As of `Sandbox`: what programs can import beside the guest's own library.
        package_folders: As of `Sandbox`.
        limits: The bounds of a program, and the most that a request may ask for.
        threads: Worker threads of each of the two lanes; None means one per core.
        restore: As of `Sandbox`.
        bounds: What the server takes on.

    Attributes:
        url: Where it listens.

    Raises:
        ServerError: The address cannot be listened on, or needs a token.
        SandboxError: The sandbox cannot be made.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: str | None = None,
        prelude: str = "",
        packages: Sequence[str] = (),
        package_folders: Sequence[str] = (),
        limits: Limits | None = None,
        threads: int | None = None,
        restore: str | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        if threads is not None and threads < 1:
            raise SandboxError(f"threads: {threads}; expected at least 1, or None for one per core")
        if not 0 <= port < 1 << 16:
            raise ServerError(f"port: {port}; expected 0 to 65535")
        prepare()
        self._native = _native.Server(
            artifacts_folder(),
            cache_folder(),
            image_cache_bytes(),
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            token,
            prelude,
            _package_files(packages, package_folders),
            limits or Limits(),
            threads or 0,
            restore or os.environ.get("MENTOR_RESTORE") or None,
            bounds or Bounds(),
        )
        address, bound = self._native.address
        self.url = f"http://[{address}]:{bound}" if ":" in address else f"http://{address}:{bound}"

    def drain(self) -> bool:
        """Takes no new requests, lets open ones end for `Bounds.drain` seconds, then refuses the rest.

        Returns:
            Whether there was no rest. Later calls do nothing.
        """
        return self._native.drain()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drain()
