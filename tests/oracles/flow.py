"""Alignment by value flow, rule by rule as docs/alignment.md says it, without a thought for speed."""

import json
import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mentor.types import ToolCall
from oracles import matching
from oracles.comparators import same

CONSTANTS = (0, 1, -1, 2, 0.5, 0.01, 0.1, 10, 100, 1000)
BLANKS = " \t\n\r\x0b\x0c"
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)

Atom = tuple[str, Any]
"""A scalar that flows: ("number", key) or ("text", text)."""


@dataclass
class Weights:
    order: float = 0.5
    equivalence: float = 0.9
    detour: float = 0.25
    support: float = 0.5
    beta: float = 1.0


@dataclass
class Known:
    """What is known beside the calls."""

    task: str | None = None
    commutative: Mapping[str, Sequence[str]] = field(default_factory=dict)
    effects: frozenset[str] = frozenset()
    order: Sequence[tuple[int, int]] = ()
    answer: str | None = None


# ---- scalars


def key_of(number: float) -> Any:
    """Whole numbers exactly, a number close to a whole one as that, others by the first 34 bits."""
    if not math.isfinite(number):
        return None
    whole = number if abs(number) >= 2**52 else math.copysign(math.floor(abs(number) + 0.5), number)
    if abs(number - whole) <= 1e-10 * abs(number) and abs(whole) < 2**63:
        return int(whole)
    bits = struct.unpack("<Q", struct.pack("<d", number))[0]
    return ("bits", (bits + (1 << 17)) >> 18)


