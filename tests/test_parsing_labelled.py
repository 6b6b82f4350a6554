"""Labelled texts in every format: what is in them is known, since they are written here from it.

Each kind of text (plain, among prose, several calls, nested and odd values, broken, unknown, in reasoning, in results)
is written in each format's own way, and read with the format named and by `auto`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mentor.parsing import FORMATS, parse_tool_calls

Calls = list[tuple[str, dict[str, Any]]]


def quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def each(write: Callable[[str, dict[str, Any]], str], between: str = "\n") -> Callable[[Calls], str]:
    """Calls one after the other."""
    return lambda calls: between.join(write(*call) for call in calls)


def tagged(call: str, parameter: str, close: str, end: str) -> Callable[[str, dict[str, Any]], str]:
    """Values as plain text: strings as they are, everything else as JSON."""

    def write(name: str, arguments: dict[str, Any]) -> str:
        given = "".join(
            f"{parameter.format(key)}{value if isinstance(value, str) else quoted(value)}{close}"
            for key, value in arguments.items()
        )
        return f"{call.format(name)}{given}{end}"

    return write


def glm(name: str, arguments: dict[str, Any]) -> str:
    given = "".join(
        f"<arg_key>{key}</arg_key>\n<arg_value>{value if isinstance(value, str) else quoted(value)}</arg_value>\n"
        for key, value in arguments.items()
    )
    return f"<tool_call>{name}\n{given}</tool_call>"


def gemma(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{gemma(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(gemma, value)) + "]"
    return f"<escape>{value}<escape>" if isinstance(value, str) else quoted(value)


def objects(key: str) -> Callable[[str, dict[str, Any]], str]:
    return lambda name, arguments: quoted({"name": name, key: arguments})


def listed(calls: Calls) -> str:
    return "[" + ", ".join(objects("arguments")(*call) for call in calls) + "]"


def pythonic(calls: Calls) -> str:
    made = (f"{name}({', '.join(f'{k}={v!r}' for k, v in arguments.items())})" for name, arguments in calls)
    return "[" + ", ".join(made) + "]"


WRITERS: dict[str, Callable[[Calls], str]] = {
    "hermes": each(lambda n, a: f"<tool_call>\n{objects('arguments')(n, a)}\n</tool_call>"),
    "qwen3_coder": each(
        tagged(
            "<tool_call>\n<function={}>\n",
            "<parameter={}>\n",
            "\n</parameter>\n",
            "</function>\n</tool_call>",
        )
    ),
    "llama3_json": lambda calls: "<|python_tag|>" + "; ".join(objects("parameters")(*call) for call in calls),
    "mistral": lambda calls: f"[TOOL_CALLS]{listed(calls)}",
    "deepseek_v3": each(
        lambda n, a: (
            f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{n}\n```json\n{quoted(a)}\n```<｜tool▁call▁end｜>"
        )
    ),
    "harmony": each(
        lambda n, a: (
            f"<|start|>assistant<|channel|>commentary to=functions.{n} <|constrain|>json<|message|>{quoted(a)}<|call|>"
        ),
        "",
    ),
    "granite": lambda calls: f"<|tool_call|>{listed(calls)}",
    "phi4_mini": lambda calls: f"functools{listed(calls)}",
    "functiongemma": each(lambda n, a: f"<start_function_call>call:{n}{gemma(a)}<end_function_call>", ""),
    "pythonic": pythonic,
    "glm45": each(glm),
    "kimi_k2": each(
        lambda n, a: (
            f"<|tool_call_begin|>functions.{n}:0<|tool_call_argument_begin|>{quoted(a)}<|tool_call_end|>"
        ),
        "",
    ),
    "minimax": lambda calls: (
        "<minimax:tool_call>\n"
        + each(tagged('<invoke name="{}">\n', '<parameter name="{}">', "</parameter>\n", "</invoke>"))(calls)
        + "\n</minimax:tool_call>"
    ),
}

BREAKS = {
    "qwen3_coder": ("<function=get_weather>", "<function=>"),
    "minimax": ('<invoke name="get_weather">', '<invoke name="">'),
    "glm45": ("<arg_value>3</arg_value>", "<arg_value>3"),
    "functiongemma": ("days:3", "days:"),
    "pythonic": ("days=3", "days="),
}
"""What breaks a call in a format that has no JSON."""

ONE: Calls = [("get_weather", {"city": "Paris", "days": 3})]
TWO: Calls = [*ONE, ("add", {"a": 1.5, "b": -2})]
NESTED: Calls = [
    ("plan", {"stops": ["Oslo", "Bergen"], "options": {"fast": True, "via": [1, 2]}, "limit": None})
]
ODD: Calls = [("search", {"query": "größer als 5 € — “ja”?", "page": 123456789012345678901234567890})]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {
                "type": "object",
                "properties": {key: {"type": kind} for key, kind in kinds.items()},
            },
        },
    }
    for name, kinds in {
        "get_weather": {"city": "string", "days": "integer"},
        "add": {"a": "number", "b": "number"},
        "plan": {"stops": "array", "options": "object"},
        "search": {"query": "string", "page": "integer"},
    }.items()
]


@dataclass(frozen=True)
class Case:
    text: str
    valid: Calls = field(default_factory=list)
    malformed: bool = False
    unknown: bool = False


def cases(format: str) -> dict[str, Case]:
    """Texts of a format with what is in them."""
    write = WRITERS[format]
    kinds = {
        "one": Case(write(ONE), ONE),
        "two": Case(write(TWO), TWO),
        "nested": Case(write(NESTED), NESTED),
        "odd": Case(write(ODD), ODD),
        "unknown": Case(write([("fly", {"a": 1}), *ONE]), ONE, unknown=True),
        "thought": Case(f"<think>\nPerhaps {write(TWO)}\n</think>\n\n{write(ONE)}", ONE),
        "returned": Case(f"{write(ONE)}\n<tool_response>\n{write(TWO)}\n</tool_response>", ONE),
        "asked": Case(
            f"<|im_start|>user\nDo {write(TWO)}<|im_end|>\n<|im_start|>assistant\n{write(ONE)}", ONE
        ),
        "none": Case("There is nothing to call: f(x) = 2x, {a, b}, [1, 2], \\boxed{3}."),
    }
    if format != "harmony":
        kinds["prose"] = Case(f"I shall look it up.\n{write(ONE)}\nThen I shall see.", ONE)
    whole, right, wrong = write([*ONE, *TWO]), *BREAKS.get(format, ('"days": 3', '"days": '))
    kinds["broken sibling"] = Case(whole.replace(right, wrong, 1), TWO, malformed=True)
    return kinds


CASES = [(name, kind) for name in WRITERS for kind in cases(name)]


@pytest.mark.parametrize("auto", [False, True], ids=["named", "auto"])
@pytest.mark.parametrize(("format", "kind"), CASES)
def test_as_labelled(format: str, kind: str, auto: bool) -> None:
    case = cases(format)[kind]
    found = parse_tool_calls(case.text, format="auto" if auto else format, tools=TOOLS)
    statuses = [one.status for one in found]
    assert [(one.name, one.arguments) for one in found if one.status == "valid"] == case.valid
    assert ("malformed" in statuses, "unknown" in statuses) == (case.malformed, case.unknown)


def test_every_format_is_labelled() -> None:
    assert {*WRITERS} == {*FORMATS} - {"auto"}
