"""Programs that speak in the harness's name, or break what the harness stands on.

What a program says of itself is its own word; what only the host knows (limits, traps, exits at once) no report of
the program's can change, and no program can make the host believe that the machinery failed.
"""

from abuse.case import ABORT, FUEL, MEMORY, OK, RESULT, case

CASES = [
    case(
        "a forged value, then a raise",
        "import _host\n_host.call(b'Vtrue')\n1 / 0",
        "raised ZeroDivisionError",
    ),
    case("a forged value, then another", "import _host\n_host.call(b'V1')\n2", OK, 2),
    case("a forged error, then an ordinary end", 'import _host\n_host.call(b\'E["A","b","c"]\')\n3', OK, 3),
    case("a forged value, then an endless loop", "import _host\n_host.call(b'V1')\nwhile True: pass", FUEL),
    case("a forged value, then an abort", "import _host, os\n_host.call(b'V1')\nos.abort()", ABORT),
    case(
        "a forged value, then an exit at once", "import _host, os\n_host.call(b'V1')\nos._exit(3)", "exited 3"
    ),
    case("a forged exit, then a value", "import _host\n_host.call(b'X0')\n4", OK, 4),
    case("a forged report of nothing", "import _host\n_host.call(b'')\n5", OK, 5),
    case("a forged report of an unknown kind", "import _host\n_host.call(b'Q')\n6", OK, 6),
    case("a forged report that is no text", "import _host\n_host.call(b'V\\xff')\n7", OK, 7),
    case(
        "a forged report of megabytes",
        "import _host\ntry: _host.call(b'V' * 10**7)\nexcept Exception: pass\n8",
        OK,
        8,
    ),
    case(
        "a forged report of megabytes, unheard",
        "import _host\n_host.call(b'V' * 10**7)",
        "raised ConnectionRefusedError",
    ),
    case("forged reports without end", "import _host\nwhile True: _host.call(b'V1')", FUEL),
    case("a report that is no bytes", "import _host\n_host.call('V1')", "raised TypeError"),
    case("a report from a changing buffer", "import _host\n_host.call(bytearray(b'V1'))\n9", OK, 9),
    case("the door asked whether it is there", "import _host\n_host.available()", OK, True),
    case("the door's function replaced", "import _host\n_host.call = lambda b: None\n10", OK, 10),
    case("the door's module removed", "import sys\ndel sys.modules['_host']\n11", OK, 11),
    case(
        "the harness's turn replaced",
        "import _reactor\n_reactor._mentor_turn = None\n1 / 0",
        "raised ZeroDivisionError",
    ),
    case("the reactor's turn replaced", "import _reactor\n_reactor.turn = None\n12", OK, 12),
    case(
        "the reactor's turn called from inside",
        "import _reactor\n_reactor.turn(b'R' + bytes(8) + b'1 / 0', None)\n13",
        OK,
        13,
    ),
    case(
        "the reactor's turn called from inside, for ever",
        "import _reactor\ns = b'R' + bytes(8) + b'_reactor.turn(s, None)'\n_reactor.turn(s, None)",
        FUEL,
    ),
    case("the reactor's turn given rubbish", "import _reactor\n_reactor.turn(b'', None)\n14", OK, 14),
    case(
        "the reactor's code exchanged",
        "import _reactor\n_reactor.turn.__code__ = (lambda source, environ: (0, False)).__code__\n15",
        OK,
        15,
    ),
    case(
        "the harness's code exchanged",
        "import _reactor\n_reactor._mentor_turn.__code__ = _reactor._mentor_turn.__code__.replace(co_consts=())\n16",
        OK,
        16,
    ),
    case(
        "the harness's cells rewritten",
        """
import _reactor
for cell in _reactor._mentor_turn.__closure__: cell.cell_contents = None
1 / 0
""",
        "raised UnreportableError",
    ),
    case(
        "the harness's door silenced by its cell",
        """
import _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: None
17
""",
        "raised UnreportableError",
    ),
    case(
        "the harness's door silenced after a forgery",
        """
import _host, _reactor
_host.call(b'V[18]')
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: None
1 / 0
""",
        OK,
        [18],
    ),
    case(
        "the harness's door silenced, then fuel",
        """
import _host, _reactor
_host.call(b'V1')
t = _reactor._mentor_turn
def send(report):
    while True: pass
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = send
1
""",
        FUEL,
    ),
    case(
        "the harness's door silenced, then memory",
        """
import _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: None
x = []
while True: x.append(bytes(10**7))
""",
        MEMORY,
        fuel=2_000_000_000,
    ),
    case(
        "the harness's door silenced, then a large report",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'V' * 10**7)
1
""",
        RESULT,
    ),
    case(
        "a report that is no JSON",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'V{nonsense')
1
""",
        "raised UnreportableError",
    ),
    case(
        "a report that is JSON of no end",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'V' + b'[' * 60_000)
