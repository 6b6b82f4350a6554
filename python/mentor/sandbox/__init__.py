"""A fresh, isolated CPython for every call.

`Sandbox.run` and `run_batch` execute source, each call from the same image and none seeing another;
`step` executes from a `State` and gives the next one. The guest reaches in-memory files, a virtual clock,
seeded randomness and its standard streams, and nothing else.

    Sandbox  ─►  native pool of resident guests  ─►  Outcome
"""

from mentor.sandbox.box import Sandbox, State, default_sandbox
from mentor.sandbox.guest import cache_folder, prepare
from mentor.sandbox.host import HostCall, HostCallError, HostTool
from mentor.sandbox.limits import Limits
from mentor.sandbox.metrics import Histogram, Metrics, Restores, process_metrics, prometheus
from mentor.sandbox.outcome import GuestError, Outcome, Usage
from mentor.sandbox.trace import trace

__all__ = [
    "GuestError",
    "Histogram",
    "HostCall",
    "HostCallError",
    "HostTool",
    "Limits",
    "Metrics",
    "Outcome",
    "Restores",
    "Sandbox",
    "State",
    "Usage",
    "cache_folder",
    "default_sandbox",
    "prepare",
    "process_metrics",
    "prometheus",
    "trace",
]
