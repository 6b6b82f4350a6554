"""Images on disk: built once, loaded by other processes, rebuilt when damaged, pruned, private."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from mentor.errors import SandboxError
from mentor.sandbox import Sandbox, cache_folder, prepare

PRELUDE = (
    "import random\ntable = [n * n for n in range(20_000)]\nopen('/tmp/kept', 'w').write('by the prelude')"
)
PROBE = "[sum(table), open('/tmp/kept').read(), random.random()]"
CHILD = """
import json, sys
from mentor.sandbox import Sandbox
box = Sandbox(sys.argv[1], threads=1)
print(json.dumps([box.image_origin, box.image, box.run(sys.argv[2], seed=3).value]))
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with the compiled guest and no images."""
    compiled = prepare(quiet=True)
    for file in cache_folder().glob(f"{compiled.stem}.*"):
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.setenv("MENTOR_CACHE", str(tmp_path))
    return tmp_path


def start(prelude=PRELUDE):
    command = [sys.executable, "-c", CHILD, prelude, PROBE]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(child):
    out, err = child.communicate(timeout=120)
    assert child.returncode == 0, err
    return json.loads(out)


def images(cache):
    return sorted((cache / "images").glob("*.image"))


def test_an_image_is_built_once_and_loaded_by_other_processes(cache):
    one, two = finish(start()), finish(start())
    assert (one[0], two[0]) == ("built", "loaded")
    assert one[1:] == two[1:]
    assert one[2][:2] == [sum(n * n for n in range(20_000)), "by the prelude"]
    box = Sandbox(PRELUDE, threads=1)
    again = Sandbox(PRELUDE, threads=1)
    assert (box.image_origin, again.image_origin) == ("loaded", "shared")
    assert box.image == again.image == one[1]


def test_a_state_goes_on_in_a_process_that_loads_the_image(cache):
    box = Sandbox(PRELUDE, threads=1)
    _, state = box.step(box.initial, "table.append('more')")
    (cache / "state").write_bytes(state.to_bytes())
    code = (
        "import sys\nfrom mentor.sandbox import Sandbox, State\n"
        "box = Sandbox(sys.argv[1], threads=1)\n"
        "state = State.from_bytes(open(sys.argv[2], 'rb').read())\n"
        "assert box.image_origin == 'loaded'\n"
        "print(box.step(state, 'table[-1]')[0].value)"
    )
    command = [sys.executable, "-c", code, PRELUDE, str(cache / "state")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "more\n"


def test_of_concurrent_processes_one_builds(cache):
    children = [start() for _ in range(3)]
    results = [finish(child) for child in children]
    assert sorted(origin for origin, _, _ in results) == ["built", "loaded", "loaded"]
    assert results[0][1:] == results[1][1:] == results[2][1:]


def test_of_concurrent_threads_one_builds(cache):
    boxes = []
    threads = [threading.Thread(target=lambda: boxes.append(Sandbox(PRELUDE, threads=1))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(box.image_origin for box in boxes) == ["built", "shared", "shared"]


def test_a_builder_killed_at_any_moment_leaves_nothing_that_harms(cache):
    expected = finish(start())
    for image in images(cache):
        image.unlink()
    for delay in (0.1, 0.3, 0.5, 0.7, 1.0):
        child = start()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    # What a writer leaves that dies between writing and renaming.
    key = "0" * 32 if not images(cache) else images(cache)[0].stem
    part = cache / "images" / f"{key}.part-1"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(b"half")
    result = finish(start())
    assert result[0] in {"built", "loaded"}
    assert result[1:] == expected[1:]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_image_is_built_again(cache, damage):
    first = finish(start())
    (path,) = images(cache)
    whole = path.read_bytes()
    middle = len(whole) // 2
    broken = {
        "cut": whole[:middle],
        "flip": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
    }[damage]
    path.write_bytes(broken)
    again = finish(start())
    assert again[0] == "built"
    assert again[1:] == first[1:]
    assert images(cache)[0].read_bytes() == whole
    assert list((cache / "images").glob("*.part-*")) == []


def test_images_not_used_for_longest_go_first(cache, monkeypatch):
    for n in range(3):
        Sandbox(f"x = {n}", threads=1)
    paths = images(cache)
    assert len(paths) == 3
    size = max(path.stat().st_size for path in paths)
    for path in paths:
        os.utime(path, (1, 1))
    assert finish(start("x = 1\ntable = []\nopen('/tmp/kept', 'w')\nimport random"))[0] == "built"
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", str(2 * size + size // 2))
    Sandbox("x = 'new'", threads=1)
    left = images(cache)
    assert len(left) == 2
    assert not set(left) & set(paths), "those not used for longest are gone"


def test_no_image_is_stored_where_none_may_be(cache, monkeypatch):
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", "0")
    box = Sandbox("x = 5", threads=1)
    assert box.image_origin == "built, not stored: the bound on stored images is 0"
    assert box.run("x").value == 5
    assert images(cache) == []
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", "many")
    with pytest.raises(SandboxError, match="MENTOR_IMAGE_BYTES: 'many'; expected a number of bytes"):
        Sandbox("x = 6", threads=1)


def test_a_store_that_cannot_be_written_is_no_error(cache):
    (cache / "images").write_text("not a folder")
    box = Sandbox("x = 7", threads=1)
    assert box.image_origin.startswith("built, not stored: ")
    assert box.run("x").value == 7


def test_the_store_is_private(cache):
    Sandbox("x = 8", threads=1)
    modes = {
        path.name.split(".")[-1]: stat.S_IMODE(path.stat().st_mode) for path in (cache / "images").iterdir()
    }
    assert modes == {"image": 0o600, "lock": 0o600}
    assert stat.S_IMODE((cache / "images").stat().st_mode) == 0o700


def test_what_makes_an_image_names_it(cache):
    made = [Sandbox(source, threads=1).image for source in ("x = 1", "x = 2", "x = 1 ")]
    assert len(set(made)) == 3 or made[0] == made[2] != made[1]
    assert len(images(cache)) == 3, "stored by recipe"
