"""The judge beside sympy: expressions transformed by identities are equal, others are what sympy's numbers say."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mentor.judge import AnswerJudge

sympy = pytest.importorskip("sympy")
JUDGE = AnswerJudge(math_verify=False)
X, Y = sympy.symbols("x y", positive=True)

NUMBERS = st.one_of(
    st.integers(-9, 9).map(sympy.Integer),
    st.builds(sympy.Rational, st.integers(-9, 9), st.integers(1, 9)),
    st.integers(2, 12).map(sympy.sqrt),
    st.just(sympy.pi),
)
CONSTANTS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.builds(sympy.Add, inner, inner),
        st.builds(sympy.Mul, inner, inner),
        st.builds(lambda a: a**2, inner),
        st.builds(lambda a: sympy.sqrt(a * a + 1), inner),
    ),
    max_leaves=5,
)
EXPRESSIONS = st.recursive(
    st.one_of(NUMBERS, st.just(X), st.just(X), st.just(Y)),
    lambda inner: st.one_of(
        st.builds(sympy.Add, inner, inner),
        st.builds(sympy.Mul, inner, inner),
        st.builds(lambda a, n: a**n, inner, st.integers(2, 3)),
        st.builds(lambda a: 1 / (a**2 + 1), inner),
        st.builds(sympy.sin, inner),
        st.builds(sympy.cos, inner),
        st.builds(lambda a: sympy.exp(a / 5), inner),
        st.builds(lambda a: sympy.log(a**2 + 2), inner),
        st.builds(lambda a: sympy.sqrt(a**2 + 1), inner),
    ),
    max_leaves=6,
)
IDENTITIES = st.sampled_from(
    [
        sympy.expand,
        sympy.factor,
        sympy.together,
        sympy.cancel,
        sympy.expand_trig,
        lambda e: e + (X + 1) ** 2 - X**2 - 2 * X - 1,
        lambda e: e * (sympy.sin(X) ** 2 + sympy.cos(X) ** 2),
        lambda e: sympy.Add(e, sympy.sqrt(8), -2 * sympy.sqrt(2), evaluate=False),
        lambda e: sympy.Mul(e, X**2 - 1, 1 / (X - 1), 1 / (X + 1), evaluate=False),
        lambda e: e.subs(X, Y + X - Y),
    ]
)


def plain(expression):
    """As sympy writes it in plain text, but for Euler's number, which it calls E."""
    return str(expression).replace("E", "e")


PRINTERS = st.sampled_from(
    [sympy.latex, plain, lambda e: f"${sympy.latex(e)}$", lambda e: plain(e).replace("**", "^")]
)
CLOSE = sympy.Float("1e-25")
POINTS = (
    {X: sympy.Rational(13, 7), Y: sympy.Rational(17, 11)},
    {X: sympy.Rational(3, 13), Y: sympy.Rational(23, 5)},
)


def judged(a, b):
    return JUDGE.verify([a], [b])[0]


def sane(expression):
    """Whether the expression has a moderate value, so that the oracle itself can compute it."""
    values = [expression.subs(point).evalf(30) for point in POINTS]
    return all(value.is_real and abs(value) < 10**9 for value in values)


@settings(max_examples=120, deadline=None)
@given(EXPRESSIONS, IDENTITIES, PRINTERS, PRINTERS)
def test_identities_are_equal(expression, identity, one, other):
    assume(sane(expression))
    assert judged(one(expression), other(identity(expression))) is True


@settings(max_examples=60, deadline=None)
@given(CONSTANTS, st.sampled_from([sympy.expand, sympy.radsimp, sympy.simplify]), PRINTERS)
def test_constants_are_equal_in_any_form(expression, identity, printer):
    assert judged(printer(expression), sympy.latex(identity(expression))) is True


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS, st.sampled_from([-3, -1, 1, 2]), st.integers(0, 12), PRINTERS)
def test_perturbed_expressions_are_different(expression, step, places, printer):
    assume(sane(expression))
    perturbed = expression + sympy.Rational(step, 10**places)
    assert judged(printer(perturbed), sympy.latex(expression)) is False
    assert judged(sympy.latex(expression), printer(perturbed)) is False


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS)
def test_pairs_at_random_are_what_numbers_say(one, other):
    assume(sane(one) and sane(other))
    verdict = judged(sympy.latex(one), sympy.latex(other))
    apart = any(abs((one - other).subs(point).evalf(40)) > CLOSE for point in POINTS)
    assert verdict is (not apart)
