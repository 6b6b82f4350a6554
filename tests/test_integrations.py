"""Doors to other trainers and agents: TRL as it is installed, the others by the interfaces that they publish."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mentor import ToolEnv
from mentor.errors import DataError, SandboxError
from mentor.integrations import mcp, slime, trl, verl
from mentor.integrations.smolagents import MentorExecutor
from mentor.sandbox import Limits

SOURCE = '''
from typing import Literal, Optional

BOX = []

def add(a: int, b: float = 1.5) -> float:
    """Adds two numbers.

    Args:
        a: The first
            number.
        b: The second.
    """
    return a + b

def keep(items: list[str], how: Literal["one", "all"] = "all", note: Optional[str] = None) -> int:
    """Keeps items."""
    BOX.extend(items)
    return len(BOX)

def loop() -> str:
    """Never ends."""
    while True: pass
'''
CALL = '<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>'
TEACHER = [{"calls": [{"name": "add", "arguments": {"a": 1, "b": 2}}]}]


@pytest.fixture(scope="module")
def env():
    return ToolEnv.from_source(SOURCE)


def test_functions_are_what_trl_looks_for(env):
    add, keep, loop = trl.tool_functions(env)
    assert all(inspect.isfunction(function) for function in (add, keep, loop))
    assert (add(a=2), add(a=2, b=1), add.__name__) == ("3.5", "3", "add")
    assert add(a="two") == 'Error: add: argument a must be an integer, not "two"'
    assert loop().startswith("Error: the program used its 2000000000 units of fuel")
    assert (keep(items=["x"]), keep(items=["x"])) == ("1", "1")


def test_schemas_survive_the_way_through_transformers(env):
    utils = pytest.importorskip("transformers.utils")
    for function, schema in zip(trl.tool_functions(env), env.schemas, strict=True):
        read = utils.get_json_schema(function)["function"]
        declared = schema["function"]
        assert (read["name"], read["description"]) == (declared["name"], declared["description"])
        assert list(read["parameters"]["properties"]) == list(declared["parameters"]["properties"])
        assert read["parameters"].get("required", []) == declared["parameters"]["required"]
    read = utils.get_json_schema(trl.tool_functions(env)[0])["function"]["parameters"]["properties"]
    assert read["a"] == {"type": "integer", "description": "The first number."}


def test_environments_keep_what_an_episode_did(env):
    factory = trl.environment(env)
    one, other = factory(), factory()
    assert [one.keep(items=["a"]), one.keep(items=["b"]), other.keep(items=["c"])] == ["1", "2", "1"]
    one.reset(question="a row's columns")
    assert one.keep(items=["d"]) == "1"
    methods = inspect.getmembers(one, predicate=inspect.ismethod)
    assert [name for name, _ in methods if not name.startswith("_")] == ["add", "keep", "loop", "reset"]
    assert "self" not in inspect.signature(one.keep).parameters


def test_verl_scores_and_leaves_no_silent_zero():
    extra = {"references": TEACHER}
    right = verl.compute_score("gsm8k", CALL + r"\boxed{3}", "3", extra)
    assert right == pytest.approx(1.1)
    assert verl.compute_score("gsm8k", r"\boxed{4}", ["3", "5"], extra) == pytest.approx(0.1)
    with pytest.raises(DataError, match="gsm8k: cannot be scored: the answer is undecided, or there are no"):
        verl.compute_score("gsm8k", r"\boxed{3}", "3")


def test_verls_tool_runs_calls(tmp_path):
    file = tmp_path / "tools.py"
    file.write_text(SOURCE)
    schema = SimpleNamespace(function=SimpleNamespace(name="add"))
    tool = verl.MentorTool({"source": str(file)}, schema)

    async def use():
        instance, _ = await tool.create()
        done = await tool.execute(instance, {"a": 2})
        refused = await tool.execute(instance, {"c": 2})
        await tool.release(instance)
        return done, refused, await tool.calc_reward(instance)

    done, refused, reward = asyncio.run(use())
    assert (done, reward) == (("3.5", 0.0, {"status": "ok"}), 0.0)
    assert (refused[0], refused[2]["status"]) == ("Error: add: missing argument a; expected a, b", "refused")
    with pytest.raises(DataError, match="the tool source cannot be read"):
        verl.MentorTool({"source": str(tmp_path / "gone.py")}, schema)


def test_slime_scores_samples_and_removes_what_has_no_score():
    def sample(response, metadata):
        return SimpleNamespace(
            prompt="p", response=response, label="3", metadata=metadata, remove_sample=False
        )

    rows = [sample(CALL + r"\boxed{3}", {"references": TEACHER}), sample(r"\boxed{3}", {})]
    scores = asyncio.run(slime.reward(None, rows))
    assert scores == [pytest.approx(1.1), 0.0]
    assert [row.remove_sample for row in rows] == [False, True]
    assert asyncio.run(slime.reward(None, rows[0])) == pytest.approx(1.1)


def test_an_agents_code_runs_in_the_sandbox_and_goes_on():
    seen = []

    def search(query: str) -> str:
        seen.append(query)
        return query.upper()

    executor = MentorExecutor(limits=Limits(fuel=300_000_000))
    executor.send_tools({"search": search, "final_answer": lambda answer: answer})
    executor.send_variables({"rows": [1, 2]})
    first = executor("found = search(query='a')\nprint(found)\nrows + [3]")
    assert (first.output, first.logs, first.is_final_answer) == ([1, 2, 3], "A\n", False)
    last = executor("try:\n    final_answer({'found': found})\nexcept Exception:\n    print('caught')")
    assert (last.output, last.is_final_answer, seen) == ({"found": "A"}, True, ["a"])
    with pytest.raises(SandboxError, match="NameError: name 'gone' is not defined"):
        executor("print('before')\ngone")
    with pytest.raises(SandboxError, match="the program used its 300000000 units of fuel"):
        executor("while True: pass")
    assert executor("found").output == "A"
    with pytest.raises(SandboxError, match="Object of type set is not JSON serializable; give values"):
        executor.send_variables({"x": {1}})
    executor.cleanup()


@pytest.mark.skipif(importlib.util.find_spec("smolagents") is None, reason="smolagents is not installed")
def test_smolagents_gets_its_own_class():
    from smolagents.local_python_executor import CodeOutput

    assert isinstance(MentorExecutor()("1"), CodeOutput)


def ask(session, method, params=None, number=1):
    message = {"jsonrpc": "2.0", "id": number, "method": method}
    return json.loads(session.answer(json.dumps(message | ({} if params is None else {"params": params}))))


def call(session, name, **arguments):
    result = ask(session, "tools/call", {"name": name, "arguments": arguments})["result"]
    return result["content"][0]["text"], result["isError"]


def test_an_mcp_session_runs_code_and_tools(env):
    session = mcp.Session(env)
    begun = ask(session, "initialize", {"protocolVersion": "2025-03-26", "capabilities": {}})["result"]
    assert (begun["protocolVersion"], begun["capabilities"]) == ("2025-03-26", {"tools": {}})
    assert session.answer('{"jsonrpc": "2.0", "method": "notifications/initialized"}') is None
    listed = ask(session, "tools/list")["result"]["tools"]
    assert [tool["name"] for tool in listed] == ["run_python", "add", "keep", "loop"]
    assert listed[1]["inputSchema"]["required"] == ["a"]
    assert call(session, "run_python", code="x = 20\nprint('hi')") == ("hi", False)
    assert call(session, "run_python", code="print('hi'); x + 22") == ("hi\n42", False)
    text, failed = call(session, "run_python", code="1 / 0")
    assert ("ZeroDivisionError: division by zero" in text, failed) == (True, True)
    assert [call(session, "keep", items=["a"])[0] for _ in range(2)] == ["1", "2"]
    assert call(session, "add", a="x")[1]
    assert call(session, "fly") == ("Error: there is no tool 'fly'; the tools are add, keep, loop", True)
    assert call(mcp.Session(), "fly") == ("there is no tool 'fly'", True)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", -32700),
        ("[]", -32600),
        ('{"id": 1}', -32600),
        ('{"id": 1, "method": "fly"}', -32601),
        ('{"id": 1, "method": "tools/call", "params": {}}', -32602),
        ('{"id": 1, "method": "tools/call", "params": {"name": "run_python"}}', -32602),
        ('{"id": 1, "method": "tools/call", "params": [1]}', -32602),
    ],
)
def test_mcp_messages_that_are_none_have_their_codes(line, code):
    assert json.loads(mcp.Session().answer(line))["error"]["code"] == code


def test_an_mcp_server_speaks_lines(tmp_path):
    file = tmp_path / "tools.py"
    file.write_text(SOURCE)
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "add", "arguments": {"a": 1}}},
    ]
    done = subprocess.run(
        [sys.executable, "-m", "mentor.integrations.mcp", str(file)],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [1, 2]
    assert answers[1]["result"]["content"] == [{"type": "text", "text": "2.5"}]
