"""The native reward beside plain Python, in one run: `pytest benches/bench_rewards.py --benchmark-group-by=group`.

The peer is what trainers do per row: the published regular expression, `json.loads`, and the F1 of sets of names.
Answers are taken as judged on both sides, so what is timed is parsing, alignment and the formula. Every group first
checks that both sides give the same numbers.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mentor import _native
from mentor.align import score_batch
from mentor.parsing import FORMATS, parse_tool_calls_batch
from mentor.rewards import official

TOOLS = ("add", "subtract", "multiply", "divide", "power", "sqrt")
PATTERN = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
SCHEMAS = [
    {"name": name, "parameters": {"properties": {"a": {"type": "integer"}, "b": {"type": "number"}}}}
    for name in TOOLS
]
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


def pairs(form: str, given: dict[str, Any]) -> str:
    return "".join(form.format(key, value) for key, value in given.items())


CALLS: dict[str, Callable[[str, dict[str, Any]], str]] = {
    "hermes": lambda n, a: f"<tool_call>\n{json.dumps({'name': n, 'arguments': a})}\n</tool_call>",
    "qwen3_coder": lambda n, a: (
        f"<tool_call>\n<function={n}>\n{pairs('<parameter={}>{}</parameter>', a)}</function>\n</tool_call>"
    ),
    "llama3_json": lambda n, a: json.dumps({"name": n, "parameters": a}),
    "mistral": lambda n, a: f"[TOOL_CALLS]{n}{json.dumps(a)}",
    "deepseek_v3": lambda n, a: (
        f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{n}\n```json\n{json.dumps(a)}\n```<｜tool▁call▁end｜>"
    ),
    "harmony": lambda n, a: (
        f"<|end|><|start|>assistant<|channel|>commentary to=functions.{n}<|message|>{json.dumps(a)}<|call|>"
        "<|start|>assistant<|channel|>final<|message|>"
    ),
    "granite": lambda n, a: f"<|tool_call|>[{json.dumps({'name': n, 'arguments': a})}]",
    "phi4_mini": lambda n, a: f"functools[{json.dumps({'name': n, 'arguments': a})}]",
    "functiongemma": lambda n, a: (
        f"<start_function_call>call:{n}{{{pairs('{}:{},', a)[:-1]}}}<end_function_call>"
    ),
    "pythonic": lambda n, a: f"[{n}({pairs('{}={}, ', a)[:-2]})]",
    "glm45": lambda n, a: (
        f"<tool_call>{n}\n{pairs('<arg_key>{}</arg_key><arg_value>{}</arg_value>', a)}</tool_call>"
    ),
    "kimi_k2": lambda n, a: (
        f"<|tool_call_begin|>functions.{n}:0<|tool_call_argument_begin|>{json.dumps(a)}<|tool_call_end|>"
    ),
    "minimax": lambda n, a: (
        f'<invoke name="{n}">{pairs("""<parameter name="{}">{}</parameter>""", a)}</invoke>'
    ),
}
"""How a call is written in each format."""


def completion(row: int, calls: int, size: int, call_format: str = "hermes") -> str:
    """A text of about `size` bytes with `calls` calls among prose."""
    prose = "So the next step follows from what we have, and we go on with it. " * (size // 66 + 1)
    share = size // (calls + 1)
    parts = []
    for i in range(calls):
        text = CALLS[call_format](TOOLS[(row + i) % len(TOOLS)], {"a": row + i, "b": i / 7})
        parts.append(prose[: max(share - len(text), 0)] + text)
    return "".join(parts) + prose[:share] + rf"\boxed{{{row}}}" + EOS


def batch(rows: int, calls: int, size: int, call_format: str = "hermes") -> list[str]:
    return [completion(row, calls, size, call_format) for row in range(rows)]


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


def plain_calls(texts: list[str]) -> list[list[Any]]:
    """Hermes as trainers read it: the regular expression and `json.loads`."""
    return [[json.loads(body) for body in PATTERN.findall(text)] for text in texts]


@pytest.mark.parametrize("call_format", [*FORMATS, "plain Python"])
def test_parse(benchmark: Any, call_format: str) -> None:
    rows, calls, size = SIZES[0]
    texts = batch(rows, calls, size, call_format if call_format in CALLS else "hermes")
    benchmark.group = f"parse into Python objects: {rows} texts of {size} bytes with {calls} calls"
    benchmark.extra_info["bytes"] = sum(map(len, texts))
    if call_format == "plain Python":
        found = benchmark(plain_calls, texts)
    else:
        found = benchmark(parse_tool_calls_batch, texts, format=call_format, tools=SCHEMAS)
        arguments = [call.arguments for row in found for call in row]
        assert arguments == [{"a": row + i, "b": i / 7} for row in range(rows) for i in range(calls)]
    assert all(len(row) == calls for row in found)


@pytest.mark.parametrize("arguments", ["exact", "ignore"])
@pytest.mark.parametrize("calls", [2, 8, 32, 64])
def test_align(benchmark: Any, calls: int, arguments: str) -> None:
    students = parse_tool_calls_batch(batch(256, calls, 100))
    references = [[student] for student in students[1:] + students[:1]]
    benchmark.group = f"align Python objects: 256 pairs of {calls} calls"
    scores = benchmark(score_batch, students, references, arguments=arguments)
    assert len(scores) == 256
