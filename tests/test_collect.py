"""Collecting a teacher's trajectories: a real local HTTP endpoint with a script behind it, and what can go wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mentor.align import compile_references
from mentor.cli import main
from mentor.collect import CollectSettings, Endpoint, collect, load_facts, verify
from mentor.collect.endpoint import Pace
from mentor.data import load, load_jsonl, save_jsonl
from mentor.data.tasks import generate, generate_shop
from mentor.errors import ConfigError, DataError, EndpointError
from mentor.types import Task, ToolCall, Trajectory

Answerer = Callable[[dict[str, Any], int], tuple[int, dict[str, Any] | str]]


class Server:
    """An endpoint on this machine; `answer` gets each request's body and number, and gives status and body."""

    def __init__(self, answer: Answerer) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    number = len(outer.requests)
                    outer.requests.append(body)
                    outer.headers.append(dict(self.headers))
                status, said = answer(body, number)
                payload = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "0")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Answerer], Server]]:
    servers: list[Server] = []

    def start(answer: Answerer) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def message(content: str | None, calls: list[ToolCall] = [], tokens: int = 10) -> dict[str, Any]:  # noqa: B006
    said: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        said["tool_calls"] = [
            {
                "id": f"c{k}",
                "type": "function",
                "function": {"name": c.name, "arguments": json.dumps(dict(c.arguments))},
            }
            for k, c in enumerate(calls)
        ]
    finish = "tool_calls" if calls else "stop"
    return {"choices": [{"message": said, "finish_reason": finish}], "usage": {"total_tokens": tokens}}


