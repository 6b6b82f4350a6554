"""Strict JSON, character by character: RFC 8259, finite numbers, whole characters, at most 128 levels."""

import math
import re
from typing import Any

MAX_DEPTH = 128
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Unicode's white space. Python's `strip` takes U+001C to U+001F off too."""

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)")
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class ReadError(Exception):
    """Reading could not go on at a place."""

    def __init__(self, offset: int, kind: str = "") -> None:
        self.offset = offset
        self.kind = kind


def skip(text: str, at: int) -> int:
    """The next place that is not JSON white space."""
    while text[at : at + 1] in (" ", "\t", "\n", "\r"):
        at += 1
    return at


def value(text: str, at: int, depth: int = 0) -> tuple[Any, int]:
    """The value at a place, and the place behind it."""
    char = text[at : at + 1]
    if char == "{":
        return _object(text, at, depth)
    if char == "[":
        return _array(text, at, depth)
    if char == '"':
        return string(text, at)
    if char == "-" or char in tuple("0123456789"):
        return _number(text, at)
    for word, found in (("null", None), ("true", True), ("false", False)):
        if text.startswith(word, at):
            return found, at + len(word)
    raise ReadError(at)


def whole(text: str) -> Any:
    """The value of a text that is nothing else."""
    found, end = value(text, skip(text, 0))
    if skip(text, end) < len(text):
        raise ReadError(end)
    return found


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    if depth == MAX_DEPTH:
        raise ReadError(at)
    found: dict[str, Any] = {}
    at = skip(text, at + 1)
    if text[at : at + 1] == "}":
        return found, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise ReadError(at)
        key, at = string(text, at)
        at = skip(text, at)
        if text[at : at + 1] != ":":
            raise ReadError(at)
        found[key], at = value(text, skip(text, at + 1), depth + 1)
        at = skip(text, at)
        if text[at : at + 1] == "}":
            return found, at + 1
        if text[at : at + 1] != ",":
            raise ReadError(at)
        at = skip(text, at + 1)


def _array(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    if depth == MAX_DEPTH:
        raise ReadError(at)
    found: list[Any] = []
    at = skip(text, at + 1)
    if text[at : at + 1] == "]":
        return found, at + 1
    while True:
        item, at = value(text, at, depth + 1)
        found.append(item)
        at = skip(text, at)
        if text[at : at + 1] == "]":
            return found, at + 1
        if text[at : at + 1] != ",":
            raise ReadError(at)
        at = skip(text, at + 1)


def string(text: str, at: int) -> tuple[str, int]:
    """The string at a place, and the place behind it."""
    found = ""
    at += 1
    while at < len(text):
        char = text[at]
        if char == '"':
            return found, at + 1
        if char < " ":
            raise ReadError(at)
        if char != "\\":
            found += char
            at += 1
            continue
        at += 1
        escape = text[at : at + 1]
        if escape == "u":
            char, at = _unicode(text, at)
            found += char
        elif escape in ESCAPES:
            found += ESCAPES[escape]
            at += 1
        else:
            raise ReadError(at)
    raise ReadError(len(text))


def _unicode(text: str, at: int) -> tuple[str, int]:
    unit = _hex(text, at + 1)
    if unit is None:
        raise ReadError(at)
    if not 0xD800 <= unit <= 0xDFFF:
        return chr(unit), at + 5
    low = _hex(text, at + 7) if unit < 0xDC00 and text.startswith("\\u", at + 5) else None
    if low is None or not 0xDC00 <= low <= 0xDFFF:
        raise ReadError(at)
    return chr(0x10000 + ((unit - 0xD800) << 10) + low - 0xDC00), at + 11


def _hex(text: str, at: int) -> int | None:
    digits = text[at : at + 4]
    return int(digits, 16) if re.fullmatch("[0-9a-fA-F]{4}", digits) else None


def _number(text: str, start: int) -> tuple[int | float, int]:
    if text.startswith("-Infinity", start):
        raise ReadError(start)
    match = NUMBER.match(text, start)
    if match is None:
        raise ReadError(start + 1)
    at = match.end()
    whole_digits = len(match[0].lstrip("-"))
    is_float = False
    if text[at : at + 1] == ".":
        at, is_float = _digits(text, at + 1), True
    if text[at : at + 1] in ("e", "E"):
        at += 1 + (text[at + 1 : at + 2] in ("+", "-"))
        at, is_float = _digits(text, at), True
    if is_float:
        found = float(text[start:at])
        if not math.isfinite(found):
            raise ReadError(start)
        return found, at
    if whole_digits > 4300:
        raise ReadError(start)
    return int(text[start:at]), at


def _digits(text: str, at: int) -> int:
    """The place behind at least one digit."""
    end = at
    while text[end : end + 1] in tuple("0123456789"):
        end += 1
    if end == at:
        raise ReadError(at)
    return end
