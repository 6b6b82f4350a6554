"""Tool calls and the final answer in a model's text. The work is native; this module makes the objects.

Rules that hold in every format: a call is *valid*, *unknown* (well formed, but no such tool is offered) or
*malformed* (a marker without a readable name and argument object), and a malformed call never hides its
siblings. Text inside a closed `<think>` block, in a tool's response or in a turn that is not the model's holds
no calls. JSON is strict; of duplicate keys the last wins; integers are exact at any size, other numbers are
doubles, and neither NaN nor infinities get through. Reading takes linear time on any text.

Formats (`FORMATS`; each in docs/parsing.md):
    `hermes`: `<tool_call>{"name": ..., "arguments": {...}}</tool_call>` (Qwen2.5, Qwen3, Hermes, SmolLM3).
    `qwen3_coder`: `<function=name><parameter=key>value</parameter></function>` (Qwen3-Coder, Qwen3.5,
        Nemotron-3); values typed by the schema.
    `llama3_json`: `{"name": ..., "parameters": {...}}`, also behind `<|python_tag|>` (Llama 3.1, 3.2).
    `mistral`: `[TOOL_CALLS][{...}]` or `[TOOL_CALLS]name{...}`.
    `deepseek_v3`: `<｜tool▁call▁begin｜>` (V3, V3.1, R1).
    `harmony`: messages to `functions.NAME` (gpt-oss).
    `granite`: `<|tool_call|>[{...}]` (Granite 3).
    `phi4_mini`: `functools[{...}]`.
    `functiongemma`: `<start_function_call>call:name{key:<escape>text<escape>}<end_function_call>`.
    `pythonic`: `[name(key=literal)]` (Llama 4, LFM2).
    `glm45`: `<tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>` (GLM-4.5 to 4.7);
        values typed by the schema.
    `kimi_k2`: `<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{...}<|tool_call_end|>`.
    `minimax`: `<invoke name="name"><parameter name="key">value</parameter></invoke>` (M2); values typed by the
        schema.
    `auto`: the one of these whose markers the text holds and that has the most well-formed calls in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from mentor import _native
from mentor._native import ToolSet
from mentor.types import ParsedCall

__all__ = [
    "FORMATS",
    "ToolSet",
    "Tools",
    "detect_format",
    "extract_answer",
    "extract_answers",
    "parse_tool_calls",
    "parse_tool_calls_batch",
]

FORMATS: Final[tuple[str, ...]] = tuple(_native.FORMATS)
"""The names of the formats, `auto` first."""

Tools: TypeAlias = ToolSet | Sequence[Mapping[str, Any]]
"""The offered tools: OpenAI schemas (`{"type": "function", "function": {"name": ..., "parameters": ...}}` or the
inner object), or a `ToolSet` of them, which is compiled once and can be given to any number of calls."""


def parse_tool_calls(text: str, *, format: str = "auto", tools: Tools | None = None) -> list[ParsedCall]:
    """Finds every call, and every attempt at one, in a text.

    Args:
        text: What the model wrote. Of a whole conversation in a chat template's form, the model's turns.
        format: The grammar; see the module.
        tools: The offered tools. They say which names are known and, in formats that write values as plain
            text, what a value is. With None names are not checked, and values are taken as they look.

    Returns:
        The attempts in order; spans and the offsets in `error` count characters. A lone surrogate in the text
        is read as U+FFFD.

    Raises:
        ScoreError: The format is not known, or `tools` are not schemas.
    """
    return parse_tool_calls_batch([text], format=format, tools=tools)[0]


def parse_tool_calls_batch(
    texts: Sequence[str],
    *,
    format: str = "auto",
    tools: Tools | Sequence[Tools | None] | None = None,
) -> list[list[ParsedCall]]:
    """`parse_tool_calls` for many texts at once, on all cores, the GIL released.

    Args:
        texts: What the models wrote.
        format: The grammar; with `auto` each text is read in its own.
        tools: The tools offered to all rows, or a sequence with one entry a row (None: not checked). Rows that
            share schemas share their compilation.

    Returns:
        One list of attempts per text.

    Raises:
        ScoreError: As `parse_tool_calls`, and if `tools` has one entry a row but not as many as texts.
    """
    return _native.parse_tool_calls(texts, format, tools_by_row(tools, len(texts)))


def tools_by_row(tools: Tools | Sequence[Tools | None] | None, rows: int) -> Sequence[Tools | None] | None:
    """One entry a row of what may be tools for all rows.

    Raises:
        ScoreError: An entry of tools for all rows is no schema or has no name.
    """
    if tools is None:
        return None
    if isinstance(tools, ToolSet):
        return [tools] * rows
    if all(isinstance(entry, Mapping) for entry in tools):
        return [ToolSet(cast("Sequence[Mapping[str, Any]]", tools))] * rows
    return cast("Sequence[Tools | None]", tools)


def detect_format(text: str) -> str | None:
    """The format that `auto` reads a text in.

    Returns:
        Its name, or None for a text without any attempt at a call.
    """
    return _native.detect_formats([text])[0]


def extract_answer(text: str) -> str | None:
    r"""The content of the last complete `\boxed{...}` of a text.

    Complete means that its braces balance; `\{` and `\}` are characters. White space may stand before the
    brace. Of nested boxes the inner one counts, since it starts last.

    Returns:
        The content as it stands (it may be empty), or None without a complete box.
    """
    return _native.extract_answers([text])[0]


def extract_answers(texts: Sequence[str]) -> list[str | None]:
    """`extract_answer` for many texts in one native call."""
    return _native.extract_answers(texts)
