"""`mentor serve` through its client: every endpoint gives what the library gives in this process."""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.request

import numpy as np
import pytest

import mentor
from mentor import Limits, ToolCall, ToolEnv
from mentor.client import Client
from mentor.errors import ScoreError, ServerError
from mentor.server import Bounds, Server

SOURCE = '''
from enum import Enum

class Way(Enum):
    UP = "up"
    DOWN = "down"

BOX = []

def add(a: int, b: float = 1.5) -> float:
    """Adds.

    Args:
        a: The first.
    """
    return a + b

def keep(item: str) -> int:
    BOX.append(item)
    return len(BOX)

def turn(way: Way) -> str:
    return way.name

def fail(how: str):
    if how == "loop":
        while True: pass
    if how == "exit":
        raise SystemExit(3)
    if how == "nan":
        return float("nan")
    if how == "print":
        print("printed")
    if how == "raise":
        raise ValueError("a\\u00e9\\ud800")
'''
PROGRAMS = [
    "1 + 1",
    "print('é' * 3); {'a': [1, 2.5, 10**40, None, True], 'b': '\\ud800'}",
    "1 / 0",
    "import random; random.random()",
    "exit(4)",
    "float('inf')",
    "while True: pass",
    "b = []\nwhile True: b.append(bytearray(1 << 20))",
    "import os; os.abort()",
    "print('x' * 200_000)",
    "None",
    "é = ",
    "'\ud800'",
]


@pytest.fixture(scope="module")
def server():
    with Server(threads=2) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with Client(server.url) as connected:
        yield connected


def told(outcome):
    """An outcome without what depends on the machine."""
    usage = outcome.usage
    fields = ("status", "stdout", "stderr", "value_json", "error", "limit", "exit_code", "stdout_bytes")
    return *(getattr(outcome, name) for name in fields), usage.fuel, usage.memory


