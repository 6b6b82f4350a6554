"""Ways in which one program could leave something for the next, each with a probe that would find it.

A leak is a program that plants, and a program that looks. Run as one, the second finds what the first planted,
which shows that it looks in the right place. Run one after the other, it finds what a new guest has.
"""

from dataclasses import dataclass

from mentor.sandbox import Limits

__all__ = ["LEAKS", "Leak"]

# Enough to look through all of memory.
LIMITS = Limits(fuel=4_000_000_000, wall=60.0, memory=256 << 20)


@dataclass(frozen=True)
class Leak:
    """One way to leave something behind.

    Attributes:
        name: The way.
        plant: The program that leaves it.
        probe: The program that looks for it; its value tells.
        ending: What the planting program does at last, once it has planted.
        kept: Whether a state keeps it; randomness is given anew to each step.
    """

    name: str
    plant: str
    probe: str
    ending: str = ""
    kept: bool = True


# Looks for eight bytes, which stand nowhere in its own source or constants, in all of the guest's memory.
SECRET = "bytes([211, 17, 190, 3, 77, 250, 8, 123])"
SCAN = """
import numpy as np
class All: __array_interface__ = {'shape': ((40 << 20) - 4096,), 'typestr': '|u1', 'data': (4096, False), 'version': 3}
memory = np.asarray(All())
found = 0
for start in range(0, len(memory), 1 << 20):
    part = memory[start:start + (1 << 20)]
    hits = np.flatnonzero(part[:-7] == 211)
    for offset, byte in ((1, 17), (2, 190), (3, 3), (4, 77), (5, 250), (6, 8), (7, 123)):
        hits = hits[part[hits + offset] == byte]
    found += len(hits)
found > 0
"""
GROWN = "import numpy as np\nx = np.empty(40 << 20, np.uint8)\nint((x[::512] == 211).sum()) > 1000"

ENDINGS = {
    "an ordinary end": "",
    "a raise": "1 / 0",
    "an exit": "raise SystemExit",
    "an exit at once": "import os\nos._exit(0)",
    "an abort": "import os\nos.abort()",
    "the end of its fuel": "while True: pass",
    "the end of memory": "x = []\nwhile True: x.append(bytes(10**7))",
    "the end of the stack": "x = []\nfor _ in range(10**5): x = [x]\ndel x",
    "a refused result": "'x' * (2 << 20)",
}


