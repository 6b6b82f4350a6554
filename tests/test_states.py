"""States are values: compared, hashed, copied, pickled, read from hostile bytes, and resumed elsewhere."""

import copy
import hashlib
import pickle
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentor.errors import MentorError, SandboxError, StateError, WrongImageError
from mentor.sandbox import Limits, Sandbox, State

PRELUDE = "import json\n\ndef add(a, b):\n    return a + b"
LIMITS = Limits(fuel=300_000_000)
HEADER = len(b"mentor state") + 1 + 16

# Answers one pickled (state, source) after the other with the outcome's value, its fuel and the next state.
WORKER = f"""
import pickle, sys
from mentor.sandbox import Limits, Sandbox
box = Sandbox({PRELUDE!r}, limits=Limits(fuel=300_000_000), threads=1, restore="compare")
while True:
    try:
        state, source = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    outcome, after = box.step(state, source)
    pickle.dump((outcome.status, outcome.value, outcome.usage.fuel, after), sys.stdout.buffer)
    sys.stdout.buffer.flush()
"""


@pytest.fixture(scope="module")
def box():
    return Sandbox(PRELUDE, limits=LIMITS, threads=2)


@pytest.fixture(scope="module")
def elsewhere():
    """Runs a step in another process, in a sandbox that restores in another way."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:

        def step(state, source):
            pickle.dump((state, source), worker.stdin)
            worker.stdin.flush()
            return pickle.load(worker.stdout)

        yield step
        worker.stdin.close()


class Whole:
    """A state's bytes; an object, so that a failing test does not print them."""

    def __init__(self, data):
        self.data = data


@pytest.fixture(scope="module")
def whole(box):
    source = "import os; os.mkdir('/tmp/d'); f = open('/tmp/d/f', 'w'); f.write('abc')"
    return Whole(box.step(box.initial, source)[1].to_bytes())


def here(box, state, source):
    outcome, after = box.step(state, source)
    return outcome.status, outcome.value, outcome.usage.fuel, after


def test_equal_states_are_equal_and_hash_equal(box):
    one, two = (box.step(box.initial, "x = 40")[1] for _ in range(2))
    other = box.step(box.initial, "x = 41")[1]
    assert one is not two
    assert (one, hash(one), one.digest) == (two, hash(two), two.digest)
    assert one != other
    assert one.digest != other.digest
    assert len({one, two, other, box.initial}) == 3
    assert one != "state"


def test_the_hash_is_the_same_in_every_process(box):
    state = box.step(box.initial, "x = 40")[1]
    code = "import pickle, sys; s = pickle.load(sys.stdin.buffer); print(hash(s), s.digest, s.image, s.size)"
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(state), capture_output=True, check=True
    )
    assert done.stdout.decode().split() == [str(hash(state)), state.digest, box.image, str(state.size)]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_states_pickle(box, protocol):
    state = box.step(box.initial, "x = [1, 2]; open('/tmp/f', 'w').write('é')")[1]
    again = pickle.loads(pickle.dumps(state, protocol))
    assert (again, hash(again)) == (state, hash(state))
    assert box.step(again, "[x, open('/tmp/f').read()]")[0].value == [[1, 2], "é"]


def test_states_copy(box):
    state = box.initial
    assert copy.copy(state) is state
    assert copy.deepcopy([state])[0] is state


def test_a_state_outlives_its_sandbox(box):
    state = Sandbox(PRELUDE, limits=LIMITS, threads=1).step(box.initial, "x = 7")[1]
    assert box.step(state, "x")[0].value == 7


def test_another_image_is_refused(box):
    other = Sandbox("y = 1", threads=1)
    for state in (other.initial, pickle.loads(pickle.dumps(other.initial))):
        with pytest.raises(WrongImageError, match=f"belongs to image {other.image}, not to .* {box.image}"):
            box.step(state, "1")
    assert issubclass(WrongImageError, StateError)
    assert issubclass(StateError, SandboxError)
    assert issubclass(StateError, MentorError)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "its 0 bytes hold the end, too early at byte 0"),
        (b"PK\x03\x04 and some more", "its 18 bytes hold another kind of data at byte 0"),
        (b"mentor state\x63", "its 13 bytes hold another version of the format at byte 12"),
    ],
)
def test_what_is_no_state_is_refused(data, text):
    with pytest.raises(StateError) as caught:
        State.from_bytes(data)
    assert str(caught.value) == f"the state cannot be used: {text}"


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_damaged_bytes_are_refused(whole, data):
    damaged = whole.data
    cut = data.draw(st.integers(0, len(damaged) - 1))
    with pytest.raises(StateError):
        State.from_bytes(damaged[:cut])
    at, bit = data.draw(st.integers(0, len(damaged) - 1)), data.draw(st.integers(0, 7))
    with pytest.raises(StateError):
        State.from_bytes(damaged[:at] + bytes([damaged[at] ^ 1 << bit]) + damaged[at + 1 :])
    with pytest.raises(StateError):
        State.from_bytes(damaged + data.draw(st.binary(min_size=1, max_size=9)))


