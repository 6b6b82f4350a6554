"""Host tools: what a guest may call, how a call ends, and that a record replays to the same bytes."""

import os
import pickle
import subprocess
import sys
import threading
import time

import pytest

from mentor import ToolCall, ToolEnv
from mentor.errors import SandboxError, ScoreError
from mentor.sandbox import HostCall, HostCallError, HostTool, Limits, Sandbox

CALLS: list[tuple] = []
OTHER: list[Sandbox] = []
RELEASE = threading.Event()


def search(query, limit: int = 2):
    """Finds pages."""
    CALLS.append((query, limit))
    return [f"{query}-{n}" for n in range(limit)]


def refuse(why="no"):
    raise PermissionError(why)


def stuck():
    RELEASE.wait(60)


def unprintable():
    class OddError(Exception):
        def __str__(self):
            return "\ud800" * 100_000

    raise OddError


def outside(source):
    return OTHER[0].run(source).value


@pytest.fixture(scope="module")
def box():
    tools = {
        "search": search,
        "refuse": refuse,
        "stuck": HostTool(stuck, timeout=0.05),
        "waits": HostTool(stuck, timeout=50.0),
        "unprintable": unprintable,
        "outside": HostTool(outside, timeout=30.0),
        "nested": lambda: box.run("1").value,
        "letters": lambda n: "x" * n,
        "pages": lambda: {1, 2},
        "leaves": lambda: sys.exit(3),
        "out_of_memory": lambda: (_ for _ in ()).throw(MemoryError("host")),
        "echo": lambda value: value,
        "vanish": lambda **values: list(values),
        "mixed": lambda a, /, b=1, *, c=2: [a, b, c],
        "low": max,
    }
    box = Sandbox("from mentor_host import *", host_tools=tools, threads=2)
    yield box
    RELEASE.set()


def test_a_program_calls_by_name_or_by_position(box):
    CALLS.clear()
    out = box.run(
        "import mentor_host as m\n[m.search('a', limit=1), m.search('b'), m.call('search', query='c')]"
    )
    assert out.value == [["a-0"], ["b-0", "b-1"], ["c-0", "c-1"]]
    assert CALLS == [("a", 1), ("b", 2), ("c", 2)]
    assert [(c.name, c.arguments, c.result, c.error) for c in out.host_calls] == [
        ("search", {"query": "a", "limit": 1}, ["a-0"], None),
        ("search", {"query": "b"}, ["b-0", "b-1"], None),
        ("search", {"query": "c"}, ["c-0", "c-1"], None),
    ]
    assert all(0 < call.seconds < 5 for call in out.host_calls)


def test_the_module_is_there_only_with_host_tools():
    out = Sandbox(threads=1).run("import mentor_host")
    assert str(out.error) == "ModuleNotFoundError: No module named 'mentor_host'"
    out = Sandbox(threads=1).run("import _host\n_host.call(b'Hsearch\\0{}')")
    assert "no such host tool" in out.value


def test_what_a_program_sees_of_a_tool(box):
    out = box.run("import mentor_host as m\n[m.search.__doc__, m.search.__name__, m.search.__module__]")
    assert out.value == ["Finds pages.", "search", "mentor_host"]


def test_values_cross_both_ways(box):
    out = box.run(
        "from fractions import Fraction\nv = [2**70, float('inf'), '\\ud800é', {3: (1, {2})}, Fraction(1, 2)]\necho(v)"
    )
    assert out.value == [2**70, float("inf"), "\ud800é", {"3": [1, [2]]}, "1/2"]
    assert out.host_calls[0].arguments == {"value": out.value}


ENDINGS = [
    ("refuse()", "HostToolError", "refuse: PermissionError: no"),
    ("stuck()", "HostToolTimeout", "stuck: TimeoutError: the host tool took longer than 50ms"),
    ("pages()", "HostToolError", "pages: TypeError: Object of type set is not JSON serializable"),
    ("search()", "HostToolError", "search: TypeError: search() missing 1 required positional argument: 'query'"),
    ("search(nothing=1)", "HostToolError", "search: TypeError: search() got an unexpected keyword argument 'nothing'"),
    ("mixed(1)", "HostToolError", "mixed: TypeError"),
    ("low(1)", "HostToolError", "TypeError: low() takes 0 positional arguments but 1 were given"),
    ("call('nothing')", "HostToolError", "nothing: LookupError: no such host tool; the host tools are search, refuse"),
    ("unprintable()", "HostToolError", "unprintable: OddError: ????"),
    ("letters(5 << 20)", "HostToolError", "letters: LimitExceeded: the host calls of this run take more than 4194304"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), ENDINGS, ids=[call for call, _, _ in ENDINGS])
