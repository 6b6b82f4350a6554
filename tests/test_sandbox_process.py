"""The sandbox and the process around it: signals, exits, forks, many sandboxes, many threads.

Each scenario runs in a child process with a time-out, so that a hang is a failure and not a hung test run.
"""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

TIMEOUT = 120
START = "import mentor\nfrom mentor.sandbox import Limits, Sandbox\nfrom mentor.errors import SandboxError\n"
# Hours of work, were it not stopped.
LONG = "Limits(fuel=2**62, wall=3600.0)"


def child(source, **options):
    """A Python process that runs a program; its output comes line by line."""
    code = START + textwrap.dedent(source)
    command = [sys.executable, "-X", "faulthandler", "-c", code]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **options)


def finish(process):
    """What the child said and how it ended; a child that hangs is killed and fails the test."""
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"the child hung\n{out}\n{err}")
    return process.returncode, out, err


def run(source):
    """Runs a child to its end, which must be a clean one."""
    code, out, err = finish(child(source))
    assert code == 0, f"exit code {code}\n{out}\n{err}"
    return out.splitlines()


def test_an_interrupt_stops_a_batch_and_leaves_the_pool_usable():
    process = child(f"""
        import threading, time
        box = Sandbox(threads=2)
        box.run("1")
        try:
            print("ready", flush=True)
            box.run_batch(["while True: pass"] * 50, limits={LONG})
        except KeyboardInterrupt:
            print("stopped", flush=True)
        print([out.value for out in box.run_batch([f"{{n}} * 2" for n in range(5)])], flush=True)
    """)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out) == (0, "stopped\n[0, 2, 4, 6, 8]\n"), err


def test_an_interrupt_stops_c_code_of_the_guest():
    process = child(f"""
        box = Sandbox(threads=1)
        box.run("1")
        try:
            print("ready", flush=True)
            box.run("sum(range(10**15))", limits={LONG})
        except KeyboardInterrupt:
            print("stopped", box.run("2").value, flush=True)
    """)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out) == (0, "stopped 2\n"), err


def test_interrupts_again_and_again_leave_the_pool_usable():
    process = child(f"""
        box = Sandbox(threads=2)
        box.run("1")
        for _ in range(5):
            try:
                print("ready", flush=True)
                box.run_batch(["while True: pass", "1"] * 10, limits={LONG})
            except KeyboardInterrupt:
                pass
        print(box.run("3").value, flush=True)
    """)
    for _ in range(5):
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out) == (0, "3\n"), err


def test_a_handler_that_raises_stops_a_batch_with_its_own_exception():
    lines = run(f"""
        import signal
        class Late(Exception): pass
        def late(*_): raise Late
        signal.signal(signal.SIGALRM, late)
        box = Sandbox(threads=1)
        box.run("1")
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            box.run("while True: pass", limits={LONG})
        except Late:
            print("late", box.run("4").value)
    """)
    assert lines == ["late 4"]


def test_a_handler_that_returns_stops_nothing():
    lines = run("""
        import signal
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
        box = Sandbox(threads=1)
        box.run("1")
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        out = box.run("while True: pass", limits=Limits(fuel=1_000_000_000))
        print(out.limit, len(seen))
    """)
    assert lines == ["fuel 1"]


@pytest.mark.parametrize("daemon", [True, False])
def test_the_interpreter_exits_while_a_batch_runs_in_another_thread(daemon):
    """A daemon thread's batch ends with the process; another's is waited for, as Python waits for its thread."""
    limits = LONG if daemon else "Limits(fuel=500_000_000)"
    lines = run(f"""
        import threading, time
        box = Sandbox(threads=2)
        box.run("1")
        work = lambda: box.run_batch(["while True: pass"] * 4, limits={limits})
        threading.Thread(target=work, daemon={daemon}).start()
        time.sleep(0.3)
        print("leaving")
    """)
    assert lines == ["leaving"]


def test_the_interpreter_exits_with_a_sandbox_never_used():
    assert run("box = Sandbox(threads=4)\nprint('made')") == ["made"]


def test_an_exit_in_the_middle_of_everything():
    code, out, err = finish(
        child(f"""
            import os, threading, time
            box = Sandbox(threads=2)
            box.run("1")
            threading.Thread(target=lambda: box.run("while True: pass", limits={LONG})).start()
            time.sleep(0.2)
            print("leaving", flush=True)
            os._exit(7)
        """)
    )
    assert (code, out) == (7, "leaving\n"), err


def test_sys_exit_from_a_thread_while_the_main_thread_runs_a_batch():
    lines = run("""
        import sys, threading
        box = Sandbox(threads=1)
        threading.Thread(target=sys.exit).start()
        print(box.run("5").value)
    """)
    assert lines == ["5"]


