"""What is not calculated: choices, dates, units, words; and what is around an answer."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction

from mentor.bench.answer_pairs.pair import Made, frac

__all__ = ["bases", "choices", "dates", "noise", "prose", "ratios", "text", "times", "unicode", "units"]


def choices(r: random.Random) -> Made:
    """Letters of a choice."""
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
    """Dates."""
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
    """Times of day."""
    hour, minute = r.randint(1, 11), r.randint(10, 59)
    yield f"{hour}:{minute} PM", f"{hour + 12}:{minute}", True
    yield f"{hour}:{minute} p.m.", f"{hour}:{minute} PM", True
    yield f"{hour}:{minute} AM", f"{hour}:{minute} PM", False
    yield f"{hour}:{minute}", f"{hour}:{minute - 1}", False
    yield rf"{hour}:{minute}\text{{ a.m.}}", f"{hour}:{minute} am", True
    yield f"0{hour % 10}:{minute}", f"{hour % 10}:{minute}", True


def ratios(r: random.Random) -> Made:
    """Ratios."""
    a, b, c = r.sample(range(1, 30), 3)
    yield f"{a}:{b}", f"{a} : {b}", True
    yield f"{a}:{b}:{c}", f"{a}:{c}:{b}", False
    yield f"{a}:{b}", f"{b}:{a}", False
    yield rf"${a}:{b}:{c}$", f"{a}:{b}:{c}", True
    yield f"AB:CD={a}:{b}", f"{a}:{b}", True


def bases(r: random.Random) -> Made:
    """Numbers in a base."""
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
    """Numbers with a unit."""
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
    """Words."""
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
    """Numbers in a sentence."""
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
    """Delimiters and blanks around an expression."""
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
    """Characters outside ASCII."""
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
