"""A Model Context Protocol server on standard input and output: `python -m mentor.integrations.mcp [SOURCE.py]`.

It offers `run_python`, whose variables go on from call to call, and the tools of a source file if one is given.
JSON-RPC 2.0, a message a line, as the protocol's stdio transport has it (2025-06-18).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from mentor import __version__
from mentor.sandbox import State, default_sandbox
from mentor.tools import ToolEnv, ToolResult
from mentor.types import ToolCall

__all__ = ["Session", "serve"]

_VERSIONS = ("2025-06-18", "2025-03-26", "2024-11-05")
_PARSE_ERROR, _INVALID_REQUEST, _NO_METHOD, _INVALID_PARAMS = -32700, -32600, -32601, -32602
_RUN = {
    "name": "run_python",
    "description": "Runs Python in an isolated sandbox with numpy, pandas, scipy and sympy, without network. Variables "
    "stay for the next call. Gives what was printed and the value of a final expression.",
    "inputSchema": {
        "type": "object",
        "properties": {"code": {"type": "string", "description": "The program."}},
        "required": ["code"],
    },
}


class Session:
    """One client's conversation.

    Args:
        tools: The tools to offer beside `run_python`; their episode is the session.
    """

    def __init__(self, tools: ToolEnv | None = None) -> None:
        self._tools = tools
        self._code: State | None = None
        self._episode: State | None = None
        self._methods: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "initialize": self._initialize,
            "ping": lambda _: {},
            "tools/list": lambda _: {"tools": self._offered()},
            "tools/call": self._call,
        }

    def answer(self, line: str) -> str | None:
        """The answer to a message, or None where it wants none."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            return _error(None, _PARSE_ERROR, f"no JSON: {error}")
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            return _error(None, _INVALID_REQUEST, "expected a request with a method")
        if "id" not in message:
            return None
        method = self._methods.get(message["method"])
        if method is None:
            return _error(message["id"], _NO_METHOD, f"there is no method {message['method']!r}")
        try:
            result = method(message.get("params") or {})
        except (KeyError, TypeError, AttributeError) as error:
            return _error(message["id"], _INVALID_PARAMS, f"{type(error).__name__}: {error}")
        return json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _initialize(self, params: Mapping[str, Any]) -> dict[str, Any]:
        asked = params.get("protocolVersion")
        return {
            "protocolVersion": asked if asked in _VERSIONS else _VERSIONS[0],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "mentor", "version": __version__},
        }

    def _offered(self) -> list[dict[str, Any]]:
        functions = [schema["function"] for schema in self._tools.schemas] if self._tools else []
        return [
            _RUN,
            *(
                {"name": f["name"], "description": f["description"], "inputSchema": f["parameters"]}
                for f in functions
            ),
        ]

    def _call(self, params: Mapping[str, Any]) -> dict[str, Any]:
        name, arguments = params["name"], params.get("arguments") or {}
        if name == "run_python":
            return self._run(str(arguments["code"]))
        if self._tools is None:
            return _content(f"there is no tool {name!r}", error=True)
        results, states = self._tools.step_batch([self._episode], [[ToolCall(name, arguments)]])
        self._episode = states[0]
        return _content(results[0][0].text, error=not results[0][0].ok)

    def _run(self, code: str) -> dict[str, Any]:
        box = default_sandbox()
        outcome, self._code = box.step(self._code or box.initial, code)
        shown = ToolResult.of(outcome)
        # What was printed, and the value unless there is none.
        value = shown.text if not outcome.ok or outcome.value is not None else ""
        return _content("\n".join(filter(None, (outcome.stdout.rstrip("\n"), value))), error=not outcome.ok)


def _content(text: str, *, error: bool) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}], "isError": error}


def _error(number: Any, code: int, message: str) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}})


def serve(tools: ToolEnv | None = None, source: IO[str] | None = None, sink: IO[str] | None = None) -> None:
    """Answers messages until the input ends."""
    session, sink = Session(tools), sink or sys.stdout
    for line in source or sys.stdin:
        if line.strip() and (said := session.answer(line)) is not None:
            sink.write(said + "\n")
            sink.flush()


if __name__ == "__main__":
    serve(ToolEnv.from_source(Path(sys.argv[1]).read_text(encoding="utf-8")) if len(sys.argv) > 1 else None)
