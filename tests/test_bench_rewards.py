import json
import subprocess
import sys

import pytest

from mentor.bench.promise import Measured
from mentor.bench.rewards import batch_seconds, run, single
from mentor.bench.rewards.promises import PROMISES
from mentor.bench.rewards.record import benchmark_file
from mentor.bench.rewards.stages import stage_times
from mentor.bench.rewards.workload import SHAPES, generated, read
from mentor.cli import main
from mentor.errors import DataError
from mentor.rewards import MentorReward


def test_generated_rows_are_what_they_say():
    for calls, size in SHAPES:
        work = generated(6, calls, size)
        parts = MentorReward(arguments="exact").components(
            completions=work.completions, answer=work.answers, references=work.references
        )
        assert parts["valid"].tolist() == [calls - 1, calls, calls] * 2
        assert parts["answer"].tolist() == [0, 1, 1, 1, 1, 0]
        assert 0.5 * size < work.size / 6 < 1.5 * size + 100 * calls


def test_rows_of_a_users_own(tmp_path):
    path = tmp_path / "mine.jsonl"
    row = {
        "completion": [{"role": "assistant", "content": r"\boxed{1}"}],
        "references": "[[]]",
        "answer": "1",
    }
    path.write_text(json.dumps(row) + "\n\n" + json.dumps(row) + "\n")
    work = read(path, "auto")
    assert (len(work.completions), work.format, work.name) == (2, "auto", "mine.jsonl, 2 rows")
    times = stage_times(work, 2)
    assert {len(one) for one in times.values()} == {2}
    assert "plain Python: expression, JSON, F1 of sets" not in times


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}\n{", "row 0, field 'completion': missing"),
        ("{\n", "row 0: not JSON: "),
        ('{"completion": "", "answer": ""}', "row 0, field 'references': missing"),
        ("\n", "expected at least one row"),
    ],
)
def test_bad_rows_are_named(tmp_path, text, message):
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read(path, "auto")
    with pytest.raises(DataError, match=r"absent\.jsonl"):
        read(tmp_path / "absent.jsonl", "auto")


def test_every_row_of_one_thread_is_measured_or_says_what_is_missing():
    found = single.rows(1)
    names = [promise.name for promise in PROMISES]
    assert list(found) == names[:-2]
    for name, one in found.items():
        if isinstance(one, Measured):
            assert one.p50 > 0
            assert "us a pair" in one.detail
        else:
            assert one.endswith("is not installed: make bench-peers"), name


def test_the_other_kinds_of_input_are_measured_beside():
    for found in single.others(1).values():
        assert found.endswith(" times faster")


def test_the_batch_is_measured():
    assert batch_seconds(1) > 0


def test_the_command_prints_stages_and_writes_what_pytest_benchmark_compares(tmp_path, capsys):
    row = {"completion": r"\boxed{1}", "references": "[[]]", "answer": "1"}
    data, figures, page = tmp_path / "mine.jsonl", tmp_path / "figures.json", tmp_path / "page.md"
    data.write_text(json.dumps(row))
    page.write_text("before\n<!-- rewards-table -->\nold\n<!-- /rewards-table -->\nafter\n")
    options = ["--data", str(data), "--format", "hermes", "--json", str(figures), "--page", str(page)]
    assert main(["bench", "--quick", "--no-peers", *options]) == 0
    assert "parse, align, reward" in capsys.readouterr().out
    assert "| mine.jsonl, 1 rows | all |" in page.read_text()
    assert "old" not in page.read_text()
    found = json.loads(figures.read_text())
    assert {one["group"] for one in found["benchmarks"]} == {"mine.jsonl, 1 rows"}
    assert all(row["skipped"] == "not asked for" for row in found["mentor"]["table"])
    command = [sys.executable, "-m", "pytest_benchmark", "compare", str(figures)]
    compared = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert compared.returncode == 0, compared.stderr
    assert "align Python objects" in compared.stdout


def test_a_missed_promise_is_the_exit_status(monkeypatch, capsys):
    import argparse

    args = argparse.Namespace(quick=True, data=None, format="auto", no_peers=False, json=None, page=None)
    module = sys.modules[run.__module__]
    monkeypatch.setattr(module, "SHAPES", ())
    for figure, status in ((9.9, 1), (10.0, 0)):
        monkeypatch.setattr(
            module, "_single", lambda rounds, figure=figure: ({"published": Measured(figure)}, {})
        )
        monkeypatch.setattr(module, "_batch", lambda rounds: {"batch": "not measured here"})
        assert run(args) == status
    assert "9.90, missed" in capsys.readouterr().out


def test_statistics():
    stats = benchmark_file({"g": {"n": [1.0, 2.0, 3.0, 4.0]}}, {}, {})["benchmarks"][0]["stats"]
    assert (stats["min"], stats["median"], stats["max"], stats["rounds"]) == (1.0, 2.5, 4.0, 4)
    assert (stats["q1"], stats["q3"], stats["iqr"], stats["total"]) == (1.75, 3.25, 1.5, 10.0)
