"""The hermes format, by regular expressions and Python's json. Spans in characters; quadratic at worst."""

import json
import re
from typing import Any

OPENING = re.compile(r"<tool_call>|<think>|<tool_response>")
STOP = re.compile(r"<tool_call>|<think>|<tool_response>|<\|im_end\|>|<\|endoftext\|>|</s>")
TURN_ENDS = ("<|im_end|>", "<|endoftext|>", "</s>")
MAX_DEPTH = 128


def parse(text: str, tools: set[str] | None = None) -> list[dict[str, Any]]:
    """Every attempt: status, name, arguments and span."""
    attempts = []
    at = 0
    while tag := OPENING.search(text, at):
        if tag[0] == "<think>":
            end = text.find("</think>", tag.end())
            at = tag.end() if end < 0 else end + len("</think>")
        elif tag[0] == "<tool_response>":
            end = text.find("</tool_response>", tag.end())
            at = len(text) if end < 0 else end + len("</tool_response>")
        else:
            attempt = _read(text, tag.start(), tag.end(), tools)
            attempts.append(attempt)
            at = attempt["span"][1]
    return attempts


def _read(text: str, start: int, inside: int, tools: set[str] | None) -> dict[str, Any]:
    body = _skip(text, inside)
    try:
        if text[body : body + 1] != "{":
            raise ValueError("not an object")
        value, end = strict_json(text, body)
    except (ValueError, RecursionError):
        return _malformed(text, start, inside)
    after = _skip(text, end)
    if text.startswith("</tool_call>", after):
        span = (start, after + len("</tool_call>"))
    elif not text[after:].strip() or text.startswith(TURN_ENDS, after):
        span = (start, end)
    else:
        return _malformed(text, start, end)
    call = call_of(value)
    if call is None:
        return {"status": "malformed", "name": None, "arguments": None, "span": span}
    name, arguments = call
    status = "valid" if tools is None or name in tools else "unknown"
    return {"status": status, "name": name, "arguments": arguments, "span": span}


def _malformed(text: str, start: int, start_looking: int) -> dict[str, Any]:
    sibling = text.find("<tool_call>", start_looking)
    close = text.find("</tool_call>", start_looking)
    stop = STOP.search(text, start_looking)
    if close >= 0 and (sibling < 0 or close < sibling):
        end = close + len("</tool_call>")
    else:
        end = stop.start() if stop else len(text)
    return {"status": "malformed", "name": None, "arguments": None, "span": (start, end)}


def call_of(value: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Name and arguments of a decoded call; None if it is not one."""
    arguments = value["arguments"] if "arguments" in value else value.get("parameters", {})
    if isinstance(arguments, str):
        text = arguments
        try:
            arguments, end = strict_json(text, _skip(text, 0))
        except (ValueError, RecursionError):
            return None
        if _skip(text, end) < len(text):
            return None
    name = value.get("name")
    if not isinstance(name, str) or not name or not isinstance(arguments, dict):
        return None
    return name, arguments


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\n", "\r"):
        at += 1
    return at


def strict_json(text: str, at: int) -> tuple[Any, int]:
    """The JSON value at a place, and the place behind it; ValueError where it is not strict."""
    decoder = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_pairs)
    value, end = decoder.raw_decode(text, at)
    _check(value)
    if _depth(value) > MAX_DEPTH:
        raise ValueError("too deep")
    return value, end


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _finite(literal: str) -> float:
    value = float(literal)
    if value in (float("inf"), float("-inf")):
        raise ValueError(literal)
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Values that a later one of the same key replaces must be well formed too.
    for key, value in pairs:
        _check(key)
        _check(value)
    return dict(pairs)


def _check(value: Any) -> None:
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, list):
        for item in value:
            _check(item)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def answer(text: str) -> str | None:
    r"""The content of the complete `\boxed{...}` that starts last; each one is looked at by itself."""
    for box in reversed(list(re.finditer(r"\\boxed[ \t\n\f\r]*\{", text))):
        inside = _balanced(text, box.end())
        if inside is not None:
            return inside
    return None


def _balanced(text: str, start: int) -> str | None:
    depth, at = 1, start
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("{", "}", "\\") and text[at + 1 :][:6] != "\\boxed":
            at += 2
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[start:at]
        at += 1
    return None