def scripted(
    tasks: list[Task], *, in_text: bool = False, way: Callable[[Task, int], Trajectory] | None = None
) -> Answerer:
    """A teacher that makes a reference's calls one a turn, and boxes its answer."""
    by_question = {task.question: task for task in tasks}

    def answer(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        task = by_question[body["messages"][1]["content"]]
        reference = way(task, body["seed"]) if way else task.references[0]
        done = sum(said["role"] == "tool" for said in body["messages"])
        if done == len(reference.calls):
            return 200, message(f"So it is \\boxed{{{reference.answer}}}")
        call = reference.calls[done]
        if in_text:
            text = json.dumps({"name": call.name, "arguments": dict(call.arguments)})
            return 200, message(f"<tool_call>\n{text}\n</tool_call>")
        return 200, message(None, [call])

    return answer


@pytest.mark.parametrize("in_text", [False, True])
def test_a_teachers_way_is_collected_verified_and_kept(serve, tmp_path: Path, in_text: bool) -> None:
    tasks = [*generate(3, 3), *generate_shop(3, 3)]
    server = serve(scripted(tasks, in_text=in_text))
    found = collect(
        tasks, Endpoint(server.url, "teacher", key="secret"), tmp_path, settings=CollectSettings(samples=1)
    )
    assert found.verdicts == {"verified": 6}
    assert found.failures == []
    assert found.tokens == 10 * len(server.requests)
    assert [task.references for task in found.tasks] == [task.references for task in tasks]
    assert load_jsonl(tmp_path / "tasks.jsonl") == found.tasks
    assert server.headers[0]["Authorization"] == "Bearer secret"
    first = next(body for body in server.requests if body["messages"][1]["content"] == tasks[0].question)
    assert first["tools"] == [dict(tool) for tool in tasks[0].tools]
    assert "secret" not in "".join(file.read_text() for file in tmp_path.iterdir())
    # Tool responses follow their calls, with their ids.
    last = max(server.requests, key=lambda body: len(body["messages"]))["messages"]
    assert [said["role"] for said in last[2:4]] == ["assistant", "tool"]
    assert last[3]["tool_call_id"] == last[2]["tool_calls"][0]["id"]


def test_tools_can_be_described_in_the_system_message(serve, tmp_path: Path) -> None:
    tasks = generate(3, 2)
    server = serve(scripted(tasks, in_text=True))
    settings = CollectSettings(samples=1, describe=True)
    assert collect(tasks, Endpoint(server.url, "t"), tmp_path, settings=settings).verdicts == {"verified": 2}
    for body in server.requests:
        assert "tools" not in body
        assert "<tools>" in body["messages"][0]["content"]
        assert all("tool_calls" not in said and "tool_call_id" not in said for said in body["messages"])


def test_several_references_are_kept_and_no_two_alike(serve, tmp_path: Path) -> None:
    tasks = [task for task in generate(5, 40, references=3) if len(task.references) == 3][:4]
    server = serve(scripted(tasks, way=lambda task, seed: task.references[min(seed, 2) - (seed == 1)]))
    settings = CollectSettings(samples=4, keep=2)
    found = collect(tasks, Endpoint(server.url, "teacher"), tmp_path, settings=settings, parallel=1)
    # Samples 0 and 1 take the same way, sample 2 another; then the task has what is to be kept.
    assert [task.references for task in found.tasks] == [(t.references[0], t.references[2]) for t in tasks]
    assert {body["seed"] for body in server.requests} == {0, 1, 2}


def test_a_stopped_collection_goes_on_and_a_cut_line_is_tried_again(serve, tmp_path: Path) -> None:
    tasks = generate(3, 4)
    server = serve(scripted(tasks))
    endpoint, settings = Endpoint(server.url, "teacher"), CollectSettings(samples=1)
    whole = collect(tasks, endpoint, tmp_path, settings=settings, parallel=1)
    file = tmp_path / "attempts.jsonl"
    lines = file.read_text().splitlines()
    file.write_text(lines[0] + "\n" + lines[1][:40])
    (tmp_path / "tasks.jsonl").unlink()
    before = len(server.requests)
    again = collect(tasks, endpoint, tmp_path, settings=settings)
    assert again == whole
    assert len(server.requests) - before == sum(len(task.references[0].calls) + 1 for task in tasks[1:])
    before = len(server.requests)
    assert collect(tasks, endpoint, tmp_path, settings=settings) == whole
    assert len(server.requests) == before
    with pytest.raises(ConfigError, match="samples: differs from the collection's own"):
        collect(tasks, endpoint, tmp_path, settings=CollectSettings(samples=2))
    with pytest.raises(ConfigError, match="tasks: differs"):
        collect(tasks[:2], endpoint, tmp_path, settings=settings)


def test_what_may_not_teach_is_told_apart(serve, tmp_path: Path) -> None:
    tasks = generate(3, 5)

    def answer(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        task = next(t for t in tasks if t.question == body["messages"][1]["content"])
        place, told = tasks.index(task), [m for m in body["messages"] if m["role"] == "tool"]
        if place == 0:
            return 200, message("\\boxed{123456789}")
        if place == 1:
            return 200, message("I do not know.")
        if place == 2 and not told:
            return 200, message(None, [ToolCall("launch", {})])
        if place == 3 and not told:
            return 200, message(None, [ToolCall(str(task.tools[0]["function"]["name"]), {"wrong": 1})])
        if place == 4:
            return 200, message(None, [task.references[0].calls[0]])
        assert told[0]["content"].startswith("Error: ")
        return 200, message(f"\\boxed{{{task.answer}}}")

    found = collect(
        tasks, Endpoint(serve(answer).url, "teacher"), tmp_path,
        settings=CollectSettings(samples=1, max_turns=3),
    )  # fmt: skip
    kept = [json.loads(line) for line in (tmp_path / "attempts.jsonl").read_text().splitlines()]
    verdicts = {record["task_id"]: (record["verdict"], record["finished"]) for record in kept}
    assert [verdicts[task.id] for task in tasks] == [
        ("wrong answer", True),
        ("no answer", True),
        ("failed calls", True),
        ("failed calls", True),
        ("no answer", False),
    ]
    assert found.tasks == []


def test_references_that_do_not_come_out_the_same_again_are_refused() -> None:
    [task] = generate_shop(1, 1)
    reference = task.references[0]
    other = Trajectory(
        (*reference.calls[:-1], ToolCall(reference.calls[-1].name, {}, 0.25)), reference.answer
    )
    roll = {"name": "roll", "parameters": {"type": "object", "properties": {}}}
    source = "import random\n\n\ndef roll() -> int:\n    return random.randrange(10**9)\n"
    dice = Task("d", "Roll.", [{"type": "function", "function": roll}], source, "7")
    rolled = Trajectory((ToolCall("roll", {}, 7),), "7")
    names_only = Trajectory((ToolCall("roll"),), "7")
    rows = [(task, reference), (task, other), (dice, rolled), (dice, names_only)]
    assert verify(rows) == ["verified", "not reproduced", "not reproduced", "verified"]
    assert verify(rows[1:2], execute=False) == ["verified"]


# ---- the endpoint


def test_a_busy_server_is_asked_again_and_a_refusal_is_not(serve) -> None:
    def busy(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any] | str]:
        return (429, "slow down") if number < 2 else (200, message("\\boxed{1}"))

    server = serve(busy)
    reply = Endpoint(server.url, "m", pause=0.001).chat([], [], 0)
    assert (reply.message["content"], len(server.requests)) == ("\\boxed{1}", 3)
    down = serve(lambda body, number: (503, "restarting"))
    with pytest.raises(EndpointError, match="failed 3 times, at last with status 503: restarting") as caught:
        Endpoint(down.url, "m", retries=2, pause=0.001).chat([], [], 0)
    assert not caught.value.lasting
    refused = serve(lambda body, number: (401, '{"error": "wrong key"}'))
    with pytest.raises(EndpointError, match=r"refused with status 401: .*wrong key") as caught:
        Endpoint(refused.url, "m").chat([], [], 0)
    assert caught.value.lasting
    assert len(refused.requests) == 1


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("<html>", "the reply is not JSON"),
        ({"error": "no"}, 'the reply is no chat completion: {"error": "no"}'),
    ],
)
def test_a_reply_that_is_none_is_shown(serve, said: Any, problem: str) -> None:
    server = serve(lambda body, number: (200, said))
    with pytest.raises(EndpointError, match=problem):
        Endpoint(server.url, "m").chat([], [], 0)


