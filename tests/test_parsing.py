"""What holds for calls in any format, shown on Hermes: tools, errors, numbers, batches; and the answer."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import assume, given

from fuzzing import cases
from mentor.errors import ScoreError
from mentor.parsing import (
    FORMATS,
    ToolSet,
    extract_answer,
    extract_answers,
    parse_tool_calls,
    parse_tool_calls_batch,
)
from mentor.types import ParsedCall
from oracles import answers, texts


def call(name: str = "add", **arguments: Any) -> str:
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


def shown(text: str, **options: Any) -> list[str | None]:
    """Names of calls that are not malformed, None for malformed ones."""
    return [one.name for one in parse_tool_calls(text, **options)]


def test_a_call_with_its_place() -> None:
    text = "é" + call(a=1, b=[1.5, None, True, {"c": "ü"}]) + "."
    assert parse_tool_calls(text) == [
        ParsedCall("valid", "add", {"a": 1, "b": [1.5, None, True, {"c": "ü"}]}, (1, len(text) - 1))
    ]


def test_errors_say_what_and_where() -> None:
    malformed, unknown = parse_tool_calls(
        "é<tool_call>{'a'}</tool_call>" + call("nope"), tools=[{"name": "add"}]
    )
    assert malformed.error == "expected a key in double quotes at character 13"
    assert (unknown.status, unknown.name, unknown.arguments) == ("unknown", "nope", {})
    assert unknown.error == 'no tool named "nope" is offered at character 29'


def test_schemas_in_either_form_say_what_is_known() -> None:
    tools = [{"type": "function", "function": {"name": "add"}}, {"name": "sub"}]
    statuses = [one.status for one in parse_tool_calls(call("add") + call("sub") + call("mul"), tools=tools)]
    assert statuses == ["valid", "valid", "unknown"]
    assert [one.status for one in parse_tool_calls(call("add"), tools=[])] == ["unknown"]


def test_compiled_tools_stand_for_their_schemas() -> None:
    schemas = [
        {"function": {"name": "add", "parameters": {"properties": {"a": {"type": "string"}}}}},
        {"name": "sub"},
    ]
    tools = ToolSet(schemas)
    text = "<function=add><parameter=a>1</parameter></function><function=x></function>"
    found = parse_tool_calls(text, tools=schemas)
    assert [(one.status, one.arguments) for one in found] == [("valid", {"a": "1"}), ("unknown", {})]
    for same in (tools, pickle.loads(pickle.dumps(tools))):
        assert (same.names, len(same)) == (["add", "sub"], 2)
        assert parse_tool_calls(text, tools=same) == found
    batch = parse_tool_calls_batch([text] * 3, tools=[tools, None, [dict(schemas[0])]])
    assert [row[0].arguments["a"] for row in batch if row[0].arguments] == ["1", 1, "1"]
    assert [row[1].status for row in batch] == ["unknown", "valid", "unknown"]


def test_numbers_are_lossless() -> None:
    big = 2**200 + 1
    (found,) = parse_tool_calls(call(i=big, n=-big, f=0.1, z=-0.0, m=2**63, s=-(2**63)))
    assert found.arguments == {"i": big, "n": -big, "f": 0.1, "z": -0.0, "m": 2**63, "s": -(2**63)}
    assert [type(value) for value in found.arguments.values()] == [int, int, float, float, int, int]


def test_the_last_duplicate_key_wins() -> None:
    (found,) = parse_tool_calls(
        '<tool_call>{"name": "x", "arguments": {"a": 1, "b": 2, "a": 3}, "name": "add"}'
    )
    assert (found.name, found.arguments) == ("add", {"a": 3, "b": 2})
    many = ", ".join(f'"k{i % 10}": {i}' for i in range(100))
    (found,) = parse_tool_calls(f'<tool_call>{{"name": "add", "arguments": {{{many}}}}}</tool_call>')
    assert found.arguments == {f"k{i % 10}": i for i in range(100)}


def test_lone_surrogates_neither_raise_nor_move_spans() -> None:
    (found,) = parse_tool_calls("\ud800é" + call(s="x"))
    assert found.span[0] == 2
    (found,) = parse_tool_calls('<tool_call>{"name": "add", "arguments": {"a": "\\ud800"}}</tool_call>')
    assert found.status == "malformed"


def test_unknown_formats_and_broken_schemas_are_named() -> None:
    with pytest.raises(ScoreError, match=rf'^unknown format "x"; known: {", ".join(FORMATS)}$'):
        parse_tool_calls("", format="x")
    with pytest.raises(ScoreError, match=r"^field 'tools\[1\]': expected a tool schema with a name, not {}$"):
        parse_tool_calls("", tools=[{"name": "add"}, {}])
    broken = [{"name": "add", "parameters": {"default": float("inf")}}]
    with pytest.raises(ScoreError, match=r"^field 'tools\[0\].parameters.default': not a finite number$"):
        ToolSet(broken)
    with pytest.raises(ScoreError, match=r"^row 1, field 'tools\[0\]': expected a tool schema"):
        parse_tool_calls_batch(["", ""], tools=[None, [{"function": {}}]])
    with pytest.raises(ScoreError, match=r"^field 'tools': 2 rows but 1 lists of tools$"):
        parse_tool_calls_batch(["", ""], tools=[None])
    with pytest.raises(ScoreError, match=r"^row 1, field 'texts': expected a str, not int$"):
        parse_tool_calls_batch(["", 5])


def test_a_batch_equals_its_rows_and_each_row_has_its_tools() -> None:
    rows = [call("add") + call("sub"), "no call", call("sub") * 400]
    tools = [[{"name": "add"}], None, [{"name": "sub"}]]
    batch = parse_tool_calls_batch(rows, tools=tools)
    assert batch == [parse_tool_calls(text, tools=own) for text, own in zip(rows, tools, strict=True)]
    assert [one.status for one in batch[0]] == ["valid", "unknown"]
    assert parse_tool_calls_batch([]) == []


@cases(100)
@given(texts.texts, texts.texts)
def test_a_malformed_call_hides_no_valid_sibling(before: str, after: str) -> None:
    whole = call("sqrt", x=1)
    hidden = ("<think>", "<tool_response>")
    assume(not any(tag in before for tag in hidden))
    for broken in (
        "<tool_call>",
        "<tool_call>{",
        '<tool_call>{"name": "x</tool_call>',
        '<tool_call>{"a": 1}}',
    ):
        assert "sqrt" in shown(f"{before}</tool_call>{broken}{whole}{after}")


@cases(400)
@given(texts.boxes)
def test_the_answer_equals_its_twin(text: str) -> None:
    assert extract_answer(text) == answers.answer(text)


def test_answers_in_a_batch() -> None:
    rows = [r"\boxed{1}", "", r"\boxed{1} \boxed{\frac{1}{2}}", r"\boxed{1} \boxed{2"]
    assert extract_answers(rows) == ["1", None, r"\frac{1}{2}", "1"]


@pytest.mark.parametrize(
    "piece",
    ["{", "[", '"', "<", "<tool_call>", '<tool_call>{"', "<think>", "<tool_response>", "\\boxed{", "}"],
)
def test_a_megabyte_of_one_piece_is_read(piece: str) -> None:
    text = f'<tool_call>{{"name": {piece * ((1 << 20) // len(piece))}'
    found = parse_tool_calls(text)
    assert all(one.status == "malformed" for one in found)
    assert extract_answer(text) == answers.answer(text[:50])