def forge(body: bytes) -> bytes:
    return b"mentor state\x01" + hashlib.sha256(body).digest()[:16] + body


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_forged_bytes_harm_only_their_guest(box, whole, data):
    """Under a right digest: what reads as a state may do what any program may, and nothing else."""
    body = bytearray(whole.data[HEADER:])
    for _ in range(data.draw(st.integers(1, 4))):
        # Half of the changes near the end, where files and descriptors are.
        low = data.draw(st.sampled_from([33, len(body) - 120]))
        at = data.draw(st.integers(low, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=5))
    try:
        state = State.from_bytes(forge(bytes(body)))
        outcome, _ = box.step(state, "import os; [f.write('x'), os.listdir('/tmp'), open('/tmp/d/f').read()]")
    except StateError:
        pass
    else:
        too_large = outcome.error and "raise the memory limit" in outcome.error.message
        assert outcome.status != "failed" or too_large, outcome
    assert box.run("add(1, 2)").value == 3


def number(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


@pytest.mark.parametrize("size", [0, 1, 2**16, 2**16 + 1, 2**40])
def test_a_forged_size_takes_no_memory(box, size):
    files = box.initial.to_bytes()[HEADER + 33 + 3 :]
    assert number(len(box.image)) + box.image.encode() == box.initial.to_bytes()[HEADER : HEADER + 33]
    body = number(32) + box.image.encode() + number(size) + number(0) + files
    if size != 2**16:
        with pytest.raises(StateError):
            box.step(State.from_bytes(forge(body)), "1")
        return
    # The guest's whole address space: more than the limit on memory.
    outcome, _ = box.step(State.from_bytes(forge(body)), "1")
    assert outcome.status == "failed"
    assert "raise the memory limit" in outcome.error.message


def test_a_small_step_is_a_small_state(box):
    first = box.step(box.initial, "x = 40")[1]
    second = box.step(first, "x += 2")[1]
    job = ("add", '{"a": 1, "b": 2}', 0, box.initial, True, False, None)
    [(outcome, called)] = box._run([job])
    assert outcome.value == 3
    for state in (first, second, called):
        assert len(state.to_bytes()) < 8 << 10


def test_many_states_take_little_memory(box):
    """Episodes that hold a state each share the large one that they start from, its files and its garbage."""

    def resident():
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    start = box.step(box.initial, "x = 40; open('/tmp/notes', 'w').write('n' * 100_000)")[1]
    states = [box.step(start, f"x = {i}")[1] for i in range(50)]
    before = resident()
    states += [box.step(start, f"x = {i}")[1] for i in range(300)]
    assert resident() - before < 300 * (20 << 10)
    assert len(set(states)) == 300


PROGRAMS = st.sampled_from(
    [
        "x = x + 1 if 'x' in globals() else 0",
        "l = [*l, len(l)] if 'l' in globals() else []",
        "import random; r = random.random()",
        "def f(n): return n * 3\nx = f(2)",
        "g = iter(range(9)); next(g)",
        "next(g)",
        "open('/tmp/f', 'a').write('line\\n')",
        "h = open('/tmp/f', 'a+')",
        "h.write('open\\n'); h.flush(); h.seek(0); h.read()",
        "import os; os.makedirs('/tmp/a/b', exist_ok=True); os.listdir('/tmp')",
        "import os; os.remove('/tmp/f')",
        "import time; t = time.time()",
        "data = bytearray(3_000_000); data[-1] = 9",
        "del data",
        "class C:\n    def __init__(self): self.v = 1\nc = C()",
        "1 / 0",
        "import os; os.abort()",
        "while True: pass",
    ]
)
LOOK = (
    "import os\n{k: repr(v) for k, v in sorted(globals().items()) if k in ('x', 'l', 'r', 't')} | "
    "{'files': os.listdir('/tmp'), 'f': open('/tmp/f').read() if os.path.exists('/tmp/f') else None}"
)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(programs=st.lists(st.tuples(PROGRAMS, st.sampled_from(["stay", "pickle", "elsewhere"])), max_size=8))
def test_a_run_is_the_same_wherever_its_steps_are_taken(box, elsewhere, programs):
    """Straight through, and forked, pickled, and resumed in another process: equal at every step."""
    straight = moved = box.initial
    for program, how in programs:
        fork = straight
        *expected, straight = here(box, straight, program)
        if how == "pickle":
            moved = pickle.loads(pickle.dumps(moved))
        *found, moved = elsewhere(moved, program) if how == "elsewhere" else here(box, moved, program)
        assert (found, moved, hash(moved)) == (expected, straight, hash(straight))
        assert here(box, fork, program) == (*expected, straight)
    assert here(box, straight, LOOK) == elsewhere(moved, LOOK)
