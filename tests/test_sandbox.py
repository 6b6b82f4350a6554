import os
import random
import threading
import time

import pytest

import mentor
from mentor.errors import SandboxError, ScoreError
from mentor.sandbox import Limits, Sandbox, default_sandbox

FUEL = Limits(fuel=300_000_000)


@pytest.fixture(scope="module")
def box():
    return Sandbox("import json", limits=FUEL)


def test_a_run_says_everything_it_did(box):
    out = box.run("import sys\nprint('hé')\nprint('err', file=sys.stderr)\n{'a': [1, 2.5, None]}")
    assert (out.status, out.stdout, out.stderr, out.value) == ("ok", "hé\n", "err\n", {"a": [1, 2.5, None]})
    assert out.ok
    assert (out.error, out.limit, out.exit_code) == (None, None, None)
    assert out.stdout_bytes == 4
    assert out.usage.fuel > 0
    assert out.usage.memory >= 40 << 20


# ruff: noqa: E501 - programs are given as they are
HOSTILE = [
    ("while True: pass", "limit", "fuel"),
    ("[i for i in iter(int, 1)]", "limit", None),
    ("sum(range(10**12))", "limit", "fuel"),
    ("x = []\nwhile True: x.append(bytearray(4_000_000))", "limit", "memory"),
    ("'x' * 3_000_000", "limit", "result"),
    ("f = open('/tmp/f', 'w')\nwhile True: f.write('z' * 1_000_000)", "limit", "files"),
    ("x = ()\nfor _ in range(40_000): x = (x,)\ndel x", "limit", "stack"),
    ("def f(): f()\nf()", "raised", None),
    ("import os; os.abort()", "crashed", None),
    ("import os; os._exit(7)", "exited", None),
    ("import sys; sys.exit('bye')", "exited", None),
    ("raise SystemExit", "exited", None),
    ("import threading; threading.Thread(target=print).start()", "raised", None),
    ("import socket; socket.create_connection(('127.0.0.1', 80))", "raised", None),
    ("import subprocess; subprocess.run(['ls'])", "raised", None),
    ("open('/etc/passwd')", "raised", None),
    ("open('../../etc/passwd')", "raised", None),
    ("open('/usr/local/lib/python315.zip', 'wb')", "raised", None),
    ("1/0", "raised", None),
    ("not python", "raised", None),
    ("raise type('E' * 10**6, (Exception,), {})('m' * 10**6)", "raised", None),
    ("class S(str):\n def __getitem__(s, k): return s\nclass E(Exception):\n def __str__(s): return S('q' * 10**6)\nraise E", "raised", None),
    ("class E(Exception):\n def __str__(s): raise E\nraise E", "raised", None),
    ("class E(Exception):\n def __str__(s):\n  while True: pass\nraise E", "limit", "fuel"),
    ("import json, builtins\njson.dumps = None\nbuiltins.SystemExit = ValueError\nraise KeyError(1)", "raised", None),
    ("import builtins\nbuiltins.__dict__.clear()\nundefined", "raised", None),
    ("raise ValueError('\\ud800')", "raised", None),
    ("import _host\n_host.call(b'Vtrue')\n1/0", "raised", None),
    ("import _reactor\n_reactor._mentor_turn = None\n1/0", "raised", None),
    ("import sys\nsys.stdout.close()\nsys.stderr.close()\n1/0", "raised", None),
    ("import time; time.sleep(10**6)", "ok", None),
    ("print('x' * 10**6)", "ok", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "status", "limit"), HOSTILE, ids=[source[:40] for source, _, _ in HOSTILE]
)
def test_a_hostile_program_gets_its_verdict_and_leaves_nothing(box, source, status, limit):
    out = box.run(source)
    assert out.status == status, out
    if limit:
        assert out.limit == limit
    if status in {"raised", "crashed", "limit"}:
        assert len(str(out.error)) < 10_000
    assert len(out.stdout) <= FUEL.output
    canary = box.run("import os\n[os.listdir('/tmp'), json.dumps([1]), 1 + 1]")
    assert canary.value == [[], "[1]", 2]


def test_a_program_or_arguments_too_long_do_not_run(box):
    tight = Limits(arguments=100)
    out = box.run("#" * 101, limits=tight)
    assert (out.status, out.limit, out.usage.fuel) == ("limit", "arguments", 0)
    assert str(out.error) == "LimitExceeded: the program or its arguments took more than 100 bytes"
    assert box.run("#" * 100, limits=tight).ok
    assert box.step(box.initial, "#" * 101, limits=tight)[1] == box.initial


def test_an_error_names_type_message_and_line(box):
    out = box.run("def f(x):\n    return x['key']\n\nf({})")
    assert (out.error.type, out.error.message) == ("KeyError", "'key'")
    assert 'File "<program>", line 2, in f' in out.error.traceback
    assert out.stderr.startswith("Traceback (most recent call last):")
    assert str(out.error) == "KeyError: 'key'"


