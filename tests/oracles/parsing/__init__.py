"""Plain Python twins of the tool-call parsers: places in characters, quadratic at worst."""

import re
from typing import Any

from oracles.parsing import strict_json
from oracles.parsing.grammars import GRAMMARS
from oracles.parsing.strict_json import skip
from oracles.parsing.walk import Context, walk

__all__ = ["GRAMMARS", "conversation", "detect", "parse"]

MARKERS = {
    "qwen3_coder": ("<function=",),
    "llama3_json": ("<|python_tag|>",),
    "mistral": ("[TOOL_CALLS]",),
    "deepseek_v3": ("<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>"),
    "harmony": ("<|channel|>", "<|message|>"),
    "granite": ("<|tool_call|>",),
    "phi4_mini": ("functools[", "functools{"),
    "functiongemma": ("<start_function_call>",),
    "pythonic": ("<|python_start|>", "<|tool_call_start|>"),
    "kimi_k2": ("<|tool_calls_section_begin|>", "<|tool_call_begin|>"),
    "minimax": ("<minimax:tool_call>", "<invoke name="),
}


def parse(format: str, text: str, tools: Any = None) -> list[dict[str, Any]]:
    """Every attempt: status, name, arguments, span and the fault's offset."""
    return (
        _decide(text, tools)[1].attempts if format == "auto" else walk(GRAMMARS[format], text, tools).attempts
    )


def conversation(format: str, text: str) -> tuple[list[Any], str]:
    """What each attempt returned, for formats whose templates do not wrap results, and the last turn's text."""
    found = walk(GRAMMARS[format], text, None)
    results: list[Any] = [None] * len(found.attempts)
    events = sorted(
        [(one["span"][0], place) for place, one in enumerate(found.attempts)]
        + [(start, text[start:end]) for start, end in found.results],
        key=lambda event: event[0],
    )
    group: list[int] = []
    answers: list[str] = []
    for _, event in [*events, (0, -1)]:
        if isinstance(event, str):
            answers.append(event)
            continue
        if answers:
            if len(answers) < len(group):
                group = [place for place in group if found.attempts[place]["status"] != "malformed"]
            for place, written in zip(group, answers, strict=False):
                results[place] = _value(written)
            group, answers = [], []
        group.append(event)
    return results, text[slice(*found.last_turn)]


def _value(written: str) -> Any:
    try:
        return strict_json.whole(written.strip(strict_json.WHITE))
    except strict_json.ReadError:
        return written.strip(strict_json.WHITE)


def detect(text: str) -> str | None:
    """The format that `auto` reads a text in."""
    return _decide(text, None)[0]


def _decide(text: str, tools: Any) -> tuple[str | None, Context]:
    read = {name: walk(GRAMMARS[name], text, tools) for name in (*_marked(text), "llama3_json", "pythonic")}
    good = {name: sum(a["status"] != "malformed" for a in found.attempts) for name, found in read.items()}
    marked = _marked(text)
    best = max(marked, key=lambda name: good[name], default=None)  # of several maxima the first
    if best is None or not good[best]:
        bare = [name for name in ("llama3_json", "pythonic") if good[name]]
        attempted = [name for name in marked if read[name].attempts]
        best = next(iter(bare + attempted), None)
    return best, read[best] if best else walk(GRAMMARS[[*marked, "hermes"][0]], text, tools)


def _marked(text: str) -> list[str]:
    """The formats whose markers occur, in the order of the first ones."""
    places: dict[str, int] = {}
    for name, markers in MARKERS.items():
        for marker in markers:
            place = text.find(marker)
            if place >= 0:
                places[name] = min(place, places.get(name, place))
    for match in re.finditer("<tool_call>", text):
        name = _shared(text, skip(text, match.end()))
        places[name] = min(match.start(), places.get(name, match.start()))
    return sorted(places, key=lambda name: places[name])


def _shared(text: str, at: int) -> str:
    if text[at : at + 1] == "[":
        return "granite"
    if text.startswith("<function", at):
        return "qwen3_coder"
    return "glm45" if re.compile(r"[A-Za-z0-9_]|[^\x00-\x7f]").match(text, at) else "hermes"
