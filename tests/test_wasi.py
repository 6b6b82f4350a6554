"""What a program reaches: randomness and time as the seed and the fuel decide them, and the limits on files."""

import itertools

import pytest

from mentor.sandbox import Limits, Sandbox

# Each draws something that is random on a host.
DRAWS = {
    "random": "import random; [random.random(), random.getrandbits(64), random.sample(range(1000), 5)]",
    "random instance": "import random; random.Random().random()",
    "system random": "import random; random.SystemRandom().random()",
    "urandom": "import os; os.urandom(16).hex()",
    "device": "open('/dev/urandom', 'rb').read(16).hex()",
    "secrets": "import secrets; [secrets.token_hex(), secrets.randbelow(10**9), secrets.choice(range(10**9))]",
    "uuid": "import uuid; str(uuid.uuid4())",
    "tempfile": "import tempfile; tempfile.mkstemp()[1]",
    "numpy global": "import numpy as np; [np.random.rand(3).tolist(), int(np.random.randint(10**9))]",
    "numpy generator": "import numpy as np; np.random.default_rng().random(3).tolist()",
    "shuffle": "import random; x = list(range(50)); random.shuffle(x); x",
}
FUEL = Limits(fuel=3_000_000_000, wall=60.0)


@pytest.fixture(scope="module")
def box():
    return Sandbox("import os, random, time, numpy as np", limits=FUEL)


@pytest.mark.parametrize("name", DRAWS)
def test_the_seed_decides_all_randomness(box, name):
    first, again, other = (box.run(DRAWS[name], seed=seed) for seed in (7, 7, 8))
    assert first.ok, first.error
    assert first.value == again.value
    assert first.value != other.value


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
def test_any_seed_is_one(box, seed):
    values = [box.run(DRAWS["random"], seed=s).value for s in (seed, seed, seed ^ 1)]
    assert values[0] == values[1] != values[2]


def test_two_draws_of_one_run_differ_and_two_steps_of_a_session_repeat(box):
    a, b = box.run("import os; [os.urandom(8).hex(), os.urandom(8).hex()]", seed=3).value
    assert a != b
    draw = "import random; random.random()"
    one, state = box.step(box.initial, draw, seed=1)
    two, _ = box.step(state, draw, seed=1)
    three, _ = box.step(state, draw, seed=2)
    assert one.value == two.value != three.value


def test_hashes_of_text_and_bytes_do_not_depend_on_the_seed(box):
    program = "[hash('abc'), hash(b'abc'), hash((1, 'x')), [*{'a', 'b', 'c', 'd'}]]"
    assert box.run(program, seed=1).value == box.run(program, seed=2).value


def test_sleeping_takes_no_time_here_and_all_of_it_there(box):
    program = """
t = [time.time(), time.monotonic()]
time.sleep(86_400 * 365)
[b - a for a, b in zip(t, [time.time(), time.monotonic()])]
"""
    out = box.run(program)
    assert out.ok, out.error
    assert out.value == pytest.approx([86_400 * 365] * 2, abs=1)


def test_work_takes_time_in_proportion_to_fuel(box):
    program = "start = time.perf_counter()\nfor i in range({}): pass\ntime.perf_counter() - start"
    short, again, long = (box.run(program.format(n)) for n in (1_000, 1_000, 200_000))
    assert short.value == again.value
    fuel = long.usage.fuel - short.usage.fuel
    assert long.value - short.value == pytest.approx(fuel / 2e9, rel=0.02)


def test_clocks_start_where_they_say_and_never_stand_still(box):
    out = box.run("import datetime; t = [time.time_ns() for _ in range(5)]; [str(datetime.date.today()), t]")
    day, times = out.value
    assert day == "2025-01-01"
    assert all(a < b for a, b in itertools.pairwise(times))
    assert box.run("time.monotonic() > 86_000").value is True
    # A loop that waits for a time ends, and so does a benchmark that runs until enough time has passed.
    assert box.run("end = time.time() + 0.05\nwhile time.time() < end: pass\n'over'").value == "over"
    assert box.run("import timeit; timeit.Timer('1 + 1').autorange()[0] > 1000").value is True


def test_a_session_s_clock_goes_on(box):
    one, state = box.step(box.initial, "time.sleep(100); [time.time(), time.process_time()]")
    two, _ = box.step(state, "[time.time(), time.process_time()]")
    assert all(b > a for a, b in zip(one.value, two.value, strict=True))
    assert two.value[0] - one.value[0] < 1


def test_a_module_that_was_just_written_is_found(box):
    """The import system goes by the times of directories, so no two changes may have the same."""
    program = """
import sys
sys.path.insert(0, '/tmp')
total = 0
for k in range(5):
    open(f'/tmp/just_written_{k}.py', 'w').write(f'x = {k}')
    total += __import__(f'just_written_{k}').x
total
"""
    assert box.run(program).value == 10