def test_nobody_listening_is_a_failure_of_the_attempts_and_they_are_tried_again(
    serve, tmp_path: Path
) -> None:
    tasks = generate(3, 2)
    gone = Endpoint("http://127.0.0.1:9/v1", "teacher", retries=0)
    settings = CollectSettings(samples=1)
    found = collect(tasks, gone, tmp_path, settings=settings)
    assert len(found.failures) == 2
    assert "failed 1 times" in found.failures[0]
    server = serve(scripted(tasks))
    assert collect(tasks, Endpoint(server.url, "teacher"), tmp_path, settings=settings).verdicts == {
        "verified": 2
    }


def test_requests_begin_no_faster_than_the_rate() -> None:
    now, begun = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(4.0, clock=lambda: now[0], sleep=sleep)
    for _ in range(5):
        pace.wait()
        begun.append(now[0])
    assert begun == [0.0, 0.25, 0.5, 0.75, 1.0]
    now[0] = 9.0
    pace.wait()
    assert now[0] == 9.0


# ---- facts, conversion and the command


def test_facts_are_computed_once_and_read_back(serve, tmp_path: Path) -> None:
    tasks = generate_shop(3, 2)
    collect(tasks, Endpoint(serve(scripted(tasks)).url, "t"), tmp_path, settings=CollectSettings(samples=1))
    facts = load_facts(tmp_path / "facts.jsonl", tasks)
    assert all(one is not None and "put" in one.effects for one in facts)
    compile_references([list(t.references) for t in tasks], tasks=[t.question for t in tasks], facts=facts)
    assert load_facts(tmp_path / "facts.jsonl", generate(1, 1)) == [None]


def test_conversations_become_tasks_and_alike_questions_one_task(tmp_path: Path) -> None:
    [task] = generate(3, 1, references=2)
    tools = [dict(tool) for tool in task.tools]

    def line(reference: Trajectory, **more: Any) -> str:
        said: list[dict[str, Any]] = [{"role": "user", "content": task.question}]
        for call in reference.calls:
            said.append(message(None, [call])["choices"][0]["message"])
            said.append({"role": "tool", "tool_call_id": "c0", "content": json.dumps(call.result)})
        said.append({"role": "assistant", "content": f"It is \\boxed{{{reference.answer}}}"})
        return json.dumps({"messages": said, "tools": tools, "tool_source": task.tool_source, **more}) + "\n"

    file = tmp_path / "chats.jsonl"
    file.write_text(line(task.references[0]) + line(task.references[-1], answer=["x", task.answer]))
    [read] = load({"kind": "messages", "path": str(file)})
    assert (read.id, read.question, read.answer) == ("messages/0", task.question, task.answer)
    assert read.references == (task.references[0], task.references[-1])
    out = tmp_path / "out"
    assert main(["collect", json.dumps({"kind": "messages", "path": str(file)}), "--out", str(out)]) == 0
    assert load_jsonl(out / "tasks.jsonl")[0].references == read.references
    file.write_text(json.dumps({"messages": [{"role": "user", "content": "hi"}]}) + "\n")
    with pytest.raises(DataError, match="row 0, field 'messages': expected an answer"):
        load({"kind": "messages", "path": str(file)})


def test_bfcl_and_mentors_rows_are_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {
            "question": "What is 2 + 3?",
            "data_source": "unit",
            "extra_info": {"func_schemas": [], "env": ""},
            "tool_calls_used": ["add"],
            "reward_model": {"ground_truth": "5"},
        }
    ]
    file = tmp_path / "mentor.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = json.dumps({"kind": "mentor", "source": str(file)})
    assert main(["collect", source, "--out", str(tmp_path / "a")]) == 0
    assert "1 of 1 tasks have 1 verified references (1 verified)" in capsys.readouterr().out
    pytest.importorskip("bfcl_eval")
    bfcl = json.dumps({"kind": "bfcl", "categories": ["exec_parallel_multiple"]})
    assert main(["collect", bfcl, "--out", str(tmp_path / "b")]) == 0
    assert "8 of 8 tasks" in capsys.readouterr().out


def test_the_command_collects_and_says_what_it_kept(
    serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = generate(3, 3)
    save_jsonl(tasks, tmp_path / "tasks.jsonl")
    server = serve(scripted(tasks))
    command = [
        "collect",
        str(tmp_path / "tasks.jsonl"),
        "--out",
        str(tmp_path / "out"),
        "--endpoint",
        server.url,
    ]
    assert main(command) == 2
    assert "--model: is missing" in capsys.readouterr().err
    assert main([*command, "--model", "teacher", "--samples", "1", "--rate", "1000"]) == 0
    assert "3 of 3 tasks have 3 verified references (3 verified)" in capsys.readouterr().out
    assert {body["temperature"] for body in server.requests} == {0.7}
