"""Small things that the rollout and training tests share: tools, tasks, a scripted generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mentor.rollout import Generation, Sampling
from mentor.types import Task, ToolCall, Trajectory

SOURCE = '''
def add(a: float, b: float) -> float:
    """Add two numbers.

    Args:
        a: The first.
        b: The second.
    """
    return a + b


def shout(text: str) -> str:
    """Repeat a text many times.

    Args:
        text: What to repeat.
    """
    return text * 5000


def broken(text: str) -> str:
    """Always raise.

    Args:
        text: What to say.
    """
    raise ValueError(text)
'''


def schema(name: str, **properties: str) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": name,
            "parameters": {
                "type": "object",
                "properties": {key: {"type": kind} for key, kind in properties.items()},
                "required": list(properties),
            },
        },
    }


TOOLS = [
    schema("add", a="number", b="number"),
    schema("shout", text="string"),
    schema("broken", text="string"),
]


def task(number: int = 0) -> Task:
    call = ToolCall("add", {"a": number, "b": 1}, number + 1)
    answer = str(number + 1)
    return Task(
        f"t{number}",
        f"What is {number} + 1?",
        TOOLS,
        SOURCE,
        answer,
        (Trajectory((call,), answer),),
        "made_up",
    )


def call_text(body: str) -> str:
    return f"<tool_call>\n{body}\n</tool_call>"


class Scripted:
    """A generator that says what it is told, turn by turn, as a model with this tokenizer would."""

    def __init__(self, tokenizer: Any, turns: Sequence[Sequence[str]], *, stop: str = "<|im_end|>") -> None:
        self._tokenizer = tokenizer
        self._turns = [list(row) for row in turns]
        self._stop = stop
        self._at: list[int] = []
        self.calls = 0
        self.released = 0

    def pending(self, rows: int) -> bool:
        return rows > 0

    def release(self) -> None:
        self.released += 1

    def generate(
        self,
        ids: Sequence[Sequence[int]],
        *,
        max_new_tokens: Sequence[int],
        stop_ids: Sequence[int],
        sampling: Sampling,
        seeds: Sequence[int],
        continues: Sequence[int] | None = None,
    ) -> list[Generation]:
        rows = list(range(len(ids))) if continues is None else [self._rows[k] for k in continues]
        self._rows = rows
        turn, self.calls = self.calls, self.calls + 1
        out = []
        for row, budget in zip(rows, max_new_tokens, strict=True):
            tokens = self._tokenizer(self._turns[row][turn] + self._stop, add_special_tokens=False)[
                "input_ids"
            ]
            cut = tokens[:budget]
            out.append(Generation(cut, cut[-1] in stop_ids, [-0.5] * len(cut) if sampling.logprobs else None))
        return out
