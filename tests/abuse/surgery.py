"""Programs that operate on the interpreter's insides: code, frames, raw memory."""

from abuse.case import CRASHED, FUEL, OK, case

CASES = [
    case(
        "bytecode of rubbish",
        "f = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes(range(256)))\nf()",
        CRASHED,
    ),
    case(
        "bytecode of all ones",
        "f = lambda: 0\nf.__code__ = f.__code__.replace(co_code=b'\\xff' * 100)\nf()",
        CRASHED,
    ),
    case(
        "bytecode that pops an empty stack",
        "import opcode\nf = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes([128, 0, opcode.opmap['POP_TOP'], 0] * 2000 + [opcode.opmap['RETURN_VALUE'], 0]))\nf()",
        "raised SystemError",
    ),
    case(
        "bytecode that loads beyond its constants",
        "import opcode\nf = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes([128, 0, opcode.opmap['LOAD_CONST'], 255, opcode.opmap['RETURN_VALUE'], 0]), co_consts=())\nf()",
        "raised SystemError",
    ),
    case(
        "bytecode that loads beyond its locals",
        "import opcode\nf = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes([128, 0, opcode.opmap['LOAD_FAST'], 255, opcode.opmap['RETURN_VALUE'], 0]))\nf()",
        "raised SystemError",
    ),
    case(
        "bytecode that jumps to itself",
        "import opcode\nf = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes([128, 0, opcode.opmap['JUMP_BACKWARD_NO_INTERRUPT'], 1] ))\nf()",
        CRASHED,
    ),
    case(
        "bytecode with a stack of nothing",
        "def f(a): return [a, a, a, a, [a, [a, [a]]]]\nf.__code__ = f.__code__.replace(co_stacksize=0)\nf(1)",
        OK,
    ),
    case(
        "bytecode with a stack of gigabytes",
        "f = lambda: 0\nf.__code__ = f.__code__.replace(co_stacksize=2**28)\nf()",
        FUEL,
        fuel=100_000_000,
    ),
    case(
        "bytecode with a line table of rubbish",
        "def f(): 1 / 0\nf.__code__ = f.__code__.replace(co_linetable=b'\\xff' * 50)\nf()",
        "raised ZeroDivisionError",
    ),
    case(
        "code with a negative line",
        "def f(): 1 / 0\nf.__code__ = f.__code__.replace(co_firstlineno=-5)\nf()",
        "raised ValueError",
    ),
    case(
        "code with strange flags",
        "def f(): return 1\nf.__code__ = f.__code__.replace(co_flags=0x7fffffff)\nf()",
        "raised ValueError",
    ),
    case(
        "code with the wrong closure",
        "x = 1\ndef f():\n    y = 2\n    return lambda: y\ng = f()\ng.__code__ = (lambda: 0).__code__",
        "raised ValueError",
    ),
    case(
        "a forged pickle of code",
        "import marshal\nc = marshal.dumps(compile('1', 'f', 'eval'))\nfor i in range(len(c)):\n    try: eval(marshal.loads(c[:i] + b'\\xff' + c[i + 1:]))\n    except Exception: pass\n1",
        CRASHED,
    ),
    case(
        "a frame's locals rewritten",
        "import sys\ndef f():\n    x = 1\n    g()\n    return x\ndef g(): sys._getframe(1).f_locals['x'] = 2\nf()",
        OK,
        2,
    ),
    case(
        "the harness's frame's locals rewritten",
        "import sys\nf = sys._getframe()\nwhile f:\n    try: f.f_locals.update({k: None for k in f.f_locals})\n    except BaseException: pass\n    f = f.f_back\n1",
        "raised AttributeError",
    ),
    case("a frame cleared while it runs", "import sys\nsys._getframe().clear()", "raised RuntimeError"),
    case("a frame's line moved", "import sys\nsys._getframe().f_lineno = 1", "raised ValueError"),
    case(
        "a frame's back link followed",
        "import sys\nf, n = sys._getframe(), 0\nwhile f: f, n = f.f_back, n + 1\nn < 10",
        OK,
        True,
    ),
    case(
        "a generator's frame abused",
        "def g(): yield 1\ni = g()\ni.gi_frame.clear()\nnext(i)",
        "raised StopIteration",
    ),
    case(
        "a generator closed while it runs",
        "def g():\n    i.close()\n    yield\ni = g()\nnext(i)",
        "raised ValueError",
    ),
    case(
        "a generator that ignores being closed",
        "def g():\n    while True:\n        try: yield\n        except GeneratorExit: pass\ni = g()\nnext(i)\ni.close()",
        "raised RuntimeError",
    ),
    case(
        "a generator that throws into itself",
        "def g():\n    yield i.throw(OSError)\ni = g()\nnext(i)",
        "raised ValueError",
    ),
    case(
        "a cell emptied",
        "def f():\n    x = 1\n    def g(): return x\n    return g\ng = f()\ndel g.__closure__[0].cell_contents\ng()",
        "raised NameError",
    ),
    case("defaults shortened", "def f(a=1, b=2): return a\nf.__defaults__ = ()\nf()", "raised TypeError"),
    case(
        "a type's dictionary reached",
        "import gc\nd = gc.get_referents(int.__dict__)[0]\nd['evil'] = 5\n(1).evil",
        OK,
        5,
    ),
    case(
        "int's addition replaced through its dictionary",
        "import gc\nd = gc.get_referents(int.__dict__)[0]\nd['__add__'] = lambda a, b: 5\nd['__repr__'] = None\nx = 1\nx + 1",
        OK,
        2,
    ),
    case(
        "str's methods removed through its dictionary",
        "import gc\nd = gc.get_referents(str.__dict__)[0]\nfor k in list(d): d[k] = None\n'a'",
        OK,
        "a",
    ),
    case(
        "a tuple changed in place",
        "import gc\nt = (1, 2)\nt.__setstate__ if hasattr(t, '__setstate__') else 1",
        OK,
        1,
    ),
    case(
        "an object given another's class",
        "class A: __slots__ = ()\nclass B: __slots__ = ('x',)\na = A()\na.__class__ = B",
        "raised TypeError",
    ),
    case("a method called on a stranger", "list.append((), 1)", "raised TypeError"),
    case("object.__new__ of what it must not", "object.__new__(int)", "raised TypeError"),
    case("object.__reduce__ abused", "import copyreg\ncopyreg.__newobj__(type)", "raised TypeError"),
    case("ctypes", "import ctypes", OK, fuel=1_000_000_000),
    case(
        "ctypes' string at null", "import ctypes\nctypes.string_at(0)", "raised OSError", fuel=1_000_000_000
    ),
    case("numpy's own ctypes", "import numpy as np\nnp.zeros(1).ctypes.data", OK, fuel=1_000_000_000),
    case(
        "numpy past its array",
        "import numpy as np\nx = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (2**31 - 1,), (1,))\nx[2**31 - 2]",
        CRASHED,
    ),
    case(
        "numpy before its array",
        "import numpy as np\nx = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (2**31 - 1,), (-1,))\nx[2**31 - 2]",
        CRASHED,
    ),
    case(
        "numpy over all of memory, zeros",
        "import numpy as np\nb = np.zeros(1, np.uint8)\nx = np.lib.stride_tricks.as_strided(b, (b.__array_interface__['data'][0],), (-1,))\nx[:] = 0",
        CRASHED,
        fuel=2_000_000_000,
    ),
    case(
        "numpy over all of memory, ones",
        "import numpy as np\nb = np.zeros(1, np.uint8)\nx = np.lib.stride_tricks.as_strided(b, (b.__array_interface__['data'][0],), (-1,))\nx[:] = 255",
        CRASHED,
        fuel=2_000_000_000,
    ),
    case(
        "numpy upwards until memory ends",
        "import numpy as np\nb = np.zeros(1, np.uint8)\nx = np.lib.stride_tricks.as_strided(b, (2**31 - 1,), (1,))\nx[:] = 170",
        CRASHED,
        fuel=8_000_000_000,
    ),
    case(
        "numpy on its own type",
        "import numpy as np\nx = np.zeros(8, np.int32)\nnp.lib.stride_tricks.as_strided(x, (64,), (-4,))[:] = 0x41414141\nx.sum()",
        OK,
    ),
    case(
        "numpy on an integer object",
        "import numpy as np\nb = np.zeros(1, np.uint8)\nat = b.__array_interface__['data'][0]\nx = 1234567890123\noff = id(x) - at\nw = np.lib.stride_tricks.as_strided(b, (2,), (off,))\nw[1] = 255\nx",
        OK,
    ),
    case(
        "numpy on None",
        "import numpy as np\nb = np.zeros(1, np.uint8)\nat = b.__array_interface__['data'][0]\nw = np.lib.stride_tricks.as_strided(b, (2,), (id(None) - at + 4,))\nw[1] = 77\nNone",
        CRASHED,
    ),
    case(
        "an array interface that lies",
        "class A: __array_interface__ = {'shape': (10**6,), 'typestr': '|u1', 'data': (4096, False), 'version': 3}\nimport numpy as np\nlen(np.asarray(A()).tobytes())",
        OK,
        10**6,
    ),
    case(
        "an array interface at null",
        "class A: __array_interface__ = {'shape': (4096,), 'typestr': '|u1', 'data': (0, False), 'version': 3}\nimport numpy as np\nnp.asarray(A())[:] = 255\n1",
        "raised ValueError",
    ),
    case(
        "an array interface beyond memory",
        "class A: __array_interface__ = {'shape': (4096,), 'typestr': '|u1', 'data': (0xfffff000, False), 'version': 3}\nimport numpy as np\nnp.asarray(A())[0]",
        CRASHED,
    ),
    case(
        "an array interface over the stack",
        """
class A: __array_interface__ = {'shape': (2**20,), 'typestr': '|u1', 'data': (65536, False), 'version': 3}
import numpy as np
np.asarray(A())[:] = 255
1
""",
        OK,
    ),
    case(
        "a forged object pointer",
        """
class A: __array_interface__ = {'shape': (1,), 'typestr': '|u4', 'data': (0, False), 'version': 3}
import numpy as np
x = np.array([None], dtype=object)
A.__array_interface__['data'] = (x.__array_interface__['data'][0], False)
np.asarray(A())[0] = 0xdeadbee0
x[0]
""",
        CRASHED,
    ),
    case(
        "a forged function pointer",
        """
import numpy as np
class A: __array_interface__ = {'shape': (60,), 'typestr': '|u4', 'data': (id(type('T', (), {})), False), 'version': 3}
t = type('T', (), {})
A.__array_interface__['data'] = (id(t), False)
np.asarray(A())[6:] = 3
t()
""",
        CRASHED,
    ),
    case(
        "a function pointer of every index",
        """
import numpy as np
class T: pass
class A: __array_interface__ = {'shape': (60,), 'typestr': '|u4', 'data': (id(T), False), 'version': 3}
w = np.asarray(A())
for i in range(12, 40): w[i] = 0x7fffffff
repr(T())
""",
        CRASHED,
    ),
    case(
        "the interpreter's own heap fed with rubbish",
        """
import numpy as np, os
class A: __array_interface__ = {'shape': (5 * 2**20,), 'typestr': '|u4', 'data': (20 * 2**20, False), 'version': 3}
w = np.asarray(A())
w[:] = np.frombuffer(os.urandom(4 * 5 * 2**20), np.uint32)
1
""",
        CRASHED,
        fuel=2_000_000_000,
    ),
    case(
        "a memory view cast out of its bounds",
        "memoryview(bytes(8)).cast('B', (2**31,))",
        "raised OverflowError",
    ),
    case(
        "a memory view released while it is used",
        "m = memoryview(bytearray(8))\nm.release()\nm[0]",
        "raised ValueError",
    ),
    case(
        "a struct packed outside its buffer",
        "import struct\nstruct.pack_into('i', bytearray(2), 0, 1)",
        "raised struct.error",
    ),
    case("uninitialised memory", "import numpy as np\nint(np.empty(10**6, np.uint8).max()) >= 0", OK, True),
    case(
        "an interned string changed in place",
        """
import numpy as np, sys
s = sys.intern('victim_of_surgery')
class A: __array_interface__ = {'shape': (60,), 'typestr': '|u1', 'data': (id(s), False), 'version': 3}
w = np.asarray(A())
i = bytes(w).find(b'victim')
w[i] = 86
s
""",
        OK,
        "Victim_of_surgery",
    ),
    case(
        "a small integer changed in place",
        """
import numpy as np
class A: __array_interface__ = {'shape': (16,), 'typestr': '|u1', 'data': (id(7), False), 'version': 3}
w = np.asarray(A())
w[list(bytes(w)).index(7, 8)] = 8
7 + 0 == 8
""",
        OK,
        True,
    ),
    case(
        "reference counts forged",
        """
import numpy as np
x = [[] for _ in range(1000)]
for o in x:
    class A: __array_interface__ = {'shape': (1,), 'typestr': '|u4', 'data': (id(o), False), 'version': 3}
    np.asarray(A())[0] = 1
    y = o
    del y
x = None
1
""",
        CRASHED,
        fuel=1_000_000_000,
    ),
    case(
        "the stack exhausted by C of C",
        "import numpy as np\nx = []\nx.append(x)\nnp.array(x)",
        "raised ValueError",
    ),
]
