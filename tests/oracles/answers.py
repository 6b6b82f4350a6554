"""The final answer by plain Python: each box is looked at by itself. Quadratic at worst."""

import re


def answer(text: str) -> str | None:
    r"""The content of the complete `\boxed{...}` that starts last; each one is looked at by itself."""
    for box in reversed(list(re.finditer(r"\\boxed[ \t\n\f\r]*\{", text))):
        inside = _balanced(text, box.end())
        if inside is not None:
            return inside
    return None


def _balanced(text: str, start: int) -> str | None:
    depth, at = 1, start
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("{", "}", "\\") and text[at + 1 :][:6] != "\\boxed":
            at += 2
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[start:at]
        at += 1
    return None
