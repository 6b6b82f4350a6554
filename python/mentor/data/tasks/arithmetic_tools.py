"""MENTOR's twelve arithmetic tools.

This file is a tool source: its text is what the sandbox runs, and its functions are what the scripted teacher
calls, so both give the same results. Every result is rounded to two decimals and bounded, which keeps numbers
short enough for a tiny student; a whole number is returned without a decimal point.
"""

import math

_DECIMALS = 2
_LIMIT = 1_000_000


def _short(value: float) -> float:
    if isinstance(value, complex):
        raise ValueError("the result is not a real number")
    if not math.isfinite(value) or abs(value) >= _LIMIT:
        raise ValueError("the result is too large")
    rounded = round(float(value), _DECIMALS)
    return int(rounded) if rounded == int(rounded) else rounded


def add(a: float, b: float) -> float:
    """Add two numbers.

    Args:
        a: The first number.
        b: The second number.
    """
    return _short(a + b)


def subtract(a: float, b: float) -> float:
    """Subtract the second number from the first.

    Args:
        a: The number to subtract from.
        b: The number to subtract.
    """
    return _short(a - b)


def multiply(a: float, b: float) -> float:
    """Multiply two numbers.

    Args:
        a: The first factor.
        b: The second factor.
    """
    return _short(a * b)


def divide(a: float, b: float) -> float:
    """Divide the first number by the second.

    Args:
        a: The number to divide.
        b: The divisor; not zero.
    """
    return _short(a / b)


def sum_numbers(numbers: list[float]) -> float:
    """Add up a list of numbers.

    Args:
        numbers: The numbers to add up.
    """
    return _short(sum(numbers))


def floor(x: float) -> float:
    """Round a number down to a whole number.

    Args:
        x: The number.
    """
    return _short(math.floor(x))


def ceil(x: float) -> float:
    """Round a number up to a whole number.

    Args:
        x: The number.
    """
    return _short(math.ceil(x))


def round_number(x: float) -> float:
    """Round a number to the nearest whole number; a half goes to the even neighbour.

    Args:
        x: The number.
    """
    return _short(round(x))


def power(a: float, b: float) -> float:
    """Raise a number to a power.

    Args:
        a: The base, at most 10000 in size.
        b: The exponent, at most 6 in size.
    """
    if abs(a) > 10_000 or abs(b) > 6:
        raise ValueError("the base or the exponent is too large")
    return _short(a**b)


def sqrt(x: float) -> float:
    """Take the square root of a number.

    Args:
        x: The number; not negative.
    """
    if x < 0:
        raise ValueError("a negative number has no real square root")
    return _short(math.sqrt(x))


def abs_value(x: float) -> float:
    """Take the absolute value of a number.

    Args:
        x: The number.
    """
    return _short(abs(x))


def modulo(a: float, b: float) -> float:
    """Take the remainder of a division; it has the divisor's sign.

    Args:
        a: The number to divide.
        b: The divisor; not zero.
    """
    return _short(a % b)