def post(server, path, body, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(server.url + path, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_programs_do_what_they_do_in_this_process(client):
    limits = Limits(fuel=300_000_000)
    seeds = list(range(len(PROGRAMS)))
    here = mentor.sandbox.default_sandbox().run_batch(PROGRAMS, seeds=seeds, limits=limits)
    there = client.run(PROGRAMS, seeds=seeds, limits=limits)
    assert list(map(told, there)) == list(map(told, here))
    assert math.isinf(there[5].value)
    statuses = [
        "ok",
        "ok",
        "raised",
        "ok",
        "exited",
        "ok",
        "limit",
        "limit",
        "crashed",
        "ok",
        "ok",
        "raised",
        "raised",
    ]
    assert [one.status for one in there] == statuses


def test_what_outlasts_its_slice_still_answers_as_if_run_once(client):
    long = "print('once')\ntotal = 0\nfor i in range(400_000): total += i\ntotal"
    (here,) = mentor.sandbox.default_sandbox().run_batch([long])
    assert here.ok
    assert here.usage.fuel > 100_000_000
    (there,) = client.run([long])
    assert told(there) == told(here)
    ((outcome, state),) = client.step([None], ["x = 0\nfor i in range(400_000): x += i"])
    assert outcome.ok
    assert client.step([state], ["x"])[0][0].value == sum(range(400_000))
    slow = 'mentor_sandbox_calls_total{sandbox="slow",status="ok"}'
    assert int(client.metrics().split(slow)[1].split()[0]) >= 2


def test_states_are_values_that_both_sides_understand(client):
    box = mentor.sandbox.default_sandbox()
    ((_, there),) = client.step([None], ["x = 40"])
    _, here = box.step(box.initial, "x = 40")
    assert there == here
    assert box.step(there, "x + 2")[0].value == 42
    rows = client.step([here, there, None], ["x + 1", "x += 2; x", "'x' in globals()"])
    assert [outcome.value for outcome, _ in rows] == [41, 42, False]
    assert client.step([rows[1][1]], ["x"])[0][0].value == 42
    stopped, after = client.step([there], ["x = 1\nwhile True: pass"], limits=Limits(fuel=10_000_000))[0]
    assert (stopped.limit, after == there) == ("fuel", True)


def test_tools_are_what_they_are_in_this_process(client):
    here, there = ToolEnv.from_source(SOURCE), client.tools(SOURCE)
    assert (there.schemas, there.names) == (here.schemas, here.names)
    calls = [
        ToolCall("add", {"a": 2}),
        ToolCall("add", {"a": "two"}),
        ToolCall("add", {"c": 1}),
        ToolCall("fly", {}),
        ToolCall("turn", {"way": "down"}),
        ToolCall("turn", {"way": "left"}),
        *(ToolCall("fail", {"how": how}) for how in ("loop", "exit", "nan", "print", "raise", "é" * 3000)),
    ]
    for ours, theirs in zip(here.call_batch(calls), there.call_batch(calls), strict=True):
        assert (theirs.ok, theirs.failed, theirs.text) == (ours.ok, ours.failed, ours.text)
        assert theirs.ok is False or repr(theirs.value) == repr(ours.value)
        assert (theirs.outcome is None) == (ours.outcome is None)


def test_the_text_of_a_result_is_the_one_that_the_server_says(server):
    env = ToolEnv.from_source(SOURCE)
    calls = [("add", {"a": 2}), ("fly", {}), ("fail", {"how": "exit"}), ("fail", {"how": "print"})]
    rows = [{"name": name, "arguments": arguments} for name, arguments in calls]
    _, answer = post(server, "/v1/tools", {"source": SOURCE, "calls": rows})
    texts = [result.text for result in env.call_batch([ToolCall(*call) for call in calls])]
    assert [row["text"] for row in answer["results"]] == texts


def test_episodes_go_on_from_their_states(client):
    here, there = ToolEnv.from_source(SOURCE), client.tools(SOURCE)
    keep = [ToolCall("keep", {"item": "a"}), ToolCall("nothing", {}), ToolCall("keep", {"item": "b"})]
    results, states = there.step_batch([None, None, None], [keep, [], [ToolCall("nothing", {})]])
    assert [[one.value for one in row] for row in results] == [[1, None, 2], [], [None]]
    _, own = here.step_batch([None, None, None], [keep, [], [ToolCall("nothing", {})]])
    assert states == own
    results, _ = there.step_batch(states[:2], [[ToolCall("keep", {"item": "c"})]] * 2, seeds=[[1], [2]])
    assert [row[0].value for row in results] == [3, 1]


def test_given_schemas_say_what_is_offered(client):
    tools = client.tools(
        SOURCE, [{"name": "keep", "parameters": {"type": "object", "properties": {"item": {}}}}]
    )
    assert tools.names == ["keep"]
    assert (
        "there is no tool 'add'; the tools are keep" in tools.call_batch([ToolCall("add", {"a": 1})])[0].text
    )
    with pytest.raises(ServerError, match="source: the tool source defines no gone, which its schemas name"):
        client.tools(SOURCE, [{"name": "gone"}])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(a): return a", "source: line 1: f: parameter 'a' has no annotation; give it a type"),
        ("def f(:", "source: line 1: the tool source is not Python"),
        ("def f(a: int): ...\n1 / 0", "source: failed in the sandbox: ZeroDivisionError: division by zero"),
    ],
)
def test_sources_that_are_no_tools_are_refused(client, source, message):
    with pytest.raises(ServerError) as refused:
        client.tools(source)
    assert message in str(refused.value)
    assert (refused.value.status, refused.value.kind) == (400, "bad_request")


def test_calls_are_parsed_as_in_this_process(client):
    tools = [{"name": "add", "parameters": {"properties": {"a": {"type": "string"}}}}]
    texts = [
        'é <tool_call>{"name": "add", "arguments": {"a": 1.50, "b": 12345678901234567890123}}</tool_call>',
        "<function=add><parameter=a>007</parameter></function>",
        '<tool_call>{"name": "fly", "arguments": {"deep": [{"x": null}, true, "\\u00e9"]}}</tool_call><tool_call>{',
        "nothing \ud800 é",
    ]
    assert client.parse(texts, tools=tools) == mentor.parsing.parse_tool_calls_batch(texts, tools=tools)
    assert client.parse(texts, format="hermes") == mentor.parsing.parse_tool_calls_batch(
        texts, format="hermes"
    )


def test_scores_are_those_of_this_process(client):
    calls = [{"name": "add", "arguments": {"a": 1}}, {"name": "sub", "arguments": {}, "result": 3}]
    text = '<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>'
    students = [calls, text, None, [], calls[:1], calls]
    references = [[{"calls": calls}], calls, calls, [[]], [[calls[1]], [calls[0]]], None]
    for metric in ("f1", "in_order", "assignment", "flow", "edit"):
        here = mentor.align.score_batch(students, references, metric=metric)
        np.testing.assert_array_equal(client.score(students, references, metric=metric), here)
    here = mentor.align.score_batch(students, references, match="set", arguments="ignore")
    np.testing.assert_array_equal(client.score(students, references, match="set", arguments="ignore"), here)


