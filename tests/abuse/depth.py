"""Data, source and chains of objects nested too deep: written, read, compiled, compared, freed."""

from abuse.case import ANY, MEMORY, OK, STACK, case

DEEP = {"fuel": 1_000_000_000}
RECURSION = "raised RecursionError"

CASES = [
    case(
        "recursion through deepcopy",
        "import copy\nx = []\nfor _ in range(10**5): x = [x]\ntry: copy.deepcopy(x)\nexcept RecursionError: y = 1\ny",
        OK,
        1,
        **DEEP,
    ),
    case(
        "a deep list's repr",
        "x = []\nfor _ in range(10**5): x = [x]\ntry: repr(x)\nexcept RecursionError: y = 1\ny",
        OK,
        1,
        fuel=1_000_000_000,
    ),
    case(
        "a deep tuple's hash",
        "x = ()\nfor _ in range(10**5): x = (x,)\ntry: hash(x)\nexcept RecursionError: y = 1\ny",
        STACK,
        ANY,
        fuel=1_000_000_000,
    ),
    case(
        "deep lists compared",
        "x, y = [], []\nfor _ in range(10**5): x, y = [x], [y]\ntry: x == y\nexcept RecursionError: z = 1\nz",
        OK,
        1,
        fuel=1_000_000_000,
    ),
    case(
        "a deep dictionary's repr",
        "x = {}\nfor _ in range(10**5): x = {1: x}\ntry: repr(x)\nexcept RecursionError: y = 1\ny",
        OK,
        1,
        fuel=1_000_000_000,
    ),
    case(
        "deep JSON written",
        "import json\nx = []\nfor _ in range(10**5): x = [x]\ntry: json.dumps(x)\nexcept RecursionError: y = 1\ny",
        OK,
        1,
        fuel=1_000_000_000,
    ),
    case("deep JSON read", "import json\njson.loads('[' * 10**5 + ']' * 10**5)", RECURSION),
    case(
        "deep JSON objects read", "import json\njson.loads('{\"a\":' * 10**5 + '1' + '}' * 10**5)", RECURSION
    ),
    case(
        "a deep pickle read",
        "import pickle\nx = pickle.loads(b'(' * 10**5 + b't' * 10**5 + b'.')\nx",
        "raised ResultError",
        fuel=1_000_000_000,
    ),
    case(
        "a deep pickle of lists written",
        "import pickle\nx = []\nfor _ in range(10**5): x = [x]\ntry: pickle.dumps(x)\nexcept RecursionError: y = 1\ny",
        OK,
        1,
        **DEEP,
    ),
    case(
        "deep marshal",
        "import marshal\nx = []\nfor _ in range(10**5): x = [x]\nmarshal.dumps(x)",
        "raised ValueError",
        fuel=1_000_000_000,
    ),
    case(
        "deep marshal read",
        "import marshal\nmarshal.loads(b'[\\x01\\0\\0\\0' * 10**5 + b'N')",
        "raised ValueError",
    ),
    case(
        "a deep value as the result",
        "x = []\nfor _ in range(10**5): x = [x]\nx",
        "raised ResultError",
        fuel=1_000_000_000,
    ),
    case("a value that holds itself", "x = []\nx.append(x)\nx", "raised ResultError"),
    case("a dictionary that holds itself", "x = {}\nx['x'] = x\nx", "raised ResultError"),
    case("parentheses nested", "x = eval('(' * 1000 + ')' * 1000)", "raised MemoryError"),
    case("brackets nested", "x = eval('[' * 10**5 + ']' * 10**5)", "raised MemoryError"),
    case("unary operators nested", "x = eval('-' * 10**5 + '1')", "raised MemoryError", **DEEP),
    case("additions in a row", "x = eval('+'.join(['1'] * 10**4))", RECURSION, **DEEP),
    case("attributes in a row", "compile('a' + '.b' * 10**5, 'f', 'eval')", STACK, **DEEP),
    case("calls in a row", "compile('f' + '()' * 10**4, 'f', 'eval')", RECURSION, **DEEP),
    case(
        "blocks nested",
        "exec(''.join(' ' * i + 'if 1:\\n' for i in range(99)) + ' ' * 99 + 'pass')",
        RECURSION,
    ),
    case(
        "blocks nested too deep",
        "exec(''.join(' ' * i + 'if 1:\\n' for i in range(101)) + ' ' * 101 + 'pass')",
        "raised IndentationError",
    ),
    case(
        "loops nested",
        "exec(''.join(' ' * i + 'for x in y:\\n' for i in range(25)) + ' ' * 25 + 'pass')",
        "raised SyntaxError",
    ),
    case(
        "functions nested",
        "exec(''.join(' ' * i + 'def f():\\n' for i in range(99)) + ' ' * 99 + 'pass')",
        RECURSION,
        **DEEP,
    ),
    case("lambdas nested", "eval('lambda: ' * 5000 + '1')", "raised MemoryError", **DEEP),
    case("conditionals in a row", "exec('if 0: pass\\n' + 'elif 0: pass\\n' * 3000)", RECURSION, **DEEP),
    case(
        "f-strings nested",
        "x = '1'\nfor _ in range(200): x = 'f\"{' + x + '}\"'\neval(x)",
        "raised MemoryError",
        **DEEP,
    ),
    case(
        "a deep syntax tree built by hand",
        """
import ast
x = ast.Expression(ast.Constant(1, lineno=1, col_offset=0, end_lineno=1, end_col_offset=1))
for _ in range(10**4): x.body = ast.UnaryOp(ast.USub(), x.body, lineno=1, col_offset=0, end_lineno=1, end_col_offset=1)
compile(x, 'f', 'eval')
""",
        RECURSION,
        **DEEP,
    ),
    case(
        "literal_eval of nested brackets",
        "import ast\nast.literal_eval('[' * 10**4 + ']' * 10**4)",
        "raised MemoryError",
    ),
    case("a regular expression nested", "import re\nre.compile('(' * 5000 + ')' * 5000)", RECURSION, **DEEP),
    case("a deep list freed", "x = []\nfor _ in range(10**5): x = [x]\ndel x\n1", STACK, ANY, **DEEP),
    case("a deep tuple freed", "x = ()\nfor _ in range(10**5): x = (x,)\ndel x\n1", STACK, ANY, **DEEP),
    case(
        "a deep dictionary freed", "x = {}\nfor _ in range(10**5): x = {1: x}\ndel x\n1", STACK, ANY, **DEEP
    ),
    case(
        "a chain of objects freed",
        "class C: pass\nx = None\nfor _ in range(10**5):\n    c = C()\n    c.next = x\n    x = c\ndel x, c\n1",
        OK,
        1,
        **DEEP,
    ),
    case(
        "a chain of closures freed",
        "x = None\ndef make(x): return lambda: x\nfor _ in range(10**5): x = make(x)\ndel x\n1",
        OK,
        1,
        fuel=2_000_000_000,
    ),
    case(
        "a chain of generators freed",
        "def g(x): yield x\nx = None\nfor _ in range(10**5):\n    x = g(x)\n    next(x)\ndel x\n1",
        OK,
        1,
        **DEEP,
    ),
    case(
        "a chain of iterators freed",
        "x = iter([])\nfor _ in range(10**5): x = map(None, x)\ndel x\n1",
        STACK,
        ANY,
        **DEEP,
    ),
    case(
        "a chain of iterators walked",
        "import itertools\nx = iter([1])\nfor _ in range(10**5): x = itertools.chain(x)\nnext(x)",
        STACK,
        **DEEP,
    ),
    case(
        "a chain of filters walked",
        "x = [1]\nfor _ in range(10**5): x = filter(None, x)\nlist(x)",
        STACK,
        **DEEP,
    ),
    case(
        "a chain of partials called",
        "import functools\nf = int\nfor _ in range(10**5): f = functools.partial(functools.partial, f)\nf()()()",
        RECURSION,
        **DEEP,
    ),
    case(
        "a chain of bound methods called",
        "import types\nf = print\nfor i in range(10**5): f = types.MethodType(f, i)\nf()",
        MEMORY,
        **DEEP,
    ),
    case(
        "a chain of exceptions freed",
        "e = None\nfor _ in range(10**5):\n    n = ValueError()\n    n.__cause__ = e\n    e = n\ndel e, n\n1",
        STACK,
        ANY,
        **DEEP,
    ),
    case(
        "a chain of exceptions raised",
        "e = None\nfor _ in range(10**5):\n    n = ValueError('x')\n    n.__cause__ = e\n    e = n\nraise e",
        "raised ValueError",
        **DEEP,
    ),
    case(
        "exception groups nested",
        "e = ValueError('x')\nfor _ in range(10**4): e = ExceptionGroup('g', [e])\nraise e",
        "raised ExceptionGroup",
        **DEEP,
    ),
    case(
        "exception groups nested and split",
        "e = ValueError('x')\nfor _ in range(10**4): e = ExceptionGroup('g', [e])\ne.split(ValueError)",
        RECURSION,
        **DEEP,
    ),
    case(
        "classes derived in a row",
        "c = object\nfor i in range(300): c = type('C', (c,), {})\nc()\n1",
        OK,
        1,
        fuel=4_000_000_000,
    ),
    case(
        "weak references in a row",
        "import weakref\nclass C: pass\nx = C()\nfor _ in range(10**4):\n    y = C()\n    y.r = weakref.ref(x, lambda r: None)\n    y.x = x\n    x = y\ndel x, y\n1",
        OK,
        1,
        **DEEP,
    ),
    case(
        "a deep list in numpy",
        "import numpy as np\nx = []\nfor _ in range(10**4): x = [x]\nnp.array(x)",
        "raised ValueError",
        **DEEP,
    ),
    case(
        "XML nested",
        "import xml.etree.ElementTree as E\nx = E.fromstring('<a>' * 10**4 + '</a>' * 10**4)\nE.tostring(x)",
        RECURSION,
        fuel=4_000_000_000,
    ),
    case(
        "a csv field that never ends",
        "import csv\nlist(csv.reader(['\"' + 'a' * 200_000]))",
        "raised _csv.Error",
    ),
]
