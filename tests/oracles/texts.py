"""Strategies for texts that look like a model's: calls whole and broken, tags in odd places, noise."""

import json
from typing import Any

from hypothesis import strategies as st

NAMES = ("add", "multiply", "power", "sqrt")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e20, 2.0**63, 1e-7]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a", "1", "é", "</tool_call>", "<think>", '"', "\\", "{", "\U0001f600", "\x7f"]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "é"]), inner, max_size=3)
    ),
    max_leaves=6,
)
arguments: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["a", "b", "name"]), values, max_size=3
)
calls = st.tuples(st.sampled_from(NAMES), arguments)


@st.composite
def call_texts(draw: st.DrawFn) -> str:
    """A call as a model may write it: mostly right."""
    name, given_arguments = draw(calls)
    key = draw(st.sampled_from(["arguments", "arguments", "parameters", "args"]))
    given: Any = json.dumps(given_arguments) if draw(st.integers(0, 5)) == 0 else given_arguments
    text = json.dumps({"name": name, key: given}, ensure_ascii=draw(st.booleans()))
    space = draw(st.sampled_from(["", "\n", " ", "\t\r\n"]))
    ending = draw(
        st.sampled_from(["</tool_call>"] * 5 + ["", "}</tool_call>", "<|im_end|>", " and</tool_call>"])
    )
    text = f"<tool_call>{space}{text}{space}{ending}"
    if draw(st.integers(0, 4)) == 0:
        cut = draw(st.integers(0, len(text)))
        text = text[:cut] + draw(st.sampled_from(["", "x", '"', "}", "\\", "\n"])) + text[cut + 1 :]
    return text


BROKEN = (
    '{"name": 5}',
    '{"name": ""}',
    "{}",
    "[]",
    '{"name": "add", "arguments": null}',
    '{"name": "add", "arguments": "x"}',
    '{"name": "add", "arguments": {"a": NaN}}',
    '{"name": "add", "arguments": {"a": -Infinity}}',
    '{"name": "add", "arguments": {"a": 1e999}}',
    '{"name": "add", "arguments": {"a": 01}}',
    '{"name": "add", "arguments": {"a": 1.}}',
    '{"name": "add", "arguments": {"a": "\\ud800"}}',
    '{"name": "add", "arguments": {"a": "\\ud83d\\ude00", "a": 1}}',
    '{"name": "add", "name": "sqrt", "arguments": {"a": 1, "a": 2}}',
    '{"name": "add", "arguments": {"a": "\x01"}}',
    '{"name": "add",}',
    "{'name': 'add'}",
    '{"name": "add"} // comment',
    '{"name": "add", "arguments": "{\\"a\\": 1} "}',
    '{"name": "add", "arguments": "{\\"a\\": 1} x"}',
    '{"name": "add", "arguments": {"a": ' + "9" * 4301 + "}}",
    '{"name": "add", "arguments": {"a": ' + "9" * 4300 + "}}",
    '{"name": "add", "arguments": {"a": ' + "[" * 126 + "]" * 126 + "}}",
    '{"name": "add", "arguments": {"a": ' + "[" * 127 + "]" * 127 + "}}",
)

pieces = st.one_of(
    call_texts(),
    call_texts(),
    st.sampled_from(BROKEN).map(lambda body: f"<tool_call>{body}</tool_call>"),
    st.sampled_from(
        [
            "<tool_call>",
            "</tool_call>",
            "<think>",
            "</think>",
            "<tool_response>",
            "</tool_response>",
            "<|im_end|>",
            "</s>",
            "\\boxed{5}",
            "{",
            '"',
            "\n",
            "é",
            "<",
        ]
    ),
    st.text(max_size=6),
)
texts = st.lists(pieces, max_size=7).map("".join)
boxes = st.lists(
    st.sampled_from(
        ["\\boxed", "\\boxed{", "{", "}", "\\", "\\{", "\\}", " ", "5", "é", "\\fbox{", "$", "\n"]
    ),
    max_size=12,
).map("".join)
