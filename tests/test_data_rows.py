"""Tasks as data set columns and JSONL: nothing is lost, Arrow agrees, and a bad row is named."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentor.data import COLUMNS, from_columns, load_jsonl, save_jsonl, to_columns
from mentor.data.tasks import generate
from mentor.errors import DataError
from mentor.types import Task, ToolCall, Trajectory

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, width=32) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CALL = st.builds(ToolCall, TEXT, st.dictionaries(TEXT, JSON_VALUE, max_size=3), JSON_VALUE)
TRAJECTORY = st.builds(Trajectory, st.lists(CALL, max_size=3).map(tuple), st.none() | TEXT)
TASK = st.builds(
    Task,
    id=TEXT,
    question=TEXT,
    tools=st.lists(st.dictionaries(TEXT, JSON_VALUE, max_size=3), max_size=2),
    tool_source=TEXT,
    answer=TEXT | st.lists(TEXT, min_size=1, max_size=3),
    references=st.lists(TRAJECTORY, max_size=2).map(tuple),
    suite=TEXT,
)


@given(st.lists(TASK, max_size=3))
def test_columns_keep_every_task(tasks: list[Task]) -> None:
    assert from_columns(json.loads(json.dumps(to_columns(tasks)))) == tasks


@given(st.lists(TASK, max_size=3))
def test_a_file_keeps_every_task_and_equal_tasks_give_equal_bytes(tasks: list[Task]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        first, second = pathlib.Path(folder, "1.jsonl"), pathlib.Path(folder, "2.jsonl")
        save_jsonl(tasks, first)
        assert load_jsonl(first) == tasks
        save_jsonl(load_jsonl(first), second)
        assert first.read_bytes() == second.read_bytes()


def test_a_row_has_the_agreed_columns() -> None:
    task = generate(0, 1, references=2)[0]
    (row,) = to_columns([task], system="Use tools.")
    assert tuple(row) == COLUMNS
    assert row["prompt"] == [
        {"role": "system", "content": "Use tools."},
        {"role": "user", "content": task.question},
    ]
    assert [type(row[name]) for name in COLUMNS[1:]] == [str, str, str, bool, str, str, str]
    assert json.loads(row["answer"]) == task.answer
    assert json.loads(row["references"])[0] == {
        "calls": [
            {"name": call.name, "arguments": dict(call.arguments), "result": call.result}
            for call in task.references[0].calls
        ],
        "answer": task.answer,
    }


def test_arrow_gives_back_the_same_rows() -> None:
    datasets = pytest.importorskip("datasets")
    tasks = [*generate(0, 20, references=3), Task("t", "q", [], "", ["1", "one"], (), "s")]
    table = datasets.Dataset.from_list(to_columns(tasks))
    assert table.column_names == list(COLUMNS)
    assert from_columns(table) == tasks


def broken(**changes: Any) -> dict[str, Any]:
    (row,) = to_columns(generate(0, 1))
    return {name: value for name, value in {**row, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": ...}, "rows, row 1, field 'answer': is missing"),
        ({"answer": 3}, "rows, row 1, field 'answer': expected a text, got a number"),
        ({"answer": "{}"}, "rows, row 1, field 'answer': expected a list, got an object"),
        (
            {"answer": "["},
            "rows, row 1, field 'answer': not JSON: Expecting value: line 1 column 2 (char 1)",
        ),
        ({"tools": "[1]"}, "rows, row 1, field 'tools[0]': expected an object, got a number"),
        (
            {"references": '[{"calls": [{"name": "add"}]}]'},
            "rows, row 1, field 'references[0].calls[0].arguments': is missing",
        ),
        ({"prompt": []}, "rows, row 1, field 'prompt': expected one user message, got 0"),
        (
            {"prompt": [{"role": "user", "content": None}]},
            "rows, row 1, field 'prompt[0].content': expected a text, got nothing",
        ),
    ],
)
def test_a_bad_row_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        from_columns([broken(), broken(**changes)])
    assert str(caught.value) == message


def test_a_line_that_is_no_json_is_named(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "tasks.jsonl"
    save_jsonl(generate(0, 1), path)
    path.write_text(path.read_text(encoding="utf-8") + "\n{oops\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_jsonl(path)
    assert (caught.value.path, caught.value.row) == (str(path), 1)
    assert "not JSON" in caught.value.reason


def test_a_missing_file_and_a_row_that_is_no_object_are_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.jsonl: cannot be read as UTF-8 text"):
        load_jsonl(tmp_path / "nowhere.jsonl")
    path = tmp_path / "list.jsonl"
    path.write_text("[1]\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"list\.jsonl, row 0: expected an object, got a list"):
        load_jsonl(path)
