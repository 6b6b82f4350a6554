"""The one door to all tasks: a mapping out of a configuration says which source to load, and how."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mentor.data import bfcl, gym, mentor_format, messages, rows
from mentor.data.tasks import SHOP_SUITES, SUITES, generate, generate_shop
from mentor.errors import ConfigError
from mentor.types import Task

__all__ = ["check", "load"]

Check = Callable[[Any], str | None]
"""What is expected instead of a value, or None where the value will do."""


def _integer(least: int) -> Check:
    def problem(value: Any) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
        return None if fits else f"an integer of at least {least}"

    return problem


def _any_integer(value: Any) -> str | None:
    return None if isinstance(value, int) and not isinstance(value, bool) else "an integer"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value else "a text that is not empty"


def _truth(value: Any) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def _mapping(value: Any) -> str | None:
    return None if isinstance(value, Mapping) and all(isinstance(k, str) for k in value) else "a mapping"


def _one_of(*choices: str) -> Check:
    return lambda value: None if value in choices else f"one of {', '.join(choices)}"


def _texts(*choices: str) -> Check:
    def problem(value: Any) -> str | None:
        known = isinstance(value, list | tuple) and bool(value) and all(isinstance(v, str) for v in value)
        if known and (not choices or set(value) <= set(choices)):
            return None
        return f"a list of {'texts' if not choices else 'some of ' + ', '.join(choices)}, not empty"

    return problem


def _arithmetic(*, suite: str = "train", n: int = 1000, seed: int = 0, references: int = 1) -> list[Task]:
    return generate(seed, n, suite, references=references)


def _shop(*, suite: str = "shop_train", n: int = 1000, seed: int = 0, references: int = 1) -> list[Task]:
    return generate_shop(seed, n, suite, references=references)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of source: the function that loads it, and a check for each of its options."""

    load: Callable[..., list[Task]]
    options: Mapping[str, Check]

    @property
    def required(self) -> list[str]:
        parameters = inspect.signature(self.load).parameters.values()
        return [p.name for p in parameters if p.default is inspect.Parameter.empty]


_KINDS: Mapping[str, _Kind] = {
    "arithmetic": _Kind(
        _arithmetic,
        {"suite": _one_of(*SUITES), "n": _integer(1), "seed": _any_integer, "references": _integer(1)},
    ),
    "shop": _Kind(
        _shop,
        {"suite": _one_of(*SHOP_SUITES), "n": _integer(1), "seed": _any_integer, "references": _integer(1)},
    ),
    "mentor": _Kind(mentor_format.load, {"source": _text, "split": _text}),
    "bfcl": _Kind(bfcl.load, {"categories": _texts(*bfcl.CATEGORIES)}),
    "reasoning_gym": _Kind(
        gym.load,
        {"names": _texts(), "size": _integer(1), "seed": _any_integer, "tools": _truth, "options": _mapping},
    ),
    "messages": _Kind(messages.load, {"path": _text, "suite": _text}),
    "jsonl": _Kind(rows.load_jsonl, {"path": _text}),
}


def check(source: Mapping[str, Any], *, field: str = "data") -> list[str]:
    """Check a source without loading it.

    Args:
        source: A mapping with `kind` and that kind's options.
        field: What the source is called in the configuration; every line begins with it.

    Returns:
        One line per fault, each naming the field; empty where the source is well formed.
    """
    kind = source.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        return [f"{field}.kind: expected one of {', '.join(_KINDS)}, got {kind!r}"]
    known = _KINDS[kind]
    problems = [
        f"{field}.{name}: no option of the source {kind!r}; it has {', '.join(known.options)}"
        for name in source
        if name != "kind" and name not in known.options
    ]
    problems += [f"{field}.{name}: is missing" for name in known.required if name not in source]
    for name, fault in known.options.items():
        if name in source and (expected := fault(source[name])) is not None:
            problems.append(f"{field}.{name}: expected {expected}, got {source[name]!r}")
    return problems


def load(source: Mapping[str, Any], *, path: str = "data source", field: str = "data") -> list[Task]:
    """Load the tasks that a configuration asks for.

    Args:
        source: `kind` and that kind's options:

            - `arithmetic`: `suite`, `n`, `seed`, `references` (see `mentor.data.tasks.generate`);
            - `shop`: `suite`, `n`, `seed`, `references` (see `mentor.data.tasks.generate_shop`);
            - `mentor`: `source`, `split` (see `mentor.data.mentor_format.load`);
            - `bfcl`: `categories` (see `mentor.data.bfcl.load`);
            - `reasoning_gym`: `names`, `size`, `seed`, `tools`, `options` (see `mentor.data.gym.load`);
            - `messages`: `path`, `suite` (see `mentor.data.messages.load`);
            - `jsonl`: `path` (see `mentor.data.rows.load_jsonl`).
        path: The configuration's file, for error messages.
        field: The source's field within it, for error messages.

    Returns:
        The tasks, in the source's order.

    Raises:
        ConfigError: The kind or an option is unknown, missing or of the wrong type; it lists every fault.
        DataError: The source itself cannot be read.
    """
    problems = check(source, field=field)
    if problems:
        raise ConfigError(path, problems)
    options = {name: value for name, value in source.items() if name != "kind"}
    return _KINDS[source["kind"]].load(**options)
