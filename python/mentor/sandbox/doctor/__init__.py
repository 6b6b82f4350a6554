"""`mentor doctor`: whether the sandbox works on this machine, how fast, and what to do where it does not.

host (versions, kernel, processor)  ─┐
files (guest, cache)                ─┼─►  Check, one a subject  ─►  Diagnosis
trial (a sandbox made and timed)    ─┘
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from mentor.errors import MentorError
from mentor.sandbox.doctor.check import Check
from mentor.sandbox.doctor.files import cache_check, guest_check
from mentor.sandbox.doctor.host import kernel_check, processor_check, versions_check
from mentor.sandbox.doctor.trial import trial_checks

__all__ = ["Check", "Diagnosis", "diagnose"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, in the order in which they were made."""

    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether no check found a problem: the sandbox was made and did what it promises."""
        return all(check.status != "problem" for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """As JSON values: `healthy`, and `checks` with the fields of `Check`."""
        return {"healthy": self.healthy, "checks": [asdict(check) for check in self.checks]}


def diagnose(*, prepare: bool = False) -> Diagnosis:
    """Looks at everything that the sandbox depends on, then makes one and times it.

    Args:
        prepare: Compile the guest if the cache has none (some minutes, with progress on standard error). Without
            it, a guest that is not compiled is reported as a problem and no trial is made.

    Returns:
        The findings. Nothing that is missing or broken raises.
    """
    return Diagnosis(tuple(_checks(prepare)))


def _checks(prepare: bool) -> Iterator[Check]:
    yield from _guarded("versions", versions_check)
    yield from _guarded("kernel", kernel_check)
    yield from _guarded("processor", processor_check)
    guest = list(_guarded("guest", lambda: guest_check(prepare)))
    yield from guest
    yield from _guarded("cache", cache_check)
    if all(check.status != "problem" for check in guest):
        yield from _guarded("trial", trial_checks)
    else:
        yield Check("trial", "skipped", "no sandbox can be made before the guest is in place")


def _guarded(name: str, look: Callable[[], Check | Iterator[Check]]) -> Iterator[Check]:
    """A check that cannot be made is a finding too."""
    try:
        found = look()
        yield from (found,) if isinstance(found, Check) else found
    except (MentorError, OSError) as error:
        yield Check(name, "problem", str(error))
