"""Draws the pictures of docs/alignment.md: `python docs/figures.py` writes docs/assets/alignment-*.svg.

Scores, pairs and credits in the pictures are what `mentor.align` says of the calls drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from mentor.align import Explanation, FlowFacts, distribution_similarity, efficiency, explain
from mentor.types import ToolCall

Point = tuple[float, float]

ASSETS = Path(__file__).parent / "assets"
BOX, STEP, GAP = 88, 30, 44
FULL, PART, NONE, FLOW = "#1a7f37", "#9a6700", "#8c959f", "#0969da"
A, B, C = (
    ToolCall("add", {"a": 2, "b": 3}),
    ToolCall("multiply", {"a": 5, "b": 4}),
    ToolCall("sqrt", {"x": 20}),
)
D, SLIP = ToolCall("floor", {"x": 4.47}), ToolCall("multiply", {"a": 5, "b": 9})
TEACHER = [A, B, C]
TASK = "Add 2 and 3, then multiply the sum by 4."
FACTS = FlowFacts(commutative={"add": ("a", "b"), "multiply": ("a", "b")})


def shown(call: ToolCall) -> str:
    """A call in few characters."""
    result = "" if call.result is None else f"={call.result}"
    return f"{call.name.removesuffix('iply')}({','.join(map(str, call.arguments.values()))}){result}"


def text(x: float, y: float, words: str, *, size: int = 10, fill: str = "#1f2328", style: str = "") -> str:
    """Words."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}" {style}>{escape(words)}</text>'


def line(start: Point, end: Point, colour: str, width: float, dashes: str = "") -> str:
    """A straight line."""
    return (
        f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}" stroke="{colour}" '
        f'stroke-width="{width:g}" stroke-dasharray="{dashes}"/>'
    )


def box(x: float, y: float, words: str, colour: str, width: float = BOX) -> str:
    """A call."""
    frame = (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="20" rx="3" fill="#ffffff" stroke="{colour}"/>'
    )
    return frame + text(x + 5, y + 14, words, style='font-family="monospace"')


def page(width: float, height: float, parts: Iterable[str]) -> str:
    """A picture."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'font-family="sans-serif"><rect width="100%" height="100%" fill="#f6f8fa"/>{"".join(parts)}</svg>\n'
    )


def place(number: int) -> float:
    """The height of a call by its number."""
    return 34 + number * STEP


def sides(found: Explanation, width: float = BOX) -> list[str]:
    """The teacher's calls on the left, the student's on the right, and which were taken for one another."""
    right = width + GAP
    paired = {pair.teacher: pair.similarity for pair in found.pairs}
    mine = {pair.student: pair.similarity for pair in found.pairs}
    parts = []
    for pair in found.pairs:
        colour = FULL if pair.similarity == 1 else PART
        ends = (width, place(pair.teacher) + 10), (right, place(pair.student) + 10)
        parts.append(line(*ends, colour, 0.8 + 1.7 * pair.similarity))
        if 0 < pair.similarity < 1:
            middle = (place(pair.teacher) + place(pair.student)) / 2
            parts.append(text(width + GAP / 2 - 8, middle + 7, f"{pair.similarity:g}", size=9, fill=PART))
    for calls, similar, x in ((found.teacher, paired, 0.0), (found.student, mine, right)):
        for number, call in enumerate(calls):
            colour = NONE if not similar.get(number) else FULL if similar[number] == 1 else PART
            parts.append(box(x, place(number), "not a call" if call is None else shown(call), colour, width))
    return parts


def panel(metric: str, student: Sequence[ToolCall], teacher: Sequence[ToolCall] = TEACHER) -> list[str]:
    """One score of one student."""
    found = explain(list(student), list(teacher), metric=metric)
    head = text(0, 12, f"{metric}  {found.score:.3g}", size=12, style='font-weight="bold"')
    labels = text(0, 28, "teacher", size=9, fill=NONE) + text(BOX + GAP, 28, "student", size=9, fill=NONE)
    return [head, labels, *sides(found)]


def grid(panels: Sequence[Sequence[str]], columns: int, width: float, height: float) -> str:
    """Panels side by side."""
    placed = [
        f'<g transform="translate({16 + place % columns * width:g} {14 + place // columns * height:g})">'
        f"{''.join(parts)}</g>"
        for place, parts in enumerate(panels)
    ]
    rows = -(-len(panels) // columns)
    return page(columns * width + 8, rows * height + 12, placed)


def membership() -> str:
    """The scores that ask which calls are there: a student that has what is asked, and one that has not."""
    students = {
        "exact": ([A, B, C], [B, A, C]),
        "in_order": ([A, D, B, C], [B, A, C]),
        "any_order": ([C, D, B, A], [C, D, A]),
        "superset": ([C, D, B, A], [C, A]),
        "subset": ([C, A], [C, D, A]),
        "unordered": ([C, B, A], [C, B, A, A]),
        "overlap": ([D, A], [D, SLIP]),
        "precision": ([A, SLIP, D, C], [A]),
        "recall": ([A, SLIP, D, C], [A]),
        "f1": ([A, SLIP, D, C], [A]),
        "jaccard": ([A, SLIP, D, C], [A]),
    }
    return grid([panel(metric, one) for metric, pair in students.items() for one in pair], 4, 244, 168)


def sequence() -> str:
    """The scores that ask for order and similarity, of one and the same student."""
    student = [A, C, SLIP, A]
    metrics = ("prefix", "ngram", "edit", "weighted_lcs", "global", "assignment", "toolrl")
    return grid([panel(metric, student) for metric in metrics], 4, 244, 168)


def done(name: str, *numbers: float) -> ToolCall:
    """A call of an arithmetic tool with what it returned."""
    first, second = numbers
    result = first + second if name == "add" else first * second
    return ToolCall(name, {"a": first, "b": second}, result)


def arcs(calls: Sequence[ToolCall | None], x: float, bend: float) -> list[str]:
    """Where one call's result is another's argument."""
    parts = []
    for later, call in enumerate(calls):
        for earlier, maker in enumerate(calls[:later]):
            if call and maker and maker.result in call.arguments.values():
                start, end = place(earlier) + 10, place(later) + 10
                curve = f"M {x:g} {start:g} Q {x + bend:g} {(start + end) / 2:g} {x:g} {end:g}"
                parts.append(f'<path d="{curve}" fill="none" stroke="{FLOW}" stroke-width="1.5"/>')
                parts.append(f'<circle cx="{x:g}" cy="{end:g}" r="2.5" fill="{FLOW}"/>')
    return parts


def flow_panel(title: str, student: Sequence[ToolCall]) -> list[str]:
    """One student of `flow`'s."""
    width, teacher = 96.0, [done("add", 2, 3), done("multiply", 5, 4)]
    found = explain(list(student), teacher, metric="flow", task=TASK, facts=FACTS)
    assert found.flow is not None
    right = width + GAP
    parts = [text(0, 12, f"{title}  {found.score:.3g}", size=12, style='font-weight="bold"')]
    partners = {pair.teacher: pair.student for pair in found.pairs}
    for number, how in enumerate(found.flow.reached):
        if isinstance(how, int) and partners.get(number) != how:
            ends = (width, place(number) + 10), (right, place(how) + 10)
            parts.append(line(*ends, FLOW, 1.2, "4 3"))
    parts += sides(found, width)
    parts += arcs(found.teacher, 0, -22) + arcs(found.student, right + width, 22)
    for x, side in ((0.0, found.flow.teacher_credit), (right, found.flow.student_credit)):
        for number, credit in enumerate(side):
            parts.append(text(x + 4, place(number) + 28, f"credit {credit:.2g}", size=8, fill=NONE))
    return [f'<g transform="translate(12 0)">{"".join(parts)}</g>']


