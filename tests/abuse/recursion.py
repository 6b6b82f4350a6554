"""Programs that call too deep, by every path that CPython guards itself."""

from abuse.case import FUEL, OK, case

DEEP = {"fuel": 1_000_000_000}
RECURSION = "raised RecursionError"


CASES = [
    case("a function that calls itself", "def f(): f()\nf()", RECURSION),
    case("a lambda that calls itself", "f = lambda: f()\nf()", RECURSION),
    case("two functions that call each other", "def f(): g()\ndef g(): f()\nf()", RECURSION),
    case("a generator that delegates to itself", "def g(): yield from g()\nnext(g())", RECURSION),
    case("a coroutine that awaits itself", "async def f(): await f()\nf().send(None)", RECURSION),
    case(
        "recursion caught, then an ordinary end",
        "def f():\n    f()\ntry: f()\nexcept RecursionError: x = 1\nx",
        OK,
        1,
    ),
    case(
        "recursion out of its own handler",
        """
def f():
    try: f()
    except RecursionError: f()
f()
""",
        FUEL,
    ),
    case("recursion through sorted", "def f(x): return sorted([1, 2], key=f)\nf(1)", RECURSION),
    case("recursion through map", "def f(x): return list(map(f, [x]))\nf(1)", RECURSION),
    case(
        "recursion through reduce",
        "import functools\ndef f(a, b): return functools.reduce(f, [1, 2])\nf(1, 2)",
        RECURSION,
    ),
    case(
        "recursion through partial",
        "import functools\ndef f(): return functools.partial(f)()\nf()",
        RECURSION,
    ),
    case("recursion through re.sub", "import re\ndef f(m): return re.sub('a', f, 'a')\nf(0)", RECURSION),
    case(
        "recursion through numpy",
        "import numpy as np\nf = np.vectorize(lambda x: f(x))\nf(1)",
        RECURSION,
        **DEEP,
    ),
    case("recursion through exec", "s = 'exec(s)'\nexec(s)", "raised MemoryError", **DEEP),
    case("recursion through eval", "s = 'eval(s)'\neval(s)", "raised MemoryError", **DEEP),
    case(
        "recursion through import hooks",
        """
import sys
class F:
    def find_spec(self, name, path=None, target=None): return __import__(name + 'x')
sys.meta_path.insert(0, F())
import nothing
""",
        RECURSION,
        **DEEP,
    ),
    case(
        "recursion through __repr__",
        "class C:\n    def __repr__(self): return repr(self)\nrepr(C())",
        RECURSION,
    ),
    case(
        "recursion through __str__", "class C:\n    def __str__(self): return str(self)\nstr(C())", RECURSION
    ),
    case(
        "recursion through __eq__",
        "class C:\n    def __eq__(self, o): return o == self\nC() == C()",
        RECURSION,
    ),
    case(
        "recursion through __hash__",
        "class C:\n    def __hash__(self): return hash(self)\nhash(C())",
        RECURSION,
    ),
    case(
        "recursion through __getattr__",
        "class C:\n    def __getattr__(self, n): return getattr(self, n + 'x')\nC().x",
        RECURSION,
    ),
    case(
        "recursion through __getattribute__",
        "class C:\n    def __getattribute__(self, n): return self.x\nC().y",
        RECURSION,
    ),
    case(
        "recursion through __setattr__",
        "class C:\n    def __setattr__(self, n, v): self.x = v\nC().y = 1",
        RECURSION,
    ),
    case("recursion through __call__", "class C: pass\nC.__call__ = C()\nC()()", RECURSION),
    case(
        "recursion through __init_subclass__",
        "class C:\n    def __init_subclass__(cls): type('D', (C,), {})\nclass D(C): pass",
        RECURSION,
    ),
    case(
        "recursion through __class_getitem__",
        "class C:\n    def __class_getitem__(cls, i): return cls[i]\nC[1]",
        RECURSION,
    ),
    case(
        "recursion through __index__",
        "class C:\n    def __index__(self): return range(self)[0]\nrange(C())",
        RECURSION,
    ),
    case(
        "recursion through __iter__",
        "class C:\n    def __iter__(self): return iter(self)\nlist(C())",
        RECURSION,
    ),
    case(
        "recursion through __del__",
        """
class C:
    def __del__(self): C()
C()
""",
        FUEL,
    ),
    case(
        "recursion through a descriptor",
        "class D:\n    def __get__(self, o, t): return o.x\nclass C: x = D()\nC().x",
        RECURSION,
    ),
    case(
        "recursion through a metaclass call",
        "class M(type):\n    def __call__(cls): return cls()\nclass C(metaclass=M): pass\nC()",
        RECURSION,
    ),
    case(
        "recursion through abc",
        "import abc\nclass A(abc.ABC):\n    @classmethod\n    def __subclasshook__(cls, o): return issubclass(o, cls)\nissubclass(int, A)",
        RECURSION,
    ),
    case(
        "recursion through format",
        "class F:\n    def __format__(self, s): return f'{self}'\nf'{F()}'",
        RECURSION,
    ),
    case(
        "recursion through JSON's default",
        "import json\nclass C: pass\njson.dumps(C(), default=lambda o: C())",
        RECURSION,
    ),
    case(
        "recursion through JSON's default of lists",
        "import json\nclass C: pass\njson.dumps(C(), default=lambda o: [C()])",
        RECURSION,
    ),
    case(
        "recursion through pickle",
        "import pickle\nclass C:\n    def __reduce__(self): return C, (C(),)\npickle.dumps(C())",
        RECURSION,
    ),
    case(
        "the recursion limit raised",
        "import sys\nsys.setrecursionlimit(10**6)\ndef f(n): return f(n + 1)\nf(0)",
        FUEL,
        fuel=300_000_000,
    ),
    case(
        "the recursion limit raised, through C",
        "import sys\nsys.setrecursionlimit(10**6)\ndef f(x): return sorted([1], key=f)\nf(1)",
        RECURSION,
        **DEEP,
    ),
    case(
        "the recursion limit beyond an int",
        "import sys\nsys.setrecursionlimit(2**40)",
        "raised OverflowError",
    ),
    case("the recursion limit below what is used", "import sys\nsys.setrecursionlimit(1)", RECURSION),
    case(
        "the recursion limit lowered before the report",
        "import sys\nsys.setrecursionlimit(60)\n1 / 0",
        "raised ZeroDivisionError",
    ),
]
