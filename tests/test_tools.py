import json

import pytest

from mentor import ToolCall, ToolEnv
from mentor.errors import ToolSourceError
from mentor.tools import call_batch, schemas_from_source
from mentor.tools.result import MAX_TEXT

SOURCE = '''
from typing import Literal, Optional

COUNT = 0

def add(a: int | float, b: int | float) -> float:
    """Adds two numbers.

    Args:
        a: The first
            number.
        b: The second number.

    Returns:
        The sum.
    """
    return a + b

def total(numbers: list[float], scale: float = 1.0) -> float:
    """Sums numbers."""
    return sum(numbers) * scale

def pick(mode: Literal["up", "down"], note: Optional[str] = None) -> str:
    return f"{mode}:{note}"

def count() -> int:
    global COUNT
    COUNT += 1
    return COUNT

def misbehave(how: str):
    if how == "loop":
        while True: pass
    if how == "print":
        print("x" * 5_000_000)
    if how == "raise":
        raise ValueError("m" * 100_000)
    if how == "big":
        return "y" * 100_000
    if how == "exit":
        raise SystemExit(3)
    if how == "trap":
        import os
        os.abort()

def shuffle(n: int) -> list[int]:
    import random
    return random.sample(range(n), n)

def _private(x): return x
'''


@pytest.fixture(scope="module")
def env():
    return ToolEnv.from_source(SOURCE)


def test_schemas_come_from_annotations_and_docstrings(env):
    assert env.names == ["add", "total", "pick", "count", "misbehave", "shuffle"]
    number = {"anyOf": [{"type": "integer"}, {"type": "number"}]}
    add = env.schemas[0]["function"]
    assert add["description"] == "Adds two numbers."
    assert add["parameters"]["properties"] == {
        "a": {**number, "description": "The first number."},
        "b": {**number, "description": "The second number."},
    }
    assert add["parameters"]["required"] == ["a", "b"]
    total, pick = env.schemas[1]["function"]["parameters"], env.schemas[2]["function"]["parameters"]
    assert total["properties"]["numbers"] == {"type": "array", "items": {"type": "number"}}
    assert total["required"] == ["numbers"]
    assert pick["properties"]["mode"] == {"enum": ["up", "down"]}
    assert pick["properties"]["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_calls_run_in_order_and_see_nothing_of_each_other(env):
    calls = [
        ToolCall("add", {"a": 1, "b": 2}),
        ToolCall("count"),
        ToolCall("count"),
        ToolCall("add", {"a": 2**80, "b": 1}),
    ]
    results = env.call_batch(calls)
    assert [r.value for r in results] == [3, 1, 1, 2**80 + 1]
    assert [r.text for r in results] == ["3", "1", "1", str(2**80 + 1)]
    assert all(r.ok and not r.failed and r.outcome.usage.fuel > 0 for r in results)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            ToolCall("nothing", {}),
            "Error: there is no tool 'nothing'; the tools are add, total, pick, count, misbehave, shuffle",
        ),
        (ToolCall("add", {"a": 1}), "Error: add: missing argument b; expected a, b"),
        (ToolCall("add", {"a": 1, "b": 2, "c": 3}), "Error: add: unexpected argument c; expected a, b"),
        (ToolCall("add", {"a": "1", "b": 2}), 'Error: add: argument a must be an integer, not "1"'),
        (ToolCall("add", {"a": True, "b": 2}), "Error: add: argument a must be an integer, not true"),
        (
            ToolCall("total", {"numbers": [1, "x"]}),
            'Error: total: argument numbers[1] must be a number, not "x"',
        ),
        (ToolCall("pick", {"mode": "left"}), 'Error: pick: argument mode must be one of "up", "down"'),
        (ToolCall("_private", {"x": 1}), "Error: there is no tool '_private'"),
    ],
)
def test_a_call_that_cannot_run_is_refused_with_the_reason(env, call, text):
    result = env.call_batch([call])[0]
    assert result.text.startswith(text)
    assert (result.ok, result.failed, result.outcome) == (False, False, None)


