r"""Answers as plain text and as exact numbers: what the judge decides without a computer algebra system.

Numbers are integers and decimals of any size up to a bound, with thousands separators (`7,425,000`, `1 000`,
`14{,}916`), a sign, a currency sign, scientific notation (`1.5e8`, `2 \times 10^{3}`), and fractions (`10/9`,
`\frac{10}{9}`, `\frac13`). All are exact: nothing is rounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

__all__ = ["Reading", "compare", "normalise", "read"]

MAX_NUMBER_CHARS: Final = 4_000
"""Longer texts are not read as numbers: Python's `int` refuses more than 4,300 digits."""

MAX_EXPONENT: Final = 4_000
"""Larger powers of ten are not written out."""

CORRECT_DIGITS: Final = 12
"""A decimal with this many correct digits equals a fraction that no decimal writes."""

_WRAPPERS: Final = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))
_SPACES: Final = re.compile(r"(?:\s|~|\\[,;: ]|\\quad\b|\\qquad\b)+")
_NEGATIVE_SPACE: Final = re.compile(r"\\!\s*")
_GROUPED: Final = re.compile(r"\d{1,3}(?:(?:,|\{,\}) ?\d{3})+|\d{1,3}(?: \d{3})+")
_CURRENCY: Final = re.compile(r"(?:\\\$|\$|€|£|¥)")
_PERCENT: Final = re.compile(r"\s*(?:\\?%|percent\b|pct\b|percentage\b)$")
_DECIMAL: Final = re.compile(
    r"([+-]?)(\d*)(?:\.(\d*))?"  # sign, whole, part
    r"(?:[eE]([+-]?\d+)| ?(?:\\times|\\cdot|\*|×) ?10\^\{?([+-]?\d+)\}?)?"  # exponent
)
_FRACTION: Final = re.compile(
    r"([+-]?) ?(?:\\[dtc]?frac ?(?:\{ ?([+-]?\d+) ?\} ?\{ ?([+-]?\d+) ?\}"  # \frac{10}{9}
    r"|(\d) ?(\d)|(\d) ?\{ ?(\d+) ?\}|\{ ?(\d+) ?\} ?(\d))"  # \frac19, \frac1{9}, \frac{1}9
    r"|(\d+) ?/ ?(\d+))"
)
_WORDS: Final = re.compile(r"[^\W\d_]{2,}(?: [^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says.

    Attributes:
        text: The text after light normalisation.
        number: Its exact value where it is a number; a percentage's is the number before the sign.
        percent: Whether a percent sign or word follows the number.
        decimal: The number of significant digits where it is written as a decimal with a point, else None.
        comma: Its value if its one comma is a decimal comma, where that may be.
        words: Whether it is nothing but words.
    """

    text: str
    number: Fraction | None = None
    percent: bool = False
    decimal: int | None = None
    comma: Fraction | None = None
    words: bool = False


def normalise(text: str) -> str:
    r"""The text without what never changes an answer.

    White space becomes one blank, math delimiters around the whole and a final full stop go, as do `\left`
    and `\right`, and `\text{...}` around the whole.

    >>> normalise(r" $ \left( 1,\! 2 \right) $. ")
    '( 1, 2 )'
    """
    text = _SPACES.sub(" ", _NEGATIVE_SPACE.sub("", text)).strip()
    while True:
        before = text
        if text.endswith(".") and not text.endswith(".."):
            text = text[:-1].rstrip()
        for left, right in _WRAPPERS:
            inner = text[len(left) : -len(right)]
            if len(text) > len(left) + len(right) - 1 and text.startswith(left) and text.endswith(right):
                text = inner.strip() if left not in inner and not inner.endswith("\\") else text
        if match := re.fullmatch(r"\\(?:text|textbf|mathrm|mbox|mathbf) ?\{([^{}]*)\}", text):
            text = match[1].strip()
        if text == before:
            return re.sub(r"\\(?:left|right)(?![a-zA-Z])\s*", "", text)


def read(text: str) -> Reading:
    """Reads a text; what it cannot read as a number is left as text."""
    plain = normalise(text)
    if len(plain) > MAX_NUMBER_CHARS:
        return Reading(plain)
    stripped = _PERCENT.sub("", plain)
    percent = stripped != plain
    bare = _CURRENCY.sub("", stripped, count=1) if not percent else stripped
    bare = re.sub(r"^([+-]) ", r"\1", bare.strip())
    comma = _decimal_comma(bare)
    number, digits = _number(bare)
    if number is None and comma is None:
        return Reading(plain, words=_WORDS.fullmatch(plain) is not None)
    return Reading(plain, number, percent, digits, comma)


def _decimal_comma(text: str) -> Fraction | None:
    match = re.fullmatch(r"([+-]?\d+),(\d+)", text)
    return None if match is None else _number(f"{match[1]}.{match[2]}")[0]


def _number(text: str) -> tuple[Fraction | None, int | None]:
    """The exact value, and the significant digits of a decimal with a point."""
    if match := _FRACTION.fullmatch(text):
        sign, *parts = match.groups()
        above, below = (int(part) for part in parts if part is not None)
        value = None if below == 0 else Fraction(above, below)
        return (value if value is None or sign != "-" else -value), None
    match = _DECIMAL.fullmatch(_without_separators(text))
    if match is None or not (match[2] or match[3]):
        return None, None
    sign, whole, part = match[1], match[2], match[3] or ""
    exponent = int((match[4] or match[5] or "0")[:12])
    if abs(exponent) > MAX_EXPONENT:
        return None, None
    value = Fraction(int(whole + part or "0")) * Fraction(10) ** (exponent - len(part))
    digits = len((whole + part).lstrip("0")) if match[3] is not None else None
    return (-value if sign == "-" else value), digits


def _without_separators(text: str) -> str:
    """The text without thousands separators, where every group has three digits."""
    sign = text[:1] if text[:1] in "+-" else ""
    whole, point, rest = text[len(sign) :].partition(".")
    whole = whole.lstrip("0") if re.fullmatch(r"0+\d.*", whole) else whole
    if _GROUPED.fullmatch(whole):
        # A list such as `1, 234` has blanks behind its commas, and so is no number.
        whole = whole if re.search(r"(?<!\}),? \d", whole) and "," in whole else re.sub(r"[,{} ]", "", whole)
    return f"{sign}{whole}{point}{rest}"


def compare(answer: Reading, reference: Reading) -> bool | None:
    """Whether two readings agree; None where text and exact numbers cannot tell.

    Percent signs on one side only, and anything that is not a plain number or word, are left to others.
    """
    if answer.text == reference.text:
        return bool(answer.text)
    if not answer.text:
        return False
    if answer.words and reference.words:
        return answer.text.casefold() == reference.text.casefold()
    if _decimal_comma_agrees(answer, reference) or _decimal_comma_agrees(reference, answer):
        return True
    if answer.number is None or reference.number is None:
        return None
    if answer.number == reference.number:
        return True
    if answer.percent != reference.percent:
        return None
    return _rounds_to(answer, reference) or _rounds_to(reference, answer)


def _decimal_comma_agrees(one: Reading, other: Reading) -> bool:
    """A comma counts as a decimal comma where the other side is one number without a comma."""
    return one.comma is not None and other.comma is None and one.comma == other.number


def _rounds_to(decimal: Reading, exact: Reading) -> bool:
    """Whether the decimal is the fraction that no decimal writes, cut off or rounded late enough."""
    if decimal.decimal is None or decimal.decimal < CORRECT_DIGITS or exact.decimal is not None:
        return False
    number, fraction = decimal.number, exact.number
    if number is None or fraction is None or _terminates(fraction):
        return False
    places = _places(number)
    return abs(number - fraction) < Fraction(1, 10**places)


def _terminates(value: Fraction) -> bool:
    below = value.denominator
    for prime in (2, 5):
        while below % prime == 0:
            below //= prime
    return below == 1


def _places(value: Fraction) -> int:
    """The places behind the point of a terminating decimal."""
    places = 0
    while value.denominator != 1:
        value *= 10
        places += 1
    return places