# Programs that need more than a limit, and what the limit is.
FILES = {
    "bytes": ("f = open('/tmp/f', 'wb')\nwhile True: f.write(b'x' * 100_000)", {}),
    "a hole": ("f = open('/tmp/f', 'wb'); f.seek(1 << 40); f.write(b'x'); f.flush()", {}),
    "a size": ("open('/tmp/f', 'wb').truncate(1 << 62)", {}),
    "names": ("for k in range(10**6): open(f'/tmp/{k}', 'w').close()", {}),
    "few names": ("for k in range(11): open(f'/tmp/{k}', 'w').close()", {"entries": 10}),
    "directories": ("for k in range(10**6): os.mkdir(f'/tmp/{k}')", {}),
    "hard links": ("open('/tmp/f', 'w')\nfor k in range(10**6): os.link('/tmp/f', f'/tmp/{k}')", {}),
    "symbolic links": ("for k in range(10**6): os.symlink('x' * 4000, f'/tmp/{k}')", {}),
    "a long name": ("open('/tmp/' + 'n' * 256, 'w')", {}),
    "a name": ("open('/tmp/123456', 'w')", {"name_length": 5}),
    "depth": ("path = '/tmp'\nwhile True: path += '/d'; os.mkdir(path)", {}),
    "depth by moving": (
        "os.makedirs('/tmp/a/b'); os.makedirs('/tmp/x/y'); os.rename('/tmp/a', '/tmp/x/y/a')",
        {"path_depth": 4},
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_every_bound_on_files_has_its_verdict(box, name):
    program, change = FILES[name]
    limits = Limits(fuel=20_000_000_000, wall=60.0, **change)
    out = box.run(f"import os\n{program}", limits=limits)
    assert (out.status, out.limit) == ("limit", "files"), out
    caught = box.run(
        f"import os\ntry:\n    exec({program!r})\nexcept OSError: pass\n'went on'", limits=limits
    )
    assert (caught.status, caught.value) == ("ok", "went on")


def test_looking_for_what_cannot_be_is_no_use_of_anything(box):
    out = box.run("open('/tmp/' + 'n' * 300)")
    assert (out.status, out.limit, out.error.type) == ("raised", None, "OSError")


def test_freed_room_can_be_used_again(box):
    program = """
for k in range(200):
    with open('/tmp/f', 'wb') as f: f.write(b'x' * 1_000_000)
    if k % 2: os.remove('/tmp/f')
    else: os.truncate('/tmp/f', 0)
f = open('/tmp/g', 'wb'); os.remove('/tmp/g')
for k in range(20): f.seek(0); f.truncate(); f.write(b'x' * 1_000_000)
f.close()
open('/tmp/h', 'wb').write(b'x' * 15_000_000)
"""
    out = box.run(program)
    assert out.ok, (out.error, out.limit)


def test_more_descriptors_than_a_process_has(box):
    out = box.run(
        "import errno\nkept = []\ntry:\n    while True: kept.append(open('/dev/null'))\n"
        "except OSError as e: print(e.errno == errno.EMFILE)\nlen(kept)"
    )
    assert (out.stdout, 1000 < out.value < 1024) == ("True\n", True)


def test_large_work_of_the_host_s_costs_fuel(box):
    small, large = (box.run(f"import os; len(os.urandom({size}))").usage.fuel for size in (16, 40_000_000))
    assert large - small > 10_000_000
    out = box.run("import os\nwhile True: os.urandom(100_000_000)")
    assert (out.status, out.limit) == ("limit", "fuel")
    out = box.run(
        "f = open('/dev/zero', 'rb', buffering=0); b = bytearray(50_000_000)\nwhile True: f.readinto(b)"
    )
    assert (out.status, out.limit) == ("limit", "fuel")


def test_the_deadline_holds_between_large_host_calls(box):
    limits = Limits(fuel=2**63, wall=0.2)
    out = box.run("import os\nwhile True: os.urandom(10_000_000)", limits=limits)
    assert (out.status, out.limit) == ("limit", "wall")


def test_files_of_a_session_are_a_value(box):
    _, start = box.step(box.initial, "open('/tmp/f', 'w').write('x' * 1_000_000); f = open('/tmp/f')")
    left, _ = box.step(
        start, "f.read(1); open('/tmp/f', 'a').write('l'); [f.tell(), os.path.getsize('/tmp/f')]"
    )
    right, _ = box.step(start, "os.remove('/tmp/f'); [f.tell(), len(f.read()), os.listdir('/tmp')]")
    assert left.value[1] == 1_000_001
    assert right.value == [0, 1_000_000, []]
    assert box.step(start, "os.path.getsize('/tmp/f')")[0].value == 1_000_000
