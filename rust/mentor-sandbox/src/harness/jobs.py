# Runs inside the guest: takes one job, executes it in __main__, and reports by the host's door.
#
# Everything used after the job's code has run is held in these functions' own cells, since the job may replace
# or clear any module, builtin or attribute. What the report says about the program is still the program's own
# word; what the host decides (limits, traps, exits) never comes from here.


def _install(to_json):
    import _ast
    import _host
    import _reactor
    import gc
    import json
    import sys
    from json.encoder import encode_basestring_ascii as quote

    main = sys.modules["__main__"].__dict__
    modules = sys.modules
    stdout, stderr = sys.stdout, sys.stderr
    send = _host.call
    scan = json.JSONDecoder().scan_once
    compile_, exec_, eval_, type_, str_, len_ = compile, exec, eval, type, str, len
    int_, slice_ = int, slice
    exception, system_exit, memory_error = BaseException, SystemExit, MemoryError
    cut, join, decode, partition = str.__getitem__, str.join, bytes.decode, bytes.partition
    number = int.from_bytes
    flush = type(stdout).flush
    name_of = type.__dict__["__name__"].__get__
    module_of = type.__dict__["__module__"].__get__
    expr, expression = _ast.Expr, _ast.Expression
    get = dict.get
    nobody = object()

    ONLY_AST = 0x400
    PROGRAM = "<program>"
    MESSAGE, FRAMES, LINE = 8192, 20, 200

    # ---- exceptions to text

    def bounded(text, limit=MESSAGE):
        return cut(text, slice_(0, limit))

    def traceback_of(exc, source):
        lines = source if source is None else source.splitlines()
        out = []
        tb = exc.__traceback__
        while tb is not None:
            code, line = tb.tb_frame.f_code, tb.tb_lineno
            tb = tb.tb_next
            if code.co_filename == own_file:
                continue
            text = f'  File "{bounded(code.co_filename, LINE)}", line {line}, in {bounded(code.co_qualname, LINE)}\n'
            if code.co_filename == PROGRAM and lines and line and 0 < line <= len_(lines):
                text += f"    {bounded(lines[line - 1].strip(), LINE)}\n"
            out.append(text)
        if len_(out) > FRAMES:
            half = FRAMES // 2
            out = [*out[:half], f"  ... {len_(out) - FRAMES} frames left out ...\n", *out[-half:]]
        return join("", out)

    def describe(exc, source):
        kind = type_(exc)
        name = bounded(name_of(kind), LINE)
        module = module_of(kind)
        if type_(module) is str_ and module not in ("builtins", "__main__"):
            name = f"{bounded(module, LINE)}.{name}"
        try:
            message = bounded(str_(exc))
        except exception:
            message = "<the exception's message could not be made>"
        try:
            trace = traceback_of(exc, source)
        except exception:
            trace = ""
        return name, message, trace

    def report_error(exc, source):
        try:
            name, message, trace = describe(exc, source)
            last = f"{name}: {message}" if message else name
            head = "Traceback (most recent call last):\n" if trace else ""
            try:
                stderr.write(f"{head}{trace}{last}\n")
            except exception:
                pass
            frame = f"E[{quote(name)},{quote(message)},{quote(trace)}]"
            return frame.encode("ascii")
        except memory_error:
            return b'E["MemoryError","",""]'
        except exception:
            return b'E["UnreportableError","the exception could not be described",""]'

    # As `python` does at its end: no code is 0, and what is no integer is printed and 1.
    def exit_code(exc):
        try:
            code = exc.code
            if code is None:
                return 0
            if type_(code) is int_:
                return code
            stderr.write(f"{bounded(str_(code))}\n")
        except exception:
            pass
        return 1

    # ---- jobs

    def reseed(seed):
        module = get(modules, "random", nobody)
        if module is not nobody:
            module.seed(seed)
        module = get(modules, "numpy.random", nobody)
        if module is not nobody:
            module.seed(seed & 0xFFFFFFFF)

    def run(source):
        tree = compile_(source, PROGRAM, "exec", ONLY_AST, True)
        body = tree.body
        last = body.pop() if body and type_(body[-1]) is expr else None
        if body:
            exec_(compile_(tree, PROGRAM, "exec", 0, True), main)
        if last is None:
            return nobody
        return eval_(compile_(expression(last.value), PROGRAM, "eval", 0, True), main)

    def call(frame):
        name, _, arguments = partition(frame[9:], b"\0")
        return main[decode(name)](**scan(decode(arguments), 0)[0])

    # The frame: one byte of kind, the seed (8 bytes), then the program's text (R), or a name, NUL and JSON (C).
    def turn(frame, environ):
        source = None
        try:
            reseed(number(frame[1:9], "little"))
            kind = frame[0]
            if kind == 67:
                value = call(frame)
            elif kind == 82:
                source = decode(frame[9:], "utf-8", "surrogatepass")
                value = run(source)
            else:
                gc.collect()
                gc.freeze()
                value = nobody
            report = b"N" if value is nobody else f"V{to_json(value)}".encode("ascii")
        except system_exit as exc:
            report = f"X{exit_code(exc) & 0xFF}".encode("ascii")
        except exception as exc:
            report = report_error(exc, source)
        for stream in (stdout, stderr):
            try:
                flush(stream)
            except exception:
                pass
        try:
            send(report)
        except exception:
            pass
        return 0, False

    own_file = turn.__code__.co_filename

    # The guest's C code holds the function `_reactor.turn` itself, so it is the function's code that changes.
    def door(source, environ):
        return _mentor_turn(source, environ)

    _reactor._mentor_turn = turn
    _reactor.turn.__code__ = door.__code__


_install(_to_json)
