"""What re-execution says of a reference: which calls have effects, which do not commute, which arguments do.

Order matters to `flow` where one call uses another's result, which the values show, and where the effects of two
calls do not commute, which they do not. So the reference is run again in the sandbox, and pairs of calls in the
other order: if a result, or what can be observed of the state, is another, the second must follow the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from mentor.align.observe import observations
from mentor.align.values import Teacher
from mentor.errors import ScoreError
from mentor.tools.result import ToolResult
from mentor.types import ToolCall, Trajectory

if TYPE_CHECKING:
    from mentor.sandbox import State
    from mentor.tools import ToolEnv

__all__ = ["FlowFacts", "flow_facts"]


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What is known of a row's tools and references, declared or found by `flow_facts`.

    Attributes:
        order: For each reference, pairs of calls (from 0) of which the second must follow the first.
        effects: The tools whose calls change what can be observed; their results are not all that they are for, so
            no other tool stands in for them.
        commutative: By tool, the parameters that may be exchanged; a single one holds a list whose items may.
        references: The references with the results that re-execution gave.
        untested: How many pairs of calls were left out, since there were more than allowed.
    """

    order: Sequence[Sequence[tuple[int, int]]] = ()
    effects: frozenset[str] = frozenset()
    commutative: Mapping[str, Sequence[str]] = field(default_factory=dict)
    references: Sequence[Trajectory] = ()
    untested: int = 0


def flow_facts(
    env: ToolEnv, references: Teacher, *, max_pairs: int = 64, probes: int = 3, seed: int = 0
) -> FlowFacts:
    """Runs references again in the sandbox, and says what their order and their arguments' order decide.

    Args:
        env: The tools.
        references: One trajectory, or several.
        max_pairs: The most pairs of calls tried in the other order, for each reference; the nearest first. Only
            pairs of which one has effects are tried.
        probes: How many sets of values arguments are exchanged with, the call's own among them, before they count
            as commuting.
        seed: Decides the tools' randomness; every run has the same.

    Returns:
        What was found. A pair of calls that fail in either order commutes if they fail in both.

    Raises:
        ScoreError: A reference is none.
        SandboxError: The machinery failed.
    """
    trajectories = _trajectories(references)
    orders, done, effects, untested = [], [], set(), 0
    groups: dict[str, _Group] = {}
    for trajectory in trajectories:
        run = _Replay(env, trajectory, seed)
        with_effects = [run.seen[i] != run.seen[i + 1] for i in range(len(trajectory.calls))]
        effects |= {call.name for call, has in zip(trajectory.calls, with_effects, strict=True) if has}
        pairs = [
            pair for pair in _nearest(len(with_effects)) if with_effects[pair[0]] or with_effects[pair[1]]
        ]
        untested += max(0, len(pairs) - max_pairs)
        tried = pairs[:max_pairs]
        commuting = run.commute(tried)
        orders.append(tuple(sorted(pair for pair, free in zip(tried, commuting, strict=True) if not free)))
        done.append(run.trajectory())
        for place, call in enumerate(trajectory.calls):
            groups.setdefault(call.name, _Group(call.name)).try_call(run, place, probes)
    commutative = {name: found for name, group in groups.items() if (found := group.names())}
    return FlowFacts(tuple(orders), frozenset(effects), commutative, tuple(done), untested)


def _trajectories(references: Teacher) -> list[Trajectory]:
    if isinstance(references, str):
        raise ScoreError("field 'references': expected trajectories, not JSON text")
    items: Any = [references] if isinstance(references, Trajectory | Mapping) else list(references)
    if items and (isinstance(items[0], ToolCall) or (isinstance(items[0], Mapping) and "name" in items[0])):
        items = [items]
    return [_trajectory(item, f"references[{place}]") for place, item in enumerate(items)]


def _trajectory(item: Any, where: str) -> Trajectory:
    calls: Any = item.get("calls") if isinstance(item, Mapping) else getattr(item, "calls", item)
    answer = item.get("answer") if isinstance(item, Mapping) else getattr(item, "answer", None)
    made = []
    for place, call in enumerate(calls):
        if isinstance(call, Mapping):
            made.append(ToolCall(call["name"], call.get("arguments", {}), call.get("result")))
        elif isinstance(call, ToolCall):
            made.append(call)
        else:
            raise ScoreError(f"field '{where}[{place}]': expected a call, not {call!r}")
    return Trajectory(tuple(made), answer)


def _nearest(calls: int) -> list[tuple[int, int]]:
    return sorted(combinations(range(calls), 2), key=lambda pair: (pair[1] - pair[0], pair))


