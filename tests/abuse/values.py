"""Values that lie, raise, loop or change while the harness writes them as JSON."""

from abuse.case import ANY, FUEL, OK, RESULT, case

UNREPORTABLE = "<the exception's message could not be made>"

CASES = [
    case(
        "a repr that raises, as the value",
        "class C:\n    def __repr__(self): raise KeyError(1)\nC()",
        "raised KeyError",
    ),
    case(
        "a repr that is no string, as the value",
        "class C:\n    def __repr__(self): return 1\nC()",
        "raised TypeError",
    ),
    case(
        "a repr that exits, as the value",
        "class C:\n    def __repr__(self): raise SystemExit(3)\nC()",
        "exited 3",
    ),
    case(
        "a repr that loops, as the value",
        "class C:\n    def __repr__(self):\n        while True: pass\nC()",
        FUEL,
    ),
    case(
        "a repr of megabytes, as the value",
        "class C:\n    def __repr__(self): return 'r' * 10**7\nC()",
        RESULT,
        fuel=1_000_000_000,
    ),
    case(
        "a repr that is a lying string",
        "class S(str):\n    def __len__(self): return 1\n    def __str__(self): return 'no'\nclass C:\n    def __repr__(self): return S('yes')\nC()",
        OK,
        "yes",
    ),
    case(
        "a string subclass as the value",
        "class S(str):\n    def encode(self, *a): return b'forged'\nS('real')",
        OK,
        "real",
    ),
    case(
        "an integer subclass as the value",
        "class I(int):\n    def __repr__(self): return 'forged'\nI(5)",
        OK,
        5,
    ),
    case(
        "a float subclass as the value",
        "class F(float):\n    def __repr__(self): return 'forged'\nF(0.5)",
        OK,
        0.5,
    ),
    case(
        "a list subclass that is endless, as the value",
        "class L(list):\n    def __iter__(self): return iter(int, 1)\nL([1, 2])",
        FUEL,
    ),
    case(
        "a list subclass that lies about its length",
        "class L(list):\n    def __len__(self): return 2**31 - 1\nL([1, 2])",
        "raised MemoryError",
        ANY,
    ),
    case(
        "a list that grows while it is written",
        "class C:\n    def __repr__(self):\n        x.append(1)\n        return 'c'\nx = [C()]\nx",
        OK,
        ANY,
    ),
    case(
        "a list that shrinks while it is written",
        "class C:\n    def __repr__(self):\n        x.clear()\n        return 'c'\nx = [C()] * 3\nx",
        OK,
        ANY,
    ),
    case(
        "a dictionary that grows while it is written",
        "class C:\n    def __repr__(self):\n        x[len(x)] = 1\n        return 'c'\nx = {0: C(), 1: C()}\nx",
        "raised RuntimeError",
        ANY,
    ),
    case(
        "a dictionary subclass whose items are endless",
        "class D(dict):\n    def items(self): return iter(lambda: (1, 1), 0)\nD(a=1)",
        OK,
        {"a": 1},
        fuel=60_000_000,
        memory=80 << 20,
    ),
    case(
        "a dictionary subclass whose items raise",
        "class D(dict):\n    def items(self): raise OSError(7, 'x')\nD(a=1)",
        OK,
        {"a": 1},
    ),
    case(
        "keys whose repr raises",
        "class K:\n    def __repr__(self): raise KeyError('k')\n{K(): 1}",
        "raised KeyError",
    ),
    case("keys that are equal as text", "{1: 'a', '1': 'b'}", "raised ResultError", ANY),
    case("a set whose members cannot be sorted", "{1, 'a', (2, 3)}", OK, ["a", [2, 3], 1]),
    case(
        "a set whose members' comparison loops",
        "class E:\n    def __lt__(self, other):\n        while True: pass\n{E(), E()}",
        FUEL,
    ),
    case(
        "a set subclass whose iterator is endless",
        "class S(set):\n    def __iter__(self): return iter(int, 1)\nS([1, 2])",
        FUEL,
        fuel=60_000_000,
        memory=80 << 20,
    ),
    case("a tolist that lies", "class A:\n    def tolist(self): return self\nA()", OK),
    case("a tolist that loops", "class A:\n    def tolist(self):\n        while True: pass\nA()", OK),
    case("a tolist that goes deeper and deeper", "class A:\n    def tolist(self): return [A()]\nA()", OK),
    case("a tolist that is no function", "class A: tolist = 5\nA()", OK),
    case(
        "attributes that raise at being asked for",
        "class A:\n    def __getattribute__(self, n): raise SystemExit(4)\nA()",
        "exited 4",
    ),
    case(
        "a class that lies about itself",
        "class A:\n    @property\n    def __class__(self): return dict\n    def __repr__(self): return 'honest'\nA()",
        "raised TypeError",
        ANY,
    ),
    case(
        "a metaclass that says everything is an instance",
        "class M(type):\n    def __instancecheck__(cls, o): return True\n    def __repr__(cls): return 'M'\nclass C(metaclass=M): pass\nC",
        OK,
        "M",
    ),
    case(
        "a metaclass whose repr raises",
        "class M(type):\n    def __repr__(cls): raise OSError\nclass C(metaclass=M): pass\nC",
        "raised OSError",
    ),
    case(
        "bytes subclass as the value",
        "class B(bytes):\n    def decode(self, *a): return 'forged'\nB(b'real')",
        OK,
        "real",
    ),
    case(
        "a complex subclass that lies",
        "class Z(complex):\n    def __str__(self): return 'z' * 10**7\nZ(1)",
        RESULT,
        fuel=1_000_000_000,
    ),
    case(
        "numpy objects as the value",
        "import numpy as np\nnp.array([print, None, {}], dtype=object)[1:]",
        OK,
        [None, {}],
    ),
    case("a numpy scalar of strange kind", "import numpy as np\nnp.datetime64('NaT')", OK, "NaT"),
    case("a numpy long double", "import numpy as np\nnp.longdouble('1.5')", OK, ANY, fuel=1_000_000_000),
    case("a numpy record", "import numpy as np\nnp.array([(1, 2.5)], dtype='i4,f4')", OK, [[1, 2.5]]),
    case("a module as the value", "import sys\nsys", OK, "<module 'sys' (built-in)>"),
    case(
        "a generator as the value", "def g():\n    while True: yield 1\ntype(g()).__name__", OK, "generator"
    ),
    case("a coroutine never awaited", "async def f(): pass\nf()\n1", OK, 1),
    case("Ellipsis and NotImplemented", "[..., NotImplemented]", OK, ["Ellipsis", "NotImplemented"]),
]
