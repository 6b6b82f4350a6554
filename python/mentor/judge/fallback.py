"""Math-Verify for the pairs that the native judge leaves undecided.

Math-Verify (https://github.com/huggingface/Math-Verify) is used as it is, with its known faults. It limits its time by
SIGALRM, which works on the main thread only; elsewhere it runs without a limit. Texts longer than 1,000
characters, deeply nested ones, and towers of powers and factorials that would never come back are not handed to it.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import re
import threading
from collections.abc import Sequence
from typing import Final

from mentor.judge import kept

__all__ = ["ask", "installed"]

TIMEOUT: Final = 5
"""Math-Verify's limit per parsing and per comparison, in seconds."""

MAX_CHARS: Final = 1_000
MAX_DEPTH: Final = 24

_EXPLOSIVE: Final = re.compile(
    r"\d[\s)}]*(?:\^|\*\*)[\s{(]*\d+[\s)}]*(?:\^|\*\*)"  # towers of powers
    r"|(?:\^|\*\*)[\s{(]*[+-]?\d{5}"  # exponents of five digits and more
    r"|\d{4,}[\s)}]*!|!\s*!"  # factorials of four digits and more, and of factorials
)


@functools.cache
def installed() -> bool:
    """Whether Math-Verify can be asked."""
    return importlib.util.find_spec("math_verify") is not None


def ask(pairs: Sequence[kept.Pair], file: str | os.PathLike[str] | None) -> list[bool | None]:
    """Asks about pairs of normal texts, or remembers; None where it does not know either.

    Raises:
        JudgeError: The file that keeps verdicts cannot be used.
    """
    known = kept.recall(dict.fromkeys(pairs), file)
    new = {pair: _ask(*pair) for pair in dict.fromkeys(pairs) if pair not in known}
    kept.remember(new, file)
    known.update(new)
    return [known[pair] for pair in pairs]


def _hopeless(text: str) -> bool:
    """Whether Math-Verify would take seconds, or for ever, over a text."""
    if len(text) > MAX_CHARS or text.count("^") > MAX_DEPTH or _EXPLOSIVE.search(text):
        return True
    depth = deepest = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


def _ask(answer: str, reference: str) -> bool | None:
    if _hopeless(answer) or _hopeless(reference):
        return None
    library = importlib.import_module("math_verify")
    errors = importlib.import_module("math_verify.errors")
    limit = TIMEOUT if threading.current_thread() is threading.main_thread() else None

    def compare(strict: bool) -> bool | None:
        gold = library.parse(f"\\boxed{{{reference}}}", parsing_timeout=limit, raise_on_error=strict)
        given = library.parse(f"\\boxed{{{answer}}}", parsing_timeout=limit, raise_on_error=strict)
        if not gold:
            return None
        return bool(library.verify(gold, given, timeout_seconds=limit, raise_on_error=strict))

    # A form that it cannot read or compare is no verdict: in its own, lax way it goes on to the next form.
    for strict in (True, False):
        try:
            return compare(strict)
        except errors.TimeoutException:
            return None
        except Exception:
            continue
    return None
