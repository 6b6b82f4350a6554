"""The published MENTOR rewards from their description, by Python's re, json and sets; the judge is given."""

import json
import math
import re
from collections.abc import Callable

KNOWN = {
    *("add", "subtract", "multiply", "divide", "sum_numbers", "floor"),
    *("ceil", "round_number", "power", "sqrt", "abs_value", "modulo"),
}


def box(text: str) -> str | None:
    """What the last box holds; None where the published code finds none or raises."""
    if r"\boxed " in text:
        return text.rsplit(r"\boxed ", 1)[1].split("$", 1)[0]
    start = max(text.rfind(r"\boxed"), -1)
    start = start if start >= 0 else text.rfind(r"\fbox")
    if start < 0:
        return None
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0 and text[place] == "}":
            found = text[start : place + 1]
            return found[len(r"\boxed{") : -1] if found.startswith(r"\boxed{") else None
    return None


def names(text: str) -> list[object]:
    """The names of the calls, whatever they are; TypeError for one that cannot be looked up."""
    found = []
    for body in re.findall("<tool_call>(.*?)</tool_call>", text, re.DOTALL):
        name: object = None
        try:
            decoded = json.loads(body.strip())
            if "name" in decoded:
                name = decoded["name"]
        except (ValueError, TypeError, RecursionError):
            fallback = re.search(r'"name":\\s*"([^"]+)"', body)
            name = fallback[1] if fallback else None
        if name:
            hash(name)
            found.append(name)
    return found


def score(
    text: str,
    truth: str | list[str],
    teacher: list[str],
    *,
    variant: str,
    eos: str,
    judge: Callable[[str, list[str]], bool],
) -> float:
    if not text.endswith(eos):
        return 0.0
    prediction = box(text)
    if prediction is None or not prediction.strip():
        return 0.1
    truths = [truth] if isinstance(truth, str) else truth
    unboxed = [box(one) if r"\boxed{" in one else one for one in truths]
    if None in unboxed:
        return math.nan
    right = judge(prediction, unboxed)
    if variant == "SPARSE":
        return 1.0 if right else 0.1
    try:
        used = names(text)
    except TypeError:
        return math.nan
    student, expected = {name for name in used if name in KNOWN}, set(teacher)
    valid = 0.0 if any(name not in KNOWN for name in used) else 0.1
    if variant == "ABLATION3":
        return (0.7 if right else 0.0) + valid
    if not teacher:
        return 0.1
    shared = len(student & expected)
    if variant == "MENTOR":
        match = 0.3 if student == expected else 0.0
    elif variant == "ABLATION2":
        match, valid = (0.3 if shared else 0.0), 0.0
    else:
        precision, recall = (shared / len(student), shared / len(expected)) if shared else (0.0, 0.0)
        match = 0.3 * (2 * precision * recall / (precision + recall)) if shared else 0.0
    return (0.7 if right else 0.0) + (match * (1.0 if right else 0.2) + valid)
