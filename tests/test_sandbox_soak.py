"""A short form of the soak (`make soak` runs a million calls): nothing grows, and the soak would notice."""

import pytest

from soak import SLACK_BYTES, SLACK_MAPPINGS, Sample, grown, soak


def test_twenty_thousand_calls_leave_the_process_as_it_was():
    samples, _ = soak(20_000, threads=2)
    assert len(samples) == 10
    assert grown(samples) == []


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (Sample(2, 100 + SLACK_BYTES + 1, 5, 50, 4), "resident"),
        (Sample(2, 100, 6, 50, 4), "6 descriptors and 4 threads, first 5 and 4"),
        (Sample(2, 100, 5, 51 + SLACK_MAPPINGS, 4), "mappings"),
        (Sample(2, 100, 5, 50, 3), "5 descriptors and 3 threads"),
    ],
)
def test_what_grows_is_named(now, text):
    (problem,) = grown([Sample(1, 100, 5, 50, 4), now])
    assert text in problem


def test_slack_is_no_leak():
    assert grown([Sample(1, 100, 5, 50, 4), Sample(2, 100 + SLACK_BYTES, 5, 50 + SLACK_MAPPINGS, 4)]) == []
