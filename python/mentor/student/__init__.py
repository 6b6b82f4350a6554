"""The tiny student: a Qwen3 model of half a million parameters with its own tokenizer.

It ships with the package, is made by `python -m mentor.student.make`, and loads as any `from_pretrained`
folder does.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["checkpoint_dir"]


def checkpoint_dir() -> Path:
    """The folder of the shipped checkpoint: model, tokenizer, chat template and model card."""
    return Path(__file__).parent / "checkpoint"
