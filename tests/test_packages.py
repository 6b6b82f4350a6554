"""Packages of this environment in the guest: resolved for it, taken whole, refused with a reason."""

import json

import pytest

from mentor.errors import PackageError, SandboxError
from mentor.sandbox import Limits, Sandbox
from mentor.sandbox.packages import guest_environment, package_files

LIMITS = Limits(fuel=20_000_000_000, wall=60.0)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder to import from; `site(name, ...)` installs a distribution in it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(
        name, version="1.0", *, files=None, requires=(), python="", record=True, extra_lines=(), **about
    ):
        info = f"{name}-{version}.dist-info"
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *extra_lines]
        lines += [f"Requires-Python: {python}"] if python else []
        lines += [f"Requires-Dist: {text}" for text in requires]
        content = {f"{name}/__init__.py": f"VERSION = {version!r}\n"} if files is None else files
        content |= {f"{info}/METADATA": "\n".join(lines) + "\n", f"{info}/INSTALLER": "pip\n"}
        content |= {f"{info}/{path}": text for path, text in about.items()}
        for path, text in content.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        if record:
            names = [*content, f"{info}/RECORD"]
            (tmp_path / info / "RECORD").write_text("".join(f"{path},,\n" for path in names))

    return install


@pytest.fixture(scope="module")
def box():
    return Sandbox("import math_verify", packages=["math-verify"], limits=LIMITS, threads=1)


def test_math_verify_verifies(box):
    source = (
        "from math_verify import parse, verify\n"
        "read = lambda text: parse(text, parsing_timeout=None)\n"
        "ask = lambda a, b: verify(read(a), read(b), timeout_seconds=None)\n"
        r"[ask(r'$\frac{1}{2}$', '0.5'), ask('$x^2+2x+1$', '$(x+1)^2$'), ask('2', '3')]"
    )
    out = box.run(source)
    assert (out.status, out.value) == ("ok", [True, True, False]), out


def test_metadata_works_in_the_guest(box):
    source = (
        "import importlib.metadata as m\n"
        "[m.version('math-verify'), m.version('antlr4-python3-runtime'), m.version('sympy'),"
        " m.requires('math_verify')[0], [str(f) for f in m.files('math-verify') if f.name == 'parser.py']]"
    )
    from importlib import metadata

    found = box.run(source).value
    for name, version in zip(["math-verify", "antlr4-python3-runtime"], found, strict=False):
        assert version == metadata.version(name)
    assert found[2] == "1.14.0"
    assert found[3] == metadata.requires("math-verify")[0]
    assert found[4] == ["math_verify/parser.py"]


def test_package_files_cannot_be_changed(box):
    folder = "/usr/local/lib/python3.15/site-packages"
    for source in (
        f"open('{folder}/math_verify/__init__.py', 'w')",
        f"open('{folder}/new.py', 'w')",
        f"import os; os.remove('{folder}/math_verify/__init__.py')",
        f"import os; os.rename('{folder}/math_verify', '/tmp/m')",
    ):
        out = box.run(source)
        assert (out.status, out.error.type) == ("raised", "OSError"), out


def test_markers_see_the_guest(box):
    assert box.run("import packaging.markers as m; m.default_environment()").value == guest_environment()


def test_what_is_needed_comes_too_and_what_the_guest_ships_does_not(site):
    site(
        "top",
        requires=[
            "below>=2",
            "sympy>=1",
            "ghost; sys_platform == 'linux'",
            "wanted; python_version >= '3.15'",
        ],
    )
    site("below", "2.1", requires=["top"])
    site("wanted")
    names = {path.split("/")[0] for path, _ in package_files(["top"])}
    assert names == {
        "top",
        "top-1.0.dist-info",
        "below",
        "below-2.1.dist-info",
        "wanted",
        "wanted-1.0.dist-info",
    }
    assert package_files(["sympy", "numpy>=2"]) == []
    assert package_files(["ghost; sys_platform == 'linux'"]) == []


def test_extras_bring_what_they_stand_for(site):
    site("top", requires=["one; extra == 'more'", "top[more]; extra == 'all'"], extra_lines=["Provides-Extra: more", "Provides-Extra: all"])  # fmt: skip
    site("one")
    assert not any(path.startswith("one/") for path, _ in package_files(["top"]))
    for extra in ("more", "all"):
        assert any(path.startswith("one/") for path, _ in package_files([f"top[{extra}]"]))


