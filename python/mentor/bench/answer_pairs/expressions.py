"""Expressions: identities, and what breaks them."""

from __future__ import annotations

import random

from mentor.bench.answer_pairs.pair import Made

__all__ = [
    "complex_numbers",
    "infinity",
    "logarithms",
    "polynomials",
    "rational_functions",
    "sums",
    "trigonometry",
]


def polynomials(r: random.Random) -> Made:
    """Products against sums."""
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
    """Quotients of polynomials."""
    a, b = r.randint(1, 9), r.randint(10, 19)
    yield rf"\frac{{1}}{{x+{a}}}+\frac{{1}}{{x+{b}}}", rf"\frac{{2x+{a + b}}}{{(x+{a})(x+{b})}}", True
    yield rf"\frac{{x^2-{a * a}}}{{x-{a}}}", f"x+{a}", True
    yield rf"\frac{{x}}{{{a}}}+\frac{{{b}}}{{{a}}}", rf"\frac{{x+{b}}}{{{a}}}", True
    yield rf"\frac{{x+{a}}}{{x+{b}}}", rf"\frac{{x+{b}}}{{x+{a}}}", False
    yield rf"{a}x^{{-1}}", rf"\frac{{{a}}}{{x}}", True
    yield rf"\frac{{{a}}}{{\frac{{x}}{{{b}}}}}", rf"\frac{{{a * b}}}{{x}}", True


def trigonometry(r: random.Random) -> Made:
    """Identities and exact values."""
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
    """Logarithms and exponentials."""
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
    """Complex numbers."""
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


def sums(r: random.Random) -> Made:
    """Sums and products over an index, binomials and the like."""
    n = r.randint(5, 60)
    yield rf"\sum_{{k=1}}^{{{n}}} k", str(n * (n + 1) // 2), True
    yield rf"\sum_{{k=1}}^{{{n}}} k", str(n * (n + 1) // 2 + 1), False
    yield r"\sum_{k=1}^{n} k", r"\frac{n(n+1)}{2}", True
    yield rf"\binom{{{n}}}{{2}}", str(n * (n - 1) // 2), True
    yield rf"\prod_{{k=1}}^{{{n % 7 + 1}}} k", f"{n % 7 + 1}!", True
    yield rf"\lfloor {n}.7 \rfloor", str(n), True
    yield rf"\gcd({6 * n}, {4 * n})", str(2 * n), True
    yield rf"\max({n}, {n + 3})", str(n + 3), True


def infinity(r: random.Random) -> Made:
    """Infinity, the empty set, what has no value."""
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
