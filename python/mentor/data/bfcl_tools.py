"""The mathematical functions that BFCL's executable questions offer.

This file is a tool source: its text is what the sandbox runs. The leaderboard's wheel ships the questions and
the reference calls but not these functions, so they are written here after their descriptions. Names and
parameters are the leaderboard's.
"""

# ruff: noqa: N802, N803 (the names are those of the leaderboard's calls)
import math


def calc_binomial_probability(n: int, k: int, p: float) -> float:
    """Calculate the probability of exactly k successes in n trials, each with probability p."""
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def calculate_cosine_similarity(vectorA: list[float], vectorB: list[float]) -> float:
    """Calculate the cosine of the angle between two vectors of equal length."""
    product = sum(a * b for a, b in zip(vectorA, vectorB, strict=True))
    return product / (math.hypot(*vectorA) * math.hypot(*vectorB))


def calculate_density(mass: float, volume: float) -> float:
    """Calculate an object's density from its mass and volume."""
    return mass / volume


def calculate_displacement(initial_velocity: float, acceleration: float, time: float) -> float:
    """Calculate how far an object moves under a constant acceleration."""
    return initial_velocity * time + acceleration * time**2 / 2


def calculate_electrostatic_potential_energy(charge: float, voltage: float) -> float:
    """Calculate the potential energy of a charge at a voltage."""
    return charge * voltage


def calculate_final_velocity(initial_velocity: float, acceleration: float, time: float) -> float:
    """Calculate an object's velocity after a time of constant acceleration."""
    return initial_velocity + acceleration * time


def calculate_future_value(present_value: float, interest_rate: float, periods: int) -> float:
    """Calculate what an investment is worth after some periods; the interest rate is a share from 0 to 1."""
    return present_value * (1 + interest_rate) ** periods


def calculate_mean(numbers: list[float]) -> float:
    """Calculate the mean of some numbers."""
    return sum(numbers) / len(numbers)


def calculate_permutations(n: int, k: int) -> int:
    """Count the ordered choices of k out of n elements."""
    return math.perm(n, k)


def calculate_standard_deviation(numbers: list[float]) -> float:
    """Calculate the standard deviation of some numbers taken as a whole population."""
    mean = sum(numbers) / len(numbers)
    return math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))


def calculate_triangle_area(base: float, height: float) -> float:
    """Calculate a triangle's area from its base and height."""
    return base * height / 2


def estimate_derivative(function: str, x: float) -> float:
    """Estimate the derivative of a function of one variable, given as a Python lambda, at a point."""
    evaluate = eval(function, {"math": math})
    step = 1e-5
    slope = float(evaluate(x + step) - evaluate(x - step)) / (2 * step)
    return round(slope, 6)


def geometry_area_circle(radius: float) -> float:
    """Calculate a circle's area."""
    return math.pi * radius**2


def get_distance(pointA: list[float], pointB: list[float]) -> float:
    """Calculate the distance between two points of a plane."""
    return math.dist(pointA, pointB)


def get_fibonacci_sequence(n: int) -> list[int]:
    """List the first n Fibonacci numbers, beginning with 0 and 1."""
    numbers = [0, 1]
    while len(numbers) < n:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:n]


def get_fibonacci_number(n: int) -> int:
    """Calculate the Fibonacci number at a position; positions 0 and 1 hold 0 and 1."""
    here, following = 0, 1
    for _ in range(n):
        here, following = following, here + following
    return here


def get_prime_factors(number: int) -> list[int]:
    """List a number's prime factors in ascending order, repeated ones included."""
    factors, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return [*factors, number] if number > 1 else factors


def mat_mul(matA: list[list[float]], matB: list[list[float]]) -> list[list[float]]:
    """Multiply two matrices."""
    columns = list(zip(*matB, strict=True))
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in matA]


def math_factorial(n: int) -> int:
    """Calculate the factorial of a number."""
    return math.factorial(n)


def math_gcd(a: int, b: int) -> int:
    """Calculate the greatest common divisor of two numbers."""
    return math.gcd(a, b)


def math_lcm(a: int, b: int) -> int:
    """Calculate the least common multiple of two numbers."""
    return math.lcm(a, b)


def mortgage_calculator(loan_amount: float, interest_rate: float, loan_period: int) -> float:
    """Calculate a mortgage's monthly payment from the yearly rate (a share) and the period in years."""
    monthly, payments = interest_rate / 12, loan_period * 12
    growth = (1 + monthly) ** payments
    return loan_amount * monthly * growth / (growth - 1)


def quadratic_roots(a: float, b: float, c: float) -> list[float]:
    """List the two real roots of ax^2 + bx + c, the one with the positive square root first."""
    if b**2 < 4 * a * c:
        raise ValueError("the equation has no real roots")
    root = math.sqrt(b**2 - 4 * a * c)
    return [(-b + root) / (2 * a), (-b - root) / (2 * a)]


def sort_array(array: list[float], reverse: bool = False) -> list[float]:
    """Sort numbers in ascending order, or in descending order if reverse is set."""
    return sorted(array, reverse=reverse)


def add_binary_numbers(a: str, b: str) -> str:
    """Add two binary numbers and give the sum in binary digits."""
    return format(int(a, 2) + int(b, 2), "b")


def linear_regression(x: list[float], y: list[float], point: float) -> float:
    """Fit a straight line to points by least squares and evaluate it at a point."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread
    return mean_y + slope * (point - mean_x)


def maxPoints(points: list[list[int]]) -> int:
    """Count the most points that lie on one straight line."""
    best = min(len(points), 2)
    for i, (x, y) in enumerate(points):
        for u, v in points[i + 1 :]:
            best = max(best, sum((u - x) * (b - y) == (v - y) * (a - x) for a, b in points))
    return best


def polygon_area(vertices: list[list[float]]) -> float:
    """Calculate a polygon's area from its vertices in order, by the shoelace formula."""
    following = [*vertices[1:], vertices[0]]
    return abs(sum(a * d - b * c for (a, b), (c, d) in zip(vertices, following, strict=True))) / 2
