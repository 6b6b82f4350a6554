"""The readers of other people's data, and the one door to all of them."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from mentor.data import bfcl, check, gym, load, mentor_format
from mentor.data.bfcl_math_api import tool_source_of_class
from mentor.data.tasks import generate, schemas, tool_source
from mentor.errors import ConfigError, DataError
from mentor.types import ToolCall, Trajectory

# ---- MENTOR's rows


def mentor_row(**changes: Any) -> dict[str, Any]:
    row = {
        "question": "What is 2 + 3?",
        "data_source": "acereason",
        "extra_info": {"func_schemas": schemas(["add"]), "env": tool_source()},
        "tool_calls_used": ["add"],
        "reward_model": {"style": "rule", "ground_truth": "5"},
    }
    return {name: value for name, value in {**row, **changes}.items() if value is not ...}


def as_texts(row: dict[str, Any]) -> dict[str, Any]:
    """The same row with its structured fields as JSON texts, down to the schemas."""
    extra = row["extra_info"]
    extra = {**extra, "func_schemas": json.dumps(extra["func_schemas"])}
    return {
        **row,
        "extra_info": json.dumps(extra),
        "tool_calls_used": json.dumps(row["tool_calls_used"]),
        "reward_model": json.dumps(row["reward_model"]),
    }


def write_jsonl(path: pathlib.Path, rows: list[Any]) -> pathlib.Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_objects_and_json_texts_read_alike_from_every_kind_of_file(tmp_path: pathlib.Path) -> None:
    rows = [mentor_row(), mentor_row(reward_model={"ground_truth": ["5", "five"]}, tool_calls_used=[])]
    lines = write_jsonl(tmp_path / "a.jsonl", rows)
    texts = write_jsonl(tmp_path / "b.jsonl", [as_texts(row) for row in rows])
    whole = tmp_path / "c.json"
    whole.write_text(json.dumps(rows), encoding="utf-8")
    first, second = mentor_format.load(lines)
    assert mentor_format.load(texts) == mentor_format.load(whole) == [first, second]
    assert (first.id, first.suite, first.question) == ("acereason/0", "acereason", "What is 2 + 3?")
    assert first.tools == schemas(["add"])
    assert first.tool_source == tool_source()
    assert first.references == (Trajectory((ToolCall("add"),), "5"),)
    assert second.answer == ["5", "five"]
    assert second.references == (Trajectory((), "5"),)


def test_parquet_reads_as_jsonl_does(tmp_path: pathlib.Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").Table
    rows = [mentor_row(), mentor_row(question="And 3 + 3?")]
    parquet.write_table(table.from_pylist(rows), tmp_path / "a.parquet")
    assert mentor_format.load(tmp_path / "a.parquet") == mentor_format.load(
        write_jsonl(tmp_path / "a.jsonl", rows)
    )
    (tmp_path / "b.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(DataError, match=r"b\.parquet: cannot be read as parquet"):
        mentor_format.load(tmp_path / "b.parquet")


def test_a_folder_is_read_by_datasets_as_a_hub_id_is(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "rows"
    folder.mkdir()
    path = write_jsonl(folder / "train.jsonl", [mentor_row(), mentor_row(question="And 3 + 3?")])
    assert mentor_format.load(str(folder)) == mentor_format.load(path)
    with pytest.raises(DataError, match=r"not to be had from a hub: .*validation"):
        mentor_format.load(str(folder), split="validation")


def test_python_type_names_and_bare_schemas_become_openai_schemas(tmp_path: pathlib.Path) -> None:
    bare = {
        "name": "f",
        "parameters": {
            "type": "dict",
            "properties": {
                "x": {"type": "float"},
                "p": {"type": "tuple", "items": {"type": "float"}},
                "y": None,
            },
        },
    }
    row = mentor_row(extra_info={"func_schemas": [json.dumps(bare)], "env": ""})
    (task,) = mentor_format.load(write_jsonl(tmp_path / "a.jsonl", [row]))
    assert task.tools == [
        {
            "type": "function",
            "function": {
                "name": "f",
                "description": "",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "x": {"type": "number"},
                        "p": {"type": "array", "items": {"type": "number"}},
                    },
                },
            },
        }
    ]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"question": ...}, "question", "is missing"),
        ({"question": 5}, "question", "expected a text, got a number"),
        ({"data_source": None}, "data_source", "expected a text, got nothing"),
        ({"extra_info": "{"}, "extra_info", "not JSON"),
        ({"extra_info": [1]}, "extra_info", "expected an object, got a list"),
        ({"extra_info": {"func_schemas": []}}, "extra_info.env", "is missing"),
        (
            {"extra_info": {"func_schemas": [{"name": "f"}], "env": ""}},
            "extra_info.func_schemas[0].parameters",
            "is missing",
        ),
        (
            {"extra_info": {"func_schemas": [{"function": {"parameters": {}}}], "env": ""}},
            "extra_info.func_schemas[0].function.name",
            "is missing",
        ),
        ({"tool_calls_used": "add"}, "tool_calls_used", "not JSON"),
        ({"tool_calls_used": ["add", 2]}, "tool_calls_used[1]", "expected a text, got a number"),
        ({"reward_model": {}}, "reward_model.ground_truth", "is missing"),
        (
            {"reward_model": {"ground_truth": True}},
            "reward_model.ground_truth",
            "expected a list, got a truth",
        ),
        ({"reward_model": {"ground_truth": []}}, "reward_model.ground_truth", "at least one answer"),
    ],
)
def test_an_unreadable_row_names_file_row_and_field(
    tmp_path: pathlib.Path, changes: dict[str, Any], field: str, reason: str
) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [mentor_row(), mentor_row(**changes)])
    with pytest.raises(DataError) as caught:
        mentor_format.load(path)
    assert (caught.value.path, caught.value.row, caught.value.field) == (str(path), 1, field)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("rows.txt", "x", "expected a file that ends with one of .jsonl, .json, .parquet"),
        ("rows.json", "{}", "expected a list of rows"),
        ("rows.json", '{"a": 1}\n{"a": 2}', "end the name with .jsonl for lines"),
        ("rows.jsonl", None, "cannot be read as UTF-8 text"),
    ],
)
def test_an_unreadable_file_is_named(
    tmp_path: pathlib.Path, name: str, content: str | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        mentor_format.load(tmp_path / name)
    assert (caught.value.path, caught.value.row) == (str(tmp_path / name), None)
    assert reason in caught.value.reason


# ---- BFCL


def test_bfcl_reference_calls_run_in_the_sandbox_and_give_the_answers() -> None:
    tasks = load({"kind": "bfcl", "categories": ["exec_simple", "exec_parallel", "multi_turn_math"]})
    assert [
        sum(t.suite == s for t in tasks) for s in ("exec_simple", "exec_parallel", "multi_turn_math")
    ] == [
        54,
        26,
        2,
    ]
    by_id = {task.id: task for task in tasks}
    first = by_id["bfcl/exec_simple_0"]
    assert first.question.startswith("I've been playing a game where rolling a six")
    assert first.references[0].calls[0].name == "calc_binomial_probability"
    assert float(first.answer) == pytest.approx(0.0012944935222876579)
    travel = next(task for task in tasks if task.suite == "multi_turn_math" and "purchases" in task.question)
    assert float(travel.answer) == pytest.approx(71.518)
    for task in tasks:
        names = {tool["function"]["name"] for tool in task.tools}
        assert {call.name for call in task.references[0].calls} <= names
        assert task.answer == task.references[0].answer != ""


def test_bfcl_math_api_becomes_functions_with_plain_results() -> None:
    namespace: dict[str, Any] = {}
    exec(compile(bfcl.math_api_source(), "math_api", "exec"), namespace)
    for schema in bfcl.math_api_schemas():
        assert callable(namespace[schema["function"]["name"]])
    assert namespace["mean"]([1, 2, 6]) == 3
    assert namespace["logarithm"](8, 2, 10) == pytest.approx(3)
    assert type(namespace["square_root"](2, 20)) is float
    with pytest.raises(ValueError, match="Cannot divide by zero"):
        namespace["divide"](1, 0)


def test_a_class_source_that_cannot_be_used_is_named() -> None:
    with pytest.raises(DataError, match=r"api\.py: has no class 'Api'"):
        tool_source_of_class("x = 1", "Api", path="api.py")
    with pytest.raises(DataError, match=r"api\.py: not Python"):
        tool_source_of_class("class", "Api", path="api.py")


# ---- reasoning_gym


def test_reasoning_gym_tasks_are_fixed_by_the_seed() -> None:
    pytest.importorskip("reasoning_gym")
    tasks = gym.load(["gcd", "chain_sum"], size=3, seed=4)
    assert tasks == gym.load(["gcd", "chain_sum"], size=3, seed=4)
    assert [task.suite for task in tasks] == ["gcd"] * 3 + ["chain_sum"] * 3
    assert [task.question for task in tasks] != [
        task.question for task in gym.load(["gcd", "chain_sum"], size=3, seed=5)
    ]
    assert len(tasks[0].tools) == 12
    assert not gym.load(["gcd"], size=1, tools=False)[0].tools


@pytest.mark.parametrize(
    ("names", "options", "reason"),
    [
        (["no_such"], {}, "reasoning_gym:no_such: reasoning_gym refuses"),
        (["gcd"], {"nonsense": 1}, "reasoning_gym:gcd: reasoning_gym refuses"),
        (["rubiks_cube"], {}, "reasoning_gym:rubiks_cube, row 0, field 'answer': has no single reference"),
    ],
)
def test_reasoning_gym_refusals_are_named(names: list[str], options: dict[str, Any], reason: str) -> None:
    pytest.importorskip("reasoning_gym")
    with pytest.raises(DataError, match=reason):
        gym.load(names, size=1, options=options)


# ---- the one door


def test_the_door_leads_to_every_source(tmp_path: pathlib.Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [mentor_row()])
    assert load({"kind": "mentor", "source": str(path)}) == mentor_format.load(path)
    assert load({"kind": "arithmetic", "suite": "long", "n": 4, "seed": 2}) == generate(2, 4, "long")
    assert check({"kind": "arithmetic"}) == []


def test_every_fault_of_a_source_is_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load({"kind": "arithmetic", "suite": "lang", "n": 0, "seed": True, "sead": 1}, field="data.train")
    assert caught.value.problems == (
        "data.train.sead: no option of the source 'arithmetic'; it has suite, n, seed, references",
        "data.train.suite: expected one of train, in_domain, held_out_pairs, long, big_numbers, new_phrasing,"
        " tool_missing, tool_renamed, got 'lang'",
        "data.train.n: expected an integer of at least 1, got 0",
        "data.train.seed: expected an integer, got True",
    )


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (
            {},
            "data.kind: expected one of arithmetic, shop, mentor, bfcl, reasoning_gym, messages, jsonl, got None",
        ),
        ({"kind": "jsonl"}, "data.path: is missing"),
        ({"kind": "mentor", "source": ""}, "data.source: expected a text that is not empty, got ''"),
        ({"kind": "reasoning_gym", "names": []}, "data.names: expected a list of texts, not empty, got []"),
        (
            {"kind": "bfcl", "categories": ["simple"]},
            "data.categories: expected a list of some of exec_simple, exec_multiple, exec_parallel,"
            " exec_parallel_multiple, multi_turn_math, not empty, got ['simple']",
        ),
        (
            {"kind": "reasoning_gym", "names": ["gcd"], "options": [1]},
            "data.options: expected a mapping, got [1]",
        ),
    ],
)
def test_a_fault_names_its_field(source: dict[str, Any], problem: str) -> None:
    assert check(source) == [problem]
