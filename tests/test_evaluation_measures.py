"""Intervals and measures against values worked out by hand and against slow, obvious twins."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentor.evaluation.intervals import Z95, bootstrap, mean_interval, sign_test, wilson
from mentor.evaluation.measures import distribution_similarity, pass_at_k

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (8, 10, 0.490162, 0.943318),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (150, 300, 0.443780, 0.556220),
    ],
)
def test_wilson_gives_the_textbook_values(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert (interval.value, interval.n, interval.method) == (successes / n, n, "wilson")
    assert interval.low == pytest.approx(low, abs=1e-6)
    assert interval.high == pytest.approx(high, abs=1e-6)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_of_wilson_lie_as_far_from_the_share_as_the_score_test_allows(
    counts: tuple[int, int],
) -> None:
    successes, n = counts
    interval = wilson(successes, n)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    for end in (interval.low, interval.high):
        if end not in (interval.value, 0.0, 1.0):
            assert abs(end - interval.value) == pytest.approx(Z95 * math.sqrt(end * (1 - end) / n))


def test_wilson_covers_the_truth_about_as_often_as_it_says() -> None:
    n, truth = 60, 0.3
    covered = sum(
        math.comb(n, k) * truth**k * (1 - truth) ** (n - k)
        for k in range(n + 1)
        if wilson(k, n).low <= truth <= wilson(k, n).high
    )
    assert 0.93 < covered < 0.97


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (-1, 3), (4, 3)])
def test_a_share_that_cannot_be_is_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="expected 0 <= successes <= n"):
        wilson(successes, n)


def test_the_bootstrap_agrees_with_all_resamples_written_out() -> None:
    values = [0.0, 1.0, 3.0, 4.0]
    means = [sum(draw) / 4 for draw in itertools.product(values, repeat=4)]
    interval = bootstrap(values, seed=3, resamples=40_000)
    assert interval.value == 2.0
    assert interval.low == pytest.approx(
        np.quantile(means, 0.025), abs=0.25
    )  # neighbouring means are .25 apart
    assert interval.high == pytest.approx(np.quantile(means, 0.975), abs=0.25)


def test_the_bootstrap_of_many_values_is_close_to_the_normal_interval() -> None:
    values = np.random.default_rng(0).normal(5, 2, 800)
    interval = bootstrap(values.tolist())
    half = 1.96 * values.std() / math.sqrt(800)
    assert interval.high - interval.low == pytest.approx(2 * half, rel=0.06)
    assert interval.low < values.mean() < interval.high


def test_the_bootstrap_is_a_function_of_its_seed() -> None:
    values = [0.0, 0.5, 1.0, 0.25] * 9
    assert bootstrap(values, seed=1) == bootstrap(values, seed=1)
    assert bootstrap(values, seed=1) != bootstrap(values, seed=2)


def test_chunked_resampling_covers_every_resample() -> None:
    values = [float(i % 7) for i in range(3000)]  # 4,000 resamples of 3,000 do not fit in one chunk
    interval = bootstrap(values)
    assert interval.high - interval.low == pytest.approx(
        2 * 1.96 * np.std(values) / math.sqrt(3000), rel=0.06
    )


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf]])
def test_values_without_a_mean_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap(values)


def test_yes_or_no_values_get_wilson_and_others_the_bootstrap() -> None:
    assert mean_interval([1.0, 0.0, 1.0]) == wilson(2, 3)
    halves = mean_interval([1.0, 0.5, 0.0])
    assert halves is not None
    assert halves.method == "bootstrap"
    assert mean_interval([]) is None


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(8, 2, 112 / 1024), (0, 0, 1.0), (5, 5, 1.0), (0, 6, 2 / 64), (1, 0, 1.0)]
)
def test_the_sign_test_counts_the_splits_at_least_as_uneven(better: int, worse: int, p: float) -> None:
    assert sign_test(better, worse) == pytest.approx(p)
    assert sign_test(worse, better) == pytest.approx(p)


def test_similarity_worked_out_by_hand() -> None:
    # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): KL(p|m) = log2(4/3), KL(q|m) = log2(2/3)/2 + 1/2
    divergence = (math.log2(4 / 3) + math.log2(2 / 3) / 2 + 1 / 2) / 2
    assert distribution_similarity({"add": 5}, {"add": 3, "floor": 3}) == pytest.approx(1 - divergence)
    assert 1 - divergence == pytest.approx(0.688722, abs=1e-6)


def test_similarity_at_its_ends() -> None:
    assert distribution_similarity({"add": 1, "floor": 2}, {"floor": 4, "add": 2}) == 1.0
    assert distribution_similarity({"add": 1}, {"floor": 9}) == 0.0
    assert distribution_similarity({}, {}) == 1.0
    assert distribution_similarity({"add": 0}, {"add": 1}) == 0.0
    with pytest.raises(ValueError, match="negative"):
        distribution_similarity({"add": -1}, {"add": 1})


@given(COUNTS, COUNTS)
def test_similarity_is_the_entropy_form_of_the_divergence(
    first: dict[str, int], second: dict[str, int]
) -> None:
    got = distribution_similarity(first, second)
    assert got == distribution_similarity(second, first)
    if sum(first.values()) and sum(second.values()):
        names = [*"abcdef"]
        p = np.array([first.get(name, 0) for name in names]) / sum(first.values())
        q = np.array([second.get(name, 0) for name in names]) / sum(second.values())
        assert got == pytest.approx(1 - (entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2), abs=1e-12)


def entropy(shares: np.ndarray) -> float:
    known = shares[shares > 0]
    return float(-(known * np.log2(known)).sum())


@pytest.mark.parametrize(("samples", "right"), [(1, 0), (1, 1), (6, 2), (7, 7), (5, 0), (8, 5)])
def test_pass_at_k_is_the_share_of_draws_with_a_right_sample(samples: int, right: int) -> None:
    verdicts = [True] * right + [False] * (samples - right)
    for k in range(1, samples + 1):
        draws = list(itertools.combinations(verdicts, k))
        assert pass_at_k(samples, right, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize(("samples", "right", "k"), [(3, 4, 1), (3, 1, 4), (3, 1, 0), (3, -1, 1)])
def test_pass_at_k_refuses_numbers_that_do_not_fit(samples: int, right: int, k: int) -> None:
    with pytest.raises(ValueError, match="cannot be estimated"):
        pass_at_k(samples, right, k)
