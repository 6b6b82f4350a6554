"""What one check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["Check", "CheckStatus"]

CheckStatus: TypeAlias = Literal["ok", "warning", "problem", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: What was looked at.
        status: `ok`; `warning` (works, but slower or less safe than it could); `problem`; `skipped`.
        text: What was found, a line.
        advice: What to do about it; empty where there is nothing to do.
        facts: The same by name, as JSON values.
    """

    name: str
    status: CheckStatus
    text: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
