"""A trajectory as the chat template renders it, cut into the model's own text and what it is given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

from mentor.types import ToolCall

__all__ = [
    "Turn",
    "answer_segment",
    "call_segment",
    "given_segment",
    "prompt_segment",
    "result_text",
    "segments",
]

Turn: TypeAlias = tuple[ToolCall, str]
"""A call, and the text that the tool answered with."""

Segment: TypeAlias = tuple[str, bool]
"""A stretch of text, and whether the model writes it."""

_OPEN, _CLOSE = "\n<|im_start|>assistant\n", "<|im_end|>"


def result_text(result: object) -> str:
    """A tool's result as the model sees it: compact JSON, a string as it is."""
    return (
        result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    )


def prompt_segment(question: str, offered: Sequence[str]) -> Segment:
    """The prompt, up to where the model begins to write."""
    names = "".join(f"{name}\n" for name in offered)
    return f"<|im_start|>system\n{names}{_CLOSE}\n<|im_start|>user\n{question}{_CLOSE}{_OPEN}", False


def call_segment(call: ToolCall) -> Segment:
    """One call, as the model writes it."""
    arguments = json.dumps(dict(call.arguments), ensure_ascii=False)
    return f'<tool_call>\n{{"name": "{call.name}", "arguments": {arguments}}}\n</tool_call>{_CLOSE}', True


def given_segment(text: str) -> Segment:
    """A tool's response, up to where the model goes on."""
    return f"\n<tool_response>\n{text}\n</tool_response>{_OPEN}", False


def answer_segment(answer: str) -> Segment:
    """The final answer, as the model writes it."""
    return f"\\boxed{{{answer}}}{_CLOSE}", True


def segments(question: str, offered: Sequence[str], turns: Sequence[Turn], answer: str) -> list[Segment]:
    """A whole trajectory with one call a turn; joined, the texts are what the chat template renders."""
    parts = [prompt_segment(question, offered)]
    for call, response in turns:
        parts += [call_segment(call), given_segment(response)]
    return [*parts, answer_segment(answer)]
