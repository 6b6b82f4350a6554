"""Rollouts: many episodes of a model and its tools, advanced together.

`run_episodes` is the loop; a `Generator` supplies the tokens (`TransformersGenerator`, `VLLMGenerator`), a
`ChatFormat` the prompts and tool responses, and `mentor.tools` the results. The generators need torch and are
loaded when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mentor.rollout.chat import ChatFormat
from mentor.rollout.episode import Episode
from mentor.rollout.generation import Generation, Generator, Sampling
from mentor.rollout.loop import LoopOptions, RolloutStats, run_episodes

if TYPE_CHECKING:
    from mentor.rollout.transformers_generator import TransformersGenerator
    from mentor.rollout.vllm_generator import VLLMGenerator

__all__ = [
    "ChatFormat",
    "Episode",
    "Generation",
    "Generator",
    "LoopOptions",
    "RolloutStats",
    "Sampling",
    "TransformersGenerator",
    "VLLMGenerator",
    "run_episodes",
]


def __getattr__(name: str) -> Any:
    if name == "TransformersGenerator":
        from mentor.rollout.transformers_generator import TransformersGenerator

        return TransformersGenerator
    if name == "VLLMGenerator":
        from mentor.rollout.vllm_generator import VLLMGenerator

        return VLLMGenerator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
