"""A run of the tiny student that takes seconds, to be varied by the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mentor.training import Config, parse_config

ADVANTAGES = {"mentor": "none", "sparse": "none", "strict": "none"}


def small(folder: Path, regime: str = "mentor", **changes: Any) -> Config:
    content: dict[str, Any] = {
        "output": str(folder),
        "regime": regime,
        "steps": 2,
        "seed": 3,
        "model": {"kind": "student"},
        "data": {"kind": "arithmetic", "n": 12},
        "batch": {"prompts": 3, "rollouts": 4},
        "optimiser": {"learning_rate": 1e-3},
        "compute": {"device": "cpu", "threads": 1},
        "logging": {"rollouts": 2, "rollouts_every": 1},
        "checkpoint": {"every": 100},
    }
    if regime != "sft":
        content["advantages"] = ADVANTAGES[regime]
        content["rollout"] = {"max_turns": 4, "max_completion_tokens": 100}
    return parse_config({**content, **changes})


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
