import json

import pytest

from mentor.bench.page import as_json, conditions, markdown, text_table, write_between_markers
from mentor.bench.promise import Measured
from mentor.bench.sandbox.interrupts import table
from mentor.bench.sandbox.native import _measured
from mentor.bench.sandbox.promises import PROMISES
from mentor.bench.timing import in_turns, percentile
from mentor.errors import ConfigError

BY_NAME = {promise.name: promise for promise in PROMISES}
ROWS = {
    "fresh": Measured(1.5, 1.75, "30 us / 20 us"),
    "tools": Measured(6000.0, 5000.0),
    "state": Measured(8192),
    "monty": "pydantic-monty is not installed: make bench-peers",
}


def test_percentiles_are_interpolated():
    assert percentile([3, 1, 2], 50) == 2
    assert percentile([0, 10], 99) == pytest.approx(9.9)
    assert percentile([7], 1) == 7


def test_sides_are_timed_in_turns():
    log = []
    turns = in_turns(lambda: log.append("o"), lambda: log.append("t"), rounds=2, calls=(2, 1))
    assert "".join(log) == "oot" * 3, "a round that warms up, then two"
    assert [len(side) for side in turns.ours] == [2, 2]
    assert [len(side) for side in turns.theirs] == [1, 1]
    slow = type(turns)(ours=[[1.0], [2.0], [1.0]], theirs=[[3.0], [6.0], [30.0]])
    assert slow.ratio(50) == 3.0


def test_a_promise_is_kept_in_its_direction():
    assert BY_NAME["fresh"].kept(Measured(1.7))
    assert not BY_NAME["fresh"].kept(Measured(1.71))
    assert BY_NAME["tools"].kept(Measured(8000))
    assert not BY_NAME["tools"].kept(Measured(7999))
    assert BY_NAME["live"].shown(1.5e9) == "1.50 GB"
    assert BY_NAME["tools"].shown(8589.4) == "8,589 a second"


def test_a_table_has_what_was_measured_what_was_missed_and_what_is_missing():
    text = text_table(ROWS, PROMISES)
    assert "must 1.70, aim 1.30: 1.50 (1.75)   [30 us / 20 us]" in text
    assert "6,000 a second (5,000 a second), missed" in text
    page = markdown(ROWS, {"os.fork": "1,000 us (2,000)"}, {"machine": "a machine"}, PROMISES)
    assert "| 1.00 | 2.00 | not measured | pydantic-monty is not installed: make bench-peers |" in page
    assert "| size of the state after a small step | 16.0 kB | 8.00 kB | 8.19 kB |  |" in page
    assert "\n* os.fork: 1,000 us (2,000)\n" in page
    assert page.endswith("Measured a machine.")
    found = json.loads(json.dumps(as_json(ROWS, {}, conditions(), PROMISES)))
    rows = {row["name"]: row for row in found["table"]}
    assert list(rows) == [promise.name for promise in PROMISES]
    assert rows["fresh"]["kept"]
    assert not rows["tools"]["kept"]
    assert rows["monty"]["skipped"].startswith("pydantic-monty")
    assert rows["live"]["skipped"] == "not asked for"


def test_only_what_stands_between_the_markers_is_replaced(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- t -->\nold\n<!-- /t -->\nafter\n")
    for _ in range(2):
        write_between_markers(page, "t", "new")
        assert page.read_text() == "before\n<!-- t -->\nnew\n<!-- /t -->\nafter\n"
    with pytest.raises(ConfigError, match=r"expected the markers <!-- u --> and <!-- /u -->"):
        write_between_markers(page, "u", "new")


def test_the_rust_bench_s_lines_are_read():
    side = {"p50_us": 45.4, "p99_us": 90.0}
    assert _measured({"row": "fresh", "p50": 1.8, "p99": 2.0, "ours": side, "floor": side}) == Measured(
        1.8, 2.0, "45 us (90) / 45 us (90)"
    )
    assert (
        _measured({"row": "live", "bytes": 200_000, "states": 100}).detail
        == "2,000 bytes of resident memory each"
    )
    rates = {
        "row": "throughput",
        "p50": 0.9,
        "p99": 0.8,
        "cores": 2,
        "calls_a_second": {"1": 100.0, "all": 180.0},
    }
    assert _measured(rates).detail == "180 a second on 2 cores, 100 on one"


def test_the_cost_of_interruption_is_a_table():
    row = {
        "guest": "small module",
        "loop": "count",
        "us": 2500.0,
        "ratios": {"none": 1.0, "epochs": 1.1, "fuel": 1.25},
    }
    assert table([row]).splitlines() == [
        "| guest | loop | time, none | epochs | fuel |",
        "|---|---|---:|---:|---:|",
        "| small module | count | 2.5 ms | 1.10 | 1.25 |",
    ]
