"""`mentor serve`: the sandbox and the reward core over HTTP."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to `mentor`."""
    parser = subparsers.add_parser(
        "serve",
        help="serve the sandbox and the reward core over HTTP",
        description="Serve until Ctrl-C or SIGTERM, then let open requests end. The token is read from the "
        "environment variable MENTOR_TOKEN or from --token-file, so that it is in no list of processes.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8000, help="port; 0 for a free one (default: %(default)s)"
    )
    parser.add_argument("--token-file", type=Path, help="file that holds the token clients must send")
    parser.add_argument("--threads", type=int, help="worker threads of each lane (default: one per core)")
    parser.add_argument("--package", action="append", default=[], help="requirement that programs can import")
    parser.add_argument("--prelude", type=Path, help="file with source that every program starts behind")
    parser.add_argument("--fuel", type=int, help="most instructions of a program")
    parser.add_argument("--wall", type=float, help="most seconds of a program")
    parser.add_argument("--memory", type=int, help="most bytes of a program's memory")
    for name, what in _BOUNDS.items():
        kind = float if name in ("patience", "work", "drain") else int
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, help=what)


_BOUNDS = {
    "body": "most bytes of a request",
    "batch": "most programs or rows of a request",
    "queue": "requests that may wait",
    "slow_queue": "requests that may wait whose programs run long",
    "connections": "open connections",
    "patience": "seconds that a client may take to send or to read",
    "work": "seconds that a request may work",
    "drain": "seconds that open requests may go on after Ctrl-C",
}


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; returns 0, or 1 where requests had to be cut off."""
    from dataclasses import replace

    from mentor.sandbox import Limits
    from mentor.server import Bounds, Server

    limits = {name: getattr(args, name) for name in ("fuel", "wall", "memory")}
    bounds = {name: getattr(args, name) for name in _BOUNDS}
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = Server(
        args.host,
        args.port,
        token=_token(args.token_file),
        prelude=_text(args.prelude) if args.prelude else "",
        packages=args.package,
        limits=replace(Limits(), **_given(limits)),
        threads=args.threads,
        bounds=replace(Bounds(), **_given(bounds)),
    )
    print(f"mentor serve: listening on {server.url}", flush=True)
    stop.wait()
    # A second signal ends the process at once.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    print("mentor serve: draining", file=sys.stderr, flush=True)
    return 0 if server.drain() else 1


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _token(file: Path | None) -> str | None:
    if file is not None:
        return _text(file).strip()
    return os.environ.get("MENTOR_TOKEN") or None


def _text(file: Path) -> str:
    from mentor.errors import ServerError

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ServerError(f"{file} cannot be read: {error}") from error