def test_a_call_without_a_result_is_an_exception_in_the_guest(box, call, kind, message):
    out = box.run(
        f"try:\n    {call}\nexcept Exception as error:\n    seen = [type(error).__name__, str(error)]\nseen"
    )
    if call == "low(1)":
        kind, message = "TypeError", message.removeprefix("TypeError: ")
    assert (out.status, out.value[0]) == ("ok", kind)
    assert out.value[1].startswith(message)
    assert len(out.value[1]) < 10_000


def test_exceptions_have_types_and_fields(box):
    source = """
import mentor_host as m
seen = []
for tool in (refuse, stuck):
    try:
        tool()
    except m.HostToolError as error:
        seen.append([error.tool, error.type, error.message, isinstance(error, TimeoutError)])
seen"""
    assert box.run(source).value == [
        ["refuse", "PermissionError", "no", False],
        ["stuck", "TimeoutError", "the host tool took longer than 50ms", True],
    ]
    out = box.run("refuse('because')")
    assert (out.status, str(out.error)) == (
        "raised", "mentor_host.HostToolError: refuse: PermissionError: because",
    )  # fmt: skip
    assert out.host_calls == (
        HostCall("refuse", '{"why": "because"}', None, HostCallError("raised", "PermissionError", "because")),
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("nested()", "SandboxError: a host tool used the sandbox whose run waits for it"),
        ("leaves()", "SystemExit: 3"),
        ("out_of_memory()", "MemoryError: host"),
    ],
)
def test_the_machinerys_failure_is_failed_and_cannot_be_caught(box, call, message):
    out = box.run(f"try:\n    {call}\nexcept BaseException:\n    pass")
    assert out.status == "failed"
    assert out.error.message.startswith(f"a host tool could not be called: {message}")
    assert box.run("1 + 1").value == 2


def test_a_tool_may_use_another_sandbox_but_not_in_a_circle(box):
    OTHER[:] = [Sandbox(threads=1)]
    assert box.run("outside('6 * 7')").value == 42
    circle = Sandbox("from mentor_host import *", host_tools={"back": lambda: box.run("1").value}, threads=1)
    OTHER[:] = [circle]
    # The failure of the inner run is a value of the outer one: None.
    assert box.run("outside('back()')").value is None
    out = circle.run("back()")
    assert out.value == 1


def test_a_stuck_tool_holds_nobody(box):
    started = time.monotonic()
    source = """
import mentor_host as m
n = 0
for _ in range(3):
    try: stuck()
    except m.HostToolTimeout: n += 1
n"""
    outs = box.run_batch([source] * 4)
    assert [out.value for out in outs] == [3] * 4
    assert time.monotonic() - started < 20  # twelve waits of 60 s otherwise


def test_the_deadline_covers_host_calls(box):
    source = "try:\n    waits()\nexcept BaseException:\n    pass\n'caught'"
    out = box.run(source, limits=Limits(wall=0.1))
    assert (out.status, out.limit, out.value) == ("limit", "wall", None)
    assert [(c.name, c.error) for c in out.host_calls] == [("waits", HostCallError("stopped"))]
    again = box.run(source, replay=out.host_calls)
    assert (again.status, again.limit, again.host_calls) == ("limit", "wall", out.host_calls)


def test_ctrl_c_stops_a_batch_that_waits_for_a_tool(box):
    import _thread

    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        box.run_batch(["waits()"] * 4, limits=Limits(wall=60))
    timer.join()
    assert box.run("1").value == 1


def test_calls_are_bounded_together(box):
    out = box.run("for n in range(10**6):\n    letters(1 << 16)")
    assert (out.status, out.limit, len(out.host_calls)) == ("limit", "host", 64)
    out = box.run("for n in range(10**6):\n    echo(None)", limits=Limits(host=10_000))
    assert (out.status, out.limit) == ("limit", "host")
    assert 30 < len(out.host_calls) < 80
    out = box.run(
        "try:\n    echo('x' * 9000)\nexcept Exception as error:\n    text = str(error)\ntext",
        limits=Limits(host=5000),
    )
    assert (out.status, out.host_calls) == ("ok", ())
    assert out.value == ": LimitExceeded: the host calls of this run take more than 5000 bytes"


FRAMES = [
    "H",
    "H\\0",
    "Hsearch",
    "Hsearch\\0",
    "Hsearch\\0[1]",
    "Hsearch\\0{",
    "Hsearch\\0{}}",
    "H\\xff\\0{}",
    "Q",
    "",
]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_forged_frame_is_refused(box, frame):
    CALLS.clear()
    out = box.run(f"import _host\n_host.call(b'{frame}')\nrepr(search('x', 1))")
    assert (out.status, out.value, CALLS) == ("ok", "['x-0']", [("x", 1)])


