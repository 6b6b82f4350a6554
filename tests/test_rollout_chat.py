"""Chat templates of several families: prompts, tool responses and a teacher's turns fit together token by token."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from mentor.errors import ConfigError
from mentor.rollout import ChatFormat
from mentor.student.tokenizer import build_tokenizer
from mentor.types import ToolCall
from rollout_samples import TOOLS, task

# As SmolLM2's: no word of tools, a system message of its own.
PLAIN = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}"
    "{{ '<|im_start|>system\nBe kind.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# As Qwen's: tools in the system message, consecutive tool messages in one user turn, an empty thought in the last turn.
QWEN = (
    "{% if tools %}{{ '<|im_start|>system\n' }}{% for tool in tools %}{{ tool | tojson + '\n' }}{% endfor %}"
    "{{ '<|im_end|>\n' }}{% endif %}"
    "{% for m in messages %}{% if m.role == 'tool' %}"
    "{% if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{ '<|im_start|>user' }}{% endif %}"
    "{{ '\n<tool_response>\n' + m.content + '\n</tool_response>' }}"
    "{% if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{ '<|im_end|>\n' }}{% endif %}"
    "{% else %}{{ '<|im_start|>' + m.role + '\n' }}"
    "{% if m.role == 'assistant' and loop.last %}{{ '<think>\n\n</think>\n\n' }}{% endif %}{{ m.content }}"
    "{% for call in m.tool_calls or [] %}{{ '\n<tool_call>\n' + (call.function | tojson) + '\n</tool_call>' }}"
    "{% endfor %}{{ '<|im_end|>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and not enable_thinking %}{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}"
)
# As Llama's: a response is JSON in a role of its own.
JSONIC = (
    "{% for m in messages %}{{ '<|start|>' + m.role + '<|end|>' }}"
    "{% if m.role == 'tool' %}{{ m.content | tojson }}{% else %}{{ m.content }}{% endif %}{{ '<|eot|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant<|end|>' }}{% endif %}"
)


def bytes_tokenizer(template: str, eos: str = "<|im_end|>", specials: tuple[str, ...] = ("<|im_start|>",)):
    """One token per byte, plus the special ones: every template can be spelled."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={c: k for k, c in enumerate(alphabet)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token=eos, additional_special_tokens=list(specials), pad_token="<pad>"
    )
    tokenizer.chat_template = template
    return tokenizer


def test_a_template_without_tools_gets_them_in_the_system_message():
    tokenizer = bytes_tokenizer(PLAIN)
    text = ChatFormat(tokenizer, system="Answer in \\boxed{}.").prompt_text(task())
    assert text.startswith("<|im_start|>system\nAnswer in \\boxed{}.\n\n# Tools")
    assert '{"type": "function", "function": {"name": "add"' in text
    assert text.endswith("<|im_start|>user\nWhat is 0 + 1?<|im_end|>\n<|im_start|>assistant\n")
    assert text.count("<|im_start|>system") == 1


def test_a_template_with_tools_describes_them_itself():
    text = ChatFormat(bytes_tokenizer(QWEN)).prompt_text(task())
    assert "# Tools" not in text
    assert text.count('"name": "add"') == 1
    forced = ChatFormat(bytes_tokenizer(QWEN), tools="system").prompt_text(task())
    assert "# Tools" in forced


def test_examples_stand_before_the_question():
    examples = [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "\\boxed{2}"}]
    text = ChatFormat(bytes_tokenizer(PLAIN), system="s", examples=examples).prompt_text(task())
    assert text.index("1 + 1?") < text.index("\\boxed{2}") < text.index("What is 0 + 1?")


