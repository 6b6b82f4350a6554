"""What a docstring says of a function and its parameters: Google's, NumPy's and Sphinx's ways of writing it."""

from __future__ import annotations

import re

__all__ = ["read"]

_PARAMETERS = {"args", "arguments", "parameters", "params", "other parameters", "keyword args"}
_OTHER = {
    "returns", "return", "raises", "yields", "yield", "example", "examples", "note", "notes", "attributes",
    "warning", "warnings", "see also", "references", "todo",
}  # fmt: skip
_GOOGLE_HEAD = re.compile(r"^\s*([A-Za-z ]+):\s*$")
_GOOGLE_ENTRY = re.compile(r"^(\s*)\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_NUMPY_RULE = re.compile(r"^\s*-{3,}\s*$")
_NUMPY_ENTRY = re.compile(r"^\s*\*{0,2}(\w+(?:\s*,\s*\w+)*)\s*(?::.*)?$")
_SPHINX = re.compile(
    r"^\s*:(param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)$"
)
_SPHINX_FIELD = re.compile(r"^\s*:\w+[^:]*:")


def read(text: str) -> tuple[str, dict[str, str]]:
    """The first paragraph as one line, and what is said of each parameter.

    Args:
        text: The docstring, its indentation removed as `inspect.cleandoc` does.
    """
    lines = text.splitlines()
    paragraph = []
    for index, line in enumerate(lines):
        if not line.strip() or _section(lines, index) or _SPHINX_FIELD.match(line):
            break
        paragraph.append(line.strip())
    described = {**_sphinx(lines), **_numpy(lines), **_google(lines)}
    return " ".join(paragraph), {name: " ".join(words.split()) for name, words in described.items()}


def _section(lines: list[str], index: int) -> str | None:
    """The name of the section whose head stands on a line."""
    google = _GOOGLE_HEAD.match(lines[index])
    name = google[1].strip().lower() if google else lines[index].strip().lower()
    ruled = index + 1 < len(lines) and _NUMPY_RULE.match(lines[index + 1])
    return name if name in _PARAMETERS | _OTHER and (google or ruled) else None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _google(lines: list[str]) -> dict[str, str]:
    described: dict[str, str] = {}
    current, level, head, inside = "", None, 0, False
    for index, line in enumerate(lines):
        if _GOOGLE_HEAD.match(line) and (name := _section(lines, index)):
            inside, head, level, current = name in _PARAMETERS, _indent(line), None, ""
        elif inside and line.strip():
            if _indent(line) <= head:
                inside = False
                continue
            level = _indent(line) if level is None else level
            entry = _GOOGLE_ENTRY.match(line)
            if entry and len(entry[1]) == level:
                current = entry[2]
                described[current] = entry[3]
            elif current:
                described[current] += " " + line
    return described


def _numpy(lines: list[str]) -> dict[str, str]:
    described: dict[str, str] = {}
    names: list[str] = []
    inside, head = False, 0
    for index, line in enumerate(lines):
        if index + 1 < len(lines) and _NUMPY_RULE.match(lines[index + 1]):
            inside, head, names = (_section(lines, index) or "") in _PARAMETERS, _indent(line), []
        elif inside and line.strip() and not _NUMPY_RULE.match(line):
            entry = _NUMPY_ENTRY.match(line)
            if entry and _indent(line) == head:
                names = re.split(r"\s*,\s*", entry[1])
                described.update(dict.fromkeys(names, ""))
            else:
                for name in names:
                    described[name] += " " + line
    return {name: words for name, words in described.items() if words}


def _sphinx(lines: list[str]) -> dict[str, str]:
    described: dict[str, str] = {}
    current = ""
    for line in lines:
        field = _SPHINX.match(line)
        if field:
            current = field[2]
            described[current] = field[3]
        elif _SPHINX_FIELD.match(line) or not line.strip():
            current = ""
        elif current:
            described[current] += " " + line
    return described
