"""The tiny student's vocabulary: what is one token.

The JSON around a call, a turn's markers, the words of the tasks and the tools' names are one token each.
Numbers are cut into two digits from the right, and whatever else a text holds falls back to its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mentor.data.tasks.instructions import INSTRUCTIONS
from mentor.data.tasks.problems import NEW_FRAMES, SEEN_FRAMES
from mentor.data.tasks.toolbox import TOOL_NAMES

__all__ = ["END_OF_TURN", "PADDING", "PIECES", "pieces_of", "split_pattern"]

PADDING = "<|endoftext|>"
END_OF_TURN = "<|im_end|>"

GLUE: tuple[str, ...] = (
    "<|im_start|>system\n",
    "\n<|im_start|>user\n",
    "<|im_start|>user\n",
    "\n<|im_start|>assistant\n",
    "<|im_start|>assistant\n",
    '\n<tool_call>\n{"name": "',
    '<tool_call>\n{"name": "',
    '", "arguments": {"numbers": [',
    '", "arguments": {"a": ',
    '", "arguments": {"x": ',
    ', "b": ',
    "]}}\n</tool_call>",
    "}}\n</tool_call>",
    "\n<tool_response>\n",
    "\n</tool_response>",
    "\\boxed{",
    "Error: ",
)
"""Markers and JSON that stand for one token each. None reaches over the end of a turn or a response."""

# fmt: off
ERROR_WORDS: tuple[str, ...] = (
    "a", "an", "are", "argument", "arguments", "base", "be", "called", "division", "error",
    "exponent", "expected", "float", "for", "got", "is", "large", "math", "missing", "must",
    "named", "negative", "no", "not", "number", "numbers", "of", "offered", "or", "real", "result",
    "root", "square", "the", "too", "tool", "tools", "unknown", "value", "ZeroDivisionError",
    "ValueError", "OverflowError", "TypeError", "zero", "has",
)
"""Words of the tools' error messages, so that an error does not fill the context with single bytes."""
# fmt: on

_NUMBER = r"\d(?=(?:\d\d)+(?!\d))|\d\d|\d"
_WORD = r"[A-Za-z_]+[ \n]?"
_PUNCTUATION = r"[,.:!] "


def split_pattern() -> str:
    """The regular expression (Oniguruma's and Python's syntax) whose matches are a text's pieces.

    What lies between two matches is a piece as well.
    """
    glue = "|".join(re.escape(text) for text in sorted(GLUE, key=len, reverse=True))
    return f"{glue}|{_NUMBER}|{_WORD}|{_PUNCTUATION}"


def pieces_of(text: str) -> list[str]:
    """The matched pieces of a text in order."""
    return re.findall(split_pattern(), text)


def _task_texts() -> Iterator[str]:
    for beginning, joint, end in (*SEEN_FRAMES, *NEW_FRAMES):
        yield from (beginning.format(x="0"), joint, end)
    for instruction in INSTRUCTIONS.values():
        for phrasing in instruction.phrasings:
            yield phrasing.format(b="0", c="0")


def _pieces() -> Iterator[str]:
    yield from GLUE
    yield from (f"{tens}{ones}" for tens in range(10) for ones in range(10))
    for name in TOOL_NAMES:
        yield from (name, f"{name}\n")
    words = sorted(
        {piece.strip() for text in _task_texts() for piece in pieces_of(text)} - {"", "0"} | set(ERROR_WORDS)
    )
    for word in words:
        yield from ((word, f"{word} ") if word.isalpha() else (f"{word} ",))


PIECES: tuple[str, ...] = tuple(dict.fromkeys(_pieces()))
"""Every piece of more than a byte that has a token of its own, in the order of their ids."""
