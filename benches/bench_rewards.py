"""The native reward beside plain Python, in one run: `pytest benches/bench_rewards.py --benchmark-group-by=group`.

The peer is what trainers do per row: the published regular expression, `json.loads`, and the F1 of sets of names.
Answers are taken as judged on both sides, so what is timed is parsing, alignment and the formula. Every group first
checks that both sides give the same numbers.
"""

import json
import re
from typing import Any

import pytest

from mentor import _native
from mentor.align import score_batch
from mentor.parsing import parse_tool_calls_batch
from mentor.rewards import official

TOOLS = ("add", "subtract", "multiply", "divide", "power", "sqrt")
PATTERN = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
EOS = "<|im_end|>"
TEACHER = ["add", "multiply", "sqrt"]
REFERENCES = json.dumps([{"calls": [{"name": name, "arguments": {"a": 1, "b": 2}} for name in TEACHER]}])
SETTINGS: dict[str, Any] = {
    "metric": "f1",
    "matching": "set",
    "arguments": "ignore",
    "count_invalid": False,
    "validity": "known",
    "formula": ("weighted", [0.7, 0.3, 0.1, 0.2]),
    "format": "hermes",
}


def completion(row: int, calls: int, size: int) -> str:
    """A text of about `size` bytes with `calls` calls among prose."""
    prose = "So the next step follows from what we have, and we go on with it. " * (size // 66 + 1)
    share = size // (calls + 1)
    parts = []
    for i in range(calls):
        call = {"name": TOOLS[(row + i) % len(TOOLS)], "arguments": {"a": row + i, "b": i / 7}}
        text = f"<tool_call>\n{json.dumps(call)}\n</tool_call>"
        parts.append(prose[: max(share - len(text), 0)] + text)
    return "".join(parts) + prose[:share] + rf"\boxed{{{row}}}" + EOS


def batch(rows: int, calls: int, size: int) -> list[str]:
    return [completion(row, calls, size) for row in range(rows)]


def plain_rewards(texts: list[str], correct: list[bool]) -> list[float]:
    """The published ABLATION4 in plain Python."""
    teacher = set(TEACHER)
    known = set(TOOLS)
    rewards = []
    for text, right in zip(texts, correct, strict=True):
        names = set()
        for body in PATTERN.findall(text):
            try:
                name = json.loads(body.strip()).get("name")
            except (ValueError, AttributeError):
                continue
            names.add(name)
        student = names & known
        shared = len(student & teacher)
        f1 = 2 * shared / (len(student) + len(teacher)) if shared else 0.0
        valid = 0.1 if names <= known else 0.0
        rewards.append((0.7 if right else 0.0) + (0.3 * f1 * (1.0 if right else 0.2) + valid))
    return rewards


def native_rewards(texts: list[str], correct: list[bool]) -> list[float]:
    columns = _native.reward_batch(
        texts, [REFERENCES] * len(texts), correct, tools=[TOOLS] * len(texts), **SETTINGS
    )
    return columns["total"].tolist()


def official_rewards(texts: list[str], correct: list[bool]) -> list[float]:
    rows = len(texts)
    return official.score(
        texts, ["0"] * rows, [TEACHER] * rows, variant="ABLATION4", eos_token=EOS, correct=correct
    ).tolist()


SIZES = [(1024, 4, 4_000), (64, 20, 29_000), (256, 2, 500)]


@pytest.mark.parametrize(("rows", "calls", "size"), SIZES)
@pytest.mark.parametrize("side", [plain_rewards, native_rewards, official_rewards])
def test_reward(benchmark: Any, side: Any, rows: int, calls: int, size: int) -> None:
    texts = batch(rows, calls, size)
    correct = [row % 3 == 0 for row in range(rows)]
    assert side(texts, correct) == pytest.approx(plain_rewards(texts, correct), abs=1e-12)
    benchmark.group = f"reward: {rows} texts of {size} bytes with {calls} calls"
    benchmark.extra_info["bytes"] = sum(map(len, texts))
    benchmark(side, texts, correct)


@pytest.mark.parametrize(("rows", "calls", "size"), SIZES)
def test_parse(benchmark: Any, rows: int, calls: int, size: int) -> None:
    texts = batch(rows, calls, size)
    benchmark.group = f"parse into Python objects: {rows} texts of {size} bytes with {calls} calls"
    found = benchmark(parse_tool_calls_batch, texts)
    assert all(len(row) == calls for row in found)


@pytest.mark.parametrize("arguments", ["exact", "ignore"])
@pytest.mark.parametrize("calls", [2, 8, 32, 64])
def test_align(benchmark: Any, calls: int, arguments: str) -> None:
    students = parse_tool_calls_batch(batch(256, calls, 100))
    references = [[student] for student in students[1:] + students[:1]]
    benchmark.group = f"align Python objects: 256 pairs of {calls} calls"
    scores = benchmark(score_batch, students, references, arguments=arguments)
    assert len(scores) == 256