def test_a_batch_keeps_order_and_seeds_decide(box):
    sources = [f"import random\n[{i}, random.random()]" for i in range(40)]
    first = box.run_batch(sources, seeds=range(40))
    again = box.run_batch(sources[::-1], seeds=range(39, -1, -1))[::-1]
    assert [out.value[0] for out in first] == list(range(40))
    assert [out.value for out in first] == [out.value for out in again]
    assert [out.usage.fuel for out in first] == [out.usage.fuel for out in again]
    assert len({out.value[1] for out in first}) == 40


def test_every_strategy_and_thread_count_gives_the_same(box):
    sources = [
        "sum(i * i for i in range(500))",
        "1/0",
        "x = bytearray(50_000_000); len(x)",
        "import os; os.abort()",
    ] * 5
    random.Random(0).shuffle(sources)
    plain = [(o.status, o.value, o.error, o.usage.fuel, o.usage.memory) for o in box.run_batch(sources)]
    for other in (
        Sandbox("import json", limits=FUEL, threads=1, restore="compare"),
        Sandbox("import json", limits=FUEL, threads=2, restore="instantiate"),
        Sandbox("import json", limits=FUEL, threads=3),
    ):
        assert other.image == box.image
        assert [
            (o.status, o.value, o.error, o.usage.fuel, o.usage.memory) for o in other.run_batch(sources)
        ] == plain


def test_states_fork(box):
    _, start = box.step(box.initial, "x = 40")
    _, left = box.step(start, "x += 1")
    _, right = box.step(start, "x += 2")
    assert [box.step(s, "x")[0].value for s in (start, left, right)] == [40, 41, 42]
    assert box.step(start, "x += 2")[1] == right
    assert left != right
    assert start.size < 64 << 10


def test_a_state_of_another_image_is_refused(box):
    other = Sandbox("y = 1", threads=1)
    with pytest.raises(SandboxError, match="belongs to image"):
        box.step(other.initial, "1")


def test_the_gil_is_released(box):
    """Another thread works while a batch runs: its stamps fall between the batch's start and end."""
    stamps, done = [], threading.Event()

    def watch():
        while not done.is_set():
            stamps.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=watch)
    thread.start()
    start = time.monotonic()
    box.run_batch(["s = 0\nfor i in range(200_000): s += i"] * 4)
    end = time.monotonic()
    done.set()
    thread.join()
    assert sum(start < stamp < end for stamp in stamps) >= 3


def test_threads_share_one_sandbox(box):
    answers = {}

    def work(k):
        answers[k] = [out.value for out in box.run_batch([f"{k} * {i}" for i in range(20)])]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {k: [k * i for i in range(20)] for k in range(6)}


def test_a_forked_child_runs_from_the_same_image(box):
    """The child has none of the parent's threads and starts its own, also while the parent's are at work."""
    _, state = box.step(box.initial, "x = 40")
    busy = threading.Thread(target=box.run_batch, args=(["sum(range(200_000))"] * 50,))
    busy.start()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        out, after = box.step(state, "x += 2; x")
        fresh = Sandbox("import json", limits=FUEL, threads=1)
        stopped = fresh.run("while True: pass", limits=Limits(fuel=2**60, wall=0.05))
        parts = [out.value, box.step(after, "x")[0].value, fresh.image == box.image, stopped.limit]
        os.write(write, repr(parts).encode())
        os._exit(0)
    os.close(write)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(read, 4096) == b"[42, 42, True, 'wall']"
    busy.join()
    assert box.run("2").value == 2


def test_memory_stays_flat():
    box = Sandbox(limits=Limits(fuel=50_000_000), threads=2)
    sources = ["1", "x = bytearray(30_000_000)", "import os; os.abort()", "while True: pass", "1/0"] * 8

    def resident():
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    def mappings():
        with open("/proc/self/maps", encoding="ascii") as file:
            return sum(1 for _ in file)

    box.run_batch(sources * 2)
    before, maps = resident(), mappings()
    for _ in range(10):
        box.run_batch(sources)
    assert resident() - before < 16 << 20
    assert mappings() - maps < 3000


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Sandbox("raise ValueError('no')"), "ValueError: no"),
        (lambda: Sandbox(limits=Limits(fuel=0)), "fuel: 0; expected at least 1"),
        (lambda: Sandbox(limits=Limits(wall=0.0)), "wall"),
        (lambda: Sandbox(limits=Limits(memory=5 << 30)), "memory: 5368709120 bytes; a 32-bit guest"),
        (lambda: Sandbox(threads=0), "threads: 0; expected at least 1"),
        (lambda: Sandbox(restore="magic"), '"magic" is no way to restore'),
    ],
)
def test_bad_options_say_what_to_do(make, text):
    with pytest.raises(SandboxError, match=text.replace("(", r"\(")):
        make()


def test_seeds_are_checked(box):
    with pytest.raises(ScoreError, match="2 of them for 1 calls"):
        box.run_batch(["1"], seeds=[1, 2])
    with pytest.raises(ScoreError, match=r"seeds\[0\]: -1 is out of range"):
        box.run("1", seed=-1)


def test_an_empty_batch_is_empty(box):
    assert box.run_batch([]) == []


def test_the_default_sandbox_is_one():
    assert default_sandbox() is default_sandbox()
    assert mentor.Sandbox is Sandbox
