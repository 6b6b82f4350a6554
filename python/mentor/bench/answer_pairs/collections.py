"""Collections and relations: order, ends, names, multiples."""

from __future__ import annotations

import random

from mentor.bench.answer_pairs.pair import Made

__all__ = ["assignments", "equations", "inequalities", "intervals", "matrices", "sets_and_lists", "tuples"]


def _several(r: random.Random, count: int) -> list[int]:
    return r.sample(range(-40, 41), count)


def sets_and_lists(r: random.Random) -> Made:
    """Items without order."""
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
    """Items in order, and their names."""
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
    """Intervals and the inequalities that they solve."""
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
    """Inequalities in one variable and in two."""
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
    """Matrices, products of them, determinants."""
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
    """Equations and their multiples."""
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
    """Names for a value."""
    n = r.randint(-99, 99)
    for name in ("x", "k", r"\theta", "a_3", "f(2)", "AB", r"\angle ABC", "|AB|", r"\text{Area}", "P(A)"):
        yield f"{name} = {n}", str(n), True
        yield f"{name} = {n}", str(n + 1), False
    yield f"x = {n}", f"x = {n}.0", True
    yield f"x = {n} = {n}", str(n), True
    yield r"x = \frac{1}{3} \approx 0.33", "1/3", True
