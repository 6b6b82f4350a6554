"""The tiny student's tokenizer and chat template: exact texts, few tokens, and prefixes that stay."""

from __future__ import annotations

import json
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("transformers")

from mentor.data.tasks import SUITES, generate, suites
from mentor.student import checkpoint_dir
from mentor.student.chat import result_text, segments
from mentor.student.tokenizer import build_tokenizer
from mentor.student.vocabulary import PIECES, pieces_of
from mentor.types import Task

TOKENIZER = build_tokenizer()
CALL = '<tool_call>\n{"name": "add", "arguments": {"a": 12, "b": 3}}\n</tool_call>'
TRICKY = [
    CALL,
    "<tool_response>\n-0.5\n</tool_response>",
    "\\boxed{1234.56}",
    "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|><|im_end|><|endoftext|>",
    "é 漢字 🙂 \x00\t\r\n\n  two  spaces",
    "1 12 123 1234 12345 123456 1.5 -7 007 1e-5 १२३",
    "Error: ValueError: the result is too large",
    '{"name": "other_tool", "arguments": {"text": "a \\"quoted\\" word", "c": [1, 2]}}',
]


def names(task: Task) -> list[str]:
    return [tool["function"]["name"] for tool in task.tools]


def conversation(task: Task) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "user", "content": task.question}]
    for call in task.references[0].calls:
        function = {"name": call.name, "arguments": dict(call.arguments)}
        messages.append(
            {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": function}]}
        )
        messages.append({"role": "tool", "name": call.name, "content": result_text(call.result)})
    return [*messages, {"role": "assistant", "content": f"\\boxed{{{task.answer}}}"}]


def render(task: Task, messages: list[dict[str, Any]], *, prompt: bool = False) -> str:
    text = TOKENIZER.apply_chat_template(
        messages, tools=list(task.tools), tokenize=False, add_generation_prompt=prompt
    )
    assert isinstance(text, str)
    return text


def encode(text: str) -> list[int]:
    return list(TOKENIZER(text)["input_ids"])


@given(st.text() | st.lists(st.sampled_from([*PIECES, *TRICKY])).map("".join))
def test_decoding_gives_back_every_text(text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    assert TOKENIZER.decode(encode(text)) == text


@pytest.mark.parametrize("text", TRICKY)
def test_decoding_gives_back_what_is_hard(text: str) -> None:
    assert TOKENIZER.decode(encode(text)) == text


def test_a_call_is_few_tokens() -> None:
    assert [TOKENIZER.decode([token]) for token in encode(CALL)] == [
        '<tool_call>\n{"name": "',
        "add",
        '", "arguments": {"a": ',
        "12",
        ', "b": ',
        "3",
        "}}\n</tool_call>",
    ]


@given(st.integers(0, 10**9))
def test_numbers_are_cut_into_two_digits_from_the_right(number: int) -> None:
    text = str(number)
    cut = [text[: len(text) % 2]] if len(text) % 2 else []
    cut += [text[i : i + 2] for i in range(len(text) % 2, len(text), 2)]
    assert pieces_of(text) == cut
    assert [TOKENIZER.decode([token]) for token in encode(text)] == cut


@pytest.mark.parametrize("suite", SUITES)
def test_the_template_keeps_prefixes_in_text_and_tokens_and_renders_the_corpus_form(suite: str) -> None:
    for task in generate(11, 12, suite):
        messages = conversation(task)
        whole = render(task, messages)
        ids = encode(whole)
        assert TOKENIZER.decode(ids) == whole
        turns = [(call, result_text(call.result)) for call in task.references[0].calls]
        assert (
            "".join(text for text, _ in segments(task.question, names(task), turns, str(task.answer)))
            == whole
        )
        for end in range(1, len(messages) + 1):
            answers_next = messages[end - 1]["role"] != "assistant"
            part = render(task, messages[:end], prompt=answers_next)
            assert whole.startswith(part)
            assert ids[: len(encode(part))] == encode(part)


def test_several_calls_in_a_turn_and_a_system_message_render_as_hermes_does() -> None:
    task = generate(0, 1)[0]
    call = {"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": 2.5}}}
    messages = [
        {"role": "system", "content": "Use tools."},
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": "Both:", "tool_calls": [call, call]},
        {"role": "tool", "content": "3.5"},
        {"role": "tool", "content": "3.5"},
    ]
    block = '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2.5}}\n</tool_call>'
    offered = "".join(f"{name}\n" for name in names(task))
    assert render(task, messages, prompt=True) == (
        f"<|im_start|>system\nUse tools.\n{offered}<|im_end|>\n<|im_start|>user\nGo.<|im_end|>\n"
        f"<|im_start|>assistant\nBoth:\n{block}\n{block}<|im_end|>\n<tool_response>\n3.5\n</tool_response>\n"
        "<tool_response>\n3.5\n</tool_response>\n<|im_start|>assistant\n"
    )


def test_without_tools_or_system_message_a_chat_is_plain() -> None:
    text = TOKENIZER.apply_chat_template(
        [{"role": "user", "content": "Hi"}], tokenize=False, add_generation_prompt=True
    )
    assert text == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_the_assistant_mask_covers_the_assistants_turns_and_their_ends() -> None:
    task = generate(0, 1)[0]
    encoded = TOKENIZER.apply_chat_template(
        conversation(task), tools=list(task.tools), return_dict=True, return_assistant_tokens_mask=True
    )
    turns = [(call, result_text(call.result)) for call in task.references[0].calls]
    expected: list[int] = []
    for text, own in segments(task.question, names(task), turns, str(task.answer)):
        expected += [int(own)] * len(encode(text))
    assert encoded["assistant_masks"] == expected


def test_teacher_trajectories_are_short() -> None:
    tasks = [task for tasks in suites(60, seed=3).values() for task in tasks] + generate(3, 60)
    lengths = {task.id: len(encode(render(task, conversation(task)))) for task in tasks}
    three_calls = [lengths[task.id] for task in tasks if len(task.references[0].calls) == 3]
    assert len(three_calls) > 50
    assert max(three_calls) < 100
    assert statistics.mean(lengths.values()) < 100
    assert max(lengths.values()) < 176


def test_the_response_template_reads_calls_back() -> None:
    prefix = "<|im_start|>assistant\n"
    message = TOKENIZER.parse_response(f"{CALL}<|im_end|>", prefix=prefix)
    assert message["tool_calls"] == [
        {"type": "function", "function": {"name": "add", "arguments": {"a": 12, "b": 3}}}
    ]
    answer = TOKENIZER.parse_response("\\boxed{7}<|im_end|>", prefix=prefix)
    assert answer == {"role": "assistant", "content": "\\boxed{7}"}


def test_the_shipped_tokenizer_is_the_built_one() -> None:
    from transformers import AutoTokenizer

    shipped = AutoTokenizer.from_pretrained(checkpoint_dir())
    built = json.loads(TOKENIZER.backend_tokenizer.to_str())
    assert json.loads(shipped.backend_tokenizer.to_str()) == built
    assert shipped.chat_template == TOKENIZER.chat_template
    assert shipped.response_template == TOKENIZER.response_template
    assert (shipped.eos_token, shipped.pad_token) == ("<|im_end|>", "<|endoftext|>")