def flow() -> str:
    """What `flow` pays for: blue is where values go, dashed a result that was reached another way."""
    add, multiply = done("add", 2, 3), done("multiply", 5, 4)
    students = {
        "the same": [add, multiply],
        "commuting arguments": [done("add", 3, 2), done("multiply", 4, 5)],
        "another way": [done("multiply", 2, 4), done("multiply", 3, 4), done("add", 8, 12)],
        "one slip, carried": [done("add", 2, 4), done("multiply", 6, 4)],
        "an idle call": [add, multiply, done("add", 7, 7)],
        "half the work": [add],
        "too early": [multiply, add],
        "5 was guessed": [done("multiply", 4, 5)],
    }
    return grid([flow_panel(title, one) for title, one in students.items()], 4, 290, 142)


def sets() -> str:
    """The similarity of two distributions of tools, and the efficiency over the number of calls."""
    mine, theirs = [[A, A, A, B]], [[A, B, B, C]]
    parts = [text(16, 26, f"distribution_similarity  {distribution_similarity(mine, theirs):.3g}", size=12)]
    for row, name in enumerate(("add", "multiply", "sqrt")):
        y = 44 + row * 34
        parts.append(text(16, y + 15, name, style='font-family="monospace"'))
        for side, (calls, colour) in enumerate(((theirs, FULL), (mine, FLOW))):
            share = sum(call.name == name for call in calls[0]) / len(calls[0])
            bar = f'<rect x="80" y="{y + 11 * side}" width="{200 * share:g}" height="9" fill="{colour}"/>'
            parts.append(bar + text(84 + 200 * share, y + 8 + 11 * side, f"{share:.0%}", size=8))
    parts += [text(80, 158, "teachers", size=9, fill=FULL), text(130, 158, "students", size=9, fill=FLOW)]
    parts.append(text(350, 26, "efficiency, by the number of calls", size=12))
    for fewest, colour, label in ((2, FULL, "fewest=2"), (4, PART, "fewest=4"), (None, FLOW, "fewest=None")):
        points = [(360 + 22 * m, 140 - 100 * efficiency(m, fewest)) for m in range(11)]
        path = " ".join(f"{x:g},{y:.4g}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(text(360 + 22 * 10 + 6, points[-1][1] + 4, label, size=9, fill=colour))
    parts += [line((360, 140), (580, 140), NONE, 1), line((360, 140), (360, 40), NONE, 1)]
    parts += [text(357 + 22 * m, 154, str(m), size=9, fill=NONE) for m in range(0, 11, 2)]
    parts += [text(348, 44, "1", size=9, fill=NONE), text(348, 142, "0", size=9, fill=NONE)]
    return page(660, 170, parts)


PICTURES = {
    "alignment-membership.svg": membership,
    "alignment-sequence.svg": sequence,
    "alignment-flow.svg": flow,
    "alignment-sets.svg": sets,
}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        (ASSETS / name).write_text(draw(), encoding="utf-8")
