"""The core's rows, from the Rust bench `table`: they need a checkout with a Rust toolchain."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from mentor.bench.promise import Measured
from mentor.sandbox.guest import artifacts_folder, cache_folder

__all__ = ["core_rows"]


def core_rows(checkout: Path) -> dict[str, Measured | str]:
    """Runs the Rust bench; each row's figure, or why it has none."""
    names = ("fresh", "sources", "throughput", "stopped", "state", "live", "step")
    if not (checkout / "rust" / "mentor-sandbox").is_dir() or shutil.which("cargo") is None:
        return dict.fromkeys(names, "needs a checkout of the repository and cargo")
    done = subprocess.run(
        ["cargo", "bench", "--quiet", "--locked", "--workspace", "--bench", "table"],
        cwd=checkout,
        env={**os.environ, "MENTOR_GUEST": artifacts_folder(), "MENTOR_CACHE": str(cache_folder())},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return dict.fromkeys(names, f"the Rust bench failed: {done.stderr.strip().splitlines()[-1]}")
    rows = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    return {row["row"]: _measured(row) for row in rows}


def _measured(row: dict[str, Any]) -> Measured:
    if row["row"] == "state":
        return Measured(row["bytes"], detail=f"the first step from the image {row['first_bytes']:,} bytes")
    if row["row"] == "live":
        return Measured(
            row["bytes"], detail=f"{row['bytes'] / row['states']:,.0f} bytes of resident memory each"
        )
    detail = ""
    if "ours" in row:
        ours, floor = row["ours"], row["floor"]
        detail = " / ".join(f"{side['p50_us']:,.0f} us ({side['p99_us']:,.0f})" for side in (ours, floor))
    elif "calls_a_second" in row:
        rates = row["calls_a_second"]
        detail = f"{rates['all']:,.0f} a second on {row['cores']} cores, {rates['1']:,.0f} on one"
    return Measured(row["p50"], row["p99"], detail)
