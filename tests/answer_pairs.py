"""Labelled pairs of answers made by construction: the label follows from how a pair is made, not from a judge.

Each function makes pairs of one kind from random numbers: equal ones by writing one value in two ways, different
ones by writing another value in one of them. `made(seed)` gives all of them, the same for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

Made: TypeAlias = Iterator[tuple[str, str, bool]]
ROUNDS = 20


@dataclass(frozen=True)
class Pair:
    kind: str
    answer: str
    reference: str
    equal: bool


def frac(value: Fraction, style: int = 0) -> str:
    """A fraction in one of several styles."""
    sign, value = ("-" if value < 0 else ""), abs(value)
    a, b = value.numerator, value.denominator
    if b == 1:
        return f"{sign}{a}"
    return [rf"{sign}\frac{{{a}}}{{{b}}}", f"{sign}{a}/{b}", rf"{sign}\dfrac{{{a}}}{{{b}}}"][style % 3]


def grouped(n: int, comma: str) -> str:
    return f"{n:,}".replace(",", comma)


def numbers(r: random.Random) -> Made:
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
    p = r.randint(1, 99)
    share = frac(Fraction(p, 100))
    for text in (f"{p}%", rf"{p}\%", f"{p} percent", rf"${p} \%$"):
        yield text, rf"{p}\%", True
        yield text, str(p), True
        yield share, text, True
    yield f"{p}%", rf"{p + 1}\%", False
    yield f"{p / 100 + 0.001:.3f}", rf"{p}\%", False


def currency(r: random.Random) -> Made:
    n, c = r.randint(1, 5000), r.randint(10, 99)
    for text in (rf"\${n}.{c}", f"${n}.{c}", f"{n}.{c} dollars", f"{n}.{c}€", f"£{n}.{c}"):
        yield text, f"{n}.{c}", True
        yield text, f"{n + 1}.{c}", False
    yield f"{n} dollars", rf"\${n}", True
    yield f"€{n}", f"${n}", False


def scientific(r: random.Random) -> Made:
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


def _factorial(n: int) -> int:
    return n * _factorial(n - 1) if n > 1 else 1


def polynomials(r: random.Random) -> Made:
    a, b, c = r.randint(1, 9), r.randint(1, 9), r.randint(2, 9)
    expanded = f"{c}x^2+{c * (a + b)}x+{c * a * b}"
    yield f"{c}(x+{a})(x+{b})", expanded, True
    yield f"{c}(x+{a})(x+{b})", f"{c}x^2+{c * (a + b)}x+{c * a * b + 1}", False
    yield f"{c * a * b}+{c * (a + b)}x+{c}x²", expanded, True
    yield f"(x-{a})^2", f"x^2-{2 * a}x+{a * a}", True
    yield f"(x+{a}y)^2", rf"x^2+{2 * a}xy+{a * a}y^{{2}}", True
    yield f"{a}ab+{b}bc", f"b({a}a+{b}c)", True
    yield f"x^3-{a**3}", f"(x-{a})(x^2+{a}x+{a * a})", True
    yield f"x^{a + 2}", f"x^{a + 3}", False
    yield f"{a}x", f"{a}y", False


def rational_functions(r: random.Random) -> Made:
    a, b = r.randint(1, 9), r.randint(10, 19)
    yield rf"\frac{{1}}{{x+{a}}}+\frac{{1}}{{x+{b}}}", rf"\frac{{2x+{a + b}}}{{(x+{a})(x+{b})}}", True
    yield rf"\frac{{x^2-{a * a}}}{{x-{a}}}", f"x+{a}", True
    yield rf"\frac{{x}}{{{a}}}+\frac{{{b}}}{{{a}}}", rf"\frac{{x+{b}}}{{{a}}}", True
    yield rf"\frac{{x+{a}}}{{x+{b}}}", rf"\frac{{x+{b}}}{{x+{a}}}", False
    yield rf"{a}x^{{-1}}", rf"\frac{{{a}}}{{x}}", True
    yield rf"\frac{{{a}}}{{\frac{{x}}{{{b}}}}}", rf"\frac{{{a * b}}}{{x}}", True


def trigonometry(r: random.Random) -> Made:
    a = r.randint(2, 7)
    yield rf"\sin^2({a}x)+\cos^2({a}x)", "1", True
    yield rf"\sin {2 * a}x", rf"2\sin {a}x\cos {a}x", True
    yield r"\sec^2 x", r"1+\tan^2 x", True
    yield rf"\cos(x+{a})", rf"\cos x\cos {a}-\sin x\sin {a}", True
    yield rf"\sin(x+{a})", rf"\sin x+\sin {a}", False
    degrees, value = r.choice(
        [
            (30, r"\frac{1}{2}"),
            (45, r"\frac{\sqrt2}{2}"),
            (60, r"\frac{\sqrt{3}}{2}"),
            (18, r"\frac{\sqrt5-1}{4}"),
        ]
    )
    yield rf"\sin {degrees}^\circ", value, True
    yield rf"\cos({90 - degrees}°)", value, True
    yield rf"\sin {degrees + 1}^\circ", value, False
    yield rf"\tan\frac{{\pi}}{{{r.choice([4])}}}", "1", True
    yield rf"{a}\sin x", rf"{a}\cos x", False


def logarithms(r: random.Random) -> Made:
    a, b = r.randint(2, 9), r.randint(2, 9)
    yield rf"\ln {a}+\ln {b}", rf"\ln {a * b}", True
    yield rf"{b}\ln {a}", rf"\ln {a**b}", True
    yield rf"\log_{a} {a**b}", str(b), True
    yield rf"\log_{{{a}}} x", rf"\frac{{\ln x}}{{\ln {a}}}", True
    yield rf"\ln {a}+\ln {b}", rf"\ln {a + b}" if a * b != a + b else r"\ln 1", False
    yield rf"e^{{{a}x}}e^{{{b}x}}", rf"e^{{{a + b}x}}", True
    yield rf"e^{{{a}\ln x}}", f"x^{a}", True
    yield f"{a}^{{x+{b}}}", rf"{a**b}\cdot{a}^x", True
    yield f"e^{{{a}x}}", f"e^{{{a + 1}x}}", False
    yield rf"\log_{{10}}{10**a}", str(a), True


def complex_numbers(r: random.Random) -> Made:
    a, b, c, d = (r.randint(1, 9) for _ in range(4))
    yield f"({a}+{b}i)({c}-{d}i)", f"{a * c + b * d}+{b * c - a * d}i".replace("+-", "-"), True
    yield f"{b}i+{a}", f"{a}+{b}i", True
    yield f"{a}+{b}i", f"{a}-{b}i", False
    yield f"|{3 * a}+{4 * a}i|", str(5 * a), True
    yield rf"\frac{{{a}+{b}i}}{{i}}", f"{b}-{a}i", True
    yield f"i^{{{4 * a + 2}}}", "-1", True
    yield rf"\sqrt{{-{a * a}}}", f"{a}i", True
    yield rf"{a}e^{{i\pi}}", f"-{a}", True
    yield f"{a}.0 + {b}.0i", f"{a}+{b}i", True


def _several(r: random.Random, count: int) -> list[int]:
    return r.sample(range(-40, 41), count)


def sets_and_lists(r: random.Random) -> Made:
    xs = _several(r, 4)
    shuffled = r.sample(xs, 4)
    text, other = ", ".join(map(str, xs)), ", ".join(map(str, shuffled))
    yield rf"\{{{text}\}}", rf"\{{{other}\}}", True
    yield text, other, True
    yield rf"\{{{text}\}}", other, True
    yield text.replace(", ", ","), text.replace(", ", "; "), True
    yield f"{xs[0]}, {xs[1]} and {xs[2]}", f"{xs[2]}, {xs[0]}, {xs[1]}", True
    yield rf"{xs[0]} \text{{ or }} {xs[1]}", f"{xs[1]}, {xs[0]}", True
    yield text, ", ".join(map(str, xs[:3])), False
    yield rf"\{{{text}\}}", rf"\{{{', '.join(map(str, [*xs[:3], 99]))}\}}", False
    n = r.randint(2, 30)
    yield rf"\pm {n}", f"-{n}, {n}", True
    yield rf"\pm {n}", str(n), False
    yield rf"{n}\pm\sqrt{{2}}", rf"{n}-\sqrt{{2}}, {n}+\sqrt2", True


def tuples(r: random.Random) -> Made:
    x, y, z = _several(r, 3)
    yield f"({x}, {y})", rf"\left({x},{y}\right)", True
    yield f"({x}, {y})", f"({y}, {x})", False
    yield f"({x},{y},{z})", f"({x}, {y}, {z}.0)", True
    yield f"({x}, {y})", f"({x}, {y}, {z})", False
    yield rf"({x}, \frac{{1}}{{2}})", f"({x}, 0.5)", True
    yield f"x={x}, y={y}", f"({x},{y})", True
    yield f"y={y}, x={x}", f"x={x}, y={y}", True
    yield f"(x,y)=({x},{y})", f"({x},{y})", True
    yield f"({x},{y}), ({y},{z})", f"({y},{z}),({x},{y})", True
    yield f"({x},{y}), ({y},{z})", f"({y},{x}),({z},{y})", False
    yield rf"\langle {x}, {y} \rangle", f"({x},{y})", True


def intervals(r: random.Random) -> Made:
    a = r.randint(-30, 20)
    b = a + r.randint(1, 20)
    yield f"[{a}, {b})", rf"\left[{a},{b}\right)", True
    yield f"[{a}, {b})", f"[{a}, {b}]", False
    yield f"({a}, {b})", f"({a}, {b + 1})", False
    yield f"({a}, {b})", f"{a} < x < {b}", True
    yield rf"x \in [{a}, {b}]", rf"{a} \le x \le {b}", True
    yield rf"{b} \ge x > {a}", f"({a}, {b}]", True
    yield f"x > {a}", rf"({a}, \infty)", True
    yield rf"x \leq {a}", rf"(-\infty, {a}]", True
    yield f"x > {a}", rf"[{a}, \infty)", False
    yield rf"(-\infty, {a}) \cup ({b}, \infty)", f"x < {a} or x > {b}", True
    yield rf"[{a}, {b}) \cup [{b}, {b + 3}]", f"[{a}, {b + 3}]", True
    yield rf"\mathbb{{R}} \setminus \{{{a}\}}", rf"x \ne {a}", True
    yield rf"\{{x \mid x \ge {a}\}}", rf"[{a}, \infty)", True


def inequalities(r: random.Random) -> Made:
    a, b = r.randint(2, 9), r.randint(1, 30)
    yield f"{a}x > {a * b}", f"x > {b}", True
    yield f"-x > -{b}", f"x < {b}", True
    yield f"-x > -{b}", f"x > {b}", False
    yield f"{b} <= x", rf"x \geq {b}", True
    yield f"x+{b} < {a + b}", f"x < {a}", True
    yield rf"|x| \le {b}", f"[-{b}, {b}]", True
    yield rf"|x-{a}| < {b}", f"({a - b}, {a + b})", True
    yield f"x^2 < {b * b}", f"(-{b}, {b})", True
    yield f"x+y > {b}", f"{b} < y+x", True
    yield f"x+y > {b}", f"x+y < {b}", False


def matrices(r: random.Random) -> Made:
    a, b, c, d = _several(r, 4)
    m = rf"\begin{{pmatrix}} {a} & {b} \\ {c} & {d} \end{{pmatrix}}"
    yield m, m.replace("pmatrix", "bmatrix"), True
    yield m, rf"\left[\begin{{array}}{{cc}} {a}&{b}\\{c}&{d}\end{{array}}\right]", True
    yield m, f"[[{a}, {b}], [{c}, {d}]]", True
    yield m, rf"\begin{{pmatrix}} {a} & {b} \\ {c} & {d + 1} \end{{pmatrix}}", False
    yield rf"2{m}", rf"\begin{{pmatrix}} {2 * a} & {2 * b} \\ {2 * c} & {2 * d} \end{{pmatrix}}", True
    yield rf"{m}\begin{{pmatrix}} 1 & 0 \\ 0 & 1 \end{{pmatrix}}", m, True
    yield m.replace("pmatrix", "vmatrix"), str(a * d - b * c), True
    yield (
        rf"\begin{{pmatrix}} {a} \\ {b} \end{{pmatrix}}",
        rf"\begin{{pmatrix}} {b} \\ {a} \end{{pmatrix}}",
        False,
    )


def equations(r: random.Random) -> Made:
    a, b, c = r.randint(2, 9), r.randint(2, 9), r.randint(10, 30)
    yield f"{a}x+{b}y={c}", f"{2 * a}x+{2 * b}y={2 * c}", True
    yield f"{a}x+{b}y={c}", f"{c}-{b}y={a}x", True
    yield f"{a}x+{b}y={c}", f"{a}x+{b}y={c + 1}", False
    yield f"y={a}x+{b}", f"{a}x-y+{b}=0", True
    yield rf"\frac{{x^2}}{{{a * a}}}+y^2=1", f"x^2+{a * a}y^2={a * a}", True
    yield f"y={a}x+{b}", f"y={b}x+{a}" if a != b else "y=x", False
    yield rf"y=\frac{{{a}}}{{x}}", f"xy={a}", True
    yield f"x+y={c}", str(c), False


def assignments(r: random.Random) -> Made:
    n = r.randint(-99, 99)
    for name in ("x", "k", r"\theta", "a_3", "f(2)", "AB", r"\angle ABC", "|AB|", r"\text{Area}", "P(A)"):
        yield f"{name} = {n}", str(n), True
        yield f"{name} = {n}", str(n + 1), False
    yield f"x = {n}", f"x = {n}.0", True
    yield f"x = {n} = {n}", str(n), True
    yield r"x = \frac{1}{3} \approx 0.33", "1/3", True


def choices(r: random.Random) -> Made:
    letter = r.choice("ABCDE")
    other = r.choice([x for x in "ABCDE" if x != letter])
    for text in (
        f"({letter})",
        rf"\text{{({letter})}}",
        f"{letter}.",
        f"{letter})",
        f"Option {letter}",
        rf"\textbf{{{letter}}}",
        rf"\mathrm{{{letter}}}",
        f"{letter}. Paris",
    ):
        yield text, letter, True
        yield text, other, False
    yield f"({letter.lower()})", letter, True


def dates(r: random.Random) -> Made:
    months = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]
    month, day, year = r.randint(1, 12), r.randint(13, 28), r.randint(1900, 2030)
    iso = f"{year}-{month:02}-{day:02}"
    for text in (
        f"{months[month - 1]} {day}, {year}",
        f"{day} {months[month - 1][:3]} {year}",
        f"{month}/{day}/{year}",
        f"{year}/{month}/{day}",
    ):
        yield text, iso, True
        yield text, f"{year}-{month:02}-{day - 1:02}", False
    small = r.randint(1, 11)
    yield f"{year}-{small:02}-12", f"{year}-12-{small:02}", False
    yield iso, str(year - month - day), False


def times(r: random.Random) -> Made:
    hour, minute = r.randint(1, 11), r.randint(10, 59)
    yield f"{hour}:{minute} PM", f"{hour + 12}:{minute}", True
    yield f"{hour}:{minute} p.m.", f"{hour}:{minute} PM", True
    yield f"{hour}:{minute} AM", f"{hour}:{minute} PM", False
    yield f"{hour}:{minute}", f"{hour}:{minute - 1}", False
    yield rf"{hour}:{minute}\text{{ a.m.}}", f"{hour}:{minute} am", True
    yield f"0{hour % 10}:{minute}", f"{hour % 10}:{minute}", True


def ratios(r: random.Random) -> Made:
    a, b, c = r.sample(range(1, 30), 3)
    yield f"{a}:{b}", f"{a} : {b}", True
    yield f"{a}:{b}:{c}", f"{a}:{c}:{b}", False
    yield f"{a}:{b}", f"{b}:{a}", False
    yield rf"${a}:{b}:{c}$", f"{a}:{b}:{c}", True
    yield f"AB:CD={a}:{b}", f"{a}:{b}", True


def bases(r: random.Random) -> Made:
    base = r.randint(5, 9)
    digits = "".join(str(r.randint(1, base - 1)) for _ in range(4))
    yield f"{digits}_{base}", rf"{digits}_{{{base}}}", True
    yield f"{digits}_{base}", f"{digits}_{base + 1}", False
    yield f"{digits}_{base}", f"{digits[::-1]}1_{base}", False
    yield (
        rf"{digits}_{{\text{{{['five', 'six', 'seven', 'eight', 'nine'][base - 5]}}}}}",
        f"{digits}_{base}",
        True,
    )


def units(r: random.Random) -> Made:
    n = r.randint(2, 500)
    for unit in (
        "cm",
        "meters",
        "kg",
        "hours",
        "square units",
        "apples",
        r"\text{ cm}^2",
        r"\,\mathrm{m/s}",
        r"\text{ miles}",
        "degrees",
        r"^\circ",
    ):
        gap = "" if unit.startswith(("\\", "^")) else " "
        yield f"{n}{gap}{unit}", str(n), True
        yield f"{n}{gap}{unit}", str(n + 1), False
    yield f"{n} km", f"{n * 1000} m", True
    yield f"{n} km", f"{n} cm", False
    yield f"{n} kg", f"{n} m", False
    yield f"{n} hours", f"{n * 60} minutes", True
    yield f"{n} m", f"{n} meters", True


def text(r: random.Random) -> Made:
    words = [
        "red",
        "green",
        "blue",
        "north",
        "south",
        "Alice",
        "Bob",
        "triangle",
        "square",
        "hexagon",
        "even",
        "odd",
        "Tuesday",
        "Friday",
        "Paris",
        "London",
    ]
    a, b = r.sample(words, 2)
    yield a.upper(), a, True
    yield rf"\text{{{a}}}", a, True
    yield f" {a}. ", a, True
    yield a, b, False
    yield rf"\text{{{a} {b}}}", f"{a}  {b}", True
    yield f"{a} {b}", f"{b} {a}", False
    yield f"{a}, {b}", f"{b}, {a}", True
    yield a, str(r.randint(1, 99)), False
    yield a[1:] + a[0], a, False
    yield r.choice(["yes", "no", "True", "False"]), a, False


def prose(r: random.Random) -> Made:
    n = r.randint(2, 900)
    for sentence in (
        "The answer is {}.",
        "Answer: {}",
        "Therefore, the answer is ${}$",
        r"So we get \boxed{{{}}}.",
        "There are {} apples left",
        "{} is the answer",
        "It takes {} hours",
        "#### {}",
    ):
        yield sentence.format(n), str(n), True
        yield sentence.format(n), str(n + 1), False


def noise(r: random.Random) -> Made:
    a, b = r.randint(2, 99), r.choice([7, 11, 13])
    plain = rf"\frac{{{a}}}{{{b}}}+\sqrt{{{b}}}"
    for left, right in (
        ("$", "$"),
        ("$$", "$$"),
        (r"\(", r"\)"),
        (r"\[", r"\]"),
        (r"\boxed{", "}"),
        ("  ", "\n"),
        (r"\left(", r"\right)"),
        ("", r"\,."),
        ("", r"\ "),
    ):
        yield f"{left}{plain}{right}", plain, True
        yield f"{left}{plain}{right}", rf"\frac{{{a + 1}}}{{{b}}}+\sqrt{{{b}}}", False
    yield plain.replace("+", r"\; + \;"), plain, True
    yield plain.replace(r"\frac", r"\dfrac"), plain.replace("{", "{ "), True


def unicode(r: random.Random) -> Made:
    a, b = r.randint(2, 9), r.randint(11, 19)
    yield f"√{b}", rf"\sqrt{{{b}}}", True
    yield f"{a}π", rf"{a}\pi", True
    yield f"x²+{a}", f"x^2+{a}", True
    yield f"{a} × {b}", str(a * b), True
    yield f"{b}÷{a}", frac(Fraction(b, a)), True
    yield f"−{a}", f"-{a}", True
    yield f"{a}–{b}", str(a - b), True
    yield f"x ≤ {a}", rf"x \leq {a}", True
    yield "∞", r"\infty", True
    yield f"{a}½", frac(a + Fraction(1, 2)), True
    yield f"10⁻{'⁰¹²³⁴⁵⁶⁷⁸⁹'[a]}", rf"10^{{-{a}}}", True
    yield f"x ≠ {a}", rf"x \neq {a}", True
    yield f"±{a}", rf"\pm {a}", True
    yield "∅", r"\emptyset", True
    yield f"{a}°", rf"{a}^\circ", True
    yield f"√{b}", rf"\sqrt{{{b + 1}}}", False
    yield "".join(chr(0xFF10 + int(d)) for d in str(b)), str(b), True


def infinity(r: random.Random) -> Made:
    n = r.randint(0, 9)
    yield r"\infty", "infinity", True
    yield r"-\infty", r"\infty", False
    yield r"\infty", str(n), False
    yield r"0\cdot\infty", "0", False
    yield r"\frac{1}{0}", str(n), False
    yield r"\varnothing", r"\emptyset", True
    yield r"\{\}", r"\emptyset", True
    yield r"(-\infty, \infty)", r"\mathbb{R}", True
    yield r"\emptyset", str(n), False
    yield "1e999999999", str(n), False


def sums(r: random.Random) -> Made:
    n = r.randint(5, 60)
    yield rf"\sum_{{k=1}}^{{{n}}} k", str(n * (n + 1) // 2), True
    yield rf"\sum_{{k=1}}^{{{n}}} k", str(n * (n + 1) // 2 + 1), False
    yield r"\sum_{k=1}^{n} k", r"\frac{n(n+1)}{2}", True
    yield rf"\binom{{{n}}}{{2}}", str(n * (n - 1) // 2), True
    yield rf"\prod_{{k=1}}^{{{n % 7 + 1}}} k", f"{n % 7 + 1}!", True
    yield rf"\lfloor {n}.7 \rfloor", str(n), True
    yield rf"\gcd({6 * n}, {4 * n})", str(2 * n), True
    yield rf"\max({n}, {n + 3})", str(n + 3), True


KINDS: tuple[Callable[[random.Random], Made], ...] = (
    numbers, decimals, fractions, mixed, percents, currency, scientific, repeating, surds, powers, polynomials,
    rational_functions, trigonometry, logarithms, complex_numbers, sets_and_lists, tuples, intervals, inequalities,
    matrices, equations, assignments, choices, dates, times, ratios, bases, units, text, prose, noise, unicode,
    infinity, sums,
)  # fmt: skip


def made(seed: int = 0, rounds: int = ROUNDS) -> list[Pair]:
    """Pairs of every kind, without repetitions."""
    pairs: dict[tuple[str, str], Pair] = {}
    for kind in KINDS:
        r = random.Random(f"{seed} {kind.__name__}")
        for _ in range(rounds):
            for answer, reference, equal in kind(r):
                pairs.setdefault((answer, reference), Pair(kind.__name__, answer, reference, equal))
    return list(pairs.values())