def test_responses_are_what_the_template_writes_between_two_turns():
    plain = ChatFormat(bytes_tokenizer(PLAIN))
    assert plain.response_text([("add", "3")]) == "\n<|im_start|>tool\n3<|im_end|>\n<|im_start|>assistant\n"
    qwen = ChatFormat(bytes_tokenizer(QWEN))
    assert qwen.response_text([("add", "3"), ("add", "4")]) == (
        "\n<|im_start|>user\n<tool_response>\n3\n</tool_response>\n<tool_response>\n4\n</tool_response><|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    quiet = ChatFormat(bytes_tokenizer(QWEN), template={"enable_thinking": False})
    assert quiet.response_text([("add", "3")]).endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")


def test_a_template_that_rewrites_responses_is_rendered_for_each():
    tokenizer = bytes_tokenizer(JSONIC, eos="<|eot|>", specials=("<|start|>", "<|end|>"))
    chat = ChatFormat(tokenizer)
    assert chat.response_text([("add", 'say "3"')]) == (
        '<|start|>tool<|end|>"say \\"3\\""<|eot|><|start|>assistant<|end|>'
    )


@pytest.mark.parametrize("template", [PLAIN, QWEN])
def test_a_teachers_turns_continue_the_prompt_as_the_template_renders_the_whole(template):
    tokenizer = bytes_tokenizer(template)
    chat = ChatFormat(tokenizer)
    call = ToolCall("add", {"a": 1, "b": 2})
    turn = chat.turn_text(calls=[call])
    assert turn.endswith("<|im_end|>")
    assert '"name": "add", "arguments": {"a": 1, "b": 2}' in turn
    answer = chat.turn_text(content="\\boxed{3}")
    parts = [chat.prompt_text(task()), turn, chat.response_text([("add", "3")]), answer]
    # Cut anywhere between turns, the tokens of the parts are the tokens of the whole.
    assert [t for ids in chat.encode(parts) for t in ids] == chat.encode(["".join(parts)])[0]


def test_the_students_own_template_renders_the_same_as_the_parts():
    tokenizer = build_tokenizer()
    chat = ChatFormat(tokenizer)
    call = ToolCall("add", {"a": 1, "b": 2})
    function = {"name": "add", "arguments": {"a": 1, "b": 2}}
    whole = tokenizer.apply_chat_template(
        [
            {"role": "user", "content": task().question},
            {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": function}]},
            {"role": "tool", "name": "add", "content": "3"},
            {"role": "assistant", "content": "\\boxed{3}"},
        ],
        tools=TOOLS,
        tokenize=False,
    )
    parts = [
        chat.prompt_text(task()),
        chat.turn_text(calls=[call]),
        chat.response_text([("add", "3")]),
        chat.turn_text(content="\\boxed{3}"),
    ]
    assert "".join(parts) == whole


def test_the_end_of_a_turn_may_differ_from_the_end_of_a_sequence():
    tokenizer = bytes_tokenizer(PLAIN, eos="<|endoftext|>", specials=("<|im_start|>", "<|im_end|>"))
    chat = ChatFormat(tokenizer)
    assert chat.stop_ids == (tokenizer.convert_tokens_to_ids("<|im_end|>"), tokenizer.eos_token_id)
    assert chat.response_text([("add", "3")]).startswith("\n<|im_start|>tool")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (None, "no chat template"),
        ("{% for m in messages %}{{ m.content }}{% endfor %}", "no special token behind an assistant's turn"),
        (
            "{% for m in messages if m.role != 'tool' %}{{ m.content + '<|im_end|>' }}{% endfor %}",
            "leaves out messages of role 'tool'",
        ),
    ],
)
def test_a_template_that_cannot_carry_tool_use_is_refused(template, message):
    with pytest.raises(ConfigError, match=message):
        ChatFormat(bytes_tokenizer(template))


def test_the_forms_of_the_calls_can_stand_behind_the_question():
    text = ChatFormat(bytes_tokenizer(PLAIN), tools="question", system="Call.").prompt_text(task())
    assert text.startswith(
        "<|im_start|>system\nCall.<|im_end|>\n<|im_start|>user\nWhat is 0 + 1?\n\nThe functions"
    )
    assert '<tool_call>\n{"name": "add", "arguments": {"a": "number", "b": "number"}}\n</tool_call>\n' in text