def test_answers_are_judged_as_in_this_process(client):
    answers = ["1/2", "x", None, r"\frac{2}{4}", "50%"]
    references = ["0.5", ["y", "x"], "1", "0.6", "0.5"]
    for policy in ("default", "math"):
        here = mentor.judge.AnswerJudge(policy, math_verify=False).verify(answers, references)
        assert client.judge(answers, references, policy=policy) == here
    assert client.judge(["x+y+z+sin(q)"], ["banana split {"]) != [True]


def test_execute_is_recalls_sandbox(server):
    env = "import math\nprint('hello')\ndef add(a, b):\n    print('adding')\n    return {'sum': a + b}\n"
    ask = lambda call, **more: post(server, "/execute", {"env": env, "call": call, **more})  # noqa: E731
    assert ask("add(2, 3)") == (200, {"output": "hello\nadding\n", "result": {"sum": 5}, "error": None})
    assert ask("add(2)")[1]["error"] == "add() missing 1 required positional argument: 'b'"
    assert ask("add(2)")[1]["result"] is None
    assert ask("exit(2)")[1]["error"] == "exited with code 2"
    # There a time-out is read and never used: an endless loop ends the server.
    status, said = ask("sum(iter(int, 1))", timeout=0.1)
    assert (status, said["result"]) == (200, None)
    assert said["error"] == "the program ran for 100ms"
    assert post(server, "/execute", {"env": "1/0", "call": "1"})[1]["error"] == "division by zero"


def test_run_code_is_sandbox_fusions(server):
    ask = lambda code, **more: post(server, "/run_code", {"code": code, **more})[1]  # noqa: E731
    read = ask("import sys\nprint(input())\nprint(sys.stdin.read())", stdin="a\nb\nc", language="python")
    assert (read["status"], read["run_result"]["status"]) == ("Success", "Finished")
    assert (read["run_result"]["stdout"], read["run_result"]["return_code"]) == ("a\nb\nc\n", 0)
    assert set(read["run_result"]) == {"status", "execution_time", "return_code", "stdout", "stderr"}
    failed = ask("def f():\n    1 / 0\nf()")
    assert (failed["status"], failed["run_result"]["return_code"]) == ("Failed", 1)
    lines = failed["run_result"]["stderr"].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "line 2, in f" in failed["run_result"]["stderr"]
    assert ask("import sys; sys.exit(3)")["run_result"]["return_code"] == 3
    stopped = ask("while True: pass", run_timeout=0.2)
    assert (stopped["status"], stopped["run_result"]["status"]) == ("Failed", "TimeLimitExceeded")
    full = ask("b = []\nwhile True: b.append(bytearray(1 << 20))", memory_limit_MB=32)
    assert "MemoryError" in full["run_result"]["stderr"] or "memory" in full["run_result"]["stderr"]
    files = ask(
        "open('out/b.txt', 'w').write(open('in.txt').read().upper())",
        files={"in.txt": "aGk=", "out/a.txt": "YQ=="},
        fetch_files=["out/b.txt", "gone"],
    )
    assert files["files"] == {"out/b.txt": "SEk="}
    assert post(server, "/run_code", {"code": "x", "language": "cpp"})[0] == 400


