"""`mentor bench --judge`: the figures come from both judges on the same pairs, and a missed target is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from mentor import cli
from mentor.bench import judge
from mentor.bench.answer_pairs import Pair
from mentor.errors import DataError


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    # The bench sets it; the other tests are to have what they had.
    monkeypatch.setenv("RAYON_NUM_THREADS", "1")
    monkeypatch.setattr(judge, "HOSTILE", ("9^{9^{9}}", "(" * 1_000))
    monkeypatch.setattr(judge, "made", lambda rounds: PAIRS)
    monkeypatch.setattr(judge, "written", list)


PAIRS = [
    Pair("numbers", "1,000", "1000", True),
    Pair("dates", "2024-01-05", "2018", False),
    Pair("words", "north", "south", False),
    Pair("integrals", r"\int_0^1 x\,dx", r"\int_0^1 t\,dt", True),
]


def test_figures(quick: None) -> None:
    pytest.importorskip("math_verify")
    found = judge.measure(repeats=1)
    assert (found.pairs, found.decided, found.agreement[0]) == (4, 75.0, 75.0)
    # Math-Verify calculates with dates.
    assert found.wrongly_equal == (0, 1)
    assert found.by_kind["dates"] == (1, 1, 0)
    assert min(*found.micros, found.slowest_hostile) > 0
    assert not found.reached()
    assert json.loads(found.json())["by_kind"]["numbers"] == [1, 1, 1]
    assert "different pairs called equal 0 1 0" in " ".join(found.table().split())


def test_command(quick: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    pytest.importorskip("math_verify")
    monkeypatch.setattr(judge, "_math_verify", lambda pairs: ([True] * len(pairs), [1.0] * len(pairs)))
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"answer": "1", "reference": "1", "expected": true, "kind": "mine"}\n', encoding="utf-8")
    status = cli.main(
        ["bench", "--judge", "--details", "--pairs", str(file), "--json", str(tmp_path / "out.json")]
    )
    shown = capsys.readouterr().out
    # One pair of five is undecided, which misses the target.
    assert status == 1
    assert "agreement with 5 labelled pairs" in shown
    assert "mine" in shown
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["pairs"] == 5


def test_bad_pairs_are_named(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(
        '{"answer": "1", "reference": "1", "expected": true}\n{"answer": "1"}\n', encoding="utf-8"
    )
    with pytest.raises(DataError, match="row 1: expected an object with answer, reference and expected"):
        judge.read_pairs(file)
    with pytest.raises(DataError, match="No such file"):
        judge.read_pairs(tmp_path / "none")
