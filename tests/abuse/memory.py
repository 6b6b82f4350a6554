"""Programs that want more memory than there is, or leave what there is in pieces."""

from abuse.case import ANY, FUEL, MEMORY, OK, case

# Enough fuel for memory to run out first.
BIG = {"fuel": 2_000_000_000, "memory": 80 << 20}


CASES = [
    case("a list of blocks", "x = []\nwhile True: x.append(bytearray(4_000_000))", MEMORY, **BIG),
    case("a list of integers", "x = []\nwhile True: x += [1] * 10**6", MEMORY, **BIG),
    case("a list doubled", "x = [0]\nwhile True: x *= 2", MEMORY, **BIG),
    case("a string doubled", "x = 'ab'\nwhile True: x += x", MEMORY, **BIG),
    case(
        "a string widened by one character",
        "x = 'a' * 30_000_000 + '\\U0001f600'",
        MEMORY,
        memory=128 << 20,
        fuel=2_000_000_000,
    ),
    case("bytes doubled", "x = b'ab'\nwhile True: x += x", MEMORY, **BIG),
    case("a byte array extended", "x = bytearray()\nwhile True: x.extend(bytes(10**6))", MEMORY, **BIG),
    case("a tuple repeated", "x = (0,) * 5 * 10**7", MEMORY, **BIG),
    case(
        "a dictionary filled",
        "x = {}\nfor i in range(10**8): x[i] = None",
        MEMORY,
        memory=72 << 20,
        fuel=2_000_000_000,
    ),
    case(
        "a dictionary from keys",
        "x = dict.fromkeys(range(10**8))",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case("a set filled", "x = set(range(10**8))", MEMORY, fuel=2_000_000_000, memory=80 << 20),
    case(
        "a deque filled",
        "import collections\nx = collections.deque(bytes(1000) for _ in iter(int, 1))",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case(
        "objects with attributes",
        "class C: pass\nx = []\nwhile True:\n    c = C()\n    c.__dict__.update(a=bytes(50_000), b=1)\n    x.append(c)",
        MEMORY,
        **BIG,
    ),
    case("an array", "import array\nx = array.array('d', bytes(8))\nwhile True: x *= 2", MEMORY, **BIG),
    case("an integer shifted", "x = 1\nwhile True: x <<= 2 * 10**8", MEMORY, **BIG),
    case("a range listed", "x = list(range(10**8))", MEMORY, **BIG),
    case("a numpy array", "import numpy as np\nx = np.ones(10**8)", MEMORY, **BIG),
    case(
        "numpy arrays kept", "import numpy as np\nx = []\nwhile True: x.append(np.ones(10**6))", MEMORY, **BIG
    ),
    case(
        "a numpy outer product", "import numpy as np\nx = np.arange(10**4)\nx = np.outer(x, x)", MEMORY, **BIG
    ),
    case(
        "a numpy broadcast made real",
        "import numpy as np\nx = np.broadcast_to(np.zeros(1), (10**4, 10**4)).copy()",
        MEMORY,
        **BIG,
    ),
    case("a numpy mesh", "import numpy as np\nx = np.meshgrid(*[np.arange(60)] * 4)", MEMORY, **BIG),
    case("a numpy array of objects", "import numpy as np\nx = np.full(10**8, None)", MEMORY, **BIG),
    case("a numpy repetition", "import numpy as np\nx = np.repeat(np.arange(1000), 10**5)", MEMORY, **BIG),
    case("a format width", "x = f'{1:>200000000}'", MEMORY, **BIG),
    case("a percent width", "x = '%0300000000d' % 1", MEMORY, **BIG),
    case("ljust", "x = 'a'.ljust(300_000_000)", MEMORY, **BIG),
    case("expanded tabs", "x = '\\t\\t\\t\\t'.expandtabs(10**8)", MEMORY, **BIG),
    case("a join of a shared giant", "x = 'a' * 10**6\ny = ''.join([x] * 400)", MEMORY, **BIG),
    case("a replacement that swells", "x = ('a' * 10**4).replace('a', 'b' * 10**5)", MEMORY, **BIG),
    case("a translation that swells", "x = ('a' * 10**4).translate({97: 'b' * 10**5})", MEMORY, **BIG),
    case(
        "an escape that swells", "x = repr('\\x00' * 12_000_000)", MEMORY, fuel=2_000_000_000, memory=96 << 20
    ),
    case("a substitution that swells", "import re\nx = re.sub('a', 'b' * 10**6, 'a' * 1000)", MEMORY, **BIG),
    case(
        "a buffered string", "import io\nf = io.StringIO()\nwhile True: f.write('x' * 10**6)", MEMORY, **BIG
    ),
    case("a buffer sought far", "import io\nf = io.BytesIO()\nf.seek(10**9)\nf.write(b'x')", MEMORY, **BIG),
    case(
        "product of lists",
        "import itertools\nx = list(itertools.product(range(200), repeat=4))",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case(
        "a product's pools",
        "import itertools\nx = itertools.product(range(10**8))",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case(
        "tee that runs ahead",
        "import itertools\na, b = itertools.tee(bytes(10**4) for _ in iter(int, 1))\nfor _ in a: pass",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case(
        "a chain of map objects",
        "x = iter(())\nwhile True: x = map(None, x, bytes(10**4))",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case("a queue", "import queue\nq = queue.SimpleQueue()\nwhile True: q.put(bytes(10**5))", MEMORY, **BIG),
    case(
        "a cache without a bound",
        "import functools\n@functools.cache\ndef f(i): return bytes(10**5)\ni = 0\nwhile True:\n    i += 1\n    f(i)",
        MEMORY,
        **BIG,
    ),
    case(
        "exceptions that keep their frames",
        "x = []\nwhile True:\n    try:\n        b = bytes(10**5)\n        x.append(b)\n        1 / 0\n    except Exception as e: x.append(e)",
        MEMORY,
        **BIG,
    ),
    case(
        "exceptions chained",
        "e = None\nwhile True:\n    n = ValueError(bytes(10**5))\n    n.__context__ = e\n    e = n",
        MEMORY,
        **BIG,
    ),
    case(
        "an exception group of many",
        "x = ExceptionGroup('x', [ValueError(i) for i in range(10**7)])",
        MEMORY,
        fuel=2_000_000_000,
        memory=72 << 20,
    ),
    case("closures", "x = []\nwhile True:\n    b = bytes(10**5)\n    x.append(lambda b=b: b)", MEMORY, **BIG),
    case(
        "generators half way",
        "def g(b):\n    yield\nx = []\nwhile True:\n    i = g(bytes(10**5))\n    next(i)\n    x.append(i)",
        MEMORY,
        **BIG,
    ),
    case(
        "interned strings",
        "import sys\nx = []\ni = 0\nwhile True:\n    i += 1\n    x.append(sys.intern(str(i) * 20000))",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case(
        "cycles that cannot be freed",
        "import gc\ngc.disable()\nwhile True:\n    a = [bytes(10**5)]\n    a.append(a)",
        MEMORY,
        **BIG,
    ),
    case(
        "a string of a million lines split",
        "x = ('ab\\n' * 5 * 10**6).splitlines()",
        MEMORY,
        fuel=2_000_000_000,
        memory=80 << 20,
    ),
    case(
        "fragmented blocks",
        """
x = [bytearray(1000 + i % 700) for i in range(100_000)]
del x[::2]
while True: x.append(bytearray(1_000_000))
""",
        MEMORY,
        fuel=2_000_000_000,
        memory=112 << 20,
    ),
    case(
        "memory views that pin",
        "x = []\nwhile True:\n    b = bytearray(10**6)\n    x.append(memoryview(b)[:1])",
        MEMORY,
        **BIG,
    ),
    case(
        "a thousand large code objects",
        "x = []\nwhile True: x.append(compile('x = 1\\n' * 5000, 'f', 'exec'))",
        FUEL,
        memory=128 << 20,
        fuel=200_000_000,
    ),
    case(
        "MemoryError caught, then an ordinary end",
        """
x = []
try:
    while True: x.append(bytearray(4_000_000))
except MemoryError:
    n = len(x)
    del x
n > 10
""",
        OK,
        True,
        memory=160 << 20,
        fuel=2_000_000_000,
    ),
    case(
        "MemoryError caught, then another error",
        """
x = []
try:
    while True: x.append(bytearray(4_000_000))
except MemoryError:
    del x
[][1]
""",
        MEMORY,
        **BIG,
    ),
    case(
        "MemoryError again and again",
        """
def eat():
    x = []
    while True: x.append(bytearray(40_000_000))
while True:
    try: eat()
    except MemoryError: pass
""",
        FUEL,
        fuel=200_000_000,
    ),
    case("a size that no integer holds", "x = bytes(2**63)", "raised OverflowError"),
    case("a size beyond the address space", "x = 'a' * 10**10", "raised OverflowError"),
    case("a list longer than an index", "x = [0] * 2**31", "raised OverflowError"),
    case("a numpy shape beyond all", "import numpy as np\nnp.zeros((2**16, 2**16))", "raised ValueError"),
    case("a negative numpy shape", "import numpy as np\nnp.zeros(-1)", "raised ValueError"),
    case(
        "a growth of exactly the limit",
        "b = bytearray(80 << 20)\nlen(b)",
        OK,
        80 << 20,
        memory=160 << 20,
        fuel=2_000_000_000,
    ),
    case(
        "memory taken and given back many times",
        """
for _ in range(20): b = bytearray(50_000_000)
len(b)
""",
        OK,
        50_000_000,
        fuel=4_000_000_000,
    ),
    case(
        "an object that lies about its length",
        "class L:\n    def __len__(self): return 2**31 - 1\n    def __getitem__(self, i): raise IndexError\nlist(L())",
        "raised MemoryError",
        ANY,
    ),
    case(
        "an iterator that lies about its length",
        "class L:\n    def __iter__(self): return iter([1])\n    def __length_hint__(self): return 2**28\nlist(L())",
        MEMORY,
        ANY,
        **BIG,
    ),
    case("a mutation during iteration", "x = [0]\nfor i in x: x.append(bytes(10**5))", MEMORY, **BIG),
    case("sizes from sys", "import sys\nsys.getsizeof([0] * 10**6) >= 4 * 10**6", OK, True),
    case("gc's own lists", "import gc\nx = [gc.get_objects() for _ in range(3)]\nlen(x)", OK, 3, **BIG),
    case("a big integer parsed", "int('0x' + 'f' * 10**7, 16).bit_length()", OK, 4 * 10**7, **BIG),
    case(
        "a tracemalloc of everything",
        "import tracemalloc\ntracemalloc.start(100)\nx = [bytes(100) for _ in range(1000)]\ntracemalloc.get_traced_memory()[0] > 10**5",
        OK,
        True,
        **BIG,
    ),
    case("a chunk of every size", "x = [bytes(i * 37) for i in range(1400)]\nlen(x)", OK, 1400, **BIG),
    case("a slice assignment that swells", "x = []\nwhile True: x[len(x):] = [0] * 10**6", MEMORY, **BIG),
]
