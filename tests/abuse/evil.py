"""Objects whose special methods lie, raise or loop while the interpreter uses them."""

from abuse.case import ANY, FUEL, OK, case

UNREPORTABLE = "<the exception's message could not be made>"


CASES = [
    case("a finaliser that raises", "class C:\n    def __del__(self): raise OSError\nC()\n1", OK, 1),
    case(
        "a finaliser that loops", "class C:\n    def __del__(self):\n        while True: pass\nC()\n1", FUEL
    ),
    case(
        "a finaliser that resurrects",
        "x = []\nclass C:\n    def __del__(self): x.append(self)\nC()\nlen(x)",
        OK,
        1,
    ),
    case("a finaliser that exits", "class C:\n    def __del__(self): raise SystemExit(3)\nC()\n1", OK, 1),
    case(
        "a finaliser that exits at once",
        "import os\nclass C:\n    def __del__(self): os._exit(8)\nC()",
        "exited 8",
    ),
    case(
        "a finaliser of what is left at the end",
        "class C:\n    def __del__(self): print('never')\nc = C()\n1",
        OK,
        1,
        "",
    ),
    case(
        "a finaliser in a cycle",
        "import gc\nclass C:\n    def __del__(self): print('gone')\nc = C()\nc.c = c\ndel c\ngc.collect()\n1",
        OK,
        1,
        "gone\n",
    ),
    case("a hash that raises", "class H:\n    def __hash__(self): raise OSError\n{H()}", "raised OSError"),
    case(
        "a hash that changes",
        "class H:\n    n = 0\n    def __hash__(self):\n        H.n += 1\n        return H.n\nh = H()\nx = {h: 1}\nh in x",
        OK,
        False,
    ),
    case(
        "an equality that mutates the dictionary",
        "class E:\n    def __hash__(self): return 1\n    def __eq__(self, o):\n        d.clear()\n        return False\nd = {}\nd[E()] = 1\nd[E()] = 2\nlen(d)",
        OK,
        1,
    ),
    case(
        "an equality that is endless",
        "class E:\n    def __eq__(self, o):\n        while True: pass\n    __hash__ = object.__hash__\nE() == E()",
        FUEL,
    ),
    case(
        "a comparison that sorts its own list",
        "class E:\n    def __lt__(self, o):\n        x.append(1)\n        return True\nx = [E(), E()]\nx.sort()",
        "raised ValueError",
    ),
    case(
        "a length that is negative",
        "class L:\n    def __len__(self): return -1\nlen(L())",
        "raised ValueError",
    ),
    case(
        "a length beyond an index",
        "class L:\n    def __len__(self): return 2**40\nlen(L())",
        "raised OverflowError",
    ),
    case(
        "a bool that is no bool",
        "class B:\n    def __bool__(self): return 2\nif B(): pass",
        "raised TypeError",
    ),
    case(
        "an index that lies", "class I:\n    def __index__(self): return 2**70\n[1][I()]", "raised IndexError"
    ),
    case(
        "a format that returns no string",
        "class F:\n    def __format__(self, s): return 5\nf'{F()}'",
        "raised TypeError",
    ),
    case("a format spec of megabytes", "f'{1:{\"0\" * 10**6}}'", OK, fuel=1_000_000_000),
    case(
        "a buffer that changes while it is read",
        "b = bytearray(100)\nm = memoryview(b)\nb.extend(b'x')",
        "raised BufferError",
    ),
    case(
        "a buffer that lies",
        "class B:\n    def __buffer__(self, flags): return memoryview(bytes(10))\nbytes(B())",
        OK,
        "\0" * 10,
    ),
    case(
        "a buffer that raises as it is released",
        "class B:\n    def __buffer__(self, f): return memoryview(bytes(3))\n    def __release_buffer__(self, b): raise OSError\nx = bytes(memoryview(B()))\nlen(x)",
        OK,
        3,
    ),
    case(
        "an iterator that raises half way",
        "class I:\n    def __iter__(self): return self\n    def __next__(self): raise MemoryError\nlist(I())",
        "raised MemoryError",
    ),
    case(
        "a context manager that swallows all",
        "class C:\n    def __enter__(self): pass\n    def __exit__(self, *a): return True\nwith C(): raise SystemExit(1)\n5",
        OK,
        5,
    ),
    case(
        "a descriptor on the class of the value",
        "class C:\n    def __getattr__(self, n): return lambda *a: self\nC()",
        OK,
        fuel=10_000_000,
    ),
    case("a slot that is deleted", "class C: __slots__ = ['x']\nC().x", "raised AttributeError"),
    case(
        "a class made its own base", "class A: pass\nclass B(A): pass\nA.__bases__ = (B,)", "raised TypeError"
    ),
    case(
        "a class whose bases are swapped while in use",
        "class A: pass\nclass B: pass\nclass C(A): pass\nC.__bases__ = (B,)\nC.__mro__[1].__name__",
        OK,
        "B",
    ),
    case(
        "a metaclass with an endless order",
        "class M(type):\n    def mro(cls): return [cls] * 10**5 + [object]\nclass C(metaclass=M): pass",
        FUEL,
        fuel=60_000_000,
    ),
    case(
        "a metaclass whose prepare is endless",
        "class M(type):\n    @classmethod\n    def __prepare__(m, n, b):\n        while True: pass\nclass C(metaclass=M): pass",
        FUEL,
    ),
    case(
        "an enumeration of itself",
        "import enum\nclass E(enum.Flag):\n    A = 1\nE(2**100 - 1)",
        "raised ValueError",
    ),
    case(
        "a dataclass that compares for ever",
        "import dataclasses\n@dataclasses.dataclass\nclass D: x: object\nd = D(None)\nd.x = d\ne = D(None)\ne.x = e\nd == e",
        "raised RecursionError",
    ),
    case(
        "a name mangled out of a class",
        "class C:\n    def __init__(self): self.__x = 1\nC().__x",
        "raised AttributeError",
    ),
    case("__builtins__ as a number", "__builtins__ = 5\nprint", "raised TypeError", ANY),
    case(
        "__build_class__ replaced",
        "import builtins\nbuiltins.__build_class__ = None\nclass C: pass",
        "raised TypeError",
    ),
    case(
        "__import__ replaced",
        "import builtins\nbuiltins.__import__ = lambda *a, **k: 5\nimport nothing\nnothing",
        OK,
        5,
    ),
    case("__main__ emptied by itself", "globals().clear()\n1", OK, 1),
    case("__main__ replaced", "import sys\nsys.modules['__main__'] = None\n1", OK, 1),
    case(
        "every name of __main__ a surprise",
        "import sys\nsys.modules['__main__'].__class__ = type('M', (type(sys),), {'__getattribute__': lambda s, n: 1 / 0})\n1",
        OK,
        1,
    ),
]