@pytest.mark.parametrize(
    ("how", "status", "text"),
    [
        ("loop", "limit", "Error: the program used its 2000000000 units of fuel"),
        ("print", "ok", "x" * 100),
        ("raise", "raised", "Error: ValueError: mmm"),
        ("big", "ok", "yyy"),
        ("exit", "exited", "Error: the tool exited with code 3"),
        ("trap", "crashed", "Error: Trap"),
    ],
)
def test_a_misbehaving_tool_becomes_a_bounded_text(env, how, status, text):
    result = env.call_batch([ToolCall("misbehave", {"how": how})])[0]
    assert result.outcome.status == status
    assert result.text.startswith(text)
    assert len(result.text) < MAX_TEXT + 50
    assert not result.failed


def test_one_call_runs_a_mix_of_tools(env):
    other = ToolEnv.from_source("def add(a: int, b: int) -> str:\n    return f'{a}{b}'")
    call = ToolCall("add", {"a": 1, "b": 2})
    assert [r.value for r in call_batch([(env, call), (other, call), (env, call)])] == [3, "12", 3]


def test_seeds_decide(env):
    call = ToolCall("shuffle", {"n": 20})
    first, second, third = env.call_batch([call] * 3, seeds=[1, 2, 1])
    assert first.value == third.value != second.value


def test_equal_sources_share_one_env(env):
    assert ToolEnv.from_source(SOURCE) is env
    assert ToolEnv.from_source(SOURCE, env.schemas) is ToolEnv.from_source(SOURCE, env.schemas)


def test_given_schemas_bound_what_is_offered():
    bare = {
        "name": "add",
        "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {}}, "required": ["a"]},
    }
    env = ToolEnv.from_source(SOURCE, [bare])
    assert env.schemas[0] == {"type": "function", "function": {**bare, "description": ""}}
    results = env.call_batch([ToolCall("add", {"a": 1.5, "b": 1}), ToolCall("count")])
    assert [r.ok for r in results] == [True, False]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(:", "line 1: the tool source is not Python"),
        ("x = 1", "defines no public function"),
        (
            "def f(a):\n    return a",
            "line 1: f: parameter 'a' has no annotation; give it a type such as int or str",
        ),
        ("def g(): pass\ndef f(a: bytes): pass", "line 2: f: parameter 'a': 'bytes' has no JSON type"),
        ("def f(*a: int): pass", r"line 1: f: \*args and \*\*kwargs have no schema"),
        ("def f(a: int, /): pass", "positional-only"),
        ("def f(a: int): pass\nimport nothing_there", "failed in the sandbox: ModuleNotFoundError"),
        ("def f(a: int): pass\nwhile True: pass", "failed in the sandbox: LimitExceeded"),
    ],
)
def test_bad_sources_say_where_and_what_to_do(source, message):
    with pytest.raises(ToolSourceError, match=message):
        ToolEnv.from_source(source)


@pytest.mark.parametrize(
    ("schemas", "message"),
    [
        ([{"name": "missing"}], "defines no missing, which its schemas name"),
        ([{"type": "function"}], r"schemas\[0\] has no name"),
        ([{"name": "f", "parameters": "x"}], r"schemas\[0\].parameters is no object"),
    ],
)
def test_bad_schemas_are_named(schemas, message):
    with pytest.raises(ToolSourceError, match=message):
        ToolEnv.from_source("def f(): pass", schemas)


def test_nested_schemas_are_checked():
    schema = {
        "name": "f",
        "parameters": {
            "properties": {
                "point": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
                "table": {"type": "object", "additionalProperties": {"type": "integer"}},
            }
        },
    }
    env = ToolEnv.from_source("def f(point=None, table=None):\n    return [point, table]", [schema])
    good, lacks, wrong = env.call_batch(
        [
            ToolCall("f", {"point": {"x": 1, "y": 2}, "table": {"a": 1}}),
            ToolCall("f", {"point": {}}),
            ToolCall("f", {"table": {"a": "b"}}),
        ]
    )
    assert good.value == [{"x": 1, "y": 2}, {"a": 1}]
    assert lacks.text == "Error: f: argument point lacks x"
    assert wrong.text == 'Error: f: argument table.a must be an integer, not "b"'


def test_schemas_are_json():
    assert json.loads(json.dumps(schemas_from_source(SOURCE))) == schemas_from_source(SOURCE)
