"""Numbers: how they are written."""

from __future__ import annotations

import random
from fractions import Fraction

from mentor.bench.answer_pairs.pair import Made, frac

__all__ = [
    "currency",
    "decimals",
    "fractions",
    "mixed",
    "numbers",
    "percents",
    "powers",
    "repeating",
    "scientific",
    "surds",
]


def grouped(n: int, comma: str) -> str:
    """A number with separators between groups of three digits."""
    return f"{n:,}".replace(",", comma)


def _factorial(n: int) -> int:
    return n * _factorial(n - 1) if n > 1 else 1


def numbers(r: random.Random) -> Made:
    """Whole numbers: separators, signs, leading zeros, size."""
    n = r.randint(1000, 10**9)
    for comma in (",", "{,}", r"\,", " ", r",\!"):
        yield grouped(n, comma), str(n), True
    yield grouped(n, ","), str(n + 1), False
    yield f"{n}.0", str(n), True
    yield f"-{n}", str(n), False
    yield f"{n}.{r.randint(1, 9)}", str(n), False
    big = r.randint(10**40, 10**41)
    yield str(big), str(big + 1), False
    yield f"+{n}", f"00{n}", True


def decimals(r: random.Random) -> Made:
    """Decimals, their fractions, a decimal comma."""
    a, places = r.randint(1, 10**6), r.randint(1, 6)
    value = Fraction(a, 10**places)
    text = f"{a / 10**places:.{places}f}"
    yield text, frac(value), True
    yield text + "00", text, True
    yield text.lstrip("0") if text.startswith("0.") else text, text, True
    yield text, frac(value + Fraction(1, 10 ** (places + 3))), False
    tiny = r.randint(11, 98)
    yield f"0.000000{tiny}", f"0.000000{tiny + 1}", False
    yield (
        text.replace(".", ","),
        text,
        ("." in text and len(text.split(".")[1]) != 3) or text.startswith("0."),
    )


def fractions(r: random.Random) -> Made:
    """Fractions in every style, reduced or not."""
    value = Fraction(r.randint(-99, 99) or 1, r.randint(2, 99))
    k = r.randint(2, 9)
    if value.denominator == 1:
        value += Fraction(1, 3)
    unreduced = rf"\frac{{{value.numerator * k}}}{{{value.denominator * k}}}"
    yield unreduced, frac(value, 1), True
    yield frac(value, 2), frac(value, 0), True
    yield frac(value), frac(value + Fraction(1, 7)), False
    yield frac(value), frac(1 / value if abs(value) != 1 else value + 1), False
    digit = r.randint(2, 9)
    yield rf"\frac1{digit}", f"1/{digit}", True
    yield rf"\frac{{1}}{digit}", rf"\tfrac 1{{{digit}}}", True


def mixed(r: random.Random) -> Made:
    """Whole numbers with a fraction beside them."""
    whole, below = r.randint(1, 20), r.randint(2, 12)
    above = r.randint(1, below - 1)
    value = whole + Fraction(above, below)
    for text in (
        f"{whole} {above}/{below}",
        rf"{whole}\frac{{{above}}}{{{below}}}",
        rf"{whole} \dfrac{{{above}}}{{{below}}}",
    ):
        yield text, frac(value), True
        yield text, frac(value + 1), False
    yield f"{whole}½", frac(whole + Fraction(1, 2)), True


def percents(r: random.Random) -> Made:
    """Percentages, as numbers and as shares."""
    p = r.randint(1, 99)
    share = frac(Fraction(p, 100))
    for text in (f"{p}%", rf"{p}\%", f"{p} percent", rf"${p} \%$"):
        yield text, rf"{p}\%", True
        yield text, str(p), True
        yield share, text, True
    yield f"{p}%", rf"{p + 1}\%", False
    yield f"{p / 100 + 0.001:.3f}", rf"{p}\%", False


def currency(r: random.Random) -> Made:
    """Sums of money."""
    n, c = r.randint(1, 5000), r.randint(10, 99)
    for text in (rf"\${n}.{c}", f"${n}.{c}", f"{n}.{c} dollars", f"{n}.{c}€", f"£{n}.{c}"):
        yield text, f"{n}.{c}", True
        yield text, f"{n + 1}.{c}", False
    yield f"{n} dollars", rf"\${n}", True
    yield f"€{n}", f"${n}", False