def scalar(value: Any) -> tuple[Atom, float | None] | None:
    """The atom of a scalar and its number; None for what does not flow."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return scalar_of_text(value)
    if isinstance(value, int):
        return (
            (("number", value), float(value)) if -(2**63) <= value < 2**63 else (("text", str(value)), None)
        )
    key = key_of(value)
    return (("text", "not a number"), None) if key is None else (("number", key), value)


def scalar_of_text(text: str) -> tuple[Atom, float | None] | None:
    text = text.strip(BLANKS)
    if not text:
        return None
    if NUMBER.fullmatch(text):
        if re.search("[.eE]", text):
            key = key_of(float(text))
            if key is not None:
                return ("number", key), float(text)
        elif -(2**63) <= int(text) < 2**63:
            return ("number", int(text)), float(int(text))
    return ("text", text), None


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Atom, tuple[Any, ...], float | None]]:
    """The scalars inside a value with their places, objects by key."""
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from leaves(value[key], (*place, key))
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from leaves(item, (*place, i))
    elif (found := scalar(value)) is not None:
        yield found[0], place, found[1]


def shape(value: Any) -> Any:
    """What is left of a value without its leaves."""
    if isinstance(value, Mapping):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shape(item) for item in value]
    if scalar(value) is not None:
        return "leaf"
    return "empty" if isinstance(value, str) else ("bare", value)


def equal_result(a: Any, b: Any) -> bool:
    return shape(a) == shape(b) and [atom for atom, *_ in leaves(a)] == [atom for atom, *_ in leaves(b)]


def result_of(call: ToolCall) -> Any:
    """What a call returned; a text that holds a JSON object or array is that."""
    if call.error is not None:
        return None
    if isinstance(call.result, str) and call.result.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(call.result)
        except ValueError:
            return call.result
    return call.result


def numbers_in(text: str) -> list[str]:
    """The number literals of a text, thousands joined."""
    found = []
    for match in re.finditer(
        r"[0-9]{1,3}(?:,[0-9]{3}(?![0-9]))+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?", text, re.ASCII
    ):
        start = match.start()
        before = text[start - 2] if start > 1 else ""
        is_word = bool(before) and (before.isalnum() or before in "_)]" or ord(before) >= 0x80)
        negative = start > 0 and text[start - 1] == "-" and not is_word
        whole, dot, fraction = match[0].replace(",", "").partition(".")
        found.append(("-" if negative else "") + str(int(whole)) + dot + fraction)
    return found


def mentions(text: str, phrase: str) -> bool:
    """Whether a phrase occurs, whatever its case, not as a part of a longer word."""
    text, phrase = text.lower(), phrase.lower()
    return any(
        text.startswith(phrase, start)
        and not text[start - 1 : start].isalnum()
        and not text[start + len(phrase) : start + len(phrase) + 1].isalnum()
        for start in range(len(text))
    )


def occurs(atom: Atom, text: str) -> bool:
    if atom[0] == "text":
        return mentions(text, atom[1])
    return any((found := scalar_of_text(literal)) and found[0] == atom for literal in numbers_in(text))


# ---- one trajectory


@dataclass
class Work:
    by_rule: bool = False
    grounded: bool = False
    real: bool = False
    own: bool = False
    suppliers: set[int] = field(default_factory=set)
    numbers: set[Atom] = field(default_factory=set)
    texts: set[Atom] = field(default_factory=set)


class Side:
    """The calls of one trajectory with their origins and their work. None stands for what is no call."""

    def __init__(self, calls: Sequence[ToolCall | None]) -> None:
        self.calls = calls
        self.arguments = [list(leaves(call.arguments)) if call else [] for call in calls]
        self.results = [result_of(call) if call else None for call in calls]
        self.made = [[] if result is None else list(leaves(result)) for result in self.results]
        self.failed = [call is not None and call.error is not None for call in calls]
        self.origins: dict[Atom, Any] = {}
        self.work: list[Work] = []

    def find_origins(self, given: Any) -> None:
        """A value comes from where it appears first."""
        for call, (used, made) in enumerate(zip(self.arguments, self.made, strict=True)):
            for atom, _, _ in used:
                self.origins.setdefault(atom, "given" if given(atom) else "free")
            for atom, place, _ in made:
                self.origins.setdefault(atom, "given" if given(atom) else (call, place))

    def find_work(self, given: Any, constants: set[Atom], exempt: Any, *, is_reference: bool) -> None:
        had: dict[Atom, int] = {}
        self.work = [Work() for _ in self.calls]
        for call, work in enumerate(self.work):
            if self.calls[call] is None or self.failed[call]:
                continue
            from_nowhere, solid = False, not self.arguments[call]
            for atom, _, number in self.arguments[call]:
                if number is None:
                    solid = True
                    if not given(atom) and atom in had:
                        self._supply(work, had[atom])
                    else:
                        work.texts.add(atom)
                    continue
                is_given = {one for one in [atom, *turns(number)] if given(one)}
                work.numbers |= is_given - CONSTANT_ATOMS
                negative = [] if atom in CONSTANT_ATOMS else turns(number)[:1]
                returned = next((one for one in [atom, *negative] if one in had), None)
                if returned is not None and (atom not in is_given or returned == atom):
                    self._supply(work, had[returned], counts=atom not in is_given)
                known = bool(is_given) or returned is not None
                solid = solid or known
                from_nowhere = from_nowhere or (not known and atom not in constants)
            work.by_rule = solid and not from_nowhere
            work.grounded = work.by_rule or is_reference or exempt(call)
            if work.grounded:
                own = {atom for atom, *_ in self.arguments[call]}
                made = [atom for atom, *_ in self.made[call]]
                work.own = all(atom in own for atom in made)
                work.real = any(atom not in own and not given(atom) and atom not in had for atom in made)
                for atom in made:
                    had.setdefault(atom, call)

    def _supply(self, work: Work, supplier: int, *, counts: bool = True) -> None:
        work.suppliers |= {supplier} if counts else set()
        work.numbers |= self.work[supplier].numbers
        work.texts |= self.work[supplier].texts


CONSTANT_ATOMS = {("number", key_of(value)) for value in CONSTANTS}


def turns(number: float) -> list[Atom]:
    turned = [-number, 1 / number if number else math.nan, number * 100, number / 100]
    return [("number", key) for one in turned if (key := key_of(one)) is not None]


# ---- the score


def score(
    student: Sequence[ToolCall | None],
    teacher: Sequence[ToolCall],
    known: Known | None = None,
    weights: Weights | None = None,
) -> float:
    return Scorer(student, teacher, known or Known(), weights or Weights()).score


class Scorer:
    def __init__(
        self,
        student: Sequence[ToolCall | None],
        teacher: Sequence[ToolCall],
        known: Known,
        weights: Weights,
    ) -> None:
        self.known, self.weights = known, weights
        self.p, self.r = Side([self._with_result(call, teacher) for call in student]), Side(teacher)
        self._look_at_reference()
        self._look_at_student()
        self._reach()
        self._pair()
        self._cover()
        self._credit()
        self._total()

    @staticmethod
    def _with_result(call: ToolCall | None, teacher: Sequence[ToolCall]) -> ToolCall | None:
        """A result that is not known is that of an equal call of the reference's: tools are functions."""
        if call is None or call.result is not None or call.error is not None:
            return call
        for other in teacher:
            is_known = other.result is not None or other.error is not None
            if is_known and other.name == call.name and same(dict(other.arguments), dict(call.arguments)):
                return other
        return call

    # -- what is known of the reference beforehand

    def _look_at_reference(self) -> None:
        task = self.known.task
        in_task = (lambda atom: occurs(atom, task)) if task is not None else (lambda atom: False)
        self.r.find_origins(in_task)
        free = {atom for atom, origin in self.r.origins.items() if origin == "free"}
        self.constants = set(CONSTANT_ATOMS)
        if task is None:
            self.given = lambda atom: atom in free
            self.r.origins.update(dict.fromkeys(free, "given"))
        else:
            self.given = in_task
            self.constants |= free
        self.r.find_work(self.given, self.constants, lambda _: False, is_reference=True)
        calls = range(len(self.r.calls))
        self.users: list[set[int]] = [set() for _ in calls]
        self.before: list[set[int]] = [set() for _ in calls]
        for call in calls:
            first = {i for i, j in self.known.order if j == call}
            for atom, _, _ in self.r.arguments[call]:
                if isinstance(self.r.origins[atom], tuple):
                    maker = self.r.origins[atom][0]
                    self.users[maker].add(call)
                    first.add(maker)
            self.before[call] = first.union(*(self.before[i] for i in first))
        self._judge_calls()

    def _judge_calls(self) -> None:
        calls = range(len(self.r.calls))
        last = max((call for call in calls if not self.r.failed[call]), default=None)
        answer = self.known.answer
        self.on_path, self.milestone, self.coverable = ([False] * len(calls) for _ in range(3))
        for call in reversed(calls):
            failed, effects = self.r.failed[call], self.r.calls[call].name in self.known.effects  # type: ignore[union-attr]
            made = self.r.made[call]
            answers = {
                atom
                for atom, *_ in made
                if answer is not None and not self.given(atom) and occurs(atom, answer)
            }
            numbers = any(number is not None for *_, number in made)
            used = {
                atom
                for atom, *_ in made
                if isinstance(self.r.origins[atom], tuple)
                and self.r.origins[atom][0] == call
                and any(atom == other for user in self.users[call] for other, *_ in self.r.arguments[user])
            }
            leads_on = any(self.on_path[user] for user in self.users[call])
            self.on_path[call] = not failed and (
                call == last or bool(answers) or leads_on or effects or not numbers
            )
            worth = numbers or bool(answers) or bool(used)
            self.milestone[call] = not failed and not effects and worth
            self.coverable[call] = bool(self.users[call]) and not answers and not effects and call != last

    # -- the student

    def _look_at_student(self) -> None:
        self.p.find_origins(self.given)

        def as_baseless(call: int) -> bool:
            mine = self.p.calls[call]
            return any(
                not work.by_rule and self._equal_calls(mine, theirs)
                for theirs, work in zip(self.r.calls, self.r.work, strict=True)
            )

        self.p.find_work(self.given, self.constants, as_baseless, is_reference=False)

    @staticmethod
    def _equal_calls(a: ToolCall | None, b: ToolCall | None) -> bool:
        return (
            a is not None
            and b is not None
            and a.name == b.name
            and same(dict(a.arguments), dict(b.arguments))
        )

    # -- matching

    def _pair(self) -> None:
        teachers, students = len(self.r.calls), len(self.p.calls)
        self.partners: list[int | None] = [None] * teachers
        for _ in range(3):
            similar = {(j, i): self._similarity(i, j) for j in range(teachers) for i in range(students)}
            found = matching.best(teachers, students, lambda j, i, s=similar: s[j, i] * self._support(i))
            self.similarity = [0.0 if i is None else similar[j, i] for j, i in enumerate(found)]
            if found == self.partners:
                break
            self.partners = found
        self.late = [
            i is not None
            and any((first := self.partners[j2]) is not None and first > i for j2 in self.before[j])
            for j, i in enumerate(self.partners)
        ]

    def _support(self, i: int) -> float:
        return 1.0 if self.p.work[i].grounded or self.p.failed[i] else self.weights.support

    def _similarity(self, i: int, j: int) -> float:
        mine, theirs = self.p.calls[i], self.r.calls[j]
        if mine is None or theirs is None or mine.name != theirs.name:
            return 0.0
        if self.p.failed[i] and not self.r.failed[j]:
            return 0.0
        declared = list(self.known.commutative.get(mine.name, ()))
        bound = set(declared) & theirs.arguments.keys() if len(declared) > 1 else set()
        bound = bound if len(bound) > 1 else set()
        keys = (mine.arguments.keys() | theirs.arguments.keys()) - bound
        equal = sum(
            key in mine.arguments
            and key in theirs.arguments
            and self._agree(mine.arguments[key], theirs.arguments[key], declared == [key])
            for key in keys
        )
        mine_bound = [mine.arguments[key] for key in sorted(bound) if key in mine.arguments]
        theirs_bound = [theirs.arguments[key] for key in sorted(bound) if key in theirs.arguments]
        pairs = matching.best(
            len(theirs_bound),
            len(mine_bound),
            lambda y, x: float(self._agree(mine_bound[x], theirs_bound[y], False)),
        )
        equal += sum(pair is not None for pair in pairs)
        union = len(keys) + max(len(mine_bound), len(theirs_bound))
        return equal / union if union else 1.0

    def _agree(self, mine: Any, theirs: Any, items: bool) -> bool:
        if shape(mine) != shape(theirs):
            return False
        a, b = list(leaves(mine)), list(leaves(theirs))
        if all(self._same_leaf(x, y) for x, y in zip(a, b, strict=True)):
            return True
        flat = isinstance(mine, list) and all(scalar(item) is not None for item in mine)
        if not items or not flat:
            return False
        pairs = matching.best(len(b), len(a), lambda y, x: float(self._same_leaf(a[x], b[y])))
        return None not in pairs

    def _same_leaf(self, mine: Any, theirs: Any) -> bool:
        if mine[0] == theirs[0]:
            return True
        mine, theirs = self.p.origins[mine[0]], self.r.origins[theirs[0]]
        if not isinstance(mine, tuple) or not isinstance(theirs, tuple):
            return False
        slipped = self.reached[theirs[0]] is None
        return slipped and mine[1] == theirs[1] and self.partners[theirs[0]] == mine[0]

    # -- milestones

    def _reach(self) -> None:
        teachers = range(len(self.r.calls))
        self.reached: list[int | str | None] = []
        for j in teachers:
            able = [i for i in range(len(self.p.calls)) if self.milestone[j] and self._reaches(i, j)]
            fresh = [i for i in able if i not in self.reached]
            self.reached.append(next(iter(fresh or able), None))

    def _cover(self) -> None:
        for j in reversed(range(len(self.r.calls))):
            all_reached = all(self.reached[user] is not None for user in self.users[j])
            if self.reached[j] is None and self.coverable[j] and all_reached:
                self.reached[j] = "covered"

    def _reaches(self, i: int, j: int) -> bool:
        if self.p.results[i] is None or self.r.results[j] is None:
            return False
        mine, theirs = self.p.work[i], self.r.work[j]
        if not mine.real and not (not theirs.real and mine.grounded and (not mine.own or theirs.own)):
            return False
        if theirs.numbers:
            roots = theirs.numbers <= mine.numbers
        elif theirs.texts:
            roots = bool(theirs.texts & mine.texts)
        else:
            roots = not mine.texts and not mine.numbers
        has_effects = self.p.calls[i].name in self.known.effects  # type: ignore[union-attr]
        return roots and not has_effects and equal_result(self.p.results[i], self.r.results[j])

    # -- credit

    def _credit(self) -> None:
        weights = self.weights
        self.student_credit = [0.0] * len(self.p.calls)
        self.teacher_credit = [0.0] * len(self.r.calls)
        for j, i in enumerate(self.partners):
            if i is not None:
                credit = self.similarity[j] * self._support(i) * (weights.order if self.late[j] else 1.0)
                self.teacher_credit[j] = self.student_credit[i] = credit
        for j, how in enumerate(self.reached):
            if how is None or self.teacher_credit[j] > weights.equivalence:
                continue
            self.teacher_credit[j] = weights.equivalence
            if isinstance(how, int):
                self.student_credit[how] = max(self.student_credit[how], weights.equivalence)
        for user in reversed(range(len(self.p.calls))):
            for supplier in self.p.work[user].suppliers:
                if self.p.work[supplier].real:
                    handed = min(weights.equivalence, self.student_credit[user])
                    self.student_credit[supplier] = max(self.student_credit[supplier], handed)

    def _total(self) -> None:
        if not self.p.calls or not self.r.calls:
            self.score = float(len(self.p.calls) == len(self.r.calls))
            return
        counts = [1.0 if on_path else self.weights.detour for on_path in self.on_path]
        if not any(counts):
            counts = [1.0] * len(counts)
        self.recall = sum(w * c for w, c in zip(counts, self.teacher_credit, strict=True)) / sum(counts)
        self.precision = sum(self.student_credit) / len(self.student_credit)
        squared = self.weights.beta**2
        both = self.precision > 0 and self.recall > 0
        self.score = (
            (1 + squared) * self.precision * self.recall / (squared * self.precision + self.recall)
            if both
            else 0.0
        )
