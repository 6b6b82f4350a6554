"""Small inputs that swell: archives, parsers, compilers, formats."""

from abuse.case import FILES, FUEL, MEMORY, OK, RESULT, case

WIDE = {"fuel": 3_000_000_000}


CASES = [
    case(
        "a zlib bomb",
        "import zlib\nx = zlib.compress(bytes(10**6)) \nz = zlib.compressobj(9)\nb = b''.join([z.compress(bytes(10**6)) for _ in range(60)] + [z.flush()])\ny = zlib.decompress(b)",
        MEMORY,
        fuel=50_000_000_000,
        memory=72 << 20,
    ),
    case(
        "a zlib bomb, bounded by its reader",
        "import zlib\nb = zlib.compress(bytes(10**7), 1)\nlen(zlib.decompressobj().decompress(b, 1000))",
        OK,
        1000,
        **WIDE,
    ),
    case(
        "a gzip bomb",
        "import gzip\nb = gzip.compress(bytes(10**7), 1)\nx = []\nwhile True: x.append(gzip.decompress(b))",
        MEMORY,
        fuel=50_000_000_000,
        memory=72 << 20,
    ),
    case(
        "a gzip bomb of members",
        "import gzip, io\nb = gzip.compress(bytes(10**6), 1) * 60\nx = gzip.decompress(b)",
        MEMORY,
        fuel=50_000_000_000,
        memory=72 << 20,
    ),
    case(
        "a bzip2 bomb",
        "import bz2\nb = bz2.compress(bytes(10**6)) * 60\nx = bz2.decompress(b)",
        MEMORY,
        fuel=50_000_000_000,
        memory=72 << 20,
    ),
    case(
        "a bzip2 bomb, short of fuel",
        "import bz2\nb = bz2.compress(bytes(10**6)) * 60\nx = bz2.decompress(b)",
        FUEL,
        fuel=300_000_000,
    ),
    case(
        "an lzma bomb",
        "import lzma\nb = lzma.compress(bytes(10**6), preset=0) * 60\nx = lzma.decompress(b)",
        MEMORY,
        fuel=50_000_000_000,
        memory=72 << 20,
    ),
    case(
        "an lzma dictionary of gigabytes",
        "import lzma\nlzma.decompress(b'\\xfd7zXZ\\0\\0\\4\\xe6\\xd6\\xb4F\\2\\0!\\1\\x28' + bytes(20))",
        "raised _lzma.LZMAError",
    ),
    case(
        "a zip bomb read",
        """
import io, zipfile
b = io.BytesIO()
with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
    for i in range(6): z.writestr(str(i), bytes(10**7))
x = [zipfile.ZipFile(b).read(str(i)) for i in range(6)]
""",
        MEMORY,
        fuel=50_000_000_000,
        memory=72 << 20,
    ),
    case(
        "a zip bomb extracted",
        """
import io, zipfile
b = io.BytesIO()
with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z: z.writestr('x', bytes(10**7))
zipfile.ZipFile(b).extractall('/tmp')
""",
        FILES,
        **WIDE,
    ),
    case(
        "a zip that lies about its sizes",
        """
import io, struct, zipfile
b = io.BytesIO()
with zipfile.ZipFile(b, 'w') as z: z.writestr('x', b'abc')
d = bytearray(b.getvalue())
i = d.rfind(b'PK\\x01\\x02')
d[i + 20:i + 28] = struct.pack('<II', 2**31, 2**31)
zipfile.ZipFile(io.BytesIO(d)).read('x')
""",
        "raised zipfile.BadZipFile",
    ),
    case(
        "a numpy file that claims a giant",
        """
import io, numpy as np
b = io.BytesIO()
np.save(b, np.zeros(2))
d = b.getvalue().replace(b"'shape': (2,), }", b"'shape': (999999999,), }")
np.load(io.BytesIO(d))
""",
        "raised ValueError",
    ),
    case(
        "a numpy file that is a program",
        """
import io, numpy as np
b = io.BytesIO()
np.save(b, np.array([print], dtype=object), allow_pickle=True)
b.seek(0)
np.load(b)
""",
        "raised ValueError",
    ),
    case("a numpy dtype of gigabytes", "import numpy as np\nnp.dtype('V2147483648')", "raised TypeError"),
    case(
        "a numpy dtype nested",
        "import numpy as np\nd = 'i1'\nfor _ in range(500): d = [('a', d)]\nnp.dtype(d)",
        "raised RecursionError",
        **WIDE,
    ),
    case(
        "a pickle that is a program",
        "import pickle, os\nclass C:\n    def __reduce__(self): return os._exit, (4,)\npickle.loads(pickle.dumps(C()))",
        "exited 4",
    ),
    case(
        "a pickle bomb of repeats",
        "import pickle\nx = pickle.loads(b'(l.' )\nb = b']' + b'(' + b'N' * 10**6 + b'e.'\nwhile True: pickle.loads(b)",
        FUEL,
    ),
    case(
        "a pickle that claims gigabytes",
        "import pickle\npickle.loads(b'\\x8e' + (2**62).to_bytes(8, 'little') + b'x.')",
        "raised OverflowError",
    ),
    case(
        "a pickle memo of gigabytes",
        "import pickle\npickle.loads(b'\\x80\\x04Nr' + (2**30).to_bytes(4, 'little') + b'.')",
        OK,
        **WIDE,
    ),
    case(
        "marshalled rubbish", "import marshal\nmarshal.loads(b'(\\xff\\xff\\xff\\x7f')", "raised MemoryError"
    ),
    case("marshalled giant", "import marshal\nmarshal.loads(b'(\\0\\0\\0\\x10' + b'N' * 10)", MEMORY, **WIDE),
    case(
        "XML entities that laugh",
        """
import xml.etree.ElementTree as E
d = '<!DOCTYPE l [<!ENTITY l0 "ha">' + ''.join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)) + ']><l>&l9;</l>'
E.fromstring(d)
""",
        FUEL,
        fuel=500_000_000,
    ),
    case(
        "XML of the host",
        """
import xml.etree.ElementTree as E
E.fromstring('<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>')
""",
        "raised xml.etree.ElementTree.ParseError",
        **WIDE,
    ),
    case(
        "lxml entities that laugh",
        """
import lxml.etree as E
d = '<!DOCTYPE l [<!ENTITY l0 "ha">' + ''.join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)) + ']><l>&l9;</l>'
E.fromstring(d)
""",
        "raised lxml.etree.XMLSyntaxError",
        **WIDE,
    ),
    case(
        "lxml of the host",
        """
import lxml.etree as E
E.tostring(E.fromstring('<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'))
""",
        "raised lxml.etree.XMLSyntaxError",
        **WIDE,
    ),
    case(
        "YAML anchors that laugh",
        """
import yaml
d = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\\n' + ''.join(f'a{i}: &a{i} [{", ".join([f"*a{i - 1}"] * 9)}]\\n' for i in range(1, 9))
x = yaml.safe_load(d)
str(x)
""",
        FUEL,
        fuel=600_000_000,
    ),
    case(
        "an image that claims gigabytes",
        """
import io
from PIL import Image
import struct, zlib
def chunk(k, d): return struct.pack('>I', len(d)) + k + d + struct.pack('>I', zlib.crc32(k + d))
p = b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 60000, 60000, 8, 2, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(bytes(1000))) + chunk(b'IEND', b'')
Image.open(io.BytesIO(p)).load()
""",
        "raised PIL.Image.DecompressionBombError",
        fuel=20_000_000_000,
    ),
    case("a format width of gigabytes", "'{:>{}}'.format(1, 2**31)", "raised ValueError"),
    case("a format precision of gigabytes", "'{:.{}f}'.format(1.0, 2**31 - 1)", "raised ValueError"),
    case("a format precision of megabytes", "x = '{:.30000000f}'.format(1.0)", FUEL),
    case(
        "a format that reaches for globals",
        "class C:\n    def __init__(self): self.x = 1\n'{0.__init__.__globals__[secret]}'.format(C())",
        "raised KeyError",
    ),
    case("a percent format without its argument", "'%s %s' % 1", "raised TypeError"),
    case("a percent format of an endless name", "'%(' + 'a' * 10**6 % {}", RESULT, fuel=500_000_000),
    case("a template that nests", "'{:{:{}}}'.format(1, 2, 3)", "raised ValueError"),
    case("strftime of megabytes", "import time\nx = time.strftime('%c' * 10**6)", FUEL, fuel=100_000_000),
    case("an integer of too many digits", "int('1' * 5000)", "raised ValueError"),
    case("an integer of too many digits, in source", "x = eval('1' * 5000)", "raised SyntaxError"),
    case("a shift of gigabytes", "1 << 2**40", "raised OverflowError"),
    case("a constant folded at compile time", "def f(): return 'a' * 10**9 * 10**9 if 0 else 1\nf()", OK, 1),
    case("a power folded at compile time", "def f(): return 9**9**9 if 0 else 1\nf()", OK, 1),
    case("a compile of megabytes", "compile('x = 1\\n' * 10**6, 'f', 'exec')", FUEL),
    case("a compile of one line of megabytes", "compile('x = [' + '1,' * 10**6 + ']', 'f', 'exec')", FUEL),
    case(
        "a compile of a million names",
        "compile(';'.join(f'x{i}=1' for i in range(10**5)), 'f', 'exec')",
        FUEL,
    ),
    case(
        "a compile of a string of megabytes",
        "compile('x = \"' + 'a' * 10**6 + '\"', 'f', 'exec')\n1",
        OK,
        1,
        **WIDE,
    ),
    case("a compile of an f-string of fields", "compile('f\"' + '{x}' * 10**5 + '\"', 'f', 'exec')", FUEL),
    case(
        "a compile of with items",
        "exec('with ' + ', '.join(['open(\"f\")'] * 300) + ': pass')",
        "raised SyntaxError",
    ),
    case(
        "a compile of arguments",
        "exec('def f(' + ','.join(f'a{i}' for i in range(5000)) + '): pass')",
        OK,
        fuel=1_000_000_000,
    ),
    case("a compile of a null", "compile('x\\0', 'f', 'exec')", "raised SyntaxError"),
    case("a compile of an encoding cookie", "exec(b'# coding: utf-7\\nx = \"+AGE-\"')\nx", OK, "a"),
    case("a compile of an unknown encoding", "exec(b'# coding: nothing\\n1')", "raised SyntaxError"),
    case("a pattern that matches patterns", "match [[[[1]]]]:\n    case [[[[*x]]]]: y = x\ny", OK, [1]),
    case(
        "a regular expression of repeats",
        "import re\nre.compile('((((a{1,1000}){1,1000}){1,1000}){1,1000}){1,1000}')",
        OK,
    ),
    case(
        "a regular expression of repeats, matched",
        "import re\nre.match('((((a{0,100}){0,100}){0,100}){0,100}){0,100}$', 'a' * 50 + 'b')",
        FUEL,
    ),
    case(
        "a regular expression of a repeat beyond all",
        "import re\nre.compile('a{99999999999999999999}')",
        "raised OverflowError",
    ),
    case("a regular expression of megabytes", "import re\nre.compile('a' * 10**6)", FUEL),
    case("a regular expression of groups", "import re\nre.compile('()' * 10**4)", FUEL),
    case(
        "a unicode name that expands",
        "eval('\"' + '\\\\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}' * 1000 + '\"')\n1",
        OK,
        1,
    ),
    case("an idna of megabytes", "('a' * 10**5).encode('idna')", "raised UnicodeEncodeError"),
    case("a punycode of thousands", "('é' * 10**4).encode('punycode')", FUEL),
    case("a base64 of megabytes", "import base64\nx = base64.b64encode(bytes(10**8))", MEMORY, **WIDE),
    case(
        "a decimal exponent beyond all",
        "import decimal\ndecimal.Decimal('1e999999999') * decimal.Decimal('1e999999999')",
        "raised decimal.Overflow",
    ),
    case("a decimal of many digits as an integer", "import decimal\nint(decimal.Decimal('1e9999999'))", FUEL),
    case("a fraction from a giant exponent", "import fractions\nfractions.Fraction('1e10000000')", FUEL),
    case(
        "a date beyond all",
        "import datetime\ndatetime.datetime(9999, 12, 31) + datetime.timedelta(1)",
        "raised OverflowError",
    ),
    case("a range of giants", "len(range(10**30))", "raised OverflowError"),
    case(
        "a struct of gigabytes", "import struct\nstruct.pack('2147483647x')", "raised OverflowError", **WIDE
    ),
    case(
        "a struct of too many",
        "import struct\nstruct.calcsize('99999999999999999999i')",
        "raised struct.error",
    ),
    case(
        "an IP network listed",
        "import ipaddress\nlist(ipaddress.ip_network('0.0.0.0/0'))",
        FUEL,
        fuel=300_000_000,
    ),
]
