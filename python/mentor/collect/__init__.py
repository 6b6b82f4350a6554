"""Teachers: trajectories sampled from a model behind an OpenAI-compatible endpoint, verified, and kept as references.

`Endpoint` speaks to the server, `attempt` plays one episode with sandboxed tools, `verify` decides whether it may
teach, and `collect` does all of it for many tasks: in parallel, at a bounded rate, and going on where it was stopped.
"""

from __future__ import annotations

from mentor.collect.collection import Collected, CollectSettings, collect
from mentor.collect.endpoint import Endpoint
from mentor.collect.facts import load_facts, save_facts
from mentor.collect.verify import Verdict, verify

__all__ = [
    "CollectSettings",
    "Collected",
    "Endpoint",
    "Verdict",
    "collect",
    "load_facts",
    "save_facts",
    "verify",
]
