"""The cache of compiled guests: whatever a killed process or a failing disk left, the next one uses or rebuilds.

The guest here is a small module, since compiling CPython takes minutes; the code that caches is the same.
"""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from mentor import _native
from mentor.errors import SandboxError
from mentor.sandbox import Limits

# What loading this guest ends with, once its code was compiled and mapped: it is no Python.
NO_PYTHON = "failed to find function export `turn`"


def uleb(value):
    out = bytearray()
    while True:
        value, byte = value >> 7, value & 0x7F
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def section(number, entries):
    content = uleb(len(entries)) + b"".join(entries)
    return bytes([number]) + uleb(len(content)) + content


def module(functions):
    """A module with a memory, a stack pointer, and functions that take some time to compile."""
    # local 0 = local 0 * 7 + 3, two hundred times
    code = b"\x00" + b"\x20\x00\x41\x07\x6c\x41\x03\x6a\x21\x00" * 200 + b"\x20\x00\x0b"
    body = uleb(len(code)) + code
    return b"\0asm\x01\0\0\0" + b"".join(
        [
            section(1, [b"\x60\x01\x7f\x01\x7f"]),
            section(3, [b"\x00"] * functions),
            section(5, [b"\x00\x01"]),
            section(6, [b"\x7f\x01\x41\x00\x0b"]),
            section(7, [b"\x06memory\x02\x00"]),
            section(10, [body] * functions),
        ]
    )


def make_guest(folder, functions):
    folder.mkdir()
    wasm = module(functions)
    (folder / "python-snapshot.wasm").write_bytes(wasm)
    (folder / "python-stdlib.zip").write_bytes(b"")
    files = [("python-snapshot.wasm", wasm), ("python-stdlib.zip", b"")]
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files)
    (folder / "SHA256SUMS").write_text(sums, encoding="ascii")
    return str(folder)


@pytest.fixture
def guest(tmp_path):
    return make_guest(tmp_path / "guest", 3)


def load(guest, cache):
    """Compiles or maps the guest; what the sandbox then says of it."""
    with pytest.raises(SandboxError) as caught:
        _native.Sandbox(guest, cache, 0, "", [], Limits(), 1, None, [])
    return str(caught.value)


def test_code_is_compiled_once_and_private(guest, tmp_path):
    cache = tmp_path / "cache"
    assert not _native.guest_is_compiled(guest, cache)
    path, size, seconds = _native.compile_guest(guest, cache)
    assert seconds is not None
    assert _native.guest_is_compiled(guest, cache)
    assert _native.compile_guest(guest, cache) == (path, size, None)
    assert path.stat().st_size == size
    assert oct(cache.stat().st_mode & 0o777) == "0o700"
    assert {oct(file.stat().st_mode & 0o777) for file in cache.iterdir()} == {"0o600"}
    assert NO_PYTHON in load(guest, cache)


@pytest.mark.parametrize("left", [b"", b"\x7fELF", "half", "zeros", "text"])
def test_a_damaged_file_is_made_anew(left, guest, tmp_path):
    cache = tmp_path / "cache"
    path, size, _ = _native.compile_guest(guest, cache)
    whole = path.read_bytes()
    damaged = {"half": whole[: size // 2], "zeros": bytes(size), "text": b"not code " * 1000}.get(left, left)
    path.write_bytes(damaged)
    assert NO_PYTHON in load(guest, cache)
    assert path.stat().st_size == size


def test_what_killed_compilations_left_is_cleared_away(guest, tmp_path):
    cache = tmp_path / "cache"
    path, size, _ = _native.compile_guest(guest, cache)
    path.unlink()
    for pid in (1, 99999):
        path.with_suffix(f".part-{pid}").write_bytes(b"half")
    other = cache / "guest-other.part-1"
    other.write_bytes(b"another guest's, perhaps being written")
    assert _native.compile_guest(guest, cache)[1] == size
    assert sorted(file.suffix for file in cache.iterdir()) == [".cwasm", ".lock", ".part-1"]
    assert other.exists()


def compiling(guest, cache):
    """A child that compiles, once it holds the lock."""
    code = f"import pathlib\nfrom mentor import _native\n_native.compile_guest({guest!r}, pathlib.Path({str(cache)!r}))"
    child = subprocess.Popen([sys.executable, "-c", code])
    while not any(cache.glob("*.lock")) and child.poll() is None:
        time.sleep(0.01)
    return child


@pytest.mark.parametrize("delay", [0.0, 0.2, 0.5])
def test_a_compilation_that_is_killed_harms_nobody(delay, tmp_path):
    guest, cache = make_guest(tmp_path / "guest", 2000), tmp_path / "cache"
    child = compiling(guest, cache)
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.wait()
    path, size, _ = _native.compile_guest(guest, cache)
    assert path.stat().st_size == size
    assert NO_PYTHON in load(guest, cache)
    assert not list(cache.glob("*.part-*"))


def test_several_processes_compile_once(tmp_path):
    guest, cache = make_guest(tmp_path / "guest", 2000), tmp_path / "cache"
    children = [compiling(guest, cache) for _ in range(3)]
    assert [child.wait(timeout=120) for child in children] == [0, 0, 0]
    (path,) = cache.glob("*.cwasm")
    assert not list(cache.glob("*.part-*"))
    assert _native.compile_guest(guest, cache) == (path, path.stat().st_size, None)


def test_several_threads_compile_once(tmp_path):
    guest, cache = make_guest(tmp_path / "guest", 500), tmp_path / "cache"
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(_native.compile_guest(guest, cache))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path for path, _, _ in results}) == 1
    assert sum(seconds is not None for _, _, seconds in results) == 1


def test_a_cache_that_cannot_be_written_is_named(guest, tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(SandboxError, match="set MENTOR_CACHE") as caught:
        _native.compile_guest(guest, file / "cache")
    assert os.fspath(file) in str(caught.value)


def test_a_guest_that_is_not_what_it_says_is_refused(guest, tmp_path):
    wasm = tmp_path / "guest" / "python-snapshot.wasm"
    wasm.write_bytes(wasm.read_bytes() + b"\0")
    with pytest.raises(SandboxError, match="has the hash"):
        _native.compile_guest(guest, tmp_path / "cache")
