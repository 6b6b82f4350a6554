"""Lists of calls: JSON objects, Python calls, Llama's objects in a row."""

import contextlib
import re
from typing import Any, Protocol

from oracles.parsing import literal, strict_json
from oracles.parsing.literal import IDENTIFIER
from oracles.parsing.strict_json import ReadError, skip
from oracles.parsing.walk import Context, call_of

PYTHON_MARKERS = {"<|python_start|>": "<|python_end|>", "<|tool_call_start|>": "<|tool_call_end|>"}
NEXT_OBJECT = re.compile(r",[ \t\n\r]*(?=\{)")
PYTHON_NAME = rf"{IDENTIFIER.pattern}(?:\.{IDENTIFIER.pattern})*"
NEXT_CALL = re.compile(rf",[ \t\n\r]*(?={PYTHON_NAME}[ \t\n\r]*\()")
BEGINS_CALL = re.compile(rf"{PYTHON_NAME}[ \t\n\r]*\(")


class Elements(Protocol):
    """How the elements of a list are written."""

    separator: re.Pattern[str]

    def read(self, context: Context, at: int) -> tuple[Any, int]: ...
    def counts(self, found: Any) -> bool: ...
    def take(self, context: Context, found: Any, at: int, end: int) -> None: ...


def _list(context: Context, opening: int, kind: "Elements") -> int:
    text = context.text
    comma, at = opening, skip(text, opening + 1)
    if text[at : at + 1] == "]":
        return at + 1
    broken: tuple[int, ReadError] | None = None
    last = at
    while True:
        try:
            found, end, after = _element(context, at, kind)
        except ReadError as error:
            context.failed(error.offset)
            broken = broken or (at, error)
            following = _sibling(context, at + 1, kind)
        else:
            if broken is not None and not kind.counts(found):
                following = _sibling(context, end, kind)
            else:
                if broken is not None:
                    context.broken(broken[0], comma, comma, broken[1])
                    broken = None
                kind.take(context, found, at, end)
                last = end
                if text[after : after + 1] != ",":
                    return after + 1 if text[after : after + 1] == "]" else end
                following = after, skip(text, after + 1)
                if not context.allows(following[1]):
                    following = _sibling(context, following[1], kind)
        if following is not None:
            comma, at = following
        elif broken is None:
            return last
        else:
            end = _end_of_broken(context, *broken)
            return context.broken(broken[0], end, end, broken[1])


def _element(context: Context, at: int, kind: "Elements") -> tuple[Any, int, int]:
    """The element at a place, its end, and the place of what follows it."""
    found, end = kind.read(context, at)
    after = skip(context.text, end)
    if context.text[after : after + 1] not in (",", "]") and not context.is_over(after):
        raise ReadError(after)
    return found, end, after


def _sibling(context: Context, start: int, kind: "Elements") -> tuple[int, int] | None:
    stop = context.stop(start)
    while (match := kind.separator.search(context.text, start)) and match.start() < stop:
        if context.allows(match.end()):
            return match.start(), match.end()
        start = max(context.furthest, match.start() + 1)
    return None


def _end_of_broken(context: Context, at: int, fault: ReadError) -> int:
    stop = context.stop(at + 1)
    end = context.text.find("]", min(fault.offset, stop), stop)
    return stop if end < 0 else end + 1


# ---- objects


def objects(context: Context, start: int, inside: int) -> int:
    """The list behind a marker."""
    opening = skip(context.text, inside)
    if context.text[opening : opening + 1] != "[":
        body_end, end = context.end_of_malformed(inside)
        return context.broken(start, end, body_end, ReadError(opening))
    return _list(context, opening, _Objects())


def after_marker(context: Context, start: int, tag: str) -> int:
    return objects(context, start, start + len(tag))


def after_functools(context: Context, start: int, _tag: str) -> int:
    return objects(context, start, start + len("functools"))


