"""Exceptions that lie, raise or loop while the harness describes them, and exits of every kind."""

from abuse.case import FUEL, MEMORY, OK, case

UNREPORTABLE = "<the exception's message could not be made>"

CASES = [
    case(
        "an exception whose str raises",
        "class E(Exception):\n    def __str__(self): raise OSError\nraise E",
        "raised E",
    ),
    case(
        "an exception whose str exits",
        "class E(Exception):\n    def __str__(self): raise SystemExit(0)\nraise E",
        "raised E",
    ),
    case(
        "an exception whose str loops",
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
        FUEL,
    ),
    case(
        "an exception whose str is no string",
        "class E(Exception):\n    def __str__(self): return 7\nraise E",
        "raised E",
    ),
    case(
        "an exception whose str is a lying string",
        "class S(str):\n    def __getitem__(self, k): return self\n    def __len__(self): return 1\nclass E(Exception):\n    def __str__(self): return S('q' * 10**6)\nraise E",
        "raised E",
    ),
    case(
        "an exception whose str runs out of memory",
        "class E(Exception):\n    def __str__(self):\n        x = []\n        while True: x.append(bytes(10**7))\nraise E",
        MEMORY,
        fuel=2_000_000_000,
    ),
    case(
        "an exception whose str recurses",
        "class E(Exception):\n    def __str__(self): return str(self)\nraise E",
        "raised E",
    ),
    case(
        "an exception whose type's name lies",
        "class E(Exception): pass\nE.__name__ = 'MemoryError'\nraise E",
        "raised MemoryError",
    ),
    case(
        "an exception of a metaclass whose name raises",
        "class M(type):\n    @property\n    def __name__(cls): raise OSError\nclass E(Exception, metaclass=M): pass\nraise E",
        "raised E",
    ),
    case(
        "an exception whose module lies", "class E(Exception): __module__ = 'builtins'\nraise E", "raised E"
    ),
    case("an exception whose module is no string", "class E(Exception): __module__ = 5\nraise E", "raised E"),
    case(
        "an exception whose module is a lying string",
        "class S(str):\n    def __eq__(self, o): raise OSError\n    __hash__ = str.__hash__\nclass E(Exception): __module__ = S('m')\nraise E",
        "raised E",
    ),
    case(
        "an exception whose traceback lies",
        "class E(Exception):\n    @property\n    def __traceback__(self): raise OSError\nraise E",
        "raised E",
    ),
    case(
        "an exception whose class lies",
        "class E(Exception):\n    @property\n    def __class__(self): return SystemExit\nraise E",
        "raised E",
    ),
    case(
        "an exception that is a group of exits",
        "raise BaseExceptionGroup('g', [SystemExit(1)])",
        "raised BaseExceptionGroup",
    ),
    case("a KeyboardInterrupt", "raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    case("a GeneratorExit", "raise GeneratorExit", "raised GeneratorExit"),
    case("a StopIteration", "raise StopIteration(5)", "raised StopIteration"),
    case("a SystemExit subclass", "class X(SystemExit): pass\nraise X(6)", "exited 6"),
    case(
        "a SystemExit with an evil code",
        "class C:\n    def __str__(self): raise OSError\nraise SystemExit(C())",
        "exited 1",
    ),
    case(
        "a SystemExit with a lying integer",
        "class I(int):\n    def __and__(self, o): return 'x'\nraise SystemExit(I(3))",
        "exited 1",
    ),
    case(
        "a SystemExit whose code is a property that raises",
        "class X(SystemExit):\n    @property\n    def code(self): raise OSError\nraise X",
        "exited 1",
    ),
    case("a raise of what is no exception", "raise 5", "raised TypeError"),
    case(
        "a raise of a class that cannot be made",
        "class E(Exception):\n    def __init__(self): raise OSError\nraise E",
        "raised OSError",
    ),
    case("a raise from itself", "e = ValueError('x')\nraise e from e", "raised ValueError"),
    case(
        "a circle of contexts",
        "a, b = ValueError('a'), ValueError('b')\na.__context__, b.__context__ = b, a\nraise a",
        "raised ValueError",
    ),
    case(
        "a traceback made circular",
        "try: 1 / 0\nexcept Exception as e:\n    t = e.__traceback__\n    try: t.tb_next = t\n    except ValueError as v: print(v)\n1",
        OK,
        1,
        "traceback loop detected\n",
    ),
    case(
        "a traceback of megabytes, built by hand",
        "import types\ntry: 1 / 0\nexcept Exception as e:\n    t = e.__traceback__\n    for _ in range(10**4): t = types.TracebackType(t, t.tb_frame, 0, 1)\n    e.__traceback__ = t\n    raise e",
        "raised ZeroDivisionError",
        fuel=1_000_000_000,
    ),
]
