"""An executor for smolagents' `CodeAgent`: the agent's code runs in the sandbox, its state goes on from step to step.

    from mentor.integrations.smolagents import MentorExecutor
    agent = CodeAgent(tools=[...], model=model, executor=MentorExecutor())

The agent's tools run on the host, as smolagents has them, when the code calls them: through the sandbox's host tools.
`final_answer` ends the step.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mentor.errors import SandboxError
from mentor.sandbox import HostTool, Limits, Sandbox, State

__all__ = ["CodeOutput", "MentorExecutor"]

# The final answer travels by the error report, so that it ends the code wherever it is given.
_PRELUDE = """
class _FinalAnswer(BaseException):
    pass

def final_answer(answer=None):
    import json
    raise _FinalAnswer(json.dumps(answer))
"""


@dataclass
class CodeOutput:
    """What a step gave: smolagents' own class where it is installed, its fields else."""

    output: Any
    logs: str
    is_final_answer: bool


class MentorExecutor:
    """Runs an agent's code; one for each agent.

    Args:
        limits: The bounds of a step.
        packages: What the code can import beside the guest's library; see `Sandbox`.
        tool_timeout: Seconds that a tool on the host may take.
    """

    def __init__(
        self, *, limits: Limits | None = None, packages: tuple[str, ...] = (), tool_timeout: float = 60.0
    ) -> None:
        self._limits, self._packages, self._timeout = limits, packages, tool_timeout
        self._box: Sandbox | None = None
        self._state: State | None = None

    def send_tools(self, tools: Mapping[str, Callable[..., Any]]) -> None:
        """Offers the agent's tools to its code."""
        given = {
            name: HostTool(_plain(tool), self._timeout)
            for name, tool in tools.items()
            if name != "final_answer"
        }
        imports = f"from mentor_host import {', '.join(given)}\n" if given else ""
        self._box = Sandbox(
            _PRELUDE + imports, limits=self._limits, packages=self._packages, host_tools=given, threads=1
        )
        self._state = None

    def send_variables(self, variables: Mapping[str, Any]) -> None:
        """Sets variables that JSON can express.

        Raises:
            SandboxError: JSON cannot express one of them.
        """
        try:
            text = json.dumps(dict(variables))
        except (TypeError, ValueError) as error:
            raise SandboxError(
                f"the agent's variables: {error}; give values that JSON can express"
            ) from error
        self(f"import json as _json\nglobals().update(_json.loads({text!r}))\ndel _json")

    def __call__(self, code: str) -> Any:
        """Runs one step.

        Raises:
            SandboxError: The code raised or was stopped; the message is what the agent is told.
        """
        if self._box is None:
            self.send_tools({})
        assert self._box is not None
        outcome, after = self._box.step(self._state or self._box.initial, code)
        self._state = after
        if outcome.ok:
            return _output(outcome.value, outcome.stdout, final=False)
        if outcome.status == "raised" and outcome.error and outcome.error.type == "_FinalAnswer":
            return _output(json.loads(outcome.error.message), outcome.stdout, final=True)
        raise SandboxError(f"{outcome.stdout}{outcome.error or outcome.status}")

    def cleanup(self) -> None:
        """Ends the guest."""
        self._box = self._state = None


def _plain(tool: Any) -> Callable[..., Any]:
    """A tool of smolagents' own class as a function whose parameters can be seen."""
    inputs = getattr(tool, "inputs", None)
    if inputs is None:
        return tool  # type: ignore[no-any-return]

    def call(**arguments: Any) -> Any:
        return tool(**arguments)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    call.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in inputs])  # type: ignore[attr-defined]
    call.__doc__ = getattr(tool, "description", None)
    return call


def _output(value: Any, logs: str, *, final: bool) -> Any:
    try:
        from smolagents.local_python_executor import CodeOutput as Theirs
    except ImportError:
        return CodeOutput(value, logs, final)
    return Theirs(output=value, logs=logs, is_final_answer=final)
