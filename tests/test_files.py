"""Files in the guest against files on the host: the same programs must give the same values and the same errors."""

# ruff: noqa: E501 - programs are given as they are
import pytest

from mentor.sandbox import Limits, Sandbox

# Runs a program step by step (steps are separated by blank lines), in `root`. Each step gives the value of its
# last expression, or the exception's type and the error's name: the numbers differ between systems.
RUNNER = """
def run_steps(source, root):
    import ast, errno
    names, results = {"root": root, "sorted": sorted}, []
    for step in source.strip().split("\\n\\n"):
        tree = ast.parse(step)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        try:
            exec(compile(tree, "<step>", "exec"), names)
            value = eval(compile(ast.Expression(last.value), "<step>", "eval"), names) if last else None
            text = repr(value).replace(str(root), "ROOT")
        except Exception as error:
            name = errno.errorcode.get(getattr(error, "errno", None) or -1)
            text = f"{type(error).__name__} {name}"
        results.append(text)
    return results
"""

PROGRAMS = {
    "open modes": """
import os
p = f"{root}/f"
open(p)

open(p, "x").write("one")

open(p, "x")

open(p, "a").write("two"); open(p).read()

f = open(p, "r+"); f.seek(1); f.write("NE"); f.close(); open(p).read()

f = open(p, "w+"); f.write("new"); f.seek(0); f.read()

f = open(p, "rb"); f.write(b"x")

os.write(f.fileno(), b"x")

f = open(p, "wb"); os.read(f.fileno(), 1)

open(f"{p}/x")

open(f"{root}/none/x", "w")

open(root)

open(root, "w")

open(p + "/")

open(f"{root}/new/", "w")

open("a\\0b")

open(f"{root}/{'n' * 256}", "w")

open(f"{root}/{'n' * 255}", "w").close(); len(max(os.listdir(root), key=len))
""",
    "seek tell truncate": """
import os
f = open(f"{root}/f", "w+b"); f.write(b"0123456789"); f.tell()

f.seek(-3, 2), f.read(), f.read(), f.tell()

f.seek(20), f.write(b"x"), f.seek(0), f.read()

f.truncate(4), f.tell(), f.seek(0), f.read()

f.truncate(6), f.seek(0), f.read()

f.seek(-1)

f.seek(-100, 1)

f.seek(0, 9)

os.lseek(f.fileno(), 2, os.SEEK_SET), os.lseek(f.fileno(), 1, os.SEEK_CUR), os.lseek(f.fileno(), 0, os.SEEK_END)

os.lseek(f.fileno(), -1, os.SEEK_SET)

os.ftruncate(f.fileno(), 2), os.fstat(f.fileno()).st_size

os.truncate(f"{root}/f", 1), os.path.getsize(f"{root}/f")

g = open(f"{root}/f", "rb"); os.ftruncate(g.fileno(), 0)

os.pread(f.fileno(), 5, 0), os.pwrite(f.fileno(), b"zz", 3), os.pread(f.fileno(), 9, 0)

os.pread(f.fileno(), 5, -1)

os.close(f.fileno()), f.fileno() >= 0

os.fstat(9999)

os.lseek(9999, 0, 0)
""",
    "append": """
import os
fd = os.open(f"{root}/f", os.O_CREAT | os.O_RDWR | os.O_APPEND)
os.write(fd, b"abc"), os.lseek(fd, 0, 0), os.write(fd, b"d"), os.lseek(fd, 0, 1)

os.pwrite(fd, b"e", 0), os.pread(fd, 9, 0)

fd2 = os.open(f"{root}/f", os.O_WRONLY); os.write(fd2, b"X"); os.pread(fd, 9, 0)

os.write(fd, b"Y"), os.pread(fd, 9, 0)
""",
    "os.open flags": """
import os
p = f"{root}/f"
fd = os.open(p, os.O_CREAT | os.O_EXCL | os.O_WRONLY); os.write(fd, b"text"); os.close(fd)

os.open(p, os.O_CREAT | os.O_EXCL | os.O_WRONLY)

os.open(p, os.O_RDONLY | os.O_DIRECTORY)

fd = os.open(p, os.O_WRONLY | os.O_TRUNC); os.close(fd); os.path.getsize(p)

os.open(root, os.O_WRONLY)

os.mkdir(f"{root}/d"); os.open(f"{root}/d", os.O_CREAT | os.O_WRONLY)

fd = os.open(f"{root}/d", os.O_RDONLY | os.O_DIRECTORY); os.read(fd, 1)

os.write(fd, b"x")

os.path.isdir(f"{root}/d"), os.fstat(fd).st_ino == os.stat(f"{root}/d").st_ino

os.close(fd); os.close(fd)
""",
    "directories": """
import os
os.mkdir(f"{root}/a"); os.mkdir(f"{root}/a")

os.makedirs(f"{root}/x/y/z"); os.makedirs(f"{root}/x/y/z", exist_ok=True)

os.makedirs(f"{root}/x/y/z")

open(f"{root}/x/y/f", "w").close(); os.mkdir(f"{root}/x/y/f/d")

os.rmdir(f"{root}/x")

os.rmdir(f"{root}/x/y/f")

os.rmdir(f"{root}/none")

os.remove(f"{root}/x")

os.remove(f"{root}/none")

sorted(os.listdir(f"{root}/x/y"))

os.listdir(f"{root}/x/y/f")

os.listdir(f"{root}/none")

[(d, sorted(n), sorted(f)) for d, n, f in sorted(os.walk(f"{root}/x"))]

sorted((e.name, e.is_dir(), e.is_file(), e.is_symlink(), e.inode() == os.stat(e.path).st_ino) for e in os.scandir(f"{root}/x/y"))

os.removedirs(f"{root}/x/y/z"); sorted(os.listdir(f"{root}/x/y"))

os.stat(f"{root}/x").st_nlink, os.stat(f"{root}/x/y").st_nlink
""",
    "chdir and relative paths": """
import os
os.makedirs(f"{root}/a/b"); os.chdir(f"{root}/a"); os.getcwd()

open("b/f", "w").write("text"), open("./b/../b//f").read()

os.path.exists("../a/b/f"), os.path.exists("/../.."), os.stat("../" * 20).st_ino == os.stat("/").st_ino, os.path.realpath("b/.."), os.listdir()

os.chdir("none")

os.chdir("b/f")

os.chdir(root)
""",
    "rename": """
import os
for name in "abc": open(f"{root}/{name}", "w").write(name)
os.rename(f"{root}/a", f"{root}/b"); open(f"{root}/b").read(), sorted(os.listdir(root))

os.replace(f"{root}/b", f"{root}/c"); open(f"{root}/c").read()

os.rename(f"{root}/none", f"{root}/x")

os.makedirs(f"{root}/d/e"); os.rename(f"{root}/d", f"{root}/d/e/d")

os.rename(f"{root}/c", f"{root}/d")

os.rename(f"{root}/d", f"{root}/c")

os.makedirs(f"{root}/full/x"); os.rename(f"{root}/d", f"{root}/full")

os.mkdir(f"{root}/empty"); os.rename(f"{root}/d", f"{root}/empty"); sorted(os.listdir(root)), os.listdir(f"{root}/empty")

os.rename(f"{root}/c", f"{root}/c"); os.path.exists(f"{root}/c")

os.renames(f"{root}/c", f"{root}/deep/er/c"); open(f"{root}/deep/er/c").read()

f = open(f"{root}/deep/er/c", "a"); os.rename(f"{root}/deep/er/c", f"{root}/moved"); f.write("!"); f.close(); open(f"{root}/moved").read()
""",
    "links": """
import os
open(f"{root}/f", "w").write("text"); os.mkdir(f"{root}/d"); os.symlink("f", f"{root}/l"); os.readlink(f"{root}/l")

open(f"{root}/l").read(), os.path.islink(f"{root}/l"), os.path.isfile(f"{root}/l"), os.lstat(f"{root}/l").st_size

os.symlink(f"{root}/f", f"{root}/abs"); open(f"{root}/abs").read(), os.path.realpath(f"{root}/abs")

os.symlink("none", f"{root}/dangling"); os.path.exists(f"{root}/dangling"), os.path.lexists(f"{root}/dangling")

open(f"{root}/dangling")

open(f"{root}/dangling", "x")

open(f"{root}/dangling", "w").close(); os.path.exists(f"{root}/none")

os.symlink("x", f"{root}/l")

os.symlink("loop", f"{root}/loop"); open(f"{root}/loop")

os.symlink("d", f"{root}/dl"); open(f"{root}/dl/g", "w").close(); os.listdir(f"{root}/d"), os.listdir(f"{root}/dl")

os.rmdir(f"{root}/dl")

os.remove(f"{root}/dl"); os.path.isdir(f"{root}/d")

os.readlink(f"{root}/f")

os.open(f"{root}/l", os.O_RDONLY | os.O_NOFOLLOW)

os.link(f"{root}/f", f"{root}/h"); os.stat(f"{root}/h").st_nlink, os.path.samefile(f"{root}/f", f"{root}/h")

os.remove(f"{root}/f"); open(f"{root}/h").read(), os.stat(f"{root}/h").st_nlink

os.link(f"{root}/h", f"{root}/h")

os.link(f"{root}/d", f"{root}/d2")

os.link(f"{root}/gone", f"{root}/g")
""",
    "times": """
import os
p = f"{root}/f"
open(p, "w").write("1"); first = os.stat(p); os.utime(p, (1000, 2000.5)); s = os.stat(p); s.st_atime, s.st_mtime, s.st_mtime_ns

os.utime(p, ns=(5, 7)); os.stat(p).st_mtime_ns

os.utime(p); os.stat(p).st_mtime_ns >= first.st_mtime_ns

os.utime(f"{root}/none")

d = os.stat(root).st_mtime_ns; open(f"{root}/g", "w").close(); os.stat(root).st_mtime_ns >= d

os.symlink("f", f"{root}/l"); os.utime(f"{root}/l", (1, 2), follow_symlinks=False); os.lstat(f"{root}/l").st_mtime, os.stat(f"{root}/l").st_mtime > 2

import shutil; os.utime(p, (10, 20)); shutil.copy2(p, f"{root}/c"); os.stat(f"{root}/c").st_mtime
""",
    "open deleted": """
import os
f = open(f"{root}/f", "w+"); f.write("alive"); f.flush(); os.remove(f"{root}/f"); f.seek(0); f.read(), os.fstat(f.fileno()).st_nlink

os.path.exists(f"{root}/f"), f.write("!"), f.seek(0), f.read()

os.mkdir(f"{root}/d"); fd = os.open(f"{root}/d", os.O_RDONLY); os.rmdir(f"{root}/d"); os.fstat(fd).st_nlink

os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=fd)
""",
    "dir_fd": """
import os
os.mkdir(f"{root}/d"); fd = os.open(f"{root}/d", os.O_RDONLY | os.O_DIRECTORY)
os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=fd)); os.listdir(f"{root}/d")

os.rename("f", "g", src_dir_fd=fd, dst_dir_fd=fd); os.stat("g", dir_fd=fd).st_size, os.listdir(f"{root}/d")

os.mkdir("sub", dir_fd=fd); sorted(os.listdir(f"{root}/d"))

os.unlink("g", dir_fd=fd); os.rmdir("sub", dir_fd=fd); os.listdir(f"{root}/d")

os.stat("none", dir_fd=fd)
""",
    "listing while removing": """
import os
for k in range(500): open(f"{root}/{k:03}", "w").close()
seen = []
for entry in os.scandir(root): seen.append(entry.name); os.remove(entry.path)
len(seen), len(set(seen)), os.listdir(root)
""",
    "pathlib": """
from pathlib import Path
p = Path(root) / "a" / "b"; p.mkdir(parents=True); (p / "f.txt").write_text("h\\u00e9"), (p / "f.txt").read_bytes()

p.mkdir()

p.mkdir(exist_ok=True); sorted(str(q) for q in Path(root).rglob("*"))

(p / "f.txt").rename(p / "g.txt").name, sorted(q.name for q in p.iterdir())

(p / "x").touch(); (p / "x").touch(); (p / "x").touch(exist_ok=False)

(p / "x").unlink(); (p / "x").unlink(missing_ok=True); (p / "x").unlink()

(p / "l").symlink_to("g.txt"); (p / "l").resolve().name, (p / "l").is_symlink(), (p / "l").readlink() == Path("g.txt")

(p / "h").hardlink_to(p / "g.txt"); (p / "h").samefile(p / "g.txt"), (p / "h").stat().st_nlink

sorted(q.name for q in p.glob("?.txt")), p.exists(), (p / "none").exists(), (p / "g.txt").is_dir()

p.rmdir()

sorted((str(d), sorted(n), sorted(f)) for d, n, f in __import__("os").walk(root))
""",
    "shutil": """
import os, shutil
os.makedirs(f"{root}/a/b"); open(f"{root}/a/f", "w").write("f"); open(f"{root}/a/b/g", "w").write("g"); os.symlink("f", f"{root}/a/l")
shutil.copytree(f"{root}/a", f"{root}/c", symlinks=True); sorted(os.listdir(f"{root}/c")), os.readlink(f"{root}/c/l"), open(f"{root}/c/b/g").read()

shutil.copytree(f"{root}/a", f"{root}/c")

shutil.copytree(f"{root}/a", f"{root}/e"); os.path.islink(f"{root}/e/l"), open(f"{root}/e/l").read()

shutil.rmtree(f"{root}/c"); os.path.exists(f"{root}/c")

shutil.rmtree(f"{root}/c")

shutil.rmtree(f"{root}/c", ignore_errors=True)

shutil.move(f"{root}/a", f"{root}/moved"); sorted(os.listdir(root))

shutil.copy(f"{root}/moved/f", f"{root}/moved/b"); sorted(os.listdir(f"{root}/moved/b"))

shutil.copyfile(f"{root}/moved/f", f"{root}/moved/f")

shutil.make_archive(f"{root}/z", "zip", f"{root}/moved"); shutil.unpack_archive(f"{root}/z.zip", f"{root}/un"); open(f"{root}/un/b/g").read()
""",
    "tempfile": """
import os, tempfile
with tempfile.TemporaryDirectory(dir=root) as d: open(f"{d}/f", "w").write("x"); os.listdir(d)
os.path.exists(d)

with tempfile.NamedTemporaryFile("w+", dir=root) as f: f.write("text"); f.seek(0); text = f.read(); there = os.path.exists(f.name)
text, there, os.path.exists(f.name)

with tempfile.TemporaryFile("w+b", dir=root) as f: f.write(b"abc"); f.seek(0); text = f.read()
text, os.listdir(root)

fd, p = tempfile.mkstemp(dir=root); os.write(fd, b"x"); os.close(fd); os.path.getsize(p)

with tempfile.SpooledTemporaryFile(max_size=4, dir=root) as f: f.write(b"123456789"); f.seek(0); text = f.read()
text
""",
    "zip, tar and friends": """
import io, os, tarfile, zipfile, gzip, bz2, lzma, csv, json, pickle
with zipfile.ZipFile(f"{root}/z.zip", "w", zipfile.ZIP_DEFLATED) as z: z.writestr("a/b.txt", "text" * 1000); z.writestr("c", b"")
zipfile.is_zipfile(f"{root}/z.zip"), zipfile.ZipFile(f"{root}/z.zip").namelist(), len(zipfile.ZipFile(f"{root}/z.zip").read("a/b.txt"))

with zipfile.ZipFile(f"{root}/z.zip", "a") as z: z.writestr("d", "more")
zipfile.ZipFile(f"{root}/z.zip").extractall(f"{root}/z"); sorted(os.listdir(f"{root}/z")), zipfile.ZipFile(f"{root}/z.zip").testzip()

zipfile.ZipFile(f"{root}/z/d")

os.symlink("c", f"{root}/z/link")
with tarfile.open(f"{root}/t.tar.gz", "w:gz") as t: t.add(f"{root}/z", "z")
sorted(tarfile.open(f"{root}/t.tar.gz").getnames())

tarfile.open(f"{root}/t.tar.gz").extractall(f"{root}/t", filter="data"); os.readlink(f"{root}/t/z/link"), open(f"{root}/t/z/d").read()

for module in (gzip, bz2, lzma): module.open(f"{root}/c.{module.__name__}", "wb").write(b"x" * 9999)
[len(module.open(f"{root}/c.{module.__name__}").read()) for module in (gzip, bz2, lzma)]

with open(f"{root}/c.csv", "w", newline="") as f: csv.writer(f).writerows([[1, "a,b"], [2, 'q"']])
list(csv.reader(open(f"{root}/c.csv", newline="")))

pickle.dump({"x": [1, 2]}, open(f"{root}/p", "wb")); pickle.load(open(f"{root}/p", "rb"))
""",
    "sqlite": """
import sqlite3
db = sqlite3.connect(f"{root}/db"); db.execute("create table t (a integer primary key, b text)"); db.executemany("insert into t values (?, ?)", [(k, str(k) * 50) for k in range(2000)]); db.commit(); db.execute("select count(*), sum(a) from t").fetchone()

db.execute("delete from t where a % 2"); db.rollback(); db.execute("select count(*) from t").fetchone()

db.execute("delete from t where a > 10"); db.commit(); db.execute("vacuum"); db.close(); db = sqlite3.connect(f"{root}/db"); db.execute("select a from t").fetchall()

other = sqlite3.connect(f"{root}/db"); other.execute("insert into t values (99, 'x')"); other.commit(); db.execute("select max(a) from t").fetchone()

db.execute("insert into t values (99, 'twice')")

import os; os.path.getsize(f"{root}/db")

sqlite3.connect(f"{root}/none/db")
""",
    "import what was written": """
import importlib, sys
sys.path.insert(0, str(root)); sys.dont_write_bytecode = True
open(f"{root}/written_module_a.py", "w").write("value = 1"); import written_module_a; written_module_a.value

open(f"{root}/written_module_b.py", "w").write("value = 2"); importlib.invalidate_caches(); import written_module_b; written_module_b.value

import written_module_c

import os; os.mkdir(f"{root}/written_package"); open(f"{root}/written_package/__init__.py", "w").write("from .part import x"); open(f"{root}/written_package/part.py", "w").write("x = 3"); importlib.invalidate_caches(); import written_package; written_package.x

sys.path.remove(str(root))
""",
    "buffering and text": """
import io, os
f = open(f"{root}/f", "w", buffering=1); f.write("line\\npart"); os.path.getsize(f"{root}/f")

f.flush(); os.path.getsize(f"{root}/f")

f = open(f"{root}/b", "wb", buffering=0); f.write(b"x" * 100_000), os.path.getsize(f"{root}/b")

f = open(f"{root}/u", "w", encoding="utf-16"); f.write("h\\u00e9"); f.close(); open(f"{root}/u", "rb").read(2) in (b"\\xff\\xfe", b"\\xfe\\xff"), open(f"{root}/u", encoding="utf-16").read()

open(f"{root}/u", encoding="ascii").read()

open(f"{root}/n", "w", newline="\\r\\n").write("a\\nb"); open(f"{root}/n", "rb").read(), open(f"{root}/n").read()

f = open(f"{root}/n", "r+b"); f.readinto(bytearray(2)), f.peek(1)[:1], f.readline(), f.tell()

f = io.open(f"{root}/many", "w+b"); f.writelines([b"a" * k for k in range(300)]); f.seek(0); sum(len(x) for x in iter(lambda: f.read(777), b""))

[line for line in open(f"{root}/n")]
""",
    "null and random devices": """
import os
f = open(os.devnull, "w"); f.write("gone"); f.close(); open(os.devnull).read()

open("/dev/zero", "rb").read(4), len(open("/dev/urandom", "rb").read(16)), os.isatty(os.open(os.devnull, os.O_RDWR))

import contextlib
with open(os.devnull, "w") as null, contextlib.redirect_stdout(null): print("nothing")
""",
    "unusual names": """
import os
names = ["\\u00e9\\u4e2d", " lead", "tab\\t", "new\\nline", "-dash", "a" * 200, "...", "per%cent", "quo'te", 'dou"ble', "back\\\\slash"]
for name in names: open(f"{root}/{name}", "w").write(name)
sorted(os.listdir(root)) == sorted(names), all(open(f"{root}/{name}").read() == name for name in names)

open(os.path.join(os.fsencode(root), b"bytes"), "wb").write(b"x"); b"bytes" in os.listdir(os.fsencode(root))
""",
}


