"""A tool source as it is offered: its schemas, what to execute for it, and calls made ready to run or refused.

Imports only what a guest has too: `mentor serve` runs this very module, in the sandbox.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mentor.errors import ToolSourceError
from mentor.tools.adapt import adapters
from mentor.tools.check import Checker
from mentor.tools.schema import bound_names, normalise, parse, tools_of

__all__ = ["Offer", "unknown_tool"]

# What tools leave at rest is exempt from garbage collection, so that calls write fewer pages.
_SETTLE = "import gc as _gc\n_gc.collect()\n_gc.freeze()\ndel _gc"


class Offer:
    """The tools of a source.

    Args:
        source: The Python source.
        given: The tools to offer, as OpenAI schemas or bare `{"name", "parameters"}`; None means every public
            function of the source, typed by its annotations.

    Attributes:
        schemas: The tools' OpenAI function schemas.
        parts: The programs to execute one after another; calls start from the state that the last one leaves.

    Raises:
        ToolSourceError: The source is not Python, cannot be typed, or lacks a function that a schema names.
    """

    def __init__(self, source: str, given: Sequence[Mapping[str, Any]] | None) -> None:
        entries: dict[str, str] = {}
        if given is None:
            tools = tools_of(source)
            self.schemas = [tool.schema for tool in tools]
            adapting, entries = adapters(tools)
        else:
            self.schemas, adapting = normalise(given), ""
            bound = bound_names(parse(source))
            missing = [s["function"]["name"] for s in self.schemas if s["function"]["name"] not in bound]
            if missing:
                names = ", ".join(missing)
                raise ToolSourceError(f"the tool source defines no {names}, which its schemas name")
        self.parts = [part for part in (source, adapting, _SETTLE) if part]
        functions = [schema["function"] for schema in self.schemas]
        # By name: the function that the guest calls, and what checks the arguments.
        self._tools = {
            f["name"]: (entries.get(f["name"], f["name"]), Checker(f["parameters"])) for f in functions
        }

    @property
    def names(self) -> list[str]:
        """The tools' names."""
        return list(self._tools)

    def prepare(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, str] | str:
        """The function's name and the arguments' JSON, or why the call is refused."""
        tool = self._tools.get(name)
        if tool is None:
            return unknown_tool(name, self._tools)
        entry, checker = tool
        try:
            fault = checker.problem(arguments)
            if fault is None:
                return entry, json.dumps(arguments)
        except (TypeError, ValueError, RecursionError) as error:
            fault = f"the arguments are no JSON values: {error}"
        return f"{name}: {fault}"


def unknown_tool(name: str | None, names: Iterable[str]) -> str:
    """What a model is told that calls a tool which is not there."""
    return f"there is no tool {name!r}; the tools are {', '.join(names) or 'none'}"