# In a child made by fork a sandbox either works or says what to do; it never hangs.
ATTEMPT = """
def attempt(box):
    try:
        return str(box.run("6 * 7").value)
    except SandboxError as error:
        return f"SandboxError: {error}"
"""
WORKS_OR_SAYS = ("42", "SandboxError: ")


def works_or_says(text):
    assert text.startswith(WORKS_OR_SAYS), text
    if text != "42":
        assert "fork" in text


def test_os_fork():
    lines = run(
        ATTEMPT
        + """
import os
box = Sandbox(threads=2)
box.run("1")
sys_out = os.fork()
if sys_out == 0:
    print(attempt(box), flush=True)
    os._exit(0)
assert os.waitpid(sys_out, 0)[1] == 0
print(attempt(box))
"""
    )
    works_or_says(lines[0])
    assert lines[1] == "42"


def test_os_fork_while_a_batch_runs():
    lines = run(
        ATTEMPT
        + """
import os, threading, time
box = Sandbox(threads=2)
box.run("1")
thread = threading.Thread(target=lambda: box.run_batch(["while True: pass"] * 6, limits=Limits(fuel=300_000_000)))
thread.start()
time.sleep(0.1)
child = os.fork()
if child == 0:
    print(attempt(box), flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
thread.join()
print(attempt(box))
"""
    )
    works_or_says(lines[0])
    assert lines[1] == "42"


def test_a_new_sandbox_in_a_forked_child():
    lines = run(
        ATTEMPT
        + """
import os
box = Sandbox(threads=1)
box.run("1")
child = os.fork()
if child == 0:
    print(attempt(Sandbox(threads=1)), flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    )
    works_or_says(lines[0])


def test_a_child_of_a_child():
    lines = run(
        ATTEMPT
        + """
import os
box = Sandbox(threads=1)
box.run("1")
if (child := os.fork()) == 0:
    attempt(box)
    if (grandchild := os.fork()) == 0:
        print(attempt(box), flush=True)
        os._exit(0)
    os._exit(os.waitpid(grandchild, 0)[1])
assert os.waitpid(child, 0)[1] == 0
"""
    )
    works_or_says(lines[0])


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(method, tmp_path):
    """A function of one argument in a pool of two; the sandbox is the module's own."""
    (tmp_path / "work.py").write_text(
        START
        + ATTEMPT
        + textwrap.dedent(f"""
            import multiprocessing
            box = Sandbox(threads=1)
            def work(n): return attempt(box)
            if __name__ == "__main__":
                box.run("1")
                with multiprocessing.get_context("{method}").Pool(2) as pool:
                    print("\\n".join(pool.map(work, range(4))))
                print(attempt(box))
        """),
        encoding="utf-8",
    )
    pipe = subprocess.PIPE
    command = [sys.executable, str(tmp_path / "work.py")]
    code, out, err = finish(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True))
    assert code == 0, err
    *children, parent = out.splitlines()
    assert len(children) == 4
    for text in children:
        works_or_says(text)
        assert method == "fork" or text == "42"
    assert parent == "42"


def test_workers_of_a_data_loader():
    pytest.importorskip("torch")
    lines = run(
        ATTEMPT
        + """
import torch
box = Sandbox(threads=1)
box.run("1")
class Rows(torch.utils.data.Dataset):
    def __len__(self): return 6
    def __getitem__(self, n): return attempt(box)
loader = torch.utils.data.DataLoader(Rows(), batch_size=2, num_workers=2, multiprocessing_context="fork", timeout=60)
print("\\n".join(text for batch in loader for text in batch))
print(attempt(box))
"""
    )
    assert len(lines) == 7
    for text in lines:
        works_or_says(text)
    assert lines[-1] == "42"


# What becomes of the guest's faults and traps when others listen for the same signals.
GUEST_FAULTS = """
def guest_faults():
    outs = [box.run("x = bytearray(10**6)\\nx[::4096] = b'1' * 245\\nlen(x)"), box.run("import os; os.abort()")]
    return [out.value for out in outs] == [10**6, None] and outs[1].status == "crashed"
"""


def test_handlers_installed_before_the_sandbox():
    lines = run(
        GUEST_FAULTS
        + """
import faulthandler
faulthandler.enable()
box = Sandbox(threads=2)
print(guest_faults(), faulthandler.is_enabled())
"""
    )
    assert lines == ["True True"]