def scientific(r: random.Random) -> Made:
    """Powers of ten."""
    a, e = r.randint(11, 99), r.randint(3, 30)
    value = a * 10 ** (e - 1)
    forms = (
        f"{a / 10}e{e}",
        f"{a / 10}E+{e}",
        rf"{a / 10} \times 10^{{{e}}}",
        rf"{a / 10}\cdot10^{{{e}}}",
        f"{a / 10} × 10^{e}",
    )
    for text in forms:
        yield text, str(value), True
        yield text, f"{a / 10}e{e + 1}", False
    yield f"{a}e-{e}", rf"\frac{{{a}}}{{10^{{{e}}}}}", True


def repeating(r: random.Random) -> Made:
    """Repeating decimals and their fractions."""
    period = str(r.randint(1, 998)).zfill(r.randint(1, 3))
    if not period.strip("9") or not period.strip("0"):
        period = "36"
    value = Fraction(int(period), 10 ** len(period) - 1)
    for text in (rf"0.\overline{{{period}}}", f"0.({period})", f"0.{period * 3}..."):
        yield text, frac(value), True
        yield text, f"0.{period}", False
    yield rf"2.5\overline{{{period}}}", frac(Fraction(25, 10) + value / 10), True
    digit = r.randint(1, 8)
    yield f"0.{str(digit) * 3}...", frac(Fraction(digit, 9)), True
    yield f"0.{str(digit) * 15}", frac(Fraction(digit, 9)), True
    yield f"0.{str(digit) * 4}", frac(Fraction(digit, 9)), False


def surds(r: random.Random) -> Made:
    """Roots of whole numbers."""
    a, b = r.randint(2, 9), r.choice([2, 3, 5, 6, 7, 10, 11])
    c = r.choice([x for x in (2, 3, 5, 7, 13) if x != b])
    yield rf"\sqrt{{{a * a * b}}}", rf"{a}\sqrt{{{b}}}", True
    yield rf"\frac{{{a}}}{{\sqrt{{{b}}}}}", rf"\frac{{{a}\sqrt{{{b}}}}}{{{b}}}", True
    yield (
        rf"\frac{{1}}{{{a}+\sqrt{{{b}}}}}" if a * a != b else "1",
        (rf"\frac{{{a}-\sqrt{{{b}}}}}{{{a * a - b}}}" if a * a != b else "1"),
        True,
    )
    yield rf"\sqrt{{{b}}}+\sqrt{{{c}}}", rf"\sqrt{{{b + c}+2\sqrt{{{b * c}}}}}", True
    yield rf"\sqrt{{{b}}}\cdot\sqrt{{{c}}}", rf"\sqrt{{{b * c}}}", True
    yield rf"\sqrt{{{b}}}+\sqrt{{{c}}}", rf"\sqrt{{{b + c}}}", False
    yield rf"{a}\sqrt{{{b}}}", rf"{a + 1}\sqrt{{{b}}}", False
    yield rf"\sqrt[3]{{{a**3 * b}}}", rf"{a}\sqrt[3]{{{b}}}", True
    yield rf"{b}^{{1/2}}", f"√{b}", True
    yield rf"({a}+\sqrt{{{b}}})^2", rf"{a * a + b}+{2 * a}\sqrt{{{b}}}", True


def powers(r: random.Random) -> Made:
    """Powers, towers of them, factorials."""
    a, n = r.randint(2, 9), r.randint(3, 12)
    yield f"{a}^{{{n}}}", str(a**n), True
    yield f"{a}**{n}", f"{a}^{n}", True
    yield f"{a}^{{-{n}}}", rf"\frac{{1}}{{{a**n}}}", True
    yield f"{a}^{{{n}}}", str(a**n + 1), False
    yield rf"\frac{{1}}{{2^{{{n + 90}}}}}", rf"\frac{{1}}{{2^{{{n + 91}}}}}", False
    yield f"{a}^{{{a}^{{{a}}}}}", f"{a}^{{{a**a}}}", True
    yield rf"9^{{9^{{{n}}}}}", rf"9^{{9^{{{n + 1}}}}}", False
    yield f"{n}!", str(_factorial(n)), True
    yield f"1/{n + 2000}!", f"1/{n + 2001}!", False
    yield f"{n + 10**7}!", f"{n + 1 + 10**7}!", False
    yield rf"8^{{\frac{{{n}}}{{3}}}}", str(2**n), True
