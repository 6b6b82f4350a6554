"""Whole conversations: messages and the text of every family's chat template give the same trajectory."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.conversation import Conversation, read_conversation, read_conversations
from mentor.errors import ScoreError
from mentor.types import ToolCall, Trajectory
from oracles import texts

Calls = list[tuple[str, dict[str, Any]]]
TURNS: list[tuple[Calls, list[str]]] = [
    ([("add", {"a": 1, "b": 2}), ("find", {"q": "x, {y}"})], ["3", "not found"]),
    ([("add", {"a": 3, "b": 4})], ["7"]),
]
ANSWER = r"It is \boxed{7}."
TRAJECTORY = Trajectory(
    (
        ToolCall("add", {"a": 1, "b": 2}, 3),
        ToolCall("find", {"q": "x, {y}"}, "not found"),
        ToolCall("add", {"a": 3, "b": 4}, 7),
    ),
    "7",
)


def messages(
    turns: list[tuple[Calls, list[str]]], answer: str, *, encoded: bool, ids: bool
) -> list[dict[str, Any]]:
    """OpenAI's messages of a conversation."""
    found: list[dict[str, Any]] = [
        {"role": "system", "content": 'Call <tool_call>{"name": "add"}</tool_call>'},
        {"role": "user", "content": "What is it?"},
    ]
    for place, (calls, results) in enumerate(turns):
        own = [
            {
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(given) if encoded else given},
            }
            | ({"id": f"call{place}{k}"} if ids else {})
            for k, (name, given) in enumerate(calls)
        ]
        found.append({"role": "assistant", "content": None, "tool_calls": own})
        answers = [
            {"role": "tool", "content": text} | ({"tool_call_id": f"call{place}{k}"} if ids else {})
            for k, text in enumerate(results)
        ]
        found += reversed(answers) if ids else answers
    return [*found, {"role": "assistant", "content": answer}]


@dataclass
class Template:
    """What a chat template writes, as far as calls and results go."""

    prompt: str
    turn: Callable[[Calls], str]
    result: Callable[[str], str]
    answer: str
    results: Callable[[str], str] = str

    def text(self, turns: list[tuple[Calls, list[str]]], answer: str) -> str:
        parts = [self.prompt]
        for calls, results in turns:
            parts += [self.turn(calls), self.results("".join(map(self.result, results)))]
        return "".join(parts) + self.answer.format(answer)


def each(form: str) -> Callable[[Calls], str]:
    """A form with `NAME` and `GIVEN` for every call, between what stands around them."""
    before, call, after = form.split("§")
    return lambda calls: (
        before + "".join(call.replace("NAME", n).replace("GIVEN", json.dumps(a)) for n, a in calls) + after
    )


def listed(form: str) -> Callable[[Calls], str]:
    before, after = form.split("§")
    return lambda calls: before + json.dumps([{"name": n, "arguments": a} for n, a in calls]) + after


def python(form: str) -> Callable[[Calls], str]:
    before, after = form.split("§")

    def written(calls: Calls) -> str:
        shown = (f"{name}({', '.join(f'{k}={v!r}' for k, v in given.items())})" for name, given in calls)
        return f"{before}[{', '.join(shown)}]{after}"

    return written


def tagged(before: str, call: str, parameter: str, after: str, end: str) -> Callable[[Calls], str]:
    def one(name: str, given: dict[str, Any]) -> str:
        shown = (
            parameter.replace("KEY", key).replace(
                "VALUE", value if isinstance(value, str) else json.dumps(value)
            )
            for key, value in given.items()
        )
        return call.replace("NAME", name) + "".join(shown) + after

    return lambda calls: before + "".join(one(*call) for call in calls) + end


def escaped(value: Any) -> str:
    return f"<escape>{value}<escape>" if isinstance(value, str) else json.dumps(value)


def chatml(turn: Callable[[Calls], str]) -> Template:
    return Template(
        "<|im_start|>system\n<tool_call>{}</tool_call><|im_end|>\n<|im_start|>user\nWhat?<|im_end|>\n",
        lambda calls: f"<|im_start|>assistant\n{turn(calls)}<|im_end|>\n",
        "<tool_response>\n{}\n</tool_response>\n".format,
        "<|im_start|>assistant\n<think>\n\\boxed{{0}}\n</think>\n{}<|im_end|>\n",
        "<|im_start|>user\n{}<|im_end|>\n".format,
    )