class _Objects:
    separator = NEXT_OBJECT

    def read(self, context: Context, at: int) -> tuple[Any, int]:
        return strict_json.value(context.text, at)

    def counts(self, found: Any) -> bool:
        try:
            call_of(found if isinstance(found, dict) else {}, 0)
        except ReadError:
            return False
        return "arguments" in found or "parameters" in found

    def take(self, context: Context, found: Any, at: int, end: int) -> None:
        try:
            name, arguments = call_of(found if isinstance(found, dict) else {}, at)
        except ReadError:
            context.malformed(at, end, at)
        else:
            context.finished(name, arguments, at, end)


# ---- Llama's objects


def marked(context: Context, marker: int, tag: str) -> int:
    text = context.text
    start, at = marker, skip(text, marker + len(tag))
    while True:
        try:
            found, end = context.object(at)
            name, arguments = call_of(found, at)
        except ReadError as fault:
            context.failed(fault.offset)
            stop = context.stop(marker + 1 if start == marker else at + 1)
            following = _brace(context, at, stop, fault)
            end = stop if following is None else following
            return context.broken(start, end, end, fault)
        context.finished(name, arguments, start, end)
        following = skip(text, end)
        if text[following : following + 1] == ";":
            following = skip(text, following + 1)
        if text[following : following + 1] != "{" or not context.allows(following):
            return end
        start = at = following


def bare(context: Context, at: int, _tag: str) -> int:
    if not context.allows(at):
        return max(context.furthest, at + 1)
    try:
        found, end = context.object(at)
    except ReadError as fault:
        context.failed(fault.offset)
        limit = min(context.stop(at + 1), fault.offset)
        following = _brace(context, at, limit, fault)
        return max(limit, at + 1) if following is None else following
    if "arguments" in found or "parameters" in found:
        with contextlib.suppress(ReadError):
            context.finished(*call_of(found, at), at, end)
    return end


def _brace(context: Context, at: int, stop: int, fault: ReadError) -> int | None:
    for match in re.compile(r"\{").finditer(context.text, at + 1, stop):
        before = context.text[at : match.start()].rstrip(" \t\n\r\f")
        if match.start() >= fault.offset or before.endswith(("}", ";")):
            return match.start()
    return None


# ---- Python calls


def python_marked(context: Context, start: int, tag: str) -> int:
    inside = start + len(tag)
    opening = skip(context.text, inside)
    if context.text[opening : opening + 1] != "[":
        body_end, end = context.end_of_malformed(inside)
        return context.broken(start, end, body_end, ReadError(opening))
    end = _list(context, opening, _Calls())
    after = skip(context.text, end)
    close = PYTHON_MARKERS[tag]
    return after + len(close) if context.text.startswith(close, after) else end


def python_bare(context: Context, opening: int, _tag: str) -> int:
    if not BEGINS_CALL.match(context.text, skip(context.text, opening + 1)):
        return opening + 1
    if not context.allows(opening):
        return max(context.furthest, opening + 1)
    before = len(context.attempts)
    end = _list(context, opening, _Calls())
    found = context.attempts[before:]
    if any(one["status"] != "malformed" for one in found):
        return end
    del context.attempts[before:]
    fault = max(found[0]["offset"] if found else end, opening + 1)
    list_end = context.text.find(")]", opening, fault)
    return fault if list_end < 0 else list_end + 2


class _Calls:
    separator = NEXT_CALL

    def read(self, context: Context, at: int) -> tuple[Any, int]:
        return _read_call(context, at)

    def counts(self, found: Any) -> bool:
        return True

    def take(self, context: Context, found: Any, at: int, end: int) -> None:
        context.finished(*found, at, end)


def _read_call(context: Context, at: int) -> tuple[Any, int]:
    text = context.text
    match = re.compile(PYTHON_NAME).match(text, at)
    if match is None:
        raise ReadError(at)
    arguments = {}
    at = skip(text, context.expect(skip(text, match.end()), "("))
    while text[at : at + 1] != ")":
        key = re.compile(rf"({IDENTIFIER.pattern})[ \t\n\r]*=").match(text, at)
        if key is None:
            raise ReadError(at)
        arguments[key[1]], at = literal.value(text, skip(text, key.end()))
        at = skip(text, at)
        if text[at : at + 1] == ",":
            at = skip(text, at + 1)
        elif text[at : at + 1] != ")":
            raise ReadError(at)
    return (match[0], arguments), at + 1
