"""Tool calls and the final answer in a model's text. The work is native; this module makes the objects.

Rules that hold in every format: a call is *valid*, *unknown* (well formed, but no such tool is offered) or
*malformed* (a marker without a readable name and argument object), and a malformed call never hides its
siblings. Text inside a closed `<think>` block or a `<tool_response>` holds no calls. JSON is strict; of
duplicate keys the last wins; integers are exact at any size, other numbers are doubles, and neither NaN nor
infinities get through. Reading takes linear time on any text.

Formats:
    `hermes`: `<tool_call>{"name": ..., "arguments": {...}}</tool_call>` as Qwen2.5, Qwen3, Hermes and SmolLM3
    write it. A closing tag inside a JSON string is data. A complete object without its closing tag is valid
    at the end of the text or of the turn. `parameters` is read where `arguments` is missing, `{}` where both
    are; arguments given as a string that holds an object are decoded once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from mentor import _native
from mentor.errors import ScoreError
from mentor.types import ParsedCall

__all__ = [
    "Tools",
    "extract_answer",
    "extract_answers",
    "parse_tool_calls",
    "parse_tool_calls_batch",
    "tool_names",
]

Tools: TypeAlias = Sequence[Mapping[str, Any]]


def parse_tool_calls(text: str, *, format: str = "hermes", tools: Tools | None = None) -> list[ParsedCall]:
    """Finds every call, and every attempt at one, in a text.

    Args:
        text: What the model wrote, without the prompt.
        format: The grammar; see the module.
        tools: The offered tools' schemas (`{"type": "function", "function": {"name": ...}}` or the inner
            object); None does not check names.

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
    format: str = "hermes",
    tools: Tools | Sequence[Tools | None] | None = None,
) -> list[list[ParsedCall]]:
    """`parse_tool_calls` for many texts at once, on all cores, the GIL released.

    Args:
        texts: What the models wrote.
        format: The grammar.
        tools: The schemas offered to all rows, or a sequence with one entry a row (None: not checked).

    Returns:
        One list of attempts per text.

    Raises:
        ScoreError: As `parse_tool_calls`, and if `tools` has one entry a row but not as many as texts.
    """
    rows = _native.parse_tool_calls(texts, format, _names_by_row(tools, len(texts)))
    return [[ParsedCall(*call) for call in row] for row in rows]


def _names_by_row(
    tools: Tools | Sequence[Tools | None] | None, rows: int
) -> Sequence[Sequence[str] | None] | None:
    if tools is None:
        return None
    if all(isinstance(entry, Mapping) for entry in tools):
        return [tool_names(cast("Tools", tools))] * rows
    entries = cast("Sequence[Tools | None]", tools)
    return [None if entry is None else tool_names(entry, row) for row, entry in enumerate(entries)]


def tool_names(tools: Tools, row: int | None = None) -> tuple[str, ...]:
    """The names in OpenAI tool schemas.

    Args:
        tools: Schemas, wrapped in `{"type": "function", "function": ...}` or not.
        row: The row of the batch, for the error's text.

    Raises:
        ScoreError: An entry is no schema or has no name.
    """
    names = []
    for place, tool in enumerate(tools):
        inner = tool.get("function", tool) if isinstance(tool, Mapping) else None
        name = inner.get("name") if isinstance(inner, Mapping) else None
        if not isinstance(name, str):
            where = "" if row is None else f"row {row}, "
            problem = f"expected a tool schema with a name, not {tool!r:.80}"
            raise ScoreError(f"{where}field 'tools[{place}]': {problem}")
        names.append(name)
    return tuple(names)


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
