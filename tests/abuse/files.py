"""Programs that misuse files and descriptors."""

from abuse.case import ANY, FILES, FUEL, MEMORY, OK, case

CASES = [
    case(
        "a file that grows for ever",
        "with open('/tmp/f', 'wb') as f:\n    while True: f.write(bytes(100_000))",
        FILES,
    ),
    case(
        "files without end",
        "i = 0\nwhile True:\n    i += 1\n    open(f'/tmp/{i}', 'w').close()",
        FILES,
        fuel=2_000_000_000,
        files=64 << 10,
    ),
    case(
        "directories without end",
        "import os\ni = 0\nwhile True:\n    i += 1\n    os.mkdir(f'/tmp/{i}')",
        FILES,
        fuel=2_000_000_000,
        files=64 << 10,
    ),
    case(
        "directories nested without end",
        "import os\np = '/tmp'\nwhile True:\n    p += '/d'\n    os.mkdir(p)",
        FILES,
    ),
    case(
        "directories nested by descriptor",
        "import os\nfd = os.open('/tmp', os.O_RDONLY)\nwhile True:\n    os.mkdir('d', dir_fd=fd)\n    fd = os.open('d', os.O_RDONLY, dir_fd=fd)",
        FILES,
    ),
    case(
        "directories nested by renaming",
        """
import os
os.makedirs('/tmp/' + '/'.join('d' * 50))
os.makedirs('/tmp/' + '/'.join('e' * 50))
os.rename('/tmp/' + 'e', '/tmp/' + '/'.join('d' * 50) + '/e')
""",
        FILES,
    ),
    case("an empty name", "open('', 'w')", "raised IsADirectoryError"),
    case(
        "a file written far beyond its end",
        "f = open('/tmp/f', 'wb')\nf.seek(10**12)\nf.write(b'x')\nf.flush()",
        FILES,
    ),
    case(
        "a file written at the end of all numbers",
        "import os\nfd = os.open('/tmp/f', os.O_RDWR | os.O_CREAT)\nos.lseek(fd, 2**63 - 1, 0)\nos.write(fd, b'xx')",
        "raised OSError",
    ),
    case(
        "a file sought beyond all numbers",
        "import os\nfd = os.open('/tmp/f', os.O_RDWR | os.O_CREAT)\nos.lseek(fd, 2**63 - 1, 0)\nos.lseek(fd, 1, 1)",
        "raised OSError",
    ),
    case("a file sought before its start", "f = open('/tmp/f', 'w+b')\nf.seek(-1)", "raised OSError"),
    case(
        "a file sought in a way that is none",
        "import os\nfd = os.open('/tmp/f', os.O_RDWR | os.O_CREAT)\nos.lseek(fd, 0, 77)",
        "raised OSError",
    ),
    case("a file stretched beyond the limit", "open('/tmp/f', 'wb').truncate(2**62)", FILES),
    case("a file stretched to a negative size", "open('/tmp/f', 'wb').truncate(-1)", "raised OSError"),
    case(
        "a file stretched and shrunk",
        "f = open('/tmp/f', 'wb')\nfor _ in range(100):\n    f.truncate(4_000_000)\n    f.truncate(0)\nf.tell()",
        OK,
        0,
    ),
    case(
        "the file limit caught, then an ordinary end",
        "import os\nf = open('/tmp/f', 'wb', buffering=0)\ntry:\n    while True: f.write(bytes(10**6))\nexcept OSError as e: n = e.errno\nos.remove('/tmp/f')\nn",
        OK,
        51,
    ),
    case(
        "space given back by removing",
        "import os\nfor i in range(20):\n    with open('/tmp/f', 'wb') as f: f.write(bytes(3_000_000))\n    os.remove('/tmp/f')\n1",
        OK,
        1,
        fuel=1_000_000_000,
    ),
    case(
        "space held by a removed file",
        "import os\nx = []\nwhile True:\n    f = open('/tmp/f', 'wb', buffering=0)\n    f.write(bytes(500_000))\n    os.remove('/tmp/f')\n    x.append(f)",
        FILES,
    ),
    case("descriptors without end", "x = []\nwhile True: x.append(open('/tmp/f', 'w'))", MEMORY),
    case(
        "descriptors given back",
        "for _ in range(2000): open('/tmp/f', 'w').close()\n1",
        OK,
        1,
        fuel=400_000_000,
    ),
    case(
        "descriptors leaked by ignorance",
        "import os\ntry:\n    while True: os.open('/tmp', os.O_RDONLY)\nexcept OSError as e: n = e.errno\nn",
        OK,
        33,
    ),
    case(
        "no descriptor left, then an import",
        "import os\ntry:\n    while True: os.open('/tmp', os.O_RDONLY)\nexcept OSError: pass\nimport colorsys",
        "raised OSError",
    ),
    case("every descriptor closed", "import os\nos.closerange(0, 1000)\n1", OK, 1),
    case("the root's descriptor closed", "import os\nos.close(3)\nopen('/tmp/f', 'w')", "raised OSError"),
    case(
        "a descriptor closed twice",
        "import os\nfd = os.open('/tmp', os.O_RDONLY)\nos.close(fd)\nos.close(fd)",
        "raised OSError",
    ),
    case("a descriptor that never was", "import os\nos.read(12345, 1)", "raised OSError"),
    case("a negative descriptor", "import os\nos.read(-1, 1)", "raised OSError"),
    case("a descriptor beyond an integer", "import os\nos.read(2**40, 1)", "raised OverflowError"),
    case(
        "a read of a length chosen to hurt",
        "import os\nfd = os.open('/usr/local/lib/python315.zip', os.O_RDONLY)\nlen(os.read(fd, 2**31 - 1)) > 10**6",
        "raised OverflowError",
        fuel=1_000_000_000,
    ),
    case("a read of a negative length", "import os\nos.read(0, -1)", "raised OSError"),
    case(
        "a read of a directory",
        "import os\nos.read(os.open('/tmp', os.O_RDONLY), 10)",
        "raised IsADirectoryError",
    ),
    case(
        "a write to a directory",
        "import os\nos.write(os.open('/tmp', os.O_RDONLY), b'x')",
        "raised OSError",
    ),
    case(
        "a write to what was opened for reading",
        "import os\nopen('/tmp/f', 'w').close()\nos.write(os.open('/tmp/f', os.O_RDONLY), b'x')",
        "raised OSError",
    ),
    case(
        "a read of what was opened for writing",
        "import os\nos.read(os.open('/tmp/f', os.O_WRONLY | os.O_CREAT), 1)",
        "raised OSError",
    ),
    case("a directory of the host", "import os\nos.listdir('/work')", "raised FileNotFoundError"),
    case(
        "a directory removed while it is open",
        "import os\nos.mkdir('/tmp/d')\nfd = os.open('/tmp/d', os.O_RDONLY)\nos.rmdir('/tmp/d')\nos.mkdir('e', dir_fd=fd)",
        "raised FileNotFoundError",
    ),
    case(
        "a directory removed while it is listed",
        "import os\nfor i in range(50): open(f'/tmp/{i}', 'w').close()\nfor e in os.scandir('/tmp'): os.remove(e.path)\nos.listdir('/tmp')",
        OK,
        [],
    ),
    case(
        "a file mapped",
        "import mmap, os\nfd = os.open('/usr/local/lib/python315.zip', os.O_RDONLY)\nmmap.mmap(fd, 100, access=mmap.ACCESS_READ)",
        "raised OSError",
    ),
    case(
        "an anonymous mapping",
        "import mmap\nm = mmap.mmap(-1, 1000)\nm[:3] = b'abc'\nm[:3]",
        "raised OSError",
        ANY,
    ),
    case(
        "a file renamed over itself",
        "import os\nopen('/tmp/f', 'w').write('x')\nos.rename('/tmp/f', '/tmp/f')\nos.listdir('/tmp')",
        OK,
        ["f"],
    ),
    case(
        "a file written through a removed name",
        "import os\nf = open('/tmp/f', 'w+')\nos.remove('/tmp/f')\nf.write('x')\nf.seek(0)\n[f.read(), os.listdir('/tmp')]",
        OK,
        ["x", []],
    ),
    case(
        "a thousand files listed",
        "import os\nfor i in range(1000): open(f'/tmp/{i:04}', 'w').close()\nx = os.listdir('/tmp')\n[len(x), x == sorted(x)]",
        OK,
        [1000, True],
        fuel=400_000_000,
    ),
    case(
        "a listing that never ends",
        "import os\ni = 0\nfor e in os.scandir('/tmp'):\n    i += 1\n    open(f'/tmp/{i}', 'w').close()\nwhile True: os.listdir('/tmp')",
        FUEL,
    ),
    case(
        "a scatter read of too many parts",
        "import os\nos.readv(0, [bytearray(1)] * 5000)",
        "raised AttributeError",
    ),
    case(
        "a write past two gigabytes",
        "import os\nfd = os.open('/tmp/f', os.O_RDWR | os.O_CREAT)\nos.pwrite(fd, b'x', 2**31 + 5)",
        FILES,
    ),
    case(
        "a positional read before the start",
        "import os\nfd = os.open('/tmp/f', os.O_RDWR | os.O_CREAT)\nos.pread(fd, 1, -5)",
        "raised OSError",
    ),
    case(
        "a database that grows",
        "import sqlite3\nc = sqlite3.connect('/tmp/d')\nc.execute('create table t (x)')\nwhile True:\n    c.execute('insert into t values (zeroblob(100000))')\n    c.commit()",
        FILES,
        fuel=200_000_000,
    ),
    case(
        "a query that never ends",
        "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('with recursive t(x) as (select 1 union all select x + 1 from t) select count(*) from t').fetchall()",
        FUEL,
        fuel=100_000_000,
    ),
    case(
        "an extension loaded by a database",
        "import sqlite3\nsqlite3.connect(':memory:').enable_load_extension(True)",
        "raised AttributeError",
        fuel=1_000_000_000,
    ),
    case(
        "temporary files without end",
        "import tempfile\nx = []\nwhile True: x.append(tempfile.TemporaryFile())",
        MEMORY,
        fuel=1_000_000_000,
    ),
    case(
        "a file's times set beyond all",
        "import os\nopen('/tmp/f', 'w').close()\nos.utime('/tmp/f', (1e300, 1e300))",
        "raised OverflowError",
    ),
    case(
        "entries without end",
        "i = 0\nwhile True:\n    i += 1\n    open(f'/tmp/{i}', 'w').close()",
        FILES,
        entries=50,
    ),
]