def test_the_files_do_not_depend_on_the_installer(site, tmp_path):
    site("top", files={"top/__init__.py": "", "top/data.txt": "é", "top/__pycache__/x.cpython-311.pyc": ""})
    (tmp_path / "top-1.0.dist-info" / "direct_url.json").write_text(
        json.dumps({"url": "file:///home/someone/top"})
    )
    files = dict(package_files(["top"]))
    assert sorted(files) == [
        "top-1.0.dist-info/METADATA",
        "top-1.0.dist-info/RECORD",
        "top/__init__.py",
        "top/data.txt",
    ]
    record = "top-1.0.dist-info/METADATA,,\ntop/__init__.py,,\ntop/data.txt,,\ntop-1.0.dist-info/RECORD,,\n"
    assert files["top-1.0.dist-info/RECORD"].decode() == record
    assert files["top/data.txt"] == "é".encode()


def test_folders_are_looked_in_first(site, tmp_path_factory):
    site("top", requires=["below"])
    site("below")
    folder = tmp_path_factory.mktemp("folder")
    (folder / "below-0.9.dist-info").mkdir()
    (folder / "below-0.9.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: below\nVersion: 0.9\n"
    )
    (folder / "below.py").write_text("OLD = True\n")
    names = ["below.py", "below-0.9.dist-info/METADATA", "below-0.9.dist-info/RECORD"]
    (folder / "below-0.9.dist-info" / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    files = dict(package_files(["top", "below==0.9"], [str(folder)]))
    assert files["below.py"] == b"OLD = True\n"
    assert "top/__init__.py" in files
    assert "below/__init__.py" in dict(package_files(["top"]))
    with pytest.raises(PackageError, match="package_folders: 'x' is one text"):
        Sandbox(packages=["top"], package_folders="x")


# ruff: noqa: E501 - messages are given whole
@pytest.mark.parametrize(
    ("install", "ask", "text"),
    [
        ({}, "nothing-of-this-name>=2", r"nothing-of-this-name: it is not installed here; pip install 'nothing-of-this-name>=2'"),
        ({"requires": ["absent==3"]}, "top", r"absent \(which top needs\): it is not installed here; pip install 'absent==3'"),
        ({}, "top>=2", "top: installed is version 1.0, which is not >=2"),
        ({"requires": ["sympy<1"]}, "top", r"sympy \(which top needs\): in the guest is version 1.14.0, which is not <1"),
        ({"requires": ["not a requirement!"]}, "top", "top: 'not a requirement!' is no requirement"),
        ({}, "top >> 1", "packages: 'top >> 1' is no requirement"),
        ({}, "sympy[dev]", r"sympy: it comes with the guest, without its extras \(dev\)"),
        ({"python": "<3.15"}, "top", "top: it needs Python <3.15, and the guest has 3.15.0"),
        ({"files": {"top/fast.cpython-311-x86_64-linux-gnu.so": ""}}, "top", "top: top/fast.cpython-311-x86_64-linux-gnu.so is compiled for this machine"),
        ({"record": False}, "top", "top: there is no record of its files; install it again with pip"),
        ({"direct_url.json": '{"url": "file:///x", "dir_info": {"editable": true}}'}, "top", "top: it is installed in editable mode"),
    ],
)  # fmt: skip
def test_what_cannot_be_brought_says_why(site, install, ask, text):
    site("top", **install)
    with pytest.raises(PackageError, match=text):
        package_files([ask])


def test_a_text_is_no_sequence_of_requirements():
    with pytest.raises(PackageError, match="packages: 'math-verify' is one text"):
        Sandbox(packages="math-verify")
    assert issubclass(PackageError, SandboxError)


def test_two_packages_may_bring_the_same_file(site):
    site("one", files={"shared.py": "1"})
    site("two", files={"shared.py": "1"})
    assert ("shared.py", b"1") in package_files(["one", "two"])


def test_packages_are_part_of_the_identity(site, tmp_path):
    site("top", files={"top.py": "X = 1"})
    box = Sandbox(packages=["top"], threads=1)
    assert box.run("import top; top.X").value == 1
    assert box.image != Sandbox(threads=1).image
    assert box.image == Sandbox(packages=["top"], threads=1).image
    (tmp_path / "top.py").write_text("X = 2")
    other = Sandbox(packages=["top"], threads=1)
    assert other.image != box.image
    assert other.run("import top; top.X").value == 2
