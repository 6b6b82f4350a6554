"""What it costs that a guest can be stopped: the Rust bench `interrupts`, as a table.

`python -m mentor.bench.sandbox.interrupts --guest --yields --page docs/benchmarks.md`
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mentor.bench.page import conditions, write_between_markers
from mentor.errors import SandboxError
from mentor.sandbox.guest import artifacts_folder

__all__ = ["main", "measure", "table"]


def measure(checkout: Path, *, guest: bool, yields: bool) -> list[dict[str, Any]]:
    """Runs the Rust bench; a dictionary a loop, with its time and each configuration's ratio to the first.

    Args:
        checkout: The repository.
        guest: Take the real guest as well: it is compiled for each configuration, minutes each.
        yields: Take fuel that yields as well: Wasmtime is compiled anew for it.

    Raises:
        SandboxError: The bench failed.
    """
    command = ["cargo", "bench", "--quiet", "--locked", "--workspace", "--bench", "interrupts"]
    command += ["--features", "mentor-sandbox/bench-yields"] if yields else []
    environment = {**os.environ, "MENTOR_GUEST": artifacts_folder()} | (
        {"MENTOR_BENCH_GUEST": "1"} if guest else {}
    )
    done = subprocess.run(
        command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SandboxError(f"{' '.join(command)}: exit status {done.returncode}")
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [row for row in rows if "loop" in row]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The table in Markdown."""
    names = list(rows[0]["ratios"])
    lines = [
        "| guest | loop | time, " + " | ".join(names) + " |",
        "|---|---|" + "---:|" * len(names),
    ]
    for row in rows:
        first, *rest = (row["ratios"][name] for name in names)
        cells = [f"{first * row['us'] / 1000:,.1f} ms", *(f"{ratio:.2f}" for ratio in rest)]
        lines.append(f"| {row['guest']} | {row['loop']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        prog="mentor.bench.sandbox.interrupts", description="The cost of interruption."
    )
    parser.add_argument("--guest", action="store_true", help="the real guest too: minutes a configuration")
    parser.add_argument("--yields", action="store_true", help="fuel that yields too: compiles Wasmtime anew")
    parser.add_argument("--page", metavar="FILE", help="write the table between the markers of this page")
    parser.add_argument("--checkout", metavar="FOLDER", default=".", help="the repository (%(default)s)")
    args = parser.parse_args()
    where = conditions()
    found = table(measure(Path(args.checkout), guest=args.guest, yields=args.yields))
    print(found)
    if args.page:
        text = f"{found}\n\nMeasured {'; '.join(where.values())}."
        write_between_markers(Path(args.page), "interrupts-table", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
