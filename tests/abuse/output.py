"""Programs that say too much, or say it through a broken mouth."""

from abuse.case import ANY, ARGUMENTS, FUEL, OK, RESULT, case

CASES = [
    case("printing for ever", "while True: print('x' * 1000)", FUEL),
    case("printing to standard error for ever", "import sys\nwhile True: sys.stderr.write('x' * 1000)", FUEL),
    case("a million characters", "print('x' * 10**6)", OK, None, "x" * (16 << 10)),
    case(
        "a million lines",
        "for i in range(4000): print(i)",
        OK,
        None,
        "".join(f"{i}\n" for i in range(4000))[: 16 << 10],
    ),
    case("a wide character cut in two", "print('é' * 10**5)", OK, None, "é" * (8 << 10)),
    case("bytes that are no UTF-8", "import sys\nsys.stdout.buffer.write(b'\\xff\\xfe')", OK, 2, "��"),
    case("a null byte", "print('a\\0b')", OK, None, "a\0b\n"),
    case("terminal sequences", "print('\\x1b[2J\\x1b]0;x\\x07')", OK, None, "\x1b[2J\x1b]0;x\x07\n"),
    case("output after output is closed", "import sys\nsys.stdout.close()\nprint('x')", "raised ValueError"),
    case("output closed, then a value", "import sys\nsys.stdout.close()\n1", OK, 1),
    case("output detached", "import sys\nsys.stdout.detach()\n1", OK, 1),
    case("output's descriptors closed", "import os\nos.close(1)\nos.close(2)\n1", OK, 1),
    case("output's descriptors closed, then printed", "import os\nos.close(1)\nprint('x')\n1", OK, 1, ""),
    case(
        "output's descriptor made a file",
        "import os\nos.close(1)\nf = open('/tmp/f', 'w')\nprint('x', flush=True)\n[f.fileno(), open('/tmp/f').read()]",
        OK,
        [1, "x\n"],
        "",
    ),
    case(
        "output to raw descriptors",
        "import os\nos.write(1, b'a')\nos.write(2, b'b')\nos.write(0, b'c')",
        "raised OSError",
        ANY,
        "a",
    ),
    case("output read from", "import os\nos.read(1, 10)", "raised OSError"),
    case("output sought in", "import os\nos.lseek(1, 0, 0)", "raised OSError"),
    case("output truncated", "import os\nos.ftruncate(1, 0)", "raised OSError"),
    case(
        "output replaced by an endless writer",
        """
import sys
class W:
    def write(self, s):
        while True: pass
sys.stdout = W()
print('x')
""",
        FUEL,
    ),
    case(
        "output replaced by None",
        "import sys\nsys.stdout = sys.stderr = None\nprint('x')\n1 / 0",
        "raised ZeroDivisionError",
        ANY,
        "",
    ),
    case(
        "output replaced, then restored by the next",
        "import io, sys\nsys.stdout = io.StringIO()\nprint('x')\n1",
        OK,
        1,
        "",
    ),
    case("output's own write replaced", "import io\nio.TextIOWrapper.write = None", "raised TypeError"),
    case(
        "output's encoding reconfigured",
        "import sys\nsys.stdout.reconfigure(encoding='utf-16')\nprint('a')",
        OK,
        None,
        "a\0\n\0",
    ),
    case(
        "output with an error handler that loops",
        """
import codecs, sys
def handler(e):
    while True: pass
codecs.register_error('evil', handler)
sys.stdout.reconfigure(encoding='ascii', errors='evil')
print('é')
""",
        FUEL,
    ),
    case(
        "output with unbounded buffering",
        "import sys, io\nsys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, 'w', closefd=False), 10**6))\nprint('late')\n1",
        OK,
        1,
    ),
    case("output written at exit", "import atexit\natexit.register(print, 'bye')\n1", OK, 1, ""),
    case("a value of exactly the limit", "'x' * (65536 - 2)", OK, "x" * 65534),
    case("a value one byte over", "'x' * (65536 - 1)", RESULT),
    case("a value of many megabytes", "'x' * 3_000_000", RESULT, fuel=1_000_000_000),
    case("a list of many", "list(range(100_000))", RESULT, fuel=1_000_000_000),
    case("a value that swells as JSON", "'\\x00' * 20_000", RESULT),
    case("a value that swells as a repr", "{(('x' * 1000,) * 100): 1}", RESULT),
    case(
        "a value shared many times over",
        "x = ['y'] * 10\nfor _ in range(7): x = [x] * 10\nx",
        FUEL,
        fuel=200_000_000,
        memory=512 << 20,
    ),
    case("a value shared beyond all fuel", "x = ['y'] * 10\nfor _ in range(50): x = [x] * 10\nx", FUEL),
    case("a numpy array of a million", "import numpy as np\nnp.zeros(10**5)", RESULT, fuel=2_000_000_000),
    case("an exception's message of megabytes", "raise ValueError('m' * 10**7)", "raised ValueError"),
    case(
        "an exception's type of megabytes", "raise type('E' * 10**6, (Exception,), {})", "raised " + "E" * 200
    ),
    case(
        "an exception's module of megabytes",
        "raise type('E', (Exception,), {'__module__': 'm' * 10**6})",
        "raised " + "m" * 200 + ".E",
    ),
    case(
        "an exception's notes of megabytes",
        "e = ValueError('x')\nfor _ in range(1000): e.add_note('n' * 10**4)\nraise e",
        "raised ValueError",
    ),
    case(
        "a traceback of a thousand frames",
        "def f(n): f(n - 1) if n else 1 / 0\nf(900)",
        "raised ZeroDivisionError",
    ),
    case(
        "a traceback through a file of megabytes",
        "exec(compile('1 / 0', 'f' * 10**6, 'exec'))",
        "raised ZeroDivisionError",
    ),
    case(
        "a traceback through a name of megabytes",
        "exec('def ' + 'f' * 10**6 + '(): 1 / 0\\n' + 'f' * 10**6 + '()')",
        "raised ZeroDivisionError",
        fuel=1_000_000_000,
    ),
    case("a line of megabytes raises", "x = '" + "a" * 100_000 + "'; 1 / 0", "raised ZeroDivisionError"),
    case("a syntax error on a line of megabytes", "x = '" + "a" * 100_000, "raised SyntaxError"),
    case("an exit message of megabytes", "import sys\nsys.exit('m' * 10**7)", "exited 1"),
    case("an exit code beyond a byte", "import sys\nsys.exit(257)", "exited 1"),
    case("an exit code beyond an integer", "import sys\nsys.exit(2**70)", "exited 0"),
    case("a negative exit code", "import sys\nsys.exit(-1)", "exited 255"),
    case("an exit code that is True", "import sys\nsys.exit(True)", "exited 1"),
    case(
        "an exit without running anything else",
        "import os\nprint('x', flush=True)\nos._exit(3)",
        "exited 3",
        ANY,
        "x\n",
    ),
    case("an exit in the middle of a print", "import os\nprint('lost')\nos._exit(255)", "exited 255"),
    case("an exit beyond a byte, at once", "import os\nos._exit(300)", "exited 300"),
    case(
        "an exit from an exit handler",
        "import atexit, os\natexit.register(os._exit, 9)\natexit._run_exitfuncs()",
        "exited 9",
    ),
    case("an exit while unwinding", "import sys\ntry: sys.exit(1)\nfinally: sys.exit(2)", "exited 2"),
    case("quit", "quit()", "exited 0"),
    case(
        "warnings without end",
        "import warnings\nwarnings.simplefilter('always')\nwhile True: warnings.warn('w' * 1000)",
        FUEL,
    ),
    case("faulthandler's dump", "import faulthandler, sys\nfaulthandler.dump_traceback()\n1", OK, 1),
    case("a print with an end that is no string", "print(1, end=2)", "raised TypeError"),
    case(
        "unflushed output at a raise", "print('kept', end='')\n1 / 0", "raised ZeroDivisionError", ANY, "kept"
    ),
    case("input that never comes", "input()", "raised EOFError"),
    case("standard input read", "import sys\nsys.stdin.read()", OK, ""),
    case("a program that is too long", "x = 1  # " + "x" * 1000, ARGUMENTS, arguments=1000),
    case("a program of exactly the limit", "1  #" + "x" * 996, OK, 1, arguments=1000),
]
