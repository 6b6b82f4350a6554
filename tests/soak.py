"""The long soak: the same mix of calls again and again, while the process must stay as it was.

`make soak` runs it; `test_sandbox_soak` runs a short form. First 10,000 mixed calls must say the same bytes by every
strategy and on one and several threads, and every cheap case of abuse must end as it should by every strategy. Then a
million calls run in batches, and after each tenth of them resident memory, open descriptors, memory mappings and
threads are counted. The first tenth is the warm-up that the others are compared with.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from abuse import CHEAP, case
from abuse.canary import Canary
from abuse.mix import LIMITS, PRELUDE, digest, mixed
from mentor.sandbox import Outcome, Sandbox

STRATEGIES = ["barrier", "compare", "instantiate"]
BATCH = 1000
# What may come and go without being a leak: allocator slack, pages opened by a rare call.
SLACK_BYTES = 32 << 20
SLACK_MAPPINGS = 2000


@dataclass(frozen=True)
class Sample:
    """What the process held after so many calls."""

    calls: int
    resident: int
    descriptors: int
    mappings: int
    threads: int


def sample(calls: int) -> Sample:
    """Counts what this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    with open("/proc/self/maps", encoding="ascii") as file:
        mappings = sum(1 for _ in file)
    descriptors, threads = len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
    return Sample(calls, resident, descriptors, mappings, threads)


def grown(samples: list[Sample]) -> list[str]:
    """What is larger than it was after the warm-up; empty where nothing leaks."""
    first, problems = samples[0], []
    for now in samples[1:]:
        if now.resident > first.resident + SLACK_BYTES:
            problems.append(
                f"{now.calls} calls: {now.resident >> 20} MiB resident, first {first.resident >> 20}"
            )
        if now.mappings > first.mappings + SLACK_MAPPINGS:
            problems.append(f"{now.calls} calls: {now.mappings} mappings, first {first.mappings}")
        if (now.descriptors, now.threads) != (first.descriptors, first.threads):
            problems.append(
                f"{now.calls} calls: {now.descriptors} descriptors and {now.threads} threads, "
                f"first {first.descriptors} and {first.threads}"
            )
    return problems


def strategies_agree(calls: int) -> Iterator[tuple[str, str]]:
    """The digest of the same mix by every strategy, on one thread and on several."""
    sources, seeds = mixed(calls)
    for restore in STRATEGIES:
        for threads in (1, 3):
            box = Sandbox(PRELUDE, limits=LIMITS, threads=threads, restore=restore)
            yield f"{restore}, {threads} threads", digest(box.run_batch(sources, seeds=seeds))


def abuse(restore: str) -> int:
    """Every cheap case of abuse by one strategy, each followed by the canary; how many there were."""
    box = Sandbox(case.PRELUDE, limits=case.LIMITS, threads=1, restore=restore)
    canary = Canary.of(Sandbox(case.PRELUDE, limits=case.LIMITS, threads=1))
    for program in CHEAP:
        program.check(box.run(program.source, limits=program.limits))
        canary.check(box)
    return len(CHEAP)


def soak(calls: int, threads: int | None = None, *, show: bool = False) -> tuple[list[Sample], str]:
    """Runs the mix until `calls` are done; ten samples, and a digest of the last batch's verdicts.

    Every batch is a mix of its own, but the last repeats the first, and must say the same.
    """
    box = Sandbox(PRELUDE, limits=LIMITS, threads=threads)

    def batch(number: int) -> list[Outcome]:
        sources, seeds = mixed(BATCH, seed=number)
        return box.run_batch(sources, seeds=seeds)

    first = digest(batch(0))
    samples: list[Sample] = []
    step = max(calls // 10, BATCH)
    for number in range(1, calls // BATCH):
        batch(number)
        done = (number + 1) * BATCH
        if done % step == 0:
            samples.append(sample(done))
            if show:
                print(row(samples[-1]), flush=True)
    last = digest(batch(0))
    if last != first:
        raise AssertionError("the first batch, run again at the end, says something else")
    return samples, last


HEADER = f"{'calls':>10} {'resident MiB':>13} {'descriptors':>12} {'mappings':>9} {'threads':>8}"


def row(now: Sample) -> str:
    return f"{now.calls:>10,} {now.resident / 2**20:>13.1f} {now.descriptors:>12} {now.mappings:>9} {now.threads:>8}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=1_000_000, help="how many calls (default: a million)")
    parser.add_argument("--mix", type=int, default=10_000, help="how many calls each strategy runs first")
    parser.add_argument("--threads", type=int, help="worker threads (default: one per core)")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/soak.json"), help="where the result is written"
    )
    given = parser.parse_args()
    print(f"{given.mix:,} mixed calls by every strategy", flush=True)
    digests = {}
    for name, digests[name] in strategies_agree(given.mix):
        print(f"  {name:<22} {digests[name][:16]}", flush=True)
    for restore in STRATEGIES:
        print(f"  {abuse(restore)} cases of abuse with {restore}", flush=True)
    print(f"{given.calls:,} calls\n{HEADER}", flush=True)
    start = time.monotonic()
    samples, _ = soak(given.calls, given.threads, show=True)
    seconds = time.monotonic() - start
    problems = grown(samples)
    if len(set(digests.values())) > 1:
        problems.append(f"the strategies disagree: {digests}")
    given.out.parent.mkdir(parents=True, exist_ok=True)
    result = {
        "calls": given.calls,
        "seconds": round(seconds, 1),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "digests": digests,
        "samples": [asdict(s) for s in samples],
        "problems": problems,
    }
    given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"{given.calls / seconds:,.0f} calls a second; {given.out}")
    print("\n".join(problems) or "flat: nothing grew, every strategy agrees")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
