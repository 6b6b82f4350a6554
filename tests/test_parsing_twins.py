"""Every parser beside its plain Python twin: what was found, where, and where the fault is."""

import ast
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor import _native
from mentor.conversation import read_conversation
from mentor.parsing import FORMATS, detect_format, parse_tool_calls
from oracles import answers, call_texts, parsing

thorough = cases(150)


def found(text: str, format: str, tools: Any) -> list[dict[str, Any]]:
    """What the native parser finds, in the twin's form."""
    return [
        {
            "status": one.status,
            "name": one.name,
            "arguments": one.arguments,
            "span": one.span,
            "offset": None
            if one.error is None
            else int(re.fullmatch(r".* at character (\d+)", one.error)[1]),
        }
        for one in parse_tool_calls(text, format=format, tools=tools)
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_a_parser_equals_its_twin(format: str) -> None:
    @thorough
    @given(call_texts.of(format), call_texts.offered)
    def check(text: str, tools: Any) -> None:
        # `repr` tells 1 from 1.0 and True.
        assert repr(found(text, format, tools)) == repr(parsing.parse(format, text, tools))

    check()


@thorough
@given(call_texts.of("auto"))
def test_the_format_of_a_text_equals_the_twins(text: str) -> None:
    detected = detect_format(text)
    assert detected == parsing.detect(text)
    assert parse_tool_calls(text) == ([] if detected is None else parse_tool_calls(text, format=detected))


# The others' templates wrap results in forms of their own.
PLAIN = ["hermes", "qwen3_coder", "deepseek_v3", "harmony", "granite", "phi4_mini", "glm45", "kimi_k2"]


@thorough
@given(st.sampled_from(PLAIN).flatmap(lambda name: st.tuples(st.just(name), call_texts.of(name))))
def test_a_conversation_equals_its_twin(given: tuple[str, str]) -> None:
    name, text = given
    found = read_conversation(text, format=name)
    results, last_turn = parsing.conversation(name, text)
    assert repr(list(found.results)) == repr(results)
    assert found.answer == answers.answer(last_turn)


def as_json(value: Any) -> Any:
    """A Python literal's value with lists for tuples."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list | tuple) else value


@thorough
@given(st.sampled_from(FORMATS).flatmap(lambda name: st.tuples(st.just(name), call_texts.of(name))))
def test_the_answer_alone_is_the_conversations(given: tuple[str, str]) -> None:
    name, text = given
    for whole in (text, text + "\\boxed{7}"):
        assert _native.final_answers([whole], name) == [read_conversation(whole, format=name).answer]


@thorough
@given(call_texts.of("pythonic"))
def test_python_reads_the_values_that_the_parser_reads(text: str) -> None:
    for call in parse_tool_calls(text, format="pythonic"):
        written = text[slice(*call.span)]
        if (
            call.status == "malformed"
            or not written.isascii()
            or re.search(r"\b(true|false|null)\b", written)
        ):
            continue
        try:
            tree = ast.parse(f"[{written}]", mode="eval").body
        except SyntaxError as error:
            # Of one name twice the last wins, as in JSON.
            if "keyword argument repeated" not in str(error):
                raise
            continue
        assert isinstance(tree, ast.List)
        (parsed,) = tree.elts
        assert isinstance(parsed, ast.Call)
        values = {keyword.arg: ast.literal_eval(keyword.value) for keyword in parsed.keywords}
        if "set" not in repr([type(value) for value in values.values()]):
            assert repr(as_json(values)) == repr(call.arguments)


GOOD = {
    "hermes": '<tool_call>{"name": "add", "arguments": {"s": "x"}}</tool_call>',
    "qwen3_coder": "<tool_call><function=add><parameter=s>x</parameter></function></tool_call>",
    "llama3_json": '{"name": "add", "parameters": {"s": "x"}}',
    "mistral": '[TOOL_CALLS][{"name": "add", "arguments": {"s": "x"}}]',
    "deepseek_v3": '<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{"s": "x"}\n```<｜tool▁call▁end｜>',
    "harmony": '<|start|>assistant<|channel|>commentary to=functions.add<|message|>{"s": "x"}<|call|>',
    "granite": '<|tool_call|>[{"name": "add", "arguments": {"s": "x"}}]',
    "phi4_mini": 'functools[{"name": "add", "arguments": {"s": "x"}}]',
    "functiongemma": "<start_function_call>call:add{s:<escape>x<escape>}<end_function_call>",
    "pythonic": "[add(s='x')]",
    "glm45": "<tool_call>add\n<arg_key>s</arg_key>\n<arg_value>x</arg_value>\n</tool_call>",
    "kimi_k2": '<|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>{"s": "x"}<|tool_call_end|>',
    "minimax": '<minimax:tool_call><invoke name="add"><parameter name="s">x</parameter></invoke></minimax:tool_call>',
}
LISTS = {
    "mistral": ("[TOOL_CALLS][", '{"name": "add", "arguments": {"s": "x"}}'),
    "granite": ("<|tool_call|>[", '{"name": "add", "arguments": {"s": "x"}}'),
    "phi4_mini": ("functools[", '{"name": "add", "arguments": {"s": "x"}}'),
    "pythonic": ("<|python_start|>[", "add(s='x')"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_broken_call_hides_no_sibling(name: str) -> None:
    """Whatever one character is taken out of a call, the calls around it are found."""
    good = GOOD[name]
    for place in range(len(good)):
        broken = good[:place] + good[place + 1 :]
        found = parse_tool_calls(f"{good}\n{broken}\n{good}", format=name)
        whole = [one.span[1] for one in found if one.status == "valid" and one.arguments == {"s": "x"}]
        assert len(whole) >= 2, broken
        assert whole[0] <= len(good) + 1, broken
        assert whole[-1] >= len(good) + len(broken) + 3, broken


@pytest.mark.parametrize("name", LISTS)
def test_a_broken_element_hides_no_sibling(name: str) -> None:
    marker, good = LISTS[name]
    for place in range(len(good)):
        broken = good[:place] + good[place + 1 :]
        found = parse_tool_calls(f"{marker}{good}, {broken}, {good}]", format=name)
        assert sum(one.status == "valid" and one.arguments == {"s": "x"} for one in found) >= 2, broken