def test_a_record_replays_to_the_same_bytes(box):
    source = """
import mentor_host as m
seen = [search('a'), echo({'b': 1})]
for tool in (refuse, stuck):
    try: tool()
    except m.HostToolError as error: seen.append(str(error))
print(seen)
seen"""
    first = box.run(source, seed=3)
    CALLS.clear()
    record = pickle.loads(pickle.dumps(first.host_calls))
    again = box.run(source, seed=3, replay=record)
    assert CALLS == []
    same = ("status", "stdout", "stderr", "value_json", "error", "limit", "host_calls")
    assert [getattr(first, name) for name in same] == [getattr(again, name) for name in same]
    assert first.usage.fuel == again.usage.fuel


DIVERGED = [
    ("search('b')", 'host call 0 was search({"query": "a"}) and is now search({"query": "b"})'),
    ("echo('a')", 'host call 0 was search({"query": "a"}) and is now echo({"value": "a"})'),
    ("search('a'); echo(1)", 'host call 1 is not in the record: echo({"value": 1})'),
    ("1", 'the program made 0 of 1 recorded host calls; the next one was search({"query": "a"})'),
    ("try: search('b')\nexcept BaseException: pass", "host call 0 was search"),
    ("1 / 0", "the program made 0 of 1"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "message"), DIVERGED, ids=[source[:20] for source, _ in DIVERGED])
def test_another_program_diverges_from_the_record(box, source, message):
    record = box.run("search('a')").host_calls
    out, state = box.step(box.initial, source, replay=record)
    assert (out.status, out.value, out.limit) == ("diverged", None, None)
    assert out.error.type == "ReplayDivergence"
    assert out.error.message.startswith(message)
    assert state == box.initial


def test_records_are_given_by_row(box):
    sources = ["search('a')", "search('b')", "search('c')"]
    outs = box.run_batch(sources)
    CALLS.clear()
    again = box.run_batch(sources, replays=[outs[0].host_calls, None, outs[2].host_calls])
    assert [out.value for out in again] == [out.value for out in outs]
    assert CALLS == [("b", 2)]
    with pytest.raises(ScoreError, match="replays: 1 of them for 3 calls"):
        box.run_batch(sources, replays=[None])
    broken = HostCall("search", "{}", None, None)
    with pytest.raises(SandboxError, match='replay: the recorded call of "search" has neither'):
        box.run("1", replay=[broken])


def test_states_and_tools_call_the_host(box):
    env = ToolEnv.from_source(
        "from mentor_host import search\nSEEN = []\ndef look(query: str) -> int:\n"
        "    SEEN.extend(search(query))\n    return len(SEEN)",
        sandbox=box,
    )
    (row,), _ = env.step_batch([None], [[ToolCall("look", {"query": q}) for q in "ab"]])
    assert [result.value for result in row] == [2, 4]
    assert [result.outcome.host_calls[0].arguments for result in row] == [{"query": "a"}, {"query": "b"}]


def test_tools_cannot_be_called_while_the_image_is_made():
    with pytest.raises(SandboxError, match="cannot be called while the image is made"):
        Sandbox("from mentor_host import search\nsearch('a')", host_tools={"search": search})


def test_many_calls_from_many_threads_keep_their_rows():
    box = Sandbox("from mentor_host import twice", host_tools={"twice": lambda n: 2 * n}, threads=2)
    answers = {}

    def work(k):
        answers[k] = [o.value for o in box.run_batch([f"twice({k * n}) + twice(n={n})" for n in range(50)])]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {k: [2 * k * n + 2 * n for n in range(50)] for k in range(4)}


def test_threads_are_used_again():
    box = Sandbox("from mentor_host import name", host_tools={"name": threading.get_native_id}, threads=1)
    assert len({out.value for out in box.run_batch(["name()"] * 50)}) == 1
    count = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else None
    if count is not None:
        box.run_batch(["name()"] * 50)
        assert len(os.listdir("/proc/self/task")) == count


def test_a_process_ends_while_a_tool_is_stuck():
    source = """
import time
from mentor import Sandbox
from mentor.sandbox import HostTool
box = Sandbox(threads=1, host_tools={"stuck": HostTool(lambda: time.sleep(600), timeout=0.05)})
print(box.run("import mentor_host\\nmentor_host.stuck()").error.type)
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "mentor_host.HostToolTimeout\n", "")


async def later():
    return 1


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ({"a b": search}, '"a b" is no identifier'),
        ({"call": search}, '"call" is a name of the module mentor_host itself'),
        ({"f": HostTool(search, timeout=0)}, '"f" has a time-out of 0 s'),
        ({"f": HostTool(search, timeout=-1)}, "-1 s"),
        ({"f": later}, r"host_tools\['f'\]: an async function"),
        ({"f": 3}, r"host_tools\['f'\]: int is not callable"),
    ],
)
def test_bad_tools_say_what_to_do(tools, message):
    with pytest.raises(SandboxError, match=message):
        Sandbox(host_tools=tools)


def test_a_forked_child_calls_host_tools(box):
    assert box.run("echo(1)").value == 1
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, repr(box.run("echo(2)").value).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"2"
    os.close(read)
    assert box.run("echo(3)").value == 3