HARMONY_CALL = (
    "<|start|>assistant<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>GIVEN<|call|>"
)
HERMES_CALL = '<tool_call>\n{"name": "NAME", "arguments": GIVEN}\n</tool_call>\n'
TEMPLATES = {
    "hermes": chatml(each(f"So:\n§{HERMES_CALL}§")),
    "qwen3_coder": chatml(
        tagged("", "<tool_call>\n<function=NAME>\n", "<parameter=KEY>\nVALUE\n</parameter>\n",
               "</function>\n</tool_call>\n", "")
    ),
    "glm45": Template(
        "[gMASK]<sop><|system|>\n<tool_call>{name}<|user|>\nWhat?",
        lambda calls: "<|assistant|>\n<think></think>" + tagged(
            "", "<tool_call>NAME\n", "<arg_key>KEY</arg_key>\n<arg_value>VALUE</arg_value>\n", "</tool_call>", ""
        )(calls),
        "\n<tool_response>\n{}\n</tool_response>".format,
        "<|assistant|>\n{}<|user|>",
        "<|observation|>{}".format,
    ),
    "minimax": Template(
        "]~!b[]~b]system\n<minimax:tool_call>[e~[\n]~b]user\nWhat?[e~[\n",
        lambda calls: "]~b]ai\n" + tagged(
            "<minimax:tool_call>\n", '<invoke name="NAME">\n', '<parameter name="KEY">VALUE</parameter>\n',
            "</invoke>\n", "</minimax:tool_call>[e~[\n"
        )(calls),
        "]~b]tool\n<response>{}</response>[e~[\n".format,
        "]~b]ai\n{}[e~[",
    ),
    "mistral": Template(
        "<s>[AVAILABLE_TOOLS][][/AVAILABLE_TOOLS][INST]What?[/INST]",
        listed("[TOOL_CALLS]§</s>"),
        lambda text: f'[TOOL_RESULTS]{{"content": {json.dumps(text)}, "call_id": "x"}}[/TOOL_RESULTS]',
        "{}</s>",
    ),
    "mistral v11": Template(
        "<s>[INST]What?[/INST]",
        each("§[TOOL_CALLS]NAME[CALL_ID]x1[ARGS]GIVEN§</s>"),
        "[TOOL_RESULTS]x1[TOOL_CONTENT]{}[/TOOL_RESULTS]".format,
        "{}</s>",
    ),
    "deepseek_v3": Template(
        "<｜begin▁of▁sentence｜><｜User｜>What?<｜Assistant｜>",
        each(
            "<｜tool▁calls▁begin｜>§<｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME\n```json\nGIVEN\n```"
            "<｜tool▁call▁end｜>§<｜tool▁calls▁end｜><｜end▁of▁sentence｜>"
        ),
        "<｜tool▁output▁begin｜>{}<｜tool▁output▁end｜>".format,
        "{}<｜end▁of▁sentence｜>",
        "<｜tool▁outputs▁begin｜>{}<｜tool▁outputs▁end｜>".format,
    ),
    "llama3_json": Template(
        "<|start_header_id|>user<|end_header_id|>\n\n{\"name\": \"x\", \"parameters\": {}}<|eot_id|>",
        lambda calls: "<|start_header_id|>assistant<|end_header_id|>\n\n" + ";".join(
            json.dumps({"name": name, "parameters": given}) for name, given in calls
        ) + "<|eot_id|>",
        lambda text: f"<|start_header_id|>ipython<|end_header_id|>\n\n{json.dumps(text)}<|eot_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n{}<|eot_id|>",
    ),
    "pythonic": Template(
        "<|header_start|>user<|header_end|>\n\n[x()]<|eot|>",
        python("<|header_start|>assistant<|header_end|>\n\n<|python_start|>§<|python_end|><|eot|>"),
        "<|header_start|>ipython<|header_end|>\n\n{}<|eot|>".format,
        "<|header_start|>assistant<|header_end|>\n\n{}<|eot|>",
    ),
    "pythonic lfm2": Template(
        "<|im_start|>user\nWhat?<|im_end|>\n",
        python("<|im_start|>assistant\n<|tool_call_start|>§<|tool_call_end|><|im_end|>\n"),
        "<|im_start|>tool\n<|tool_response_start|>{}<|tool_response_end|><|im_end|>\n".format,
        "<|im_start|>assistant\n{}<|im_end|>",
    ),
    "harmony": Template(
        "<|start|>user<|message|>What?<|end|>",
        each(f"<|start|>assistant<|channel|>analysis<|message|>Hm. \\boxed{{1}}<|end|>§{HARMONY_CALL}§"),
        "<|start|>functions.x to=assistant<|channel|>commentary<|message|>{}<|end|>".format,
        "<|start|>assistant<|channel|>final<|message|>{}<|return|>",
    ),
    "granite": Template(
        "<|start_of_role|>user<|end_of_role|>What?<|end_of_text|>\n",
        listed("<|start_of_role|>assistant<|end_of_role|><|tool_call|>§<|end_of_text|>\n"),
        "<|start_of_role|>tool_response<|end_of_role|>{}<|end_of_text|>\n".format,
        "<|start_of_role|>assistant<|end_of_role|>{}<|end_of_text|>\n",
    ),
    "phi4_mini": Template(
        "<|system|>You<|tool|>[]<|/tool|><|end|><|user|>What?<|end|>",
        listed("<|assistant|>functools§<|end|>"),
        "<|tool|>{}<|end|>".format,
        "<|assistant|>{}<|end|>",
    ),
    "functiongemma": Template(
        "<start_of_turn>user\nWhat?<end_of_turn>\n<start_of_turn>model\n",
        lambda calls: "".join(
            f"<start_function_call>call:{name}{{"
            + ",".join(f"{key}:{escaped(value)}" for key, value in given.items())
            + "}<end_function_call>"
            for name, given in calls
        ),
        lambda text: (
            "<start_function_response>response:x{value:"
            f"{text if text.isdigit() else f'<escape>{text}<escape>'}}}<end_function_response>"
        ),
        "{}<end_of_turn>",
    ),
    "kimi_k2": Template(
        "<|im_system|>system<|im_middle|>You<|im_end|><|im_user|>user<|im_middle|>What?<|im_end|>",
        each(
            "<|im_assistant|>assistant<|im_middle|><|tool_calls_section_begin|>§<|tool_call_begin|>functions.NAME:0"
            "<|tool_call_argument_begin|>GIVEN<|tool_call_end|>§<|tool_calls_section_end|><|im_end|>"
        ),
        "<|im_system|>tool<|im_middle|>{}<|im_end|>".format,
        "<|im_assistant|>assistant<|im_middle|>{}<|im_end|>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_text_of_a_template_and_messages_give_the_same_trajectory(name: str) -> None:
    text = TEMPLATES[name].text(TURNS, ANSWER)
    named = name.split(maxsplit=1)[0]
    assert read_conversation(text, format=named).trajectory() == TRAJECTORY
    assert read_conversation(text).trajectory() == TRAJECTORY
    # A completion begins without its turn's head.
    start = len(TEMPLATES[name].prompt)
    assert read_conversation(text[start:], format=named).trajectory() == TRAJECTORY


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("ids", [False, True])
def test_messages_in_any_form(encoded: bool, ids: bool) -> None:
    given = messages(TURNS, ANSWER, encoded=encoded, ids=ids)
    assert read_conversation(given).trajectory() == TRAJECTORY
    # One message that holds the whole text, as rollouts give it.
    text = TEMPLATES["hermes"].text(TURNS, ANSWER)
    assert read_conversation([{"role": "assistant", "content": text}]).trajectory() == TRAJECTORY


plain = st.one_of(st.none(), st.booleans(), st.integers(), texts.values.map(json.dumps), st.just("no JSON"))
turns = st.lists(
    st.lists(st.tuples(texts.calls, plain.map(json.dumps)), min_size=1, max_size=3).map(
        lambda pairs: ([call for call, _ in pairs], [result for _, result in pairs])
    ),
    max_size=3,
)


@cases(150)
@given(turns, st.booleans(), st.booleans())
def test_any_conversation_is_the_same_as_text_and_as_messages(given: Any, encoded: bool, ids: bool) -> None:
    text = TEMPLATES["hermes"].text(given, ANSWER)
    if "</tool_response>" in json.dumps([results for _, results in given]):
        return
    of_text = read_conversation(text, format="hermes").trajectory()
    of_messages = read_conversation(messages(given, ANSWER, encoded=encoded, ids=ids)).trajectory()
    assert repr(of_text) == repr(of_messages)


def test_results_of_attempts_that_are_not_valid() -> None:
    call, broken = '<tool_call>{"name": "a"}</tool_call>', "<tool_call>{</tool_call>"
    answered = "<tool_response>1</tool_response>"
    tools = [{"name": "b"}]
    # As many results as attempts: each has its own. Fewer: the well-formed ones have.
    both = read_conversation(broken + call + answered + answered.replace("1", "2"), tools=tools)
    assert (both.results, [one.status for one in both.calls]) == ((1, 2), ["malformed", "unknown"])
    assert read_conversation(broken + call + answered).results == (None, 1)
    assert read_conversation(call + call + answered).results == (1, None)
    assert read_conversation(answered + call).results == (None,)
    assert read_conversation(call + answered + call + answered.replace("1", "2")).results == (1, 2)
    messages = [
        {
            "role": "assistant",
            "content": broken,
            "tool_calls": [{"function": {"name": "a", "arguments": "{"}}],
        },
        {"role": "tool", "content": "1"},
        {"role": "tool", "content": [{"type": "text", "text": "2"}]},
    ]
    assert read_conversation(messages).results == (1, 2)
    assert read_conversation(messages[:2]).results == (None, None)


def test_calls_apart_from_the_content() -> None:
    @dataclass
    class Function:
        name: str
        arguments: str

    @dataclass
    class OpenAICall:
        id: str
        function: Function

    calls = [
        {"function": {"name": "a", "arguments": '{"x": 1}'}},
        OpenAICall("1", Function("b", "{}")),
        {"function": {"name": "a", "arguments": "[]"}},
        {"function": {"arguments": {}}},
        {"function": {"name": "a", "arguments": {"x": float("nan")}}},
    ]
    message = {
        "role": "assistant",
        "content": "",
        "tool_calls": calls,
        "function_call": {"name": "a", "arguments": "{}"},
    }
    found = read_conversation(
        [message, {"role": "tool", "tool_call_id": "1", "content": "5"}], tools=[{"name": "a"}]
    )
    assert [(one.status, one.name, one.arguments, one.span, one.error) for one in found.calls] == [
        ("valid", "a", {"x": 1}, (0, 0), None),
        ("unknown", "b", {}, (0, 0), 'no tool named "b" is offered'),
        ("malformed", None, None, (0, 0), 'function: "arguments" is a text that does not hold a JSON object'),
        ("malformed", None, None, (0, 0), 'function: no "name"'),
        ("malformed", None, None, (0, 0), "function.arguments.x: not a finite number"),
        ("valid", "a", {}, (0, 0), None),
    ]
    assert found.results == (None, 5, None, None, None, None)


def test_batches_and_what_is_no_conversation() -> None:
    text = TEMPLATES["hermes"].text(TURNS, ANSWER)
    given = [text, messages(TURNS, ANSWER, encoded=True, ids=True), [], ""]
    tools = [[{"name": "add"}], None, None, []]
    rows = read_conversations(given, tools=tools)
    assert rows == [read_conversation(one, tools=own) for one, own in zip(given, tools, strict=True)]
    assert [call.status for call in rows[0].calls] == ["valid", "unknown", "valid"]
    assert rows[2:] == [Conversation(), Conversation()]
    with pytest.raises(
        ScoreError, match=r"^row 1, field 'conversations': expected text or a list of messages$"
    ):
        read_conversations(["", 5])
    with pytest.raises(ScoreError, match=r"^field 'tools': 1 rows but 2 lists of tools$"):
        read_conversations([""], tools=[None, None])