1
""",
        "raised UnreportableError",
    ),
    case(
        "a report nested beyond the host's reader",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'V' + b'[' * 30_000 + b']' * 30_000)
1
""",
        "raised UnreportableError",
    ),
    case(
        "a report of an integer beyond the host's digits",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'V' + b'9' * 60_000)
1
""",
        "raised UnreportableError",
    ),
    case(
        "a report of an error that is none",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'E[1,2]')
1
""",
        "raised UnreportableError",
    ),
    case(
        "a report of an error with endless text",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'E["A","' + b'm' * 50_000 + b'",""]')
1
""",
        "raised A",
    ),
    case(
        "a report of a limit in the host's name",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'E["SandboxFailure","the machinery failed",""]')
1
""",
        "raised SandboxFailure",
    ),
    case(
        "a report of an exit beyond an integer",
        """
import _host, _reactor
t = _reactor._mentor_turn
t.__closure__[t.__code__.co_freevars.index('send')].cell_contents = lambda report: _host.call(b'X99999999999')
1
""",
        "raised UnreportableError",
    ),
    case(
        "the harness found through the collector",
        """
import gc, types
turns = [o for o in gc.get_objects() if isinstance(o, types.FunctionType) and o.__name__ == 'turn']
frozen = [o for o in gc.get_referrers(dict) if 0]
[len(turns) >= 0, frozen]
""",
        OK,
        [True, []],
    ),
    case(
        "builtins cleared, then a value",
        "import builtins\nbuiltins.__dict__.clear()\n{(1, 2): [3.0, {4}]}",
        OK,
        {"(1, 2)": [3.0, [4]]},
    ),
    case(
        "builtins cleared, then a raise",
        "import builtins\nbuiltins.__dict__.clear()\nundefined",
        "raised NameError",
    ),
    case(
        "builtins cleared, then an exit",
        "import builtins\nexit = SystemExit\nbuiltins.__dict__.clear()\nraise exit(5)",
        "exited 5",
    ),
    case(
        "every builtin a liar",
        "import builtins\nput = setattr\nfor n in dir(builtins):\n    if n[0] != '_': put(builtins, n, lambda *a, **k: 5 / 0)\n[1, (2,), {3: 'x'}]",
        OK,
        [1, [2], {"3": "x"}],
    ),
    case(
        "every builtin a liar, then a raise",
        "import builtins\nput = setattr\nfor n in dir(builtins):\n    if n[0] != '_': put(builtins, n, 5)\n1 / 0",
        "raised ZeroDivisionError",
    ),
    case(
        "SystemExit replaced",
        "import builtins\nbuiltins.SystemExit = ValueError\nraise KeyError(1)",
        "raised KeyError",
    ),
    case(
        "BaseException replaced",
        "import builtins\nbuiltins.BaseException = int\nraise KeyError(1)",
        "raised KeyError",
    ),
    case(
        "JSON tampered with",
        "import json, json.encoder\njson.dumps = json.loads = json.encoder.c_make_encoder = json.encoder.encode_basestring_ascii = None\n[1]",
        OK,
        [1],
    ),
    case(
        "JSON's encoder patched in place",
        "import json.encoder\nfor n in dir(json.encoder.JSONEncoder):\n    if n[:2] != '__': setattr(json.encoder.JSONEncoder, n, None)\n{1: 2}",
        OK,
        {"1": 2},
    ),
    case(
        "struct tampered with",
        "import struct, _struct\nstruct.unpack_from = _struct.unpack_from = struct.Struct = None\n19",
        OK,
        19,
    ),
    case("sys.modules cleared", "import sys\nsys.modules.clear()\n20", OK, 20),
    case("sys.modules replaced", "import sys\nsys.modules = None\n21", OK, 21),
    case(
        "sys emptied",
        "import sys\nfor n in list(vars(sys)):\n    if n != '__name__': delattr(sys, n)\n22",
        OK,
        22,
    ),
    case(
        "every module emptied",
        "import sys\ndef f(of, modules):\n    for m in modules:\n        if m is not None: of(m).clear()\nf(vars, list(sys.modules.values()))\n23",
        OK,
        23,
    ),
    case(
        "the random module a trap",
        "import random\ndef seed(*a):\n    while True: pass\nrandom.seed = seed\n24",
        OK,
        24,
    ),
    case(
        "codecs tampered with",
        "import codecs, encodings.utf_8\nfor n in ('encode', 'decode', 'lookup', 'getencoder'): setattr(codecs, n, None)\nencodings.utf_8.encode = None\n'é'",
        OK,
        "é",
    ),
    case(
        "a codec registered in the way",
        "import codecs\nclass L(Exception): pass\ndef search(name): raise L(name)\ncodecs.register(search)\n'x'",
        OK,
        "x",
    ),
    case(
        "io tampered with",
        "import io, _io\nfor n in dir(_io):\n    if n[0] != '_': setattr(_io, n, None)\n25",
        OK,
        25,
    ),
    case(
        "traceback tampered with",
        "import traceback, linecache\nfor m in (traceback, linecache): vars(m).clear()\n1 / 0",
        "raised ZeroDivisionError",
    ),
    case(
        "sys.excepthook a liar",
        "import os, sys\nsys.excepthook = lambda *a: os._exit(0)\n1 / 0",
        "raised ZeroDivisionError",
    ),
    case(
        "sys.unraisablehook a liar",
        "import os, sys\nsys.unraisablehook = lambda *a: os._exit(6)\nclass C:\n    def __del__(self): 1 / 0\nC()\n1",
        "exited 6",
    ),
    case("sys.displayhook a liar", "import sys\nsys.displayhook = None\n26", OK, 26),
    case(
        "standard error a liar",
        "import os, sys\nclass W:\n    def write(self, s): os._exit(0)\nsys.stderr = W()\n1 / 0",
        "raised ZeroDivisionError",
    ),
    case(
        "standard output's flush a liar",
        "import os, sys\nclass F:\n    def flush(self): os._exit(0)\nsys.stdout = F()\n27",
        OK,
        27,
    ),
    case(
        "standard output's buffer taken",
        "import sys\nb = sys.stdout.detach()\nsys.stdout.close if 0 else 0\n28",
        OK,
        28,
    ),
    case(
        "forged text on standard error",
        "import sys\nsys.stderr.write('Traceback (most recent call last):\\nSandboxFailure: x\\n')\n29",
        OK,
        29,
    ),
    case(
        "gc tampered with",
        "import gc\ngc.disable()\ngc.unfreeze()\ngc.callbacks.append(lambda *a: 1 / 0)\ngc.collect()\n30",
        OK,
        30,
    ),
    case("gc frozen", "import gc\ngc.freeze()\n31", OK, 31),
    case(
        "all that the collector knows cleared",
        """
import gc
for o in gc.get_objects():
    try: o.clear()
    except BaseException: pass
1
""",
        "raised AttributeError",
        fuel=1_000_000_000,
    ),
    case("a module called as the harness does", "import host\nhost", OK),
    case(
        "the function's own file name forged",
        "exec(compile('1 / 0', __import__('_reactor')._mentor_turn.__code__.co_filename, 'exec'))",
        "raised ZeroDivisionError",
    ),
    case(
        "MemoryError as a class of one's own",
        "class MemoryError(Exception): pass\nraise MemoryError",
        "raised MemoryError",
    ),
    case(
        "a limit's name as an exception",
        "class LimitExceeded(Exception): pass\nraise LimitExceeded('the program used its 1 units of fuel')",
        "raised LimitExceeded",
    ),
    case(
        "a trap's name as an exception", "class Trap(Exception): pass\nraise Trap('wasm trap')", "raised Trap"
    ),
]
