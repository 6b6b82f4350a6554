"""Programs that never end, or not in time: in Python, and in the interpreter's and its libraries' C code."""

from abuse.case import FUEL, OK, WALL, case

YEARS = {"fuel": 2**62, "wall": 0.05}

CASES = [
    case("while true", "while True: pass", FUEL),
    case("for over a counter", "import itertools\nfor _ in itertools.count(): pass", FUEL),
    case("a generator that never ends", "def g():\n    while True: yield\nfor _ in g(): pass", FUEL),
    case("iter with a sentinel that never comes", "for _ in iter(int, 1): pass", FUEL),
    case(
        "catching everything in a loop", "while True:\n    try: 1 / 0\n    except BaseException: pass", FUEL
    ),
    case("finally that goes on", "while True:\n    try: continue\n    finally: continue", FUEL),
    case("a loop in a class body", "class C:\n    while True: pass", FUEL),
    case("a loop in a comprehension", "[0 for _ in iter(int, 1) if False]", FUEL),
    case("a loop in a lambda default", "f = lambda x=sum(iter(lambda: 0, 1)): x", FUEL),
    case("a loop in a decorator", "@(lambda f: [0 for _ in iter(int, 1) if 0])\ndef f(): pass", FUEL),
    case(
        "a loop in a context manager's exit",
        """
class C:
    def __enter__(self): pass
    def __exit__(self, *a):
        while True: pass
with C(): 1 / 0
""",
        FUEL,
    ),
    case(
        "catching the limit itself",
        """
import sys
def stubborn():
    try:
        while True: pass
    except BaseException: stubborn()
    finally: stubborn()
stubborn()
""",
        FUEL,
    ),
    case("sum of a range", "sum(range(10**12))", FUEL),
    case("any of a range", "any(i < 0 for i in range(10**12))", FUEL),
    case("all of a counter, in C", "import itertools\nall(itertools.count(1))", FUEL),
    case("a value in a range of generators", "object() in iter(int, 1)", FUEL),
    case("min of an endless cycle", "import itertools\nmin(itertools.cycle([1]))", FUEL),
    case(
        "a deque that eats for ever",
        "import collections, itertools\ncollections.deque(itertools.repeat(0), maxlen=0)",
        FUEL,
    ),
    case(
        "permutations counted",
        "import itertools, collections\ncollections.deque(itertools.permutations(range(20)), maxlen=0)",
        FUEL,
    ),
    case(
        "reduce over repeat",
        "import functools, itertools, operator\nfunctools.reduce(operator.and_, itertools.repeat(1))",
        FUEL,
    ),
    case(
        "dropwhile that drops all",
        "import itertools\nnext(itertools.dropwhile(lambda x: True, itertools.count()))",
        FUEL,
    ),
    case("filter that finds nothing", "next(filter(None, iter(int, 1)))", FUEL),
    case(
        "zip of endless", "import itertools\nfor _ in zip(itertools.count(), itertools.repeat(1)): pass", FUEL
    ),
    case("a power of big integers", "x = 7 ** (10**7)", FUEL),
    case("a modular power of big integers", "x = pow(3**20000, 5**20000, 7**20000)", FUEL),
    case("a factorial", "import math\nx = math.factorial(10**6)", FUEL),
    case("a binomial", "import math\nx = math.comb(10**7, 5 * 10**6)", FUEL),
    case("an integer square root", "import math\nx = math.isqrt(1 << 10**8)", FUEL, memory=256 << 20),
    case("big integers multiplied", "x = 3 ** 10**6\nwhile True: y = x * x", FUEL),
    case("a big integer as digits", "import sys\nsys.set_int_max_str_digits(0)\nx = str(1 << 10**7)", FUEL),
    case("digits as a big integer", "import sys\nsys.set_int_max_str_digits(0)\nx = int('9' * 10**6)", FUEL),
    case(
        "a greatest common divisor of giants",
        "import math\nx = math.gcd(3 ** 10**5, 5 ** 10**5)\nwhile True: x = math.gcd(3 ** 10**5, 7 ** 10**5)",
        FUEL,
    ),
    case(
        "decimal with endless precision",
        "import decimal\ndecimal.getcontext().prec = 10**6\nx = decimal.Decimal(2).sqrt()",
        FUEL,
    ),
    case(
        "decimal exponential",
        "import decimal\ndecimal.getcontext().prec = 10**5\nx = decimal.Decimal(1).exp()",
        FUEL,
    ),
    case(
        "fractions that swell",
        "import fractions\nx = fractions.Fraction(1)\ni = 1\nwhile True:\n    i += 1\n    x += fractions.Fraction(1, i)",
        FUEL,
    ),
    case("a regular expression that backtracks", "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')", FUEL),
    case(
        "a regular expression with alternatives", "import re\nre.match(r'(a|a|aa)+$', 'a' * 60 + 'b')", FUEL
    ),
    case(
        "a regular expression with a back reference",
        "import re\nre.match(r'(.*)(.*)(.*)(.*)(.*)\\1\\2x', 'a' * 200)",
        FUEL,
    ),
    case("a substitution that backtracks", "import re\nre.sub(r'(\\s*x?\\s*)*y', '', ' ' * 60)", FUEL),
    case("sorting with a key that loops", "def key(x):\n    while True: pass\nsorted([2, 1], key=key)", FUEL),
    case(
        "sorting with a comparison that loops",
        """
class E:
    def __lt__(self, other):
        while True: pass
sorted([E(), E()])
""",
        FUEL,
    ),
    case("max with a key that loops", "max([1, 2], key=lambda x: sum(iter(lambda: 0, 1)))", FUEL),
    case(
        "a heap with a comparison that loops",
        """
import heapq
class E:
    def __lt__(self, other):
        while True: pass
heapq.heapify([E(), E(), E()])
""",
        FUEL,
    ),
    case(
        "a dictionary of colliding keys",
        """
class K:
    def __init__(self, n): self.n = n
    def __hash__(self): return 1
    def __eq__(self, other): return self.n == other.n
d = {K(i): i for i in range(10**5)}
""",
        FUEL,
    ),
    case(
        "a set of colliding integers",
        "s = {i * (2**61 - 1) for i in range(10**4)}\nwhile True: s.isdisjoint({(2**61 - 1) * i for i in range(10**4)})",
        FUEL,
    ),
    case(
        "a quadratic search in a string", "s = 'a' * 10**6\nwhile True: s.find('a' * 5 * 10**5 + 'b')", FUEL
    ),
    case("counting in a string", "s = 'ab' * 10**6\nwhile True: s.count('ba')", FUEL),
    case("replacing in a string", "s = 'a' * 10**6\nwhile True: s.replace('a', 'b')", FUEL),
    case("a string joined over and over", "s = ['ab'] * 10**5\nwhile True: ''.join(s)", FUEL),
    case("splitting over and over", "s = 'a ' * 10**5\nwhile True: s.split()", FUEL),
    case(
        "a comparison of deep tuples",
        "a = b = ()\nfor _ in range(40): a, b = (a, a), (b, b)\nc = ()\nfor _ in range(40): c = (c, c)\na == c",
        FUEL,
    ),
    case("a hash of shared tuples", "a = ()\nfor _ in range(60): a = (a, a)\nhash(a)", OK),
    case("a repr of shared lists", "a = []\nfor _ in range(60): a = [a, a]\nrepr(a)", FUEL),
    case(
        "a deep copy of shared tuples",
        "import copy\nclass C: pass\na = [C()]\nwhile True: copy.deepcopy(a)",
        FUEL,
    ),
    case(
        "JSON of a long list, for ever",
        "import json\nx = list(range(10**5))\nwhile True: json.dumps(x)",
        FUEL,
    ),
    case("JSON read for ever", "import json\ns = '[' + '1,' * 10**5 + '1]'\nwhile True: json.loads(s)", FUEL),
    case(
        "compressing for ever",
        "import zlib\ndata = bytes(range(256)) * 4000\nwhile True: zlib.compress(data, 9)",
        FUEL,
    ),
    case("a checksum for ever", "import zlib\ndata = bytes(10**6)\nwhile True: zlib.crc32(data)", FUEL),
    case("a hash for ever", "import hashlib\ndata = bytes(10**6)\nwhile True: hashlib.sha256(data)", FUEL),
    case(
        "lzma at its highest",
        "import lzma, os\nlzma.compress(os.urandom(10**6), preset=9)",
        FUEL,
        memory=1 << 30,
    ),
    case("numpy additions", "import numpy as np\na = np.zeros(10**6)\nwhile True: a += 1", FUEL),
    case(
        "a numpy matrix product",
        "import numpy as np\na = np.ones((2000, 2000))\nb = a @ a",
        FUEL,
        memory=512 << 20,
    ),
    case("a numpy sort", "import numpy as np\na = np.arange(5 * 10**6)[::-1].copy()\na.sort()", FUEL),
    case(
        "a numpy eigenvalue problem",
        "import numpy as np\na = np.ones((400, 400)) + np.eye(400)\nwhile True: np.linalg.eigvals(a)",
        FUEL,
    ),
    case(
        "a numpy Fourier transform of prime length",
        "import numpy as np\na = np.ones(1000003)\nwhile True: np.fft.fft(a)",
        FUEL,
    ),
    case("numpy random numbers", "import numpy as np\nwhile True: np.random.random(10**6)", FUEL),
    case(
        "a numpy ufunc in Python",
        "import numpy as np\nf = np.frompyfunc(lambda x: x, 1, 1)\nwhile True: f(np.arange(1000))",
        FUEL,
    ),
    case(
        "einsum of many indices",
        "import numpy as np\na = np.ones((30, 30))\nnp.einsum('ab,bc,cd,de->ae', a, a, a, a)",
        FUEL,
    ),
    case(
        "the clock waited for", "import time\nend = time.time() + 10**6\nwhile time.time() < end: pass", FUEL
    ),
    case("a sleep of years", "import time\ntime.sleep(10**9)\ntime.time() > 2.7e9", OK, True),
    case("sleeps without end", "import time\nwhile True: time.sleep(3600)", FUEL),
    case("select without end", "import select\nwhile True: select.select([], [], [], 1)", FUEL),
    case("system calls without end", "import os\nwhile True: os.stat('/tmp')", FUEL),
    case("random bytes without end", "import os\nwhile True: os.urandom(10**6)", FUEL),
    case("imports without end", "import importlib, string\nwhile True: importlib.reload(string)", FUEL),
    case("compiling without end", "s = 'x = 1\\n' * 1000\nwhile True: compile(s, 'f', 'exec')", FUEL),
    case(
        "garbage without end", "import gc\nwhile True:\n    a = []\n    a.append(a)\n    gc.collect()", FUEL
    ),
    case(
        "a property that asks itself anew",
        """
class C:
    def __getattr__(self, name):
        while True: pass
C().x
""",
        FUEL,
    ),
    case(
        "an iterator whose length hint loops",
        """
class C:
    def __iter__(self): return iter(())
    def __length_hint__(self):
        while True: pass
list(C())
""",
        FUEL,
    ),
    case(
        "an index that loops",
        "class I:\n    def __index__(self):\n        while True: pass\nrange(I())",
        FUEL,
    ),
    case(
        "a format that loops",
        "class F:\n    def __format__(self, spec):\n        while True: pass\nf'{F()}'",
        FUEL,
    ),
    case(
        "a method resolution order of many",
        """
bases = [type(f'B{i}', (), {}) for i in range(300)]
while True: type('D', tuple(bases), {})
""",
        FUEL,
    ),
    case(
        "isinstance with a union of many",
        """
import abc
class A(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other):
        while True: pass
isinstance(1, A)
""",
        FUEL,
    ),
    case("a textwrap that crawls", "import textwrap\nwhile True: textwrap.wrap('ab ' * 5000, 1)", FUEL),
    case(
        "a difflib of strangers",
        "import difflib\ndifflib.ndiff(['a' * 2000] * 50, ['b' * 2000 + str(i) for i in range(50)]).__next__()\nlist(difflib.ndiff(['a' * 3000] * 50, ['b' * 3000] * 50))",
        FUEL,
    ),
    case(
        "a date range walked",
        "import datetime\nd = datetime.date.min\nwhile True:\n    d = d.replace(year=1) if d.year > 9998 else d + datetime.timedelta(1)",
        FUEL,
    ),
    case(
        "unpacking an endless iterator",
        "import itertools\n_, _ = (x for x in itertools.count() if x < 2 and x > 1)",
        FUEL,
    ),
    case("string formatting wide and slow", "while True: f'{1:>1000000}'", FUEL),
    case("a struct packed for ever", "import struct\nwhile True: struct.pack('100000x')", FUEL),
    case(
        "a memory view compared for ever",
        "a = memoryview(bytes(10**6))\nwhile True: a == memoryview(bytes(10**6))",
        FUEL,
    ),
    case("UTF-8 decoded for ever", "b = 'é'.encode() * 10**5\nwhile True: b.decode()", FUEL),
    case(
        "normalising for ever",
        "import unicodedata\ns = 'ﷺ' * 10**4\nwhile True: unicodedata.normalize('NFKD', s)",
        FUEL,
    ),
    case(
        "a weak set that never settles",
        "import weakref\nclass C: pass\nwhile True:\n    s = weakref.WeakSet(C() for _ in range(100))",
        FUEL,
    ),
    case(
        "pickling for ever",
        "import pickle\nx = [(i, str(i)) for i in range(1000)]\nwhile True: pickle.loads(pickle.dumps(x))",
        FUEL,
    ),
    # Fuel for years: the clock must stop these.
    case("the deadline in a loop", "while True: pass", WALL, **YEARS),
    case("the deadline in C", "sum(range(10**15))", WALL, **YEARS),
    case(
        "the deadline in a regular expression",
        "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
        WALL,
        **YEARS,
    ),
    case("the deadline in big integers", "x = 7 ** (10**8)", WALL, **YEARS),
    case(
        "the deadline in numpy", "import numpy as np\na = np.zeros(10**5)\nwhile True: a += 1", WALL, **YEARS
    ),
    case("the deadline in system calls", "import os\nwhile True: os.urandom(10**5)", WALL, **YEARS),
    case("the deadline in sleeps", "import time\nwhile True: time.sleep(1)", WALL, **YEARS),
    case(
        "the deadline caught",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        WALL,
        **YEARS,
    ),
]
