"""Images on disk: built once, shared, private, bounded, and whole whatever happens to their makers."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from mentor.errors import SandboxError
from mentor.sandbox import Limits, Sandbox, prepare

PRELUDE = "x = 40"
# Makes a sandbox, says where its image is from and what it is, and runs the source in each argument.
MAKE = """
import json, sys
from mentor.sandbox import Sandbox
box = Sandbox(sys.argv[1], threads=1)
print(json.dumps([box.image_origin, box.image, [box.run(source).value for source in sys.argv[2:]]]))
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with the compiled guest and no images."""
    compiled = prepare(quiet=True)
    try:
        os.link(compiled, tmp_path / compiled.name)
    except OSError:
        shutil.copy(compiled, tmp_path / compiled.name)
    monkeypatch.setenv("MENTOR_CACHE", str(tmp_path))
    return tmp_path


def start(prelude, *sources, **options):
    return subprocess.Popen(
        [sys.executable, "-c", MAKE, prelude, *sources], stdout=subprocess.PIPE, text=True, **options
    )


def made(process):
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return json.loads(out)


def images(cache):
    return sorted((cache / "images").glob("*.image"))


def test_an_image_is_built_once_and_is_the_same_when_loaded(cache):
    first = made(start(PRELUDE, "x + 2"))
    assert first == ["built", first[1], [42]]
    assert made(start(PRELUDE, "x + 2", "import numpy as np; np.arange(3)")) == [
        "loaded",
        first[1],
        [42, [0, 1, 2]],
    ]
    box = Sandbox(PRELUDE, threads=1)
    assert (box.image_origin, box.image) == ("loaded", first[1])
    assert Sandbox(PRELUDE, threads=1).image_origin == "shared"


def test_sandboxes_of_a_process_share_an_image_as_long_as_one_lives(cache):
    box = Sandbox(PRELUDE, threads=1)
    other = Sandbox(PRELUDE, threads=2)
    assert (box.image_origin, other.image_origin) == ("built", "shared")
    assert box.image == other.image
    del box
    assert other.run("x").value == 40
    del other
    assert Sandbox(PRELUDE, threads=1).image_origin == "loaded"


def test_a_state_goes_on_in_a_process_that_loaded_its_image(cache):
    box = Sandbox("open('/tmp/f', 'w').write('prelude')", threads=1)
    _, state = box.step(box.initial, "y = open('/tmp/f').read()")
    code = (
        "import pickle, sys\nfrom mentor.sandbox import Sandbox\n"
        "box = Sandbox(\"open('/tmp/f', 'w').write('prelude')\", threads=1)\n"
        'out, after = box.step(pickle.load(sys.stdin.buffer), \'open("/tmp/f", "a").write(y)\')\n'
        "assert box.image_origin == 'loaded' and out.ok\n"
        "pickle.dump(after, sys.stdout.buffer)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(state), stdout=subprocess.PIPE, check=True
    )
    assert box.step(pickle.loads(done.stdout), "open('/tmp/f').read()")[0].value == "preludeprelude"


def test_folders_and_files_are_private(cache):
    Sandbox(PRELUDE, threads=1)
    folder = cache / "images"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_of_many_processes_one_builds(cache):
    found = [made(process) for process in [start("import fractions") for _ in range(3)]]
    assert sorted(origin for origin, _, _ in found) == ["built", "loaded", "loaded"]
    assert len({image for _, image, _ in found}) == 1


def test_of_many_threads_one_builds(cache):
    boxes = []
    threads = [
        threading.Thread(target=lambda: boxes.append(Sandbox("import decimal", threads=1))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(box.image_origin for box in boxes) == ["built", "shared", "shared", "shared"]


def test_a_maker_killed_while_it_builds_leaves_the_next_one_to_build(cache):
    prelude = "for n in range(4_000_000): pass"
    child = start(prelude)
    # It holds the lock from here until it is killed: the prelude takes its time.
    while not list(cache.glob("images/*.lock")):
        assert child.poll() is None
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    assert images(cache) == []
    assert made(start(prelude, "n"))[::2] == ["built", [3_999_999]]


def test_a_maker_killed_while_it_writes_leaves_nothing_that_is_used(cache):
    # Writing this image takes a while, since it cannot be compressed; where a kill comes too late, again.
    prelude = "import random; noise = random.randbytes(20_000_000)"
    for _ in range(20):
        child = start(prelude)
        while not list(cache.glob("images/*.part-*")):
            assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        if list(cache.glob("images/*.part-*")):
            break
        for image in images(cache):
            image.unlink()
    assert child.returncode == -signal.SIGKILL
    assert len(list(cache.glob("images/*.part-*"))) == 1
    assert images(cache) == []
    assert made(start(prelude, "len(noise)"))[::2] == ["built", [20_000_000]]
    assert not list(cache.glob("images/*.part-*"))
    assert made(start(prelude, "len(noise)"))[::2] == ["loaded", [20_000_000]]


def test_a_folder_that_cannot_be_written_costs_the_next_start_and_nothing_else(cache):
    (cache / "images").write_text("no folder")
    box = Sandbox(PRELUDE, threads=1)
    assert box.image_origin.startswith(f"built, not stored: {cache / 'images'}")
    assert box.run("x").value == 40


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:1_000_000] + bytes([data[1_000_000] ^ 1]) + data[1_000_001:],
        lambda data: b"another" + data[7:],
        lambda data: data[:12] + b"\xff" + data[13:],
    ],
    ids=["empty", "cut", "short", "long", "bit", "kind", "version"],
)
def test_a_damaged_image_is_built_again(cache, damage):
    image = Sandbox(PRELUDE, threads=1).image
    (path,) = images(cache)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    box = Sandbox(PRELUDE, threads=1)
    assert (box.image_origin, box.image) == ("built", image)
    assert path.read_bytes() == whole


def test_images_not_used_for_longest_are_removed(cache, monkeypatch):
    Sandbox("x = 1", threads=1)
    size = images(cache)[0].stat().st_size
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", str(size * 5 // 2))
    Sandbox("x = 2", threads=1)
    assert len(images(cache)) == 2
    # Used again, the first is not the oldest any more.
    assert Sandbox("x = 1", threads=1).image_origin == "loaded"
    Sandbox("x = 3", threads=1)
    assert len(images(cache)) == 2
    assert Sandbox("x = 1", threads=1).image_origin == "loaded"
    assert Sandbox("x = 2", threads=1).image_origin == "built"
    # The newest stays, however small the bound.
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", "1")
    Sandbox("x = 4", threads=1)
    assert len(images(cache)) == 1
    assert Sandbox("x = 4", threads=1).image_origin == "loaded"


def test_with_a_bound_of_zero_nothing_is_stored(cache, monkeypatch):
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", "0")
    assert Sandbox(PRELUDE, threads=1).image_origin == "built, not stored: the bound on stored images is 0"
    assert not (cache / "images").exists()


@pytest.mark.parametrize("text", ["-1", "1G", "²", "1" * 30])
def test_a_bound_that_is_none_says_so(monkeypatch, text):
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", text)
    with pytest.raises(SandboxError, match=r"MENTOR_IMAGE_BYTES: .* expected a number of bytes, or 0"):
        Sandbox(threads=1)


def test_a_prelude_that_fails_is_stored_nowhere(cache):
    for _ in range(2):
        with pytest.raises(SandboxError, match="ZeroDivisionError"):
            Sandbox("1 / 0", threads=1)
    assert images(cache) == []


def test_what_an_image_holds_does_not_depend_on_the_callers_limits(cache):
    tight = Limits(fuel=1_000_000, memory=64 << 20, files=0, output=0)
    prelude = "print('x' * 100); open('/tmp/f', 'w').write('y' * 100_000); big = bytearray(60 << 20); del big"
    built = Sandbox(prelude, limits=tight, threads=1)
    assert built.image_origin == "built"
    assert Sandbox(prelude, threads=1).image == built.image


def test_what_makes_an_image_names_it(cache):
    made = [Sandbox(prelude, threads=1).image for prelude in ("x = 1", "x = 2", "x = 1")]
    assert made[0] == made[2] != made[1]
    assert len(images(cache)) == 2


def test_the_interpreters_own_objects_are_immortal_and_nobody_elses():
    source = """
import json, sys

def mine():
    pass

dumps = json.dumps
library = [json, json.__dict__, json.JSONEncoder, dumps, dumps.__code__, dumps.__code__.co_consts]
[all(map(sys._is_immortal, library)), sys._is_immortal(mine), sys._is_immortal(mine.__dict__)]
"""
    assert Sandbox(threads=1).run(source).value == [True, False, False]


def test_what_a_prelude_makes_is_freed_and_finalised():
    prelude = """
import weakref

class Noisy:
    def __del__(self):
        print("gone")

noisy, large = Noisy(), bytearray(8 << 20)
seen = weakref.ref(noisy)
"""
    box = Sandbox(prelude, threads=1)
    out = box.run("del noisy\nprint(seen())\ndel large\nlarger = bytearray(8 << 20)")
    assert out.stdout == "gone\nNone\n"
    assert out.usage.memory == box.run("pass").usage.memory
