"""What a wheel must do in an environment that has nothing but its dependencies: `python smoke.py WHEEL`."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

MOST_BYTES = 25 << 20


def check_file(wheel: Path) -> None:
    """The wheel is small enough, and its native code is bound to no version of Python."""
    size = wheel.stat().st_size
    assert size < MOST_BYTES, f"{wheel.name}: {size} bytes; at most {MOST_BYTES}"
    names = zipfile.ZipFile(wheel).namelist()
    native = [name for name in names if name.endswith((".so", ".pyd"))]
    assert native == ["mentor/_native.abi3.so"], native
    assert "mentor/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names), "the wheel has no licence"
    assert not [name for name in names if name.startswith(("tests/", "rust/", "benches/"))]
    print(f"{wheel.name}: {size / 1e6:.1f} MB, {len(names)} files")


def check_library() -> None:
    """A call, a tool, a score, a judgement, a request, and the command line."""
    import mentor
    from mentor.client import Client
    from mentor.server import Server

    installed = Path(mentor.__file__)
    assert installed.is_relative_to(sysconfig.get_paths()["platlib"]), f"not the wheel: {installed}"
    heavy = {"torch", "transformers", "trl", "pydantic"} & set(sys.modules)
    assert not heavy, heavy
    assert mentor.Sandbox(threads=1).run("import numpy; int(numpy.arange(10).sum())").value == 45
    env = mentor.ToolEnv.from_source("def add(a: int, b: int) -> int:\n    return a + b")
    assert env.call_batch([mentor.ToolCall("add", {"a": 2, "b": 3})])[0].value == 5
    assert mentor.align.score([{"name": "add"}], [{"name": "add"}]) == 1.0
    assert mentor.judge.AnswerJudge(math_verify=False).verify(["1/2"], ["0.5"]) == [True]
    with Server(threads=1) as server, Client(server.url) as client:
        assert client.run(["6 * 7"])[0].value == 42
    said = subprocess.run(
        [sys.executable, "-m", "mentor.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == f"mentor {mentor.__version__}"
    print("the library works")


if __name__ == "__main__":
    check_file(Path(sys.argv[1]))
    check_library()