def test_handlers_installed_after_the_sandbox():
    """`faulthandler` prints and ends the process at a fault that is not the guest's, and only then."""
    process = child(
        GUEST_FAULTS
        + """
import faulthandler
box = Sandbox("keep = bytearray(8 << 20)", threads=2)
print(guest_faults(), flush=True)
faulthandler.enable()
print(guest_faults(), box.run("keep[::4096] = b'1' * 2048; 5").value, flush=True)
faulthandler.disable()
faulthandler.enable()
print(guest_faults(), Sandbox("import json", threads=1).run("6").value, flush=True)
import ctypes
ctypes.string_at(0)
"""
    )
    code, out, err = finish(process)
    assert out.splitlines() == ["True", "True 5", "True 6"]
    assert code == -signal.SIGSEGV
    assert err.startswith("Fatal Python error: Segmentation fault")
    assert "ctypes.string_at" in err or "string_at" in err
    assert err.count("Fatal Python error") == 1


@pytest.mark.parametrize("restore", ["barrier", "compare", "instantiate"])
def test_a_handler_that_ends_the_process_hears_nothing_of_guests(restore):
    lines = run(
        GUEST_FAULTS
        + f"""
import ctypes, signal
box = Sandbox(threads=1, restore="{restore}")
libc = ctypes.CDLL(None)
for number in (signal.SIGSEGV, signal.SIGILL, signal.SIGFPE):
    libc.signal(number, libc._exit)
print(guest_faults())
"""
    )
    assert lines == ["True"]


def test_a_guest_cannot_use_up_the_mappings_of_the_process():
    """Every second page of a large image written: each would be a mapping of its own, and a process has 65,530."""
    lines = run("""
        box = Sandbox("b = bytearray(600 << 20)", threads=1, limits=Limits(memory=2 << 30))
        wide = "b[::8192] = b'1' * len(b[::8192]); len(b)"
        print([box.run(source).value for source in (wide, "sum(b[:10**6:512])", wide, "b[0]")])
    """)
    assert lines == [str([600 << 20, 0, 600 << 20, 0])]


def test_many_sandboxes_in_one_process():
    lines = run("""
        import gc, os
        boxes = [Sandbox(f"n = {n}", threads=1) for n in range(12)]
        print([box.run("n").value for box in boxes] == list(range(12)))
        print(len({box.image for box in boxes}))
        states = [box.step(box.initial, "n += 1")[1] for box in boxes]
        print([box.step(state, "n")[0].value for box, state in zip(boxes, states)] == list(range(1, 13)))
        threads = lambda: len(os.listdir("/proc/self/task"))
        before = threads()
        del boxes
        gc.collect()
        print(before - threads())
    """)
    assert lines == ["True", "12", "True", "12"]


def test_sandboxes_that_come_and_go_leave_nothing():
    lines = run("""
        import gc, os
        def held():
            gc.collect()
            with open("/proc/self/maps") as maps:
                lines = sum(1 for _ in maps)
            with open("/proc/self/statm") as statm:
                resident = int(statm.read().split()[1]) >> 8
            return lines, len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), resident
        def once():
            box = Sandbox(threads=2)
            box.run_batch(["1", "x = bytearray(30_000_000)"] * 4)
        for _ in range(3): once()
        first = held()
        for _ in range(10): once()
        last = held()
        print(last[0] - first[0] < 500, last[1] == first[1], last[2] == first[2], last[3] - first[3] < 64)
    """)
    assert lines == ["True True True True"]


def test_many_threads_use_one_sandbox_and_its_states():
    lines = run("""
        import threading
        box = Sandbox("total = 0", threads=2)
        wrong = []
        def work(k):
            state = box.initial
            for n in range(10):
                out, state = box.step(state, f"total += {k}")
                batch = box.run_batch([f"total + {k}", "1 / 0", f"[{n}] * 2"])
                good = [b.status for b in batch] == ["ok", "raised", "ok"] and batch[0].value == k
                if not (out.ok and good): wrong.append((k, n, out, batch))
            if box.step(state, "total")[0].value != 10 * k: wrong.append(k)
        threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(wrong)
    """)
    assert lines == ["[]"]


def test_a_sandbox_is_dropped_in_another_thread_while_one_uses_it():
    lines = run("""
        import threading
        box = Sandbox(threads=1)
        outs = []
        thread = threading.Thread(target=lambda b: outs.extend(b.run_batch(["sum(range(100_000))"] * 50)), args=(box,))
        thread.start()
        del box
        thread.join()
        print(len(outs), {out.status for out in outs})
    """)
    assert lines == ["50 {'ok'}"]


def test_a_closed_standard_error_and_a_missing_home_are_no_trouble(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "HOME"}
    code, out, err = finish(
        child("import os\nos.close(2)\nprint(Sandbox(threads=1).run('7').value)", env=environment)
    )
    assert (code, out) == (0, "7\n"), err
