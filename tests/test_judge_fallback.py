"""Math-Verify behind the judge: in the sandbox, on any thread, stopped by fuel; what it said is kept."""

import threading
from typing import Any

import pytest

from mentor import Sandbox
from mentor.errors import JudgeError
from mentor.judge import AnswerJudge, fallback, guest_questions, kept

# A guest that misbehaves on demand, with the same function as the real one.
UNRULY = """
import os, sys
def equal(answer, reference):
    if answer == "loop":
        while True:
            pass
    if answer == "memory":
        return len([bytes(1 << 20) for _ in range(1 << 14)])
    if answer == "exit":
        sys.exit(3)
    if answer == "abort":
        os.abort()
    if answer == "deep":
        return deep(1)
    if answer == "raise":
        raise ValueError(answer)
    if answer == "nonsense":
        return "yes"
    return None if answer == "unknown" else answer == reference
def deep(n):
    sys.setrecursionlimit(10 ** 9)
    return deep(n + 1) + 1
"""
STOPPED = ["loop", "memory", "exit", "abort", "deep", "raise", "nonsense", "unknown"]
INTEGRAL = (r"\int_0^1 x\,dx", r"\int_0^1 t\,dt")


@pytest.fixture(autouse=True)
def nothing_kept() -> Any:
    kept.forget()
    yield
    kept.forget()


@pytest.fixture(scope="module")
def unruly() -> Sandbox:
    return Sandbox(UNRULY, limits=guest_questions.limits(100_000_000))


@pytest.fixture
def guest(unruly: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setattr(fallback, "_sandbox", lambda: unruly)
    monkeypatch.setattr(fallback, "FUEL", 200_000_000)
    return unruly


def test_what_is_stopped_or_brings_the_guest_down_is_undecided_and_spoils_no_other(guest: Sandbox) -> None:
    pairs = [pair for text in STOPPED for pair in ((text, "x"), (f"{text}, still", f"{text}, still"))]
    assert fallback.ask(pairs, None) == [None, True] * len(STOPPED)
    assert fallback.ask([("a", "b")], None) == [False]


def test_texts_reach_the_guest_as_they_are(guest: Sandbox) -> None:
    texts = ["'\"\\", "é ² \U0001d465", "\n\0\t", "'); raise SystemExit", "�", r"\u0041"]
    assert fallback.ask([(text, text) for text in texts], None) == [True] * len(texts)
    assert fallback.ask([(r"\u0041", "A")], None) == [False]


def test_what_it_said_is_not_asked_again(guest: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [("a", "a"), ("a", "b"), ("unknown", "c"), ("a", "a")]
    assert fallback.ask(pairs, None) == [True, False, None, True]
    monkeypatch.setattr(fallback, "_sandbox", lambda: pytest.fail("asked again"))
    assert fallback.ask(pairs, None) == [True, False, None, True]


def test_a_file_keeps_it_for_later_processes(
    guest: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    file = tmp_path / "said.sqlite"
    pairs = [("a", "a"), ("a", "b"), ("unknown", "c")]
    assert fallback.ask(pairs, file) == [True, False, None]
    kept.forget()
    monkeypatch.setattr(fallback, "_sandbox", lambda: pytest.fail("asked again"))
    assert fallback.ask(pairs, file) == [True, False, None]
    broken = tmp_path / "broken"
    broken.write_text("no database " * 100)
    with pytest.raises(JudgeError, match="file is not a database; name another file, or remove this one"):
        AnswerJudge(cache=broken, math_verify=True).verify(*[[text] for text in INTEGRAL])


def test_memory_is_bounded(guest: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_IN_MEMORY", 10)
    kept.remember({(str(i), "x"): True for i in range(50)}, None)
    assert kept.recall([(str(i), "x") for i in range(50)], None) == {
        (str(i), "x"): True for i in range(40, 50)
    }


def test_threads_get_the_same_verdicts(guest: Sandbox) -> None:
    pairs = [(text, other) for text in (*STOPPED, "a", "b") for other in ("a", "b")]
    found: list[Any] = [None] * 4

    def work(place: int) -> None:
        found[place] = fallback.ask(pairs, None)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[None] * 16 + [True, False, False, True]] * 4


def test_a_failing_sandbox_is_no_verdict(guest: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    class Error:
        message = "out of memory on the host"

    class Failed:
        status, limit, error, value = "failed", None, Error, None

    class Broken:
        def run_batch(self, sources: list[str], *, limits: Any) -> list[Any]:
            return [Failed for _ in sources]

    monkeypatch.setattr(fallback, "_sandbox", Broken)
    with pytest.raises(JudgeError, match="Math-Verify's sandbox failed: out of memory on the host"):
        fallback.ask([("a", "b")], None)


def test_only_undecided_pairs_are_asked(guest: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(fallback, "ask", lambda pairs, file: asked.extend(pairs) or [None] * len(pairs))
    judge = AnswerJudge(math_verify=True)
    verdicts = judge.verify(["1", "2", f" ${INTEGRAL[0]}$ ", None], ["1", "3", [INTEGRAL[1], "5"], "1"])
    assert verdicts == [True, False, None, False]
    assert asked == [INTEGRAL, (INTEGRAL[0], "5")]
    assert AnswerJudge(math_verify=False).verify([INTEGRAL[0]], [INTEGRAL[1]]) == [None]


def test_math_verify_itself_in_the_guest() -> None:
    pytest.importorskip("math_verify")
    judge = AnswerJudge(math_verify=True)
    found = judge.explain(*INTEGRAL)
    assert (found.decision, found.decided_by) == ("equal", "math-verify")
    # The same integral, another, one that Math-Verify never ends, and one that is not asked about.
    endless = (r"\int_0^1 9^{9^{9^{9}}} dx", r"\int_0^1 9^{9^{9^{8}}} dx")
    answers = [INTEGRAL[0], INTEGRAL[0], endless[0], "7"]
    references = [INTEGRAL[1], r"\int_0^2 t\,dt", endless[1], "7"]
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.extend(judge.verify(answers, references)))
    thread.start()
    thread.join()
    assert results == [True, False, None, True]
