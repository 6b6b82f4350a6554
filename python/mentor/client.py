"""A client of `mentor serve`, with the library's own types in and out.

Every request is a pure function of its arguments, so it may be sent again: what is temporary (a full queue, a server
that stops, a connection that breaks) is retried, with the pause that the server asks for. A client may be used from
several threads.
"""

from __future__ import annotations

import base64
import dataclasses
import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from mentor.errors import ScoreError, ServerError
from mentor.sandbox import Limits, Outcome, State
from mentor.tools import ToolResult
from mentor.types import ParsedCall, ToolCall

__all__ = ["Client", "RemoteTools"]

_TEMPORARY = frozenset({429, 503})
_LONGEST_PAUSE = 10.0


class Client:
    """A connection to one server.

    Args:
        url: Where it listens, such as `http://127.0.0.1:8000`.
        token: What it asks for, if anything.
        timeout: Seconds that an answer may take; more than the server's own `--work`, or it is asked in vain.
        retries: How often a request that met something temporary is sent again.

    Raises:
        ServerError: `url` is none.
    """

    def __init__(
        self, url: str, *, token: str | None = None, timeout: float = 330.0, retries: int = 6
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ServerError(f"url: {url!r}; expected http://HOST:PORT")
        self.url, self._secure = url.rstrip("/"), parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._timeout, self._retries = timeout, retries
        self._headers = {"Content-Type": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._lock, self._idle = threading.Lock(), list[http.client.HTTPConnection]()

    # ---- the endpoints

    def run(
        self, sources: Sequence[str], *, seeds: Sequence[int] | None = None, limits: Limits | None = None
    ) -> list[Outcome]:
        """Runs programs, each in a fresh guest; see `mentor.Sandbox.run_batch`.

        Raises:
            ServerError: The server refuses the request or cannot be reached.
        """
        body = {"sources": list(sources), "seeds": _listed(seeds), "limits": _asked(limits)}
        return [_outcome(row) for row in self._post("/v1/run", body)["outcomes"]]

    def step(
        self,
        states: Sequence[State | None],
        sources: Sequence[str],
        *,
        seeds: Sequence[int] | None = None,
        limits: Limits | None = None,
    ) -> list[tuple[Outcome, State]]:
        """Runs programs, each from a state (None for the start); see `mentor.Sandbox.step_batch`.

        The states are the server's image's. They can be kept, and used on any server with the same image.
        """
        body = {
            "states": [_written(state) for state in states],
            "sources": list(sources),
            "seeds": _listed(seeds),
            "limits": _asked(limits),
        }
        answer = self._post("/v1/step", body)
        rows = zip(answer["outcomes"], answer["states"], strict=True)
        return [(_outcome(row), _read(state)) for row, state in rows]

    def tools(self, source: str, schemas: Sequence[Mapping[str, Any]] | None = None) -> RemoteTools:
        """The tools of a source, as `mentor.ToolEnv.from_source` makes them, with their calls on the server.

        Raises:
            ServerError: The source is not Python, fails, or cannot be typed.
        """
        given = None if schemas is None else list(schemas)
        offer = {"source": source, "schemas": given}
        return RemoteTools(self, offer, self._post("/v1/tools", offer)["schemas"])

    def parse(
        self,
        texts: Sequence[str],
        *,
        format: str = "auto",
        tools: Sequence[Mapping[str, Any]] | None = None,
    ) -> list[list[ParsedCall]]:
        """Finds the calls in texts; see `mentor.parsing.parse_tool_calls_batch`."""
        body = {"texts": list(texts), "format": format, "tools": None if tools is None else list(tools)}
        return [[_call(call) for call in calls] for calls in self._post("/v1/parse", body)["texts"]]

    def score(
        self,
        students: Sequence[Any],
        references: Sequence[Any],
        *,
        metric: str = "f1",
        match: str = "multiset",
        arguments: str = "exact",
        format: str = "hermes",
    ) -> NDArray[np.float64]:
        """Scores trajectories against their references; see `mentor.align.score_batch`.

        Args:
            students: For each row a text, a list of calls (mappings with `name` and `arguments`), or None.
            references: For each row one trajectory, a list of several, or None.
            metric: The score.
            match: Whether repeated calls count.
            arguments: `exact`, `ignore`, `subset` or `superset`.
            format: The format of texts.

        Returns:
            float64 of shape (students,), in [0, 1]; NaN where a row has no student or no references.
        """
        body = {
            "students": list(students),
            "references": list(references),
            "metric": metric,
            "match": match,
            "arguments": arguments,
            "format": format,
        }
        return np.array(self._post("/v1/score", body)["scores"], dtype=np.float64)

    def judge(
        self,
        answers: Sequence[str | None],
        references: Sequence[str | Sequence[str]],
        *,
        policy: str = "default",
    ) -> list[bool | None]:
        """Judges answers; see `mentor.judge.AnswerJudge`. None is undecided, never a silent no."""
        body = {"answers": list(answers), "references": list(references), "policy": policy}
        verdicts: list[bool | None] = self._post("/v1/judge", body)["verdicts"]
        return verdicts

    def is_ready(self) -> bool:
        """Whether the server takes requests now."""
        try:
            return self._once("GET", "/readyz", None)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def metrics(self) -> str:
        """The server's metrics in Prometheus' text format."""
        status, _, body = self._once("GET", "/metrics", None)
        if status != 200:
            raise _refusal(status, body, "/metrics")
        return body.decode()

    def close(self) -> None:
        """Closes idle connections; the client stays usable."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- requests

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        try:
            data = json.dumps(body, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise ScoreError(f"{path}: the request is no JSON: {error}") from error
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            pause = min(0.1 * 2**attempt, _LONGEST_PAUSE)
            try:
                status, wait, answer = self._once("POST", path, data)
            except (OSError, http.client.HTTPException) as error:
                if last:
                    reason = f"{self.url}{path} cannot be reached: {type(error).__name__}: {error}"
                    raise ServerError(reason) from error
            else:
                if status == 200:
                    return json.loads(answer)
                if status not in _TEMPORARY or last:
                    raise _refusal(status, answer, path)
                pause = max(pause, wait)
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, path: str, data: bytes | None) -> tuple[int, float, bytes]:
        """Status, seconds to wait before asking again, body."""
        with self._connection() as connection:
            connection.request(method, path, data, self._headers)
            response = connection.getresponse()
            return response.status, _seconds(response.headers.get("Retry-After")), response.read()

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        """An idle connection or a new one; kept for the next request unless this one broke it."""
        with self._lock:
            connection = self._idle.pop() if self._idle else self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)

    def _connect(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)


class RemoteTools:
    """Tools whose calls run on a server: what `mentor.ToolEnv` is in this process. Made by `Client.tools`.

    Attributes:
        source: The Python source.
        schemas: The tools' OpenAI function schemas.
    """

    def __init__(self, client: Client, offer: dict[str, Any], schemas: list[dict[str, Any]]) -> None:
        self._client, self._offer, self.schemas = client, offer, schemas
        self.source: str = offer["source"]

    @property
    def names(self) -> list[str]:
        """The tools' names."""
        return [schema["function"]["name"] for schema in self.schemas]

    def call_batch(
        self, calls: Sequence[ToolCall], *, seeds: Sequence[int] | None = None
    ) -> list[ToolResult]:
        """Runs calls that see nothing of one another; see `mentor.ToolEnv.call_batch`.

        Raises:
            ScoreError: `seeds` has another length than `calls`, or an argument is no JSON value.
            ServerError: The server refuses the request or cannot be reached.
        """
        rows = _calls(calls, seeds)
        answer = self._client._post("/v1/tools", {**self._offer, "calls": rows})
        return [_result(row) for row in answer["results"]]

    def step_batch(
        self,
        states: Sequence[State | None],
        calls_per_episode: Sequence[Sequence[ToolCall]],
        *,
        seeds: Sequence[Sequence[int]] | None = None,
    ) -> tuple[list[list[ToolResult]], list[State]]:
        """Runs the next calls of many episodes; see `mentor.ToolEnv.step_batch`."""
        seeds = [None] * len(states) if seeds is None else seeds  # type: ignore[list-item]
        if not len(states) == len(calls_per_episode) == len(seeds):
            raise ScoreError(
                f"states: {len(states)} of them for {len(calls_per_episode)} lists of calls and {len(seeds)} of "
                "seeds; expected one for each"
            )
        rows = zip(states, calls_per_episode, seeds, strict=True)
        episodes = [{"state": _written(state), "calls": _calls(calls, own)} for state, calls, own in rows]
        answer = self._client._post("/v1/tools", {**self._offer, "episodes": episodes})["episodes"]
        return [[_result(row) for row in one["results"]] for one in answer], [
            _read(one["state"]) for one in answer
        ]


def _listed(values: Sequence[int] | None) -> list[int] | None:
    return None if values is None else list(values)


def _asked(limits: Limits | None) -> dict[str, Any]:
    """What differs from the defaults: the rest is the server's to say."""
    if limits is None:
        return {}
    usual = Limits()
    fields = [field.name for field in dataclasses.fields(Limits)]
    return {name: getattr(limits, name) for name in fields if getattr(limits, name) != getattr(usual, name)}


def _calls(calls: Sequence[ToolCall], seeds: Sequence[int] | None) -> list[dict[str, Any]]:
    if seeds is not None and len(seeds) != len(calls):
        raise ScoreError(f"seeds: {len(seeds)} of them for {len(calls)} calls; expected one for each")
    return [
        {"name": call.name, "arguments": dict(call.arguments), "seed": 0 if seeds is None else seeds[place]}
        for place, call in enumerate(calls)
    ]


def _written(state: State | None) -> str | None:
    return None if state is None else base64.b64encode(state.to_bytes()).decode()


def _read(text: str) -> State:
    return State.from_bytes(base64.b64decode(text))


def _outcome(row: Mapping[str, Any]) -> Outcome:
    # The guest writes JSON as `json.dumps` does.
    value = json.dumps(row["value"]) if "value" in row else row.get("value_text")
    error, usage = row["error"], row["usage"]
    return Outcome._from_native(
        (
            row["status"],
            row["stdout"].encode(),
            row["stderr"].encode(),
            row["stdout_bytes"],
            row["stderr_bytes"],
            value,
            None if error is None else (error["type"], error["message"], error["traceback"]),
            row["limit"],
            row["exit_code"],
            (usage["fuel"], usage["memory"], usage["wall"], usage["pages"]),
            (),
        )
    )


def _result(row: Mapping[str, Any]) -> ToolResult:
    if row["outcome"] is not None:
        return ToolResult.of(_outcome(row["outcome"]))
    return ToolResult(ok=row["ok"], value=None, text=row["text"], failed=row["failed"], outcome=None)


def _call(row: Mapping[str, Any]) -> ParsedCall:
    return ParsedCall(row["status"], row["name"], row["arguments"], tuple(row["span"]), row["error"])


def _seconds(header: str | None) -> float:
    return float(header) if header is not None and header.isdigit() else 0.0


def _refusal(status: int, body: bytes, path: str) -> ServerError:
    try:
        error = json.loads(body)["error"]
        return ServerError(f"{path}: {error['message']}", status, error["kind"])
    except (ValueError, KeyError, TypeError):
        return ServerError(f"{path}: status {status}: {body[:200]!r}", status)
