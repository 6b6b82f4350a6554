import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
from mentor.sandbox import Sandbox, trace
box = Sandbox("x = 's3cret'", threads=1)
box.run_batch(["x", "print(x)", "raise KeyError(x)"])
del box
"""


def run(program, **environment):
    """Runs a program in a process of its own, since a process has one trace."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_the_environment_switches_the_trace_on():
    code, text = run(PROGRAM, MENTOR_TRACE="trace")
    assert code == 0, text
    lines = [json.loads(line) for line in text.splitlines()]
    names = [line["name"] for line in lines]
    assert [names.count(name) for name in ("image", "batch", "call", "restore")] == [1, 1, 3, 3]
    calls = [line for line in lines if line["name"] == "call"]
    assert [line["status"] for line in calls] == ["ok", "ok", "raised"]
    assert all(line["us"] > 0 and line["fuel"] > 0 and line["thread"].startswith("mentor") for line in calls)
    assert "s3cret" not in text
    assert "KeyError" not in text


def test_a_trace_goes_to_a_file_and_is_off_by_default(tmp_path):
    assert run(PROGRAM) == (0, "")
    file = tmp_path / "trace.jsonl"
    assert run(PROGRAM, MENTOR_TRACE="info", MENTOR_TRACE_FILE=str(file)) == (0, "")
    assert [json.loads(line)["name"] for line in file.read_text().splitlines()] == ["image"]
    late = PROGRAM.replace("box.run_batch", f"trace('debug', {str(file)!r})\nbox.run_batch")
    assert run(late) == (0, "")
    names = [json.loads(line)["name"] for line in file.read_text().splitlines()]
    assert names == ["image", "instance made", "batch", "instance dropped"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"MENTOR_TRACE": "loud"},
            'MENTOR_TRACE=loud: trace: there is no level "loud"; expected off, error,',
        ),
        (
            {"MENTOR_TRACE": "info", "MENTOR_TRACE_FILE": "/nowhere/x"},
            "/nowhere/x: No such file or directory",
        ),
    ],
)
def test_a_trace_that_cannot_be_written_is_an_error(environment, message):
    code, text = run(PROGRAM, **environment)
    assert code == 1
    assert f"mentor.errors.SandboxError: MENTOR_TRACE={environment['MENTOR_TRACE']}: " in text
    assert message in text
