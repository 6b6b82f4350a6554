"""Paths that lead out, round in circles, too deep, or to what is not the program's own."""

from abuse.case import FILES, FUEL, MEMORY, OK, case

CASES = [
    case("a name that is too long", "open('/tmp/' + 'n' * 300, 'w')", FILES),
    case("a name of the greatest length", "open('/tmp/' + 'n' * 255, 'w').close()", OK),
    case("a path of megabytes", "open('/tmp/' + 'a/' * 10**6, 'w')", FILES, fuel=1_000_000_000),
    case("a name with a null", "open('/tmp/a\\0b', 'w')", "raised ValueError"),
    case("a name that is no UTF-8", "open(b'/tmp/\\xff', 'w')", "raised OSError"),
    case("a name with a lone surrogate", "open('/tmp/\\ud800', 'w')", "raised UnicodeEncodeError"),
    case("a name of dots", "import os\nopen('/tmp/...', 'w').close()\nos.listdir('/tmp')", OK, ["..."]),
    case("the host's password file", "open('/etc/passwd')", "raised FileNotFoundError"),
    case(
        "the host's password file, by dots", "open('/tmp/../../../../etc/passwd')", "raised FileNotFoundError"
    ),
    case("the host's password file, from here", "open('../../../../etc/passwd')", "raised FileNotFoundError"),
    case("the host's process folder", "open('/proc/self/maps')", "raised FileNotFoundError"),
    case("the host's home", "import os\nos.listdir(os.path.expanduser('~'))", "raised FileNotFoundError"),
    case("above the root", "import os\nos.listdir('/..')", OK, ["tmp", "dev", "usr"]),
    case(
        "above the root by descriptor",
        "import os\nos.open('..', os.O_RDONLY, dir_fd=3)",
        OK,
    ),
    case(
        "above the root by changing into it",
        "import os\nos.chdir('/')\nos.chdir('..')\nos.listdir()",
        OK,
        ["tmp", "dev", "usr"],
    ),
    case(
        "the whole tree",
        "import os\nsorted(d + '/' + f for d, _, fs in os.walk('/') for f in fs)",
        OK,
        ["/dev/null", "/dev/urandom", "/dev/zero", "/usr/local/lib/python315.zip"],
    ),
    case("the library overwritten", "open('/usr/local/lib/python315.zip', 'wb')", "raised OSError"),
    case("the library appended to", "open('/usr/local/lib/python315.zip', 'ab')", "raised OSError"),
    case(
        "the library truncated", "import os\nos.truncate('/usr/local/lib/python315.zip', 0)", "raised OSError"
    ),
    case("the library removed", "import os\nos.remove('/usr/local/lib/python315.zip')", "raised OSError"),
    case(
        "the library renamed",
        "import os\nos.rename('/usr/local/lib/python315.zip', '/tmp/x')",
        "raised OSError",
    ),
    case(
        "the library replaced",
        "import os\nopen('/tmp/x', 'w').close()\nos.replace('/tmp/x', '/usr/local/lib/python315.zip')",
        "raised OSError",
    ),
    case(
        "the library's folder moved away",
        "import os\nos.rename('/usr/local/lib', '/tmp/lib')",
        "raised OSError",
    ),
    case("the library's folder removed", "import os\nos.rmdir('/usr/local/lib')", "raised OSError"),
    case("the root removed", "import os\nos.rmdir('/')", "raised OSError"),
    case("the root renamed", "import os\nos.rename('/', '/tmp/root')", "raised OSError"),
    case(
        "a directory moved into itself",
        "import os\nos.mkdir('/tmp/a')\nos.rename('/tmp/a', '/tmp/a/b')",
        "raised OSError",
    ),
    case(
        "the temporary folder removed",
        "import os\nos.rmdir('/tmp')\nopen('/tmp/f', 'w')",
        "raised FileNotFoundError",
    ),
    case(
        "a symbolic link",
        "import os\nos.symlink('/etc/passwd', '/tmp/l')\nopen('/tmp/l')",
        "raised FileNotFoundError",
    ),
    case("a hard link", "import os\nopen('/tmp/f', 'w').close()\nos.link('/tmp/f', '/tmp/g')", OK),
    case("a named pipe", "import os\nos.mkfifo('/tmp/p')", "raised AttributeError"),
    case("a device node", "import os\nos.mknod('/tmp/p')", "raised AttributeError"),
    case(
        "a sparse copy of the library",
        "import shutil\nshutil.copy('/usr/local/lib/python315.zip', '/tmp/x')",
        FILES,
        fuel=400_000_000,
    ),
    case(
        "a zip that writes outside",
        """
import io, os, zipfile
b = io.BytesIO()
with zipfile.ZipFile(b, 'w') as z: z.writestr('../../../../escape', 'x')
zipfile.ZipFile(b).extractall('/tmp')
os.listdir('/tmp')
""",
        OK,
        ["escape"],
    ),
    case(
        "a tar that writes outside",
        """
import io, os, tarfile
b = io.BytesIO()
with tarfile.open(fileobj=b, mode='w') as t: t.addfile(tarfile.TarInfo('../../escape'), io.BytesIO())
b.seek(0)
tarfile.open(fileobj=b).extractall('/tmp', filter='data')
""",
        "raised tarfile.OutsideDestinationError",
        fuel=1_000_000_000,
    ),
    case("the null device filled", "f = open('/dev/null', 'wb')\nwhile True: f.write(bytes(10**6))", FUEL),
    case("the zero device read without end", "f = open('/dev/zero', 'rb')\nwhile True: f.read(10**6)", FUEL),
    case("the zero device kept", "x = open('/dev/zero', 'rb').read()", MEMORY, fuel=2_000_000_000),
    case("the random device kept", "x = open('/dev/urandom', 'rb').read()", MEMORY, fuel=4_000_000_000),
    case("a device removed", "import os\nos.remove('/dev/null')", "raised OSError"),
    case(
        "a device replaced",
        "import os\nopen('/tmp/x', 'w').close()\nos.replace('/tmp/x', '/dev/null')",
        "raised OSError",
    ),
    case(
        "a symbolic link to itself",
        "import os\nos.symlink('/tmp/l', '/tmp/l')\nopen('/tmp/l')",
        "raised OSError",
    ),
    case(
        "symbolic links in a circle",
        "import os\nos.symlink('b', '/tmp/a')\nos.symlink('a', '/tmp/b')\nopen('/tmp/a/x')",
        "raised OSError",
    ),
    case(
        "symbolic links in a long row",
        "import os\nopen('/tmp/0', 'w').close()\nfor i in range(100): os.symlink(str(i), f'/tmp/{i + 1}')\nopen('/tmp/100')",
        "raised OSError",
    ),
    case(
        "symbolic links that double",
        "import os\nos.mkdir('/tmp/d')\nos.symlink('../d', '/tmp/d/l')\nopen('/tmp/d' + '/l' * 60 + '/x')",
        "raised OSError",
    ),
    case(
        "a symbolic link out of the tree",
        "import os\nos.symlink('../../../../etc', '/tmp/l')\nos.listdir('/tmp/l')",
        "raised FileNotFoundError",
    ),
    case(
        "a symbolic link to the library",
        "import os\nos.symlink('/usr/local/lib/python315.zip', '/tmp/l')\nopen('/tmp/l', 'ab')",
        "raised OSError",
    ),
    case(
        "a symbolic link of megabytes",
        "import os\nos.symlink('a/' * 10**6, '/tmp/l')",
        "raised OSError",
        fuel=1_000_000_000,
    ),
    case(
        "symbolic links without end",
        "import os\ni = 0\nwhile True:\n    i += 1\n    os.symlink('x' * 1000, f'/tmp/{i}')",
        FILES,
        files=64 << 10,
        fuel=1_000_000_000,
    ),
    case(
        "a hard link to the library",
        "import os\nos.link('/usr/local/lib/python315.zip', '/tmp/l')\nopen('/tmp/l', 'ab')",
        "raised OSError",
    ),
    case(
        "a hard link to a directory",
        "import os\nos.mkdir('/tmp/d')\nos.link('/tmp/d', '/tmp/e')",
        "raised PermissionError",
    ),
    case(
        "hard links without end",
        "import os\nopen('/tmp/f', 'w').close()\ni = 0\nwhile True:\n    i += 1\n    os.link('/tmp/f', f'/tmp/{i}')",
        FILES,
        files=64 << 10,
        fuel=1_000_000_000,
    ),
    case("a name of one byte too many", "open('/tmp/' + 'n' * 33, 'w')", FILES, name_length=32),
    case("a path one part too deep", "import os\nos.makedirs('/tmp/a/b/c/d')", FILES, path_depth=4),
]
