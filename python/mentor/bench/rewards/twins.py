"""What others do for the same scores, in plain Python: written from their descriptions, checked against ours."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from mentor.bench.rewards.workload import EOS, TOOLS

__all__ = ["calls_in", "published_mentor", "toolrl_share"]

_CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
_KNOWN = set(TOOLS)


def published_mentor(text: str, teacher: Sequence[str], correct: bool) -> float:
    """The published reward MENTOR without its judge: end, box, expression, JSON, equal sets of names."""
    if not text.endswith(EOS):
        return 0.0
    if text.rfind(r"\boxed{") < 0:
        return 0.1
    names = set()
    for body in _CALL.findall(text):
        try:
            name = json.loads(body.strip()).get("name")
        except (ValueError, AttributeError):
            continue
        if name:
            names.add(name)
    matching = 0.3 if names & _KNOWN == set(teacher) else 0.0
    valid = 0.1 if names <= _KNOWN else 0.0
    return (0.7 if correct else 0.0) + ((matching if correct else matching * 0.2) + valid)


def calls_in(text: str) -> list[dict[str, Any]]:
    """The calls between the tags of a text."""
    return [json.loads(body) for body in _CALL.findall(text)]


def toolrl_share(student: Sequence[dict[str, Any]], teacher: Sequence[dict[str, Any]]) -> float:
    """ToolRL's correctness as a share of its maximum: names, then the greedy matching."""
    score = _jaccard([call["name"] for call in teacher], [call["name"] for call in student])
    most = 1.0
    used: set[int] = set()
    for wanted in teacher:
        keys = list(wanted["arguments"])
        most += 1 + len(keys)
        best, chosen = 0.0, -1
        for place, given in enumerate(student):
            if place in used or given["name"] != wanted["name"]:
                continue
            arguments = given["arguments"]
            equal = sum(1.0 for key, value in wanted["arguments"].items() if arguments.get(key) == value)
            worth = _jaccard(keys, list(arguments)) + equal
            if worth > best:
                best, chosen = worth, place
        if chosen >= 0:
            used.add(chosen)
            score += best
    return score / most


def _jaccard(mine: list[str], theirs: list[str]) -> float:
    if mine == theirs:
        return 1.0
    ours, others = Counter(mine), Counter(theirs)
    shared = sum(min(ours[key], others[key]) for key in ours.keys() & others.keys())
    return shared / (len(mine) + len(theirs) - shared)