@pytest.fixture(scope="module")
def box():
    limits = Limits(fuel=20_000_000_000, wall=60.0)
    return Sandbox(RUNNER + "\nimport os, shutil, tempfile, pathlib, zipfile, tarfile", limits=limits)


@pytest.fixture(scope="module")
def run_steps():
    names = {}
    exec(RUNNER, names)
    return names["run_steps"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_guest_s_files_are_as_the_host_s(box, run_steps, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = box.run(f"import os; os.mkdir('/tmp/r'); run_steps({PROGRAMS[name]!r}, '/tmp/r')")
    assert out.ok, (out.error, out.limit)
    expected = run_steps(PROGRAMS[name], str(tmp_path))
    steps = PROGRAMS[name].strip().split("\n\n")
    different = [(s, g, h) for s, g, h in zip(steps, out.value, expected, strict=True) if g != h]
    assert not different, "\n".join(f"{s}\n  guest {g}\n  host  {h}" for s, g, h in different)


# What is different, and stays so: docs/wasi.md gives the reasons.
DIFFERENT = {
    "open('')": "IsADirectoryError EISDIR",
    "open(b'/tmp/\\xff', 'w')": "OSError EILSEQ",
    "import mmap; mmap.mmap(-1, 10)": "OSError None",
    "oct(os.stat('/tmp').st_mode), oct(os.stat('/dev/null').st_mode)": "('0o40000', '0o20000')",
    "os.chmod('/tmp', 0o700); oct(os.stat('/tmp').st_mode)": "'0o40000'",
    "os.access('/none', os.R_OK), os.access('/usr/local/lib/python315.zip', os.W_OK)": "(False, True)",
    "open('/usr/local/lib/python315.zip', 'ab')": "OSError EROFS",
    "os.remove('/usr/local/lib/python315.zip')": "OSError EROFS",
    "os.mkdir('/usr/local/lib/new')": "OSError EROFS",
    "os.rename('/usr', '/other')": "OSError EROFS",
    "os.stat('..', dir_fd=os.open('/tmp', os.O_RDONLY))": "PermissionError ENOTCAPABLE",
    "os.dup(1)": "OSError ENOTSUP",
    "import socket; socket.socket()": "OSError ENOTSUP",
    "os.listdir(3)": "TypeError None",
    "os.pipe()": "AttributeError None",
    "os.getuid()": "AttributeError None",
    "os.umask(0)": "AttributeError None",
    "os.statvfs('/')": "AttributeError None",
    "os.sync()": "AttributeError None",
    "import fcntl": "ModuleNotFoundError None",
    "os.environ.copy(), os.getpid(), os.getcwd(), sys.argv": "({}, 42, '/', [''])",
    "sys.stdin.read(), [os.isatty(fd) for fd in range(3)]": "('', [False, False, False])",
    "import select; select.select([0], [1], [], 1)": "([0], [1], [])",
    "open('/proc/self/maps')": "FileNotFoundError ENOENT",
}


def test_what_is_different_is_so_on_purpose(box):
    program = "\n\n".join(DIFFERENT)
    out = box.run(
        f"import builtins, os, sys\nbuiltins.os = os; builtins.sys = sys\nrun_steps({program!r}, '/tmp/r')"
    )
    assert dict(zip(DIFFERENT, out.value, strict=True)) == DIFFERENT