def test_the_document_describes_every_path_and_its_examples_work(server):
    with urllib.request.urlopen(server.url + "/openapi.json") as response:
        document = json.loads(response.read())
    posts = {path: item["post"] for path, item in document["paths"].items() if "post" in item}
    assert set(posts) == {
        *("/v1/run", "/v1/step", "/v1/tools", "/v1/parse", "/v1/score", "/v1/judge", "/execute", "/run_code")
    }
    for path, item in posts.items():
        content = item["requestBody"]["content"]["application/json"]
        status, answer = post(server, path, content["example"])
        assert status == 200, (path, answer)
        described = item["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
        assert set(answer) == set(described), path
        if content["schema"].get("additionalProperties") is False:
            status, answer = post(server, path, {**content["example"], "sparse": 1})
            known = ", ".join(f"`{name}`" for name in content["schema"]["properties"])
            assert (status, answer["error"]["kind"]) == (400, "bad_request")
            assert known.split(", ")[-1] in answer["error"]["message"]
    for path, item in document["paths"].items():
        if "get" in item:
            with urllib.request.urlopen(server.url + path) as response:
                assert response.status == 200


def test_metrics_count_requests_and_calls(server, client):
    client.run(["1"])
    page = client.metrics()
    count = 'mentor_http_requests_total{route="/v1/run",status="200"} '
    before = int(page.split(count)[1].split()[0])
    client.run(["1"])
    assert int(client.metrics().split(count)[1].split()[0]) == before + 1
    for line in ("mentor_http_requests_open 1", 'mentor_http_waiting{lane="quick"} 0'):
        assert line in page.splitlines()
    assert 'mentor_sandbox_calls_total{sandbox="quick",status="ok"}' in page
    assert 'route="/v1/run",le="+Inf"' in page


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/v1/run", {}, "missing field `sources`"),
        ("/v1/run", b"{", "EOF while parsing an object at line 1 column 1"),
        ("/v1/run", b'{"sources": []} x', "trailing characters"),
        ("/v1/run", {"sources": [1]}, "sources[0]: invalid type: integer `1`, expected a string"),
        ("/v1/run", {"sources": ["1"], "seeds": []}, "seeds: 0 of them for 1 sources; expected one for each"),
        ("/v1/run", {"sources": ["1"], "seeds": [-1]}, "seeds[0]: invalid value: integer `-1`"),
        (
            "/v1/run",
            {"sources": ["1"], "limits": {"fuel": 2_000_000_001}},
            "limits.fuel: 2000000001 is more than this server allows, 2000000000",
        ),
        ("/v1/run", {"sources": ["1"], "limits": {"wall": 0}}, "limits.wall: 0 s; expected more than 0"),
        ("/v1/run", {"sources": ["1"], "limits": {"fuels": 1}}, "limits.fuels: unknown field `fuels`"),
        ("/v1/step", {"states": ["?"], "sources": ["1"]}, "states[0]: no base64"),
        ("/v1/step", {"states": ["aGk="], "sources": ["1"]}, "states[0]: the state cannot be used"),
        (
            "/v1/tools",
            {"source": "x", "calls": [{"name": "f", "arguments": []}]},
            "defines no public function",
        ),
        (
            "/v1/tools",
            {"source": SOURCE, "calls": [{"name": "f", "arguments": []}]},
            "calls[0].arguments: expected an object",
        ),
        (
            "/v1/parse",
            {"texts": [], "format": "morse"},
            'format: unknown format "morse"; known: auto, hermes',
        ),
        ("/v1/parse", {"texts": [], "tools": [{}]}, "tools[0]: expected a tool schema with a name"),
        ("/v1/score", {"students": [[]], "references": [[]], "metric": "x"}, "unknown metric"),
        ("/v1/score", {"students": [[{}]], "references": [[]]}, "students[0]"),
        ("/v1/score", {"students": [[]], "references": [[{"calls": [{}]}]]}, "references[0][0].calls[0]"),
        (
            "/v1/judge",
            {"answers": ["1"], "references": [], "policy": "math"},
            "references: 0 of them for 1 answers",
        ),
        (
            "/v1/judge",
            {"answers": [], "references": [], "policy": "x"},
            'policy: "x"; expected one of default',
        ),
        ("/execute", {"env": "", "call": "1", "timeout": -1}, "timeout: -1 s"),
        ("/run_code", {"code": "", "files": {"/usr/x": "YQ=="}}, "files: "),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_place(server, path, body, message):
    status, answer = post(server, path, body)
    assert (status, answer["error"]["kind"]) == (400, "bad_request")
    assert message in answer["error"]["message"]


def test_the_client_checks_what_it_sends(client):
    with pytest.raises(ScoreError, match=r"/v1/score: the request is no JSON: Object of type set"):
        client.score([{1}], [[]])
    with pytest.raises(ScoreError, match="seeds: 0 of them for 1 calls"):
        client.tools(SOURCE).call_batch([ToolCall("add")], seeds=[])
    with pytest.raises(ServerError, match="url: 'ftp://x'; expected http://HOST:PORT"):
        Client("ftp://x")


def test_bounds_are_those_that_were_set():
    bounds = Bounds(batch=2, body=1000)
    with Server(threads=1, bounds=bounds) as small, Client(small.url) as client:
        with pytest.raises(
            ServerError, match="sources: 3 of them; this server takes at most 2 a request"
        ) as many:
            client.run(["1"] * 3)
        assert many.value.status == 413
        with pytest.raises(ServerError, match="the body is longer than 1000 bytes; send fewer rows") as long:
            client.run(["#" * 2000])
        assert (long.value.status, long.value.kind) == (413, "too_large")
        assert client.run(["1"])[0].value == 1
