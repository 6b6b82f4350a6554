"""Labelled pairs written by hand: `written.txt`, kinds that no function of this package makes."""

from __future__ import annotations

from importlib.resources import files

from mentor.bench.answer_pairs.pair import Pair

__all__ = ["written"]


def written() -> list[Pair]:
    """The pairs of the file, in its order; the label is what a careful reader says."""
    text = files("mentor.bench.answer_pairs").joinpath("written.txt").read_text(encoding="utf-8")
    pairs = []
    kind = ""
    for line in text.splitlines():
        if line.startswith("# "):
            kind = line[2:]
        elif line.startswith(("= ", "! ")):
            answer, reference = line[2:].split(" ;; ")
            pairs.append(Pair(kind, answer, reference, line[0] == "="))
    return pairs
