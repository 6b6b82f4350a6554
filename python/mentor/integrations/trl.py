"""Tools for TRL: plain functions for `GRPOTrainer(tools=...)`, and environments for `environment_factory=...`.

TRL finds tools with `inspect.isfunction` and makes their schemas from signatures and docstrings, so each tool gets a
function of its own with both. The calls run in the sandbox. For whole batches in one native call use
`mentor.training`, whose rollouts TRL takes as `rollout_func`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union

from mentor.sandbox import State
from mentor.tools import ToolEnv, ToolResult
from mentor.types import ToolCall

__all__ = ["environment", "tool_functions"]

_TYPES: dict[str, Any] = {
    "string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict, "null": type(None),
}  # fmt: skip


def tool_functions(env: ToolEnv) -> list[Callable[..., str]]:
    """One function for each tool; its calls start from the tools' initial state and see nothing of one another.

    Args:
        env: The tools.

    Returns:
        Functions from the tool's arguments to the text for the model, with signature and docstring.

    Raises:
        RuntimeError: On a call that the machinery, not the model, failed: TRL must not score it.
    """
    return [_function(schema["function"], lambda call: env.call_batch([call])[0]) for schema in env.schemas]


def environment(env: ToolEnv) -> Callable[[], Any]:
    """A factory of environments: one for each episode, whose calls see what the ones before them did.

    Args:
        env: The tools.

    Returns:
        What TRL takes as `environment_factory`: called without arguments, it gives an object whose public methods
        are the tools and which `reset(**row)` puts back to the start.
    """
    return type("ToolEnvironment", (_Environment,), {"_env": env, **_methods(env)})


class _Environment:
    _env: ToolEnv

    def __init__(self) -> None:
        self._state: State | None = None

    def reset(self, **_: Any) -> None:
        """Puts the tools back to their initial state."""
        self._state = None

    def _step(self, call: ToolCall) -> ToolResult:
        results, states = self._env.step_batch([self._state], [[call]])
        self._state = states[0]
        return results[0][0]


def _methods(env: ToolEnv) -> dict[str, Callable[..., str]]:
    def method(function: Mapping[str, Any]) -> Callable[..., str]:
        def call(self: _Environment, **arguments: Any) -> str:
            return _text(self._step(ToolCall(function["name"], arguments)))

        return _described(call, function, bound=True)

    return {schema["function"]["name"]: method(schema["function"]) for schema in env.schemas}


def _function(function: Mapping[str, Any], run: Callable[[ToolCall], ToolResult]) -> Callable[..., str]:
    def call(**arguments: Any) -> str:
        return _text(run(ToolCall(function["name"], arguments)))

    return _described(call, function, bound=False)


def _text(result: ToolResult) -> str:
    if result.failed:
        raise RuntimeError(f"the sandbox failed, which says nothing about the call: {result.text}")
    return result.text


def _described(call: Callable[..., str], function: Mapping[str, Any], *, bound: bool) -> Callable[..., str]:
    """Gives a function the name, signature and docstring that the schema tells of."""
    parameters = function["parameters"].get("properties") or {}
    required = set(function["parameters"].get("required") or ())
    own = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)] if bound else []
    keyword = inspect.Parameter.KEYWORD_ONLY
    for name, schema in parameters.items():
        default = inspect.Parameter.empty if name in required else schema.get("default")
        own.append(inspect.Parameter(name, keyword, default=default, annotation=_annotation(schema)))
    lines = [function.get("description") or function["name"], ""]
    if parameters:
        lines += ["Args:", *(f"    {name}: {_said(name, schema)}" for name, schema in parameters.items()), ""]
    lines += ["Returns:", "    The result as text."]
    call.__name__ = call.__qualname__ = function["name"]
    call.__doc__ = "\n".join(lines)
    call.__signature__ = inspect.Signature(own, return_annotation=str)  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in own if p.name != "self"} | {"return": str}
    return call


def _said(name: str, schema: Mapping[str, Any]) -> str:
    """One line: a schema's description may be several."""
    return " ".join(str(schema.get("description") or name).split())


def _annotation(schema: Mapping[str, Any]) -> Any:
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return Union[tuple(_annotation(option) for option in options)]  # noqa: UP007 - made at run time
    if schema.get("enum"):
        return Literal[tuple(schema["enum"])]
    kind = schema.get("type")
    if isinstance(kind, list):
        return Union[tuple(_TYPES.get(one, Any) for one in kind)]  # noqa: UP007
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return list[_annotation(schema["items"])]  # type: ignore[misc]
    return _TYPES.get(str(kind), Any)
