"""When arguments agree, tool by tool: comparators, and how users write them.

`arguments` of a score is one word or comparator for all tools, or a mapping from tools to them; `"*"` stands for
all other tools. For a tool it may be:

- `"exact"`, `"ignore"`, `"subset"` (the student's arguments are among the reference's), `"superset"`;
- a list of parameter names: these count, others do not;
- a comparator of values for all parameters: `Close`, `Text`, `Bfcl`;
- a mapping from parameters to `"exact"`, `"ignore"` or comparators of values;
- a `Tool`, which says all of this;
- a function of the two calls' argument dicts that gives a number in [0, 1] or a truth value; 1 is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mentor.errors import ScoreError

__all__ = [
    "Arguments",
    "Bfcl",
    "Callables",
    "Close",
    "Comparator",
    "Text",
    "Tool",
    "bfcl_arguments",
    "native_rules",
]

Word: TypeAlias = Literal["exact", "ignore", "subset", "superset"]
_WORDS = ("exact", "ignore", "subset", "superset")


@dataclass(frozen=True, slots=True)
class Close:
    """Numbers, at any depth, agree if they differ by no more than either bound; the rest must be equal.

    Attributes:
        relative: The bound as a share of the larger of the two.
        absolute: The bound as such.
    """

    relative: float = 1e-6
    absolute: float = 0.0


@dataclass(frozen=True, slots=True)
class Text:
    """Texts agree by 1 - edit distance / longer length, in characters; other values must be equal.

    Attributes:
        threshold: From this similarity on, in [0, 1], scores that ask which calls are the same count the texts
            as the same.
    """

    threshold: float = 0.8


@dataclass(frozen=True, slots=True)
class Bfcl:
    """Texts agree without case and the characters ` ,./-_*^`, as in the Berkeley Function-Calling Leaderboard.

    Attributes:
        accepted: The values accepted in place of the reference's; `""` among them lets the parameter be left out.
            None means the reference's value.
    """

    accepted: Sequence[Any] | None = None


Values: TypeAlias = Literal["exact", "ignore"] | Close | Text | Bfcl
"""How two values of a parameter are compared; `"ignore"` leaves the parameter out."""


@dataclass(frozen=True, slots=True)
class Tool:
    """How the arguments of one tool's calls are compared.

    Attributes:
        scope: Which parameters count: `"exact"` those of either call, `"subset"` the student's, `"superset"` the
            reference's, `"ignore"` none, or a list of names.
        values: How values are compared.
        parameters: How the values of some parameters are compared instead.
    """

    scope: Word | Sequence[str] = "exact"
    values: Values = "exact"
    parameters: Mapping[str, Values] = field(default_factory=dict)


Comparator: TypeAlias = (
    Word
    | Sequence[str]
    | Close
    | Text
    | Bfcl
    | Tool
    | Mapping[str, Values]
    | Callable[[dict[str, Any], dict[str, Any]], float | bool]
)
"""How one tool's calls are compared."""
Arguments: TypeAlias = Comparator | Mapping[str, Comparator]
"""How all tools' calls are compared."""
Callables: TypeAlias = dict[str, Callable[[dict[str, Any], dict[str, Any]], float | bool]]
"""The functions among the comparators by tool."""


def bfcl_arguments(answer: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, Mapping[str, Values]]:
    """Comparators of a BFCL possible answer, `{"tool": {"parameter": [accepted values]}}`.

    >>> bfcl_arguments({"area": {"base": [10], "unit": ["units", ""]}})["area"]["unit"]
    Bfcl(accepted=['units', ''])
    """
    return {
        tool: {name: Bfcl(list(accepted)) for name, accepted in parameters.items()}
        for tool, parameters in answer.items()
    }


def native_rules(arguments: Arguments) -> tuple[Any, Callables]:
    """Comparators as the native core takes them, and the functions apart.

    Raises:
        ScoreError: Something is no comparator; the message names it.
    """
    if isinstance(arguments, str):
        return arguments, {}
    by_tool: Mapping[str, Any] = arguments if isinstance(arguments, Mapping) else {"*": arguments}
    rules: dict[str, Any] = {}
    callables: Callables = {}
    for name, comparator in by_tool.items():
        where = f"arguments[{name!r}]"
        if not isinstance(name, str):
            raise ScoreError(f"field {where!r}: expected a tool's name")
        if isinstance(comparator, type) or not callable(comparator):
            rules[name] = _rule(comparator, where)
        else:
            callables[name] = comparator
            rules[name] = _rule("exact", where)
    return rules, callables


def _rule(comparator: Any, where: str) -> Any:
    match comparator:
        case str() if comparator in _WORDS:
            return (comparator, [], _values("exact", where), {})
        case Tool(scope=scope, values=values, parameters=parameters):
            word, keys = _scope(scope, where)
            named = {name: _values(one, f"{where}[{name!r}]") for name, one in parameters.items()}
            return (word, keys, _values(values, where), named)
        case Close() | Text() | Bfcl():
            return ("exact", [], _values(comparator, where), {})
        case Mapping():
            return _rule(Tool(parameters=comparator), where)
        case list() | tuple() | set() | frozenset():
            return _rule(Tool(scope=sorted(comparator, key=str)), where)
    raise ScoreError(
        f"field {where!r}: expected a comparator ({', '.join(_WORDS)}, a list of names, ...), not {comparator!r}"
    )


def _scope(scope: Any, where: str) -> tuple[str, list[str]]:
    if isinstance(scope, str):
        if scope not in _WORDS:
            raise ScoreError(
                f"field {where!r}: unknown scope {scope!r}; known: {', '.join(_WORDS)}, or a list of names"
            )
        return scope, []
    if not all(isinstance(name, str) for name in scope):
        raise ScoreError(f"field {where!r}: expected parameter names, not {scope!r}")
    return "keys", list(scope)


def _values(values: Any, where: str) -> tuple[str, float, float, list[Any] | None]:
    match values:
        case "exact" | "ignore":
            return (values, 0.0, 0.0, None)
        case Close(relative=relative, absolute=absolute):
            return ("close", _number(relative, where), _number(absolute, where), None)
        case Text(threshold=threshold):
            return ("text", _number(threshold, where), 0.0, None)
        case Bfcl(accepted=accepted):
            return ("bfcl", 0.0, 0.0, None if accepted is None else list(accepted))
    raise ScoreError(f"field {where!r}: expected 'exact', 'ignore', Close, Text or Bfcl, not {values!r}")


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScoreError(f"field {where!r}: expected a number, not {value!r}")
    return float(value)
