"""A chat model behind an OpenAI-compatible endpoint: one request, repeated where that may help, at a bounded rate."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mentor.errors import EndpointError

__all__ = ["Endpoint", "Pace", "Reply"]

# A server that is busy or restarting; any other error status says that the request itself is at fault.
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0
_SHOWN = 300


class Pace:
    """Lets requests begin at most `rate` times a second, over all threads.

    Args:
        rate: Requests a second, above 0; None for no bound.
        clock: Gives the time in seconds.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._every = 0.0 if rate is None else 1.0 / rate
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Waits for this request's turn."""
        with self._lock:
            begin = max(self._clock(), self._next)
            self._next = begin + self._every
        delay = begin - self._clock()
        if delay > 0:
            self._sleep(delay)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said.

    Attributes:
        message: The assistant's message.
        tokens: Prompt and completion tokens, as the server counts them; 0 where it does not say.
        finished: Whether the model ended its turn itself, or called tools; false where it ran out of tokens.
    """

    message: dict[str, Any]
    tokens: int
    finished: bool


@dataclass(frozen=True)
class Endpoint:
    """A chat model.

    Attributes:
        url: The API's base, such as `http://localhost:8000/v1`.
        model: The model's name there.
        key: Sent as the bearer token; None for none.
        options: Further fields of every request, such as `temperature` and `max_tokens`.
        rate: The most requests a second; None for no bound.
        timeout: Seconds to wait for a reply.
        retries: How often a request is repeated where the server is busy or unreachable.
        pause: Seconds before the first repetition; doubled each time.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    rate: float | None = None
    timeout: float = 120.0
    retries: int = 5
    pause: float = 1.0
    _pace: Pace = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pace", Pace(self.rate))

    def chat(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], seed: int
    ) -> Reply:
        """The model's next message.

        Args:
            messages: The conversation so far.
            tools: The offered tools' schemas.
            seed: Sent along, for servers that know it.

        Raises:
            EndpointError: The server cannot be reached or keeps failing, refuses the request, or answers something
                else than a chat completion.
        """
        body: dict[str, Any] = {
            **self.options,
            "model": self.model,
            "messages": list(messages),
            "seed": seed,
        }
        if tools:
            body["tools"] = list(tools)
        return _reply(self.url, self._post(json.dumps(body).encode()))

    def _post(self, body: bytes) -> Any:
        request = urllib.request.Request(
            f"{self.url.rstrip('/')}/chat/completions",
            data=body,
            headers={
                "Content-Type": "application/json",
                **({} if self.key is None else {"Authorization": f"Bearer {self.key}"}),
            },
        )
        for left in range(self.retries, -1, -1):
            self._pace.wait()
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                said = error.read(4096).decode("utf-8", "replace").strip()[:_SHOWN]
                if error.code not in _AGAIN:
                    raise EndpointError(
                        self.url, f"refused with status {error.code}: {said}", lasting=True
                    ) from error
                reason, asked = f"status {error.code}: {said}", error.headers.get("Retry-After")
            except (OSError, http.client.HTTPException) as error:
                reason, asked = f"{type(error).__name__}: {error}", None
            except ValueError as error:
                raise EndpointError(self.url, f"the reply is not JSON: {error}") from error
            if left:
                time.sleep(self._wait(self.retries - left, asked))
        raise EndpointError(self.url, f"failed {self.retries + 1} times, at last with {reason}")

    def _wait(self, failures: int, asked: str | None) -> float:
        """Seconds until the next try: what the server asks for, else longer each time, and never all at once."""
        if asked is not None and asked.isdigit():
            return min(float(asked), _LONGEST_WAIT)
        longest = min(self.pause * 2.0**failures, _LONGEST_WAIT)
        return longest * (0.5 + random.random() / 2)


def _reply(url: str, body: Any) -> Reply:
    try:
        choice = body["choices"][0]
        message = dict(choice["message"])
        message["role"] = "assistant"
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise EndpointError(url, f"the reply is no chat completion: {json.dumps(body)[:_SHOWN]}") from error
    usage = body.get("usage")
    tokens = usage.get("total_tokens", 0) if isinstance(usage, Mapping) else 0
    return Reply(message, int(tokens or 0), choice.get("finish_reason") != "length")
