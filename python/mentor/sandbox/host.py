"""Host tools: Python callables that a guest may call by name, and the record of its calls."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mentor.errors import SandboxError

__all__ = ["HostCall", "HostCallError", "HostTool", "HostTools"]

_MESSAGE = 8192


@dataclass(frozen=True, slots=True)
class HostTool:
    """A Python callable that guests may call; see `Sandbox`.

    It runs on a thread of its own, with the arguments as JSON values, and returns what `json.dumps` can write. It
    may be called from several threads at once.

    Attributes:
        function: The callable.
        timeout: Seconds that a call may take. The guest then gets a `HostToolTimeout`; the callable itself cannot
            be stopped, so give it a time-out of its own where it waits for something.
    """

    function: Callable[..., Any]
    timeout: float = 5.0


HostTools: TypeAlias = Mapping[str, Callable[..., Any] | HostTool]


@dataclass(frozen=True, slots=True)
class HostCallError:
    """Why a host tool gave no result.

    Attributes:
        reason: `raised` (the callable did); `timeout`; `limit` (the result went over `Limits.host`); `stopped`
            (the run's deadline came first).
        type: For `raised`, the exception's type name.
        message: For `raised`, its message.
    """

    reason: Literal["raised", "timeout", "limit", "stopped"]
    type: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class HostCall:
    """One call of a host tool, as an outcome records it and a replay repeats it. The time takes no part in equality.

    Attributes:
        name: The tool.
        arguments_json: The arguments, a JSON object as the guest wrote it.
        result_json: The result as JSON, or None.
        error: Why there is no result, or None.
        seconds: How long the guest waited.
    """

    name: str
    arguments_json: str
    result_json: str | None
    error: HostCallError | None
    seconds: float = field(compare=False, default=0.0)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments by name."""
        arguments: dict[str, Any] = json.loads(self.arguments_json)
        return arguments

    @property
    def result(self) -> Any:
        """What the tool returned, as JSON values; None where it did not."""
        return None if self.result_json is None else json.loads(self.result_json)

    @classmethod
    def _from_native(cls, row: NativeCall) -> HostCall:
        name, arguments, result, error, seconds = row
        return cls(name, arguments, result, None if error is None else HostCallError(*error), seconds)

    def _native(self) -> NativeCall:
        error = None if self.error is None else (self.error.reason, self.error.type, self.error.message)
        return self.name, self.arguments_json, self.result_json, error, self.seconds


NativeCall: TypeAlias = tuple[str, str, str | None, tuple[Any, str, str] | None, float]
NativeTool: TypeAlias = tuple[str, list[str], str, float, Callable[[str], tuple[bool, str, str]]]


def _native_tools(tools: HostTools | None) -> list[NativeTool]:
    """The tools as the core takes them.

    Raises:
        SandboxError: One is not callable, or is an async function.
    """
    rows = []
    for name, given in (tools or {}).items():
        tool = given if isinstance(given, HostTool) else HostTool(given)
        if not callable(tool.function):
            raise SandboxError(f"host_tools[{name!r}]: {type(tool.function).__name__} is not callable")
        if inspect.iscoroutinefunction(tool.function):
            raise SandboxError(
                f"host_tools[{name!r}]: an async function; give one that waits itself (asyncio.run)"
            )
        rows.append(
            (name, _positional(tool.function), _doc(tool.function), tool.timeout, _serve(tool.function))
        )
    return rows


def _positional(function: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some built-in functions have no signature: they are called by keyword
        return []
    return [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]


def _doc(function: Callable[..., Any]) -> str:
    return _plain(inspect.getdoc(function) or "")


def _serve(function: Callable[..., Any]) -> Callable[[str], tuple[bool, str, str]]:
    """From JSON to JSON. What says that the machinery failed is raised; all else is the guest's to handle."""

    def serve(arguments: str) -> tuple[bool, str, str]:
        try:
            return True, json.dumps(function(**json.loads(arguments))), ""
        except (SandboxError, MemoryError):
            raise
        except Exception as error:  # whatever a callable raises, the guest sees it
            return False, type(error).__name__, _plain(str(error))[:_MESSAGE]

    return serve


def _plain(text: str) -> str:
    """Text that UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()