LEAKS = [
    *(
        Leak(f"a secret in memory, after {name}", f"keep = [{SECRET} * n for n in range(1, 200)]", SCAN, end)
        for name, end in ENDINGS.items()
    ),
    *(
        Leak(
            f"grown memory, after {name}",
            "import numpy as np\nkeep = np.full(40 << 20, 211, np.uint8)\ndel keep",
            GROWN,
            end,
        )
        for name, end in ENDINGS.items()
    ),
    Leak("a name in __main__", "left = 1", "'left' in globals()"),
    Leak("a builtin", "import builtins\nbuiltins.left = 1", "import builtins\nhasattr(builtins, 'left')"),
    Leak("a builtin replaced", "import builtins\nbuiltins.len = lambda x: 99", "len([])"),
    Leak("an attribute of a module", "import sys\nsys.left = 1", "import sys\nhasattr(sys, 'left')"),
    Leak("a module", "import sys\nsys.modules['left'] = sys", "import sys\n'left' in sys.modules"),
    Leak("a module imported", "import colorsys", "import sys\n'colorsys' in sys.modules"),
    Leak(
        "a module's function replaced",
        "import json\njson.dumps = lambda x: 'left'",
        "import json\njson.dumps(1)",
    ),
    Leak("a place to import from", "import sys\nsys.path.append('/left')", "import sys\nsys.path"),
    Leak("an import hook", "import sys\nsys.meta_path.append(1)", "import sys\nlen(sys.meta_path)"),
    Leak("a path hook", "import sys\nsys.path_hooks.append(1)", "import sys\nlen(sys.path_hooks)"),
    Leak(
        "an import cache",
        "import sys\nsys.path_importer_cache['/left'] = None",
        "import sys\n'/left' in sys.path_importer_cache",
    ),
    Leak(
        "an interned string",
        "import sys\nkeep = sys.intern('left_' + 'behind')",
        "import sys\ns = ''.join(['left_', 'behind'])\nsys.intern(s) is not s",
    ),
    Leak(
        "a compiled regular expression",
        "import re\nre.compile('left')",
        "import re\n[k for k in re._cache if k[1] == 'left'] != []",
    ),
    Leak(
        "a cached function",
        "import fnmatch\nfnmatch.fnmatch('a', 'l*')",
        "import fnmatch\nfnmatch._compile_pattern.cache_info().currsize",
    ),
    Leak(
        "a cached line",
        "import linecache\nlinecache.cache['left'] = (1,)",
        "import linecache\n'left' in linecache.cache",
    ),
    Leak(
        "objects beyond the collector",
        "import gc\nkeep = [[] for _ in range(1000)]\ngc.freeze()",
        "import gc\ngc.get_freeze_count()",
    ),
    Leak("the collector off", "import gc\ngc.disable()", "import gc\ngc.isenabled()"),
    Leak(
        "the collector's threshold", "import gc\ngc.set_threshold(1, 2, 3)", "import gc\ngc.get_threshold()"
    ),
    Leak("a collector's callback", "import gc\ngc.callbacks.append(print)", "import gc\nlen(gc.callbacks)"),
    Leak("the collector's garbage", "import gc\ngc.garbage.append(1)", "import gc\nlen(gc.garbage)"),
    Leak(
        "an object that the collector knows",
        "class Left: pass\nkeep = [Left()]",
        "import gc\nany(type(o).__name__ == 'Left' for o in gc.get_objects())",
    ),
    Leak(
        "a subclass",
        "class Left: pass",
        "[c.__name__ for c in object.__subclasses__() if c.__name__ == 'Left']",
    ),
    Leak("where the next object lies", "keep = [object() for _ in range(100_000)]", "id(object())"),
    Leak(
        "the generator's state", "import random\nrandom.seed(5)", "import random\nrandom.random()", kept=False
    ),
    Leak(
        "numpy's generator's state",
        "import numpy as np\nnp.random.seed(5)",
        "import numpy as np\nnp.random.random()",
        kept=False,
    ),
    Leak(
        "the system's random bytes",
        "import os\nos.urandom(100)",
        "import os\nos.urandom(8).hex()",
        kept=False,
    ),
    Leak(
        "a gauss in reserve",
        "import random\nrandom.gauss(0, 1)",
        "import random\nrandom.gauss(0, 1)",
        kept=False,
    ),
    Leak("a file", "open('/tmp/left', 'w').write('x')", "import os\nos.listdir('/tmp')"),
    Leak("a file elsewhere", "open('/left', 'w').write('x')", "import os\nos.listdir('/')"),
    Leak("a folder moved", "import os\nos.rename('/tmp', '/left')", "import os\nos.path.isdir('/tmp')"),
    Leak("an open descriptor", "keep = open('/tmp/left', 'w')", "import os\nos.open('/', os.O_RDONLY)"),
    Leak("a closed descriptor", "import os\nos.close(0)", "import os\nos.open('/', os.O_RDONLY)"),
    Leak(
        "a working directory",
        "import os\nos.mkdir('/tmp/left')\nos.chdir('/tmp/left')",
        "import os\nos.getcwd()",
    ),
    Leak("the environment", "import os\nos.environ['LEFT'] = '1'", "import os\ndict(os.environ)"),
    Leak("the clock", "import time\ntime.sleep(1000)", "import time\ntime.time()"),
    Leak("the monotonic clock", "import time\ntime.sleep(1000)", "import time\ntime.monotonic()"),
    Leak(
        "the recursion limit",
        "import sys\nsys.setrecursionlimit(5000)",
        "import sys\nsys.getrecursionlimit()",
    ),
    Leak(
        "the digits of an integer",
        "import sys\nsys.set_int_max_str_digits(0)",
        "import sys\nsys.get_int_max_str_digits()",
    ),
    Leak(
        "the switch interval", "import sys\nsys.setswitchinterval(1)", "import sys\nsys.getswitchinterval()"
    ),
    Leak("a trace", "import sys\nsys.settrace(lambda *a: None)", "import sys\nsys.gettrace() is None"),
    Leak("a profile", "import sys\nsys.setprofile(lambda *a: None)", "import sys\nsys.getprofile() is None"),
    Leak(
        "a monitoring tool",
        "import sys\nsys.monitoring.use_tool_id(1, 'left')",
        "import sys\nsys.monitoring.get_tool(1)",
    ),
    Leak(
        "an audit hook",
        "import builtins, sys\nsys.addaudithook(lambda e, a: setattr(builtins, 'heard', 1) if e == 'open' else None)",
        "import builtins\nopen('/tmp/f', 'w').close()\nhasattr(builtins, 'heard')",
    ),
    Leak(
        "a signal handler",
        "import signal\nsignal.signal(signal.SIGTERM, lambda *a: None)",
        "import signal\ncallable(signal.getsignal(signal.SIGTERM))",
    ),
    Leak("an exit handler", "import atexit\natexit.register(print)", "import atexit\natexit._ncallbacks()"),
    Leak(
        "a warning filter",
        "import warnings\nwarnings.simplefilter('error')",
        "import warnings\nlen(warnings.filters)",
    ),
    Leak(
        "a warning given once",
        "import warnings\nwarnings.warn('left')",
        "globals().get('__warningregistry__')",
    ),
    Leak(
        "the decimal context",
        "import decimal\ndecimal.getcontext().prec = 5",
        "import decimal\ndecimal.getcontext().prec",
    ),
    Leak(
        "numpy's printing",
        "import numpy as np\nnp.set_printoptions(precision=1)",
        "import numpy as np\nnp.get_printoptions()['precision']",
    ),
    Leak(
        "numpy's error handling",
        "import numpy as np\nnp.seterr(all='raise')",
        "import numpy as np\nnp.geterr()['divide']",
    ),
    Leak(
        "a codec",
        "import codecs\ncodecs.register(lambda n: codecs.lookup('utf-8') if n == 'left' else None)",
        "import codecs\ntry: found = bool(codecs.lookup('left'))\nexcept LookupError: found = False\nfound",
    ),
    Leak(
        "an error handler",
        "import codecs\ncodecs.register_error('left', lambda e: ('', e.end))",
        "import codecs\ntry: found = bool(codecs.lookup_error('left'))\nexcept LookupError: found = False\nfound",
    ),
    Leak(
        "a pickler's table",
        "import copyreg\ncopyreg.pickle(complex, lambda c: (complex, (0, 0)))",
        "import pickle\nstr(pickle.loads(pickle.dumps(1 + 2j)))",
    ),
    Leak(
        "an abstract base's registry",
        "import collections.abc as c\nc.Sequence.register(set)",
        "import collections.abc as c\nissubclass(set, c.Sequence)",
    ),
    Leak(
        "a type's dictionary",
        "import gc\ngc.get_referents(int.__dict__)[0]['left'] = 7",
        "'left' in vars(int)",
    ),
    Leak(
        "a small integer",
        "import numpy as np\nclass A: __array_interface__ = {'shape': (16,), 'typestr': '|u1', 'data': (id(7), False), 'version': 3}\nw = np.asarray(A())\nw[bytes(w).index(7, 8)] = 9",
        "n = 3\n(n + 4) * 10",
    ),
    Leak(
        "standard output replaced",
        "import io, sys\nsys.stdout = io.StringIO()",
        "import sys\ntype(sys.stdout).__name__",
    ),
    Leak(
        "standard output's encoding",
        "import sys\nsys.stdout.reconfigure(encoding='latin-1')",
        "import sys\nsys.stdout.encoding",
    ),
    Leak(
        "an exception hook",
        "import sys\nsys.excepthook = print",
        "import sys\nsys.excepthook is sys.__excepthook__",
    ),
    Leak(
        "a display hook",
        "import sys\nsys.displayhook = print",
        "import sys\nsys.displayhook is sys.__displayhook__",
    ),
    Leak(
        "a context variable",
        "import contextvars\ncontextvars.ContextVar('left').set(1)",
        "import contextvars\nlen(contextvars.copy_context())",
    ),
    Leak(
        "a thread's local",
        "import threading\nthreading.current_thread().left = 1",
        "import threading\nhasattr(threading.current_thread(), 'left')",
    ),
    Leak(
        "a log handler", "import logging\nlogging.basicConfig()", "import logging\nlen(logging.root.handlers)"
    ),
    Leak(
        "a logger",
        "import logging\nlogging.getLogger('left')",
        "import logging\n'left' in logging.root.manager.loggerDict",
    ),
    Leak(
        "a database in shared memory",
        "import sqlite3\nkeep = sqlite3.connect('file:left?mode=memory&cache=shared', uri=True)\nkeep.execute('create table t (x)')",
        "import sqlite3\nc = sqlite3.connect('file:left?mode=memory&cache=shared', uri=True)\nlen(c.execute('select * from sqlite_master').fetchall())",
    ),
    Leak(
        "faulthandler on",
        "import faulthandler\nfaulthandler.enable()",
        "import faulthandler\nfaulthandler.is_enabled()",
    ),
    Leak(
        "tracemalloc on",
        "import tracemalloc\ntracemalloc.start()",
        "import tracemalloc\ntracemalloc.is_tracing()",
    ),
    Leak(
        "asynchronous hooks",
        "import sys\nsys.set_asyncgen_hooks(firstiter=print)",
        "import sys\nsys.get_asyncgen_hooks().firstiter is None",
    ),
    Leak(
        "where coroutines come from",
        "import sys\nsys.set_coroutine_origin_tracking_depth(3)",
        "import sys\nsys.get_coroutine_origin_tracking_depth()",
    ),
    Leak(
        "bytecode written",
        "import sys\nsys.dont_write_bytecode = 7",
        "import sys\nsys.dont_write_bytecode == 7",
    ),
    Leak(
        "the locale",
        "import locale\nlocale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')",
        "import locale\nlocale.setlocale(locale.LC_ALL)",
    ),
    Leak("a field's size", "import csv\ncsv.field_size_limit(5)", "import csv\ncsv.field_size_limit()"),
    Leak(
        "a csv dialect",
        "import csv\ncsv.register_dialect('left')",
        "import csv\n'left' in csv.list_dialects()",
    ),
    Leak(
        "a temporary folder",
        "import os, tempfile\nos.mkdir('/tmp/left')\ntempfile.tempdir = '/tmp/left'",
        "import tempfile\ntempfile.tempdir",
    ),
    Leak(
        "what a dictionary watches",
        "class Left:\n    def __del__(self): pass\nimport weakref\nkeep = weakref.WeakValueDictionary()",
        "import gc, weakref\nsum(type(o) is weakref.WeakValueDictionary for o in gc.get_objects())",
    ),
    Leak(
        "the reactor's turn",
        "import _reactor\n_reactor._mentor_turn.left = 1",
        "import _reactor\nhasattr(_reactor._mentor_turn, 'left')",
    ),
    Leak(
        "the harness's defaults",
        "import _reactor\n_reactor._mentor_turn.__defaults__ = (1,)",
        "import _reactor\n_reactor._mentor_turn.__defaults__",
    ),
    Leak(
        "an attribute of the door's module",
        "import _host\n_host.left = 1",
        "import _host\nhasattr(_host, 'left')",
    ),
]

# What the host remembers of a program must not be taken for the next one's: the probe's whole outcome is compared.
HOST = [
    Leak("a forged report", "import _host, os\n_host.call(b'V\"left\"')\nos._exit(0)", "x = 1"),
    Leak("output not yet written", "print('left', end='')\nimport os\nos._exit(0)", "x = 1"),
    Leak("output written", "print('left' * 10**5)", "print('mine')"),
    Leak("memory refused", "x = bytes(300 << 20)", "1 / 0"),
    Leak("files refused", "open('/tmp/f', 'wb').truncate(10**9)", "1 / 0"),
    Leak("a result refused", "'x' * (2 << 20)", "import os\nos._exit(0)"),
    Leak("fuel spent", "while True: pass", "sum(range(1000))"),
    Leak(
        "the stack spent",
        "x = []\nfor _ in range(10**5): x = [x]\ndel x",
        "def f(n): return n and f(n - 1)\nf(900)",
    ),
    Leak("memory grown", "x = bytes(100 << 20)", "x = bytearray(1000)"),
    Leak("a trap", "import os\nos.abort()", "[i for i in range(1000)][-1]"),
]
