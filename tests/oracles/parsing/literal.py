"""Python literals that have a JSON value, character by character."""

import math
import re
from typing import Any

from oracles.parsing.strict_json import MAX_DEPTH, ReadError, skip

WORDS = {"True": True, "true": True, "False": False, "false": False, "None": None, "null": None}
IDENTIFIER = re.compile(r"(?:[A-Za-z_]|[^\x00-\x7f])(?:[A-Za-z0-9_]|[^\x00-\x7f])*")
NUMBER = re.compile(
    r"[+-]?(?:(?P<whole>[0-9](?:_?[0-9])*)?(?P<point>\.)?(?P<part>(?<=\.)[0-9](?:_?[0-9])*)?)"
)
SIMPLE = {"\n": "", "\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t", "r": "\r"} | {
    "a": "\a", "b": "\b", "f": "\f", "v": "\v",
}  # fmt: skip


def whole(text: str) -> Any:
    """The value of a text that is nothing else."""
    found, end = value(text, 0)
    if end < len(text):
        raise ReadError(end)
    return found


def value(text: str, at: int, depth: int = 0) -> tuple[Any, int]:
    """The value at a place, and the place behind it."""
    char = text[at : at + 1]
    if char in ("[", "("):
        items, comma, end = _items(text, at, depth, "]" if char == "[" else ")")
        return (items[0] if char == "(" and len(items) == 1 and not comma else items), end
    if char == "{":
        return _braces(text, at, depth)
    if char in ("'", '"'):
        return _strings(text, at)
    if char in tuple("+-.0123456789"):
        return _number(text, at)
    match = IDENTIFIER.match(text, at)
    word = match[0] if match else ""
    if word in ("r", "R", "u", "U") and text[at + 1 : at + 2] in ("'", '"'):
        return _strings(text, at)
    if word in WORDS:
        return WORDS[word], at + len(word)
    raise ReadError(at)


def _enter(text: str, at: int, depth: int) -> int:
    if depth == MAX_DEPTH:
        raise ReadError(at)
    return skip(text, at + 1)


def _comma(text: str, at: int) -> tuple[bool, int]:
    at = skip(text, at)
    return (True, skip(text, at + 1)) if text[at : at + 1] == "," else (False, at)


def _items(text: str, at: int, depth: int, close: str) -> tuple[list[Any], bool, int]:
    at = _enter(text, at, depth)
    items: list[Any] = []
    comma = True
    while text[at : at + 1] != close:
        if not comma:
            raise ReadError(at)
        item, at = value(text, at, depth + 1)
        items.append(item)
        comma, at = _comma(text, at)
    return items, comma, at + 1


def _braces(text: str, at: int, depth: int) -> tuple[Any, int]:
    inside = _enter(text, at, depth)
    if text[inside : inside + 1] == "}":
        return {}, inside + 1
    _, end = value(text, inside, depth + 1)
    if text[skip(text, end) : skip(text, end) + 1] != ":":
        items, _, end = _items(text, at, depth, "}")
        return items, end
    found: dict[str, Any] = {}
    at, comma = inside, True
    while text[at : at + 1] != "}":
        if not comma:
            raise ReadError(at)
        key_at = at
        key, at = value(text, at, depth + 1)
        if not isinstance(key, str):
            raise ReadError(key_at)
        at = skip(text, at)
        if text[at : at + 1] != ":":
            raise ReadError(at)
        found[key], at = value(text, skip(text, at + 1), depth + 1)
        comma, at = _comma(text, at)
    return found, at + 1


def _number(text: str, start: int) -> tuple[int | float, int]:
    match = NUMBER.match(text, start)
    assert match is not None
    if not match["whole"] and not match["part"]:
        raise ReadError(start)
    at = match.end()
    exponent = text[at : at + 1] in ("e", "E")
    if exponent:
        at += 1 + (text[at + 1 : at + 2] in ("+", "-"))
        digits = re.compile("[0-9](?:_?[0-9])*").match(text, at)
        if digits is None:
            raise ReadError(at)
        at = digits.end()
    if IDENTIFIER.match(text, at):
        raise ReadError(at)
    written = text[start:at].replace("_", "").replace("+", "")
    if match["point"] or exponent:
        found = float(written)
        if not math.isfinite(found):
            raise ReadError(start)
        return found, at
    digits_only = written.lstrip("-")
    if (len(digits_only) > 1 and digits_only[0] == "0") or len(digits_only) > 4300:
        raise ReadError(start)
    return int(written), at


def _strings(text: str, at: int) -> tuple[str, int]:
    found = ""
    while match := re.compile(r"([rRuU]?)(['\"])").match(text, at):
        piece, end = _string(text, match.start(2), raw=match[1] in ("r", "R"))
        found += piece
        at = skip(text, end)
    return found, end


def _string(text: str, at: int, *, raw: bool) -> tuple[str, int]:
    quote = text[at]
    close = quote * 3 if text.startswith(quote * 3, at) else quote
    at += len(close)
    found = ""
    while at < len(text):
        if text.startswith(close, at):
            return found, at + len(close)
        if text[at] == "\n" and len(close) == 1:
            raise ReadError(at)
        if text[at] == "\\":
            piece, at = _escape(text, at, raw=raw)
            found += piece
        else:
            found += text[at]
            at += 1
    raise ReadError(len(text))


def _escape(text: str, at: int, *, raw: bool) -> tuple[str, int]:
    char = text[at + 1 : at + 2]
    if not char:
        raise ReadError(len(text))
    if raw:
        return "\\" + char, at + 2
    if char in SIMPLE:
        return SIMPLE[char], at + 2
    for pattern, base in (("([0-7]{1,3})", 8), ("x(.{2})", 16), ("u(.{4})", 16), ("U(.{8})", 16)):
        if match := re.compile(pattern, re.DOTALL).match(text, at + 1):
            if base == 16 and not re.fullmatch("[0-9a-fA-F]+", match[1]):
                raise ReadError(at)
            code = int(match[1], base)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise ReadError(at)
            return chr(code), match.end()
    if char in "xuUN":
        raise ReadError(at)
    return "\\" + char, at + 2
