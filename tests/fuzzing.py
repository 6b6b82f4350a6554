"""How many random cases a property is tried on: few and the same ones in every run, or as many as asked for.

`MENTOR_FUZZ_CASES`, which `make fuzz` sets, is a number of cases for each property; they are new ones in every run.
"""

import os

from hypothesis import HealthCheck, settings

ASKED = os.environ.get("MENTOR_FUZZ_CASES")


def cases(few: int) -> settings:
    """The settings of a property that is usually tried on `few` cases."""
    return settings(
        max_examples=int(ASKED or few),
        deadline=None,
        derandomize=ASKED is None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