class _Replay:
    """A reference run once, with the state before and behind each call."""

    def __init__(self, env: ToolEnv, trajectory: Trajectory, seed: int) -> None:
        self.env, self.seed = env, seed
        self.calls = trajectory.calls
        self.answer = trajectory.answer
        self.states = [env.initial]
        self.results: list[ToolResult] = []
        for place, call in enumerate(self.calls):
            if call.name not in env.names:
                raise ScoreError(
                    f"field 'references': call {place}: there is no tool {call.name!r} to run again"
                )
            ((result,),), (state,) = self.run([self.states[-1]], [[call]])
            self.results.append(result)
            self.states.append(state)
        self.seen = observations(env, self.states)

    def run(
        self, states: Sequence[State], calls: Sequence[Sequence[ToolCall]]
    ) -> tuple[list[list[ToolResult]], list[State]]:
        """Runs calls from each state in order, each seeing what the ones before it did."""
        return self.env.step_batch(states, calls, seeds=[[self.seed] * len(one) for one in calls])

    def commute(self, pairs: Sequence[tuple[int, int]]) -> list[bool]:
        """Whether the calls of each pair, run from the state before the first, do the same in either order."""
        states = [self.states[first] for first, _ in pairs for _ in range(2)]
        orders = [order for i, j in pairs for order in ([i, j], [j, i])]
        results, ends = self.run(states, [[self.calls[place] for place in order] for order in orders])
        shown = [[_shown(result) for result in row] for row in results]
        seen = observations(self.env, ends)
        return [
            shown[at] == shown[at + 1][::-1] and seen[at] == seen[at + 1] for at in range(0, len(orders), 2)
        ]

    def trajectory(self) -> Trajectory:
        """The reference with the results of this run."""
        calls = [
            ToolCall(call.name, call.arguments, result.value)
            if result.ok
            else ToolCall(call.name, call.arguments, error=result.text)
            for call, result in zip(self.calls, self.results, strict=True)
        ]
        return Trajectory(tuple(calls), self.answer)


def _shown(result: ToolResult) -> tuple[bool, Any]:
    return result.ok, result.value if result.ok else result.text


class _Group:
    """The parameters of a tool that may be exchanged, as far as is known."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        self.verdicts: dict[tuple[str, ...], bool] = {}

    def try_call(self, run: _Replay, place: int, probes: int) -> None:
        """Exchanges arguments of one call, with its own values and others."""
        arguments = dict(run.calls[place].arguments)
        if not run.results[place].ok:
            return
        for names in _candidates(arguments):
            if self.verdicts.get(names, True):
                self.verdicts[names] = self._exchange(run, place, _probes(arguments, names, probes), names)

    def _exchange(
        self, run: _Replay, place: int, probes: Sequence[dict[str, Any]], names: tuple[str, ...]
    ) -> bool:
        """Whether every probe does the same with its values exchanged, and something at all."""
        calls = [
            [ToolCall(self.tool, one)] for values in probes for one in (values, _exchanged(values, names))
        ]
        results, states = run.run([run.states[place]] * len(calls), calls)
        seen = observations(run.env, states)
        return all(
            results[at][0].ok
            and _shown(results[at][0]) == _shown(results[at + 1][0])
            and seen[at] == seen[at + 1]
            for at in range(0, len(calls), 2)
        )

    def names(self) -> tuple[str, ...]:
        """The largest group of which every two may be exchanged; a list's name where there is none."""
        pairs = {names for names, same in self.verdicts.items() if same and len(names) == 2}
        best: tuple[str, ...] = ()
        for first in sorted({name for names in pairs for name in names}):
            group = [first]
            for name in sorted({name for names in pairs for name in names} - {first}):
                if all(tuple(sorted((name, member))) in pairs for member in group):
                    group.append(name)
            best = max(best, tuple(sorted(group)), key=len)
        lists = sorted(names for names, same in self.verdicts.items() if same and len(names) == 1)
        return best or (lists[0] if lists else ())


def _candidates(arguments: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Two arguments of one kind, or one that is a list of several scalars."""
    pairs = [
        (a, b)
        for a, b in combinations(sorted(arguments), 2)
        if _kind(arguments[a]) == _kind(arguments[b]) != ""
    ]
    lists = [
        (name,)
        for name, value in sorted(arguments.items())
        if isinstance(value, list) and len(value) > 1 and len({_kind(item) for item in value} - {""}) == 1
    ]
    return [*pairs, *lists]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return ""
    return "number" if isinstance(value, int | float) else "text" if isinstance(value, str) else ""


def _exchanged(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    if len(names) == 1:
        return {**values, names[0]: list(values[names[0]])[::-1]}
    return {**values, names[0]: values[names[1]], names[1]: values[names[0]]}


def _probes(arguments: Mapping[str, Any], names: tuple[str, ...], count: int) -> list[dict[str, Any]]:
    """The call's own values, and others of their kinds that are all different from one another."""
    made = [dict(arguments)]
    for probe in range(1, max(count, 2)):
        values = dict(arguments)
        for place, name in enumerate(names):
            old = arguments[name]
            if isinstance(old, list):
                values[name] = [_other(item, probe, i) for i, item in enumerate(old)]
            else:
                values[name] = _other(old, probe, place)
        made.append(values)
    return made


def _other(value: Any, probe: int, place: int) -> Any:
    if isinstance(value, str):
        return f"{value}{'abcdefgh'[(probe + 3 * place) % 8]}"
    return type(value)(3 * probe + 5 * place + 2)
