"""Times as the JSON file that `pytest-benchmark compare` reads."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from statistics import mean, median, stdev
from typing import Any

from mentor.bench.timing import percentile

__all__ = ["benchmark_file"]


def benchmark_file(
    groups: Mapping[str, Mapping[str, Sequence[float]]], machine: Mapping[str, str], extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Groups of named times, in seconds, in pytest-benchmark's form; `extra` stands beside them."""
    benchmarks = [
        {
            "group": group,
            "name": name,
            "fullname": f"{group}::{name}",
            "params": None,
            "param": None,
            "extra_info": {},
            "options": {"timer": "perf_counter"},
            "stats": _stats(times),
        }
        for group, stages in groups.items()
        for name, times in stages.items()
    ]
    return {
        "machine_info": dict(machine),
        "commit_info": {"id": "unknown", "time": None, "dirty": None, "project": "mentor", "branch": None},
        "benchmarks": benchmarks,
        "datetime": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
        "version": "5.0.0",
        **extra,
    }


def _stats(times: Sequence[float]) -> dict[str, Any]:
    low, high = percentile(times, 25), percentile(times, 75)
    return {
        "min": min(times),
        "max": max(times),
        "mean": mean(times),
        "stddev": stdev(times) if len(times) > 1 else 0.0,
        "rounds": len(times),
        "median": median(times),
        "q1": low,
        "q3": high,
        "iqr": high - low,
        "iqr_outliers": 0,
        "stddev_outliers": 0,
        "outliers": "0;0",
        "ld15iqr": min(times),
        "hd15iqr": max(times),
        "ops": 1 / mean(times),
        "total": sum(times),
        "iterations": 1,
    }
