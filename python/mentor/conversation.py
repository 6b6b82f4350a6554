"""The calls of a whole conversation, what each returned, and the final answer: from messages or from text.

A conversation is a list of messages (OpenAI's and TRL's form: `role`, `content`, `tool_calls`, `tool_call_id`) or
the text that a chat template made of them, also a completion of several turns, tool responses included. Both give
the same `Conversation`.

Calls and results are paired by `tool_call_id` where there is one, else in the order in which they stand: the
results between one turn of the model's and the next belong to the calls of that turn. Where there are as many
results as attempts they belong to all of its attempts, since a tool loop may answer malformed ones too; where there
are fewer, to its well-formed calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mentor import _native
from mentor.errors import ScoreError
from mentor.parsing import Tools, tools_by_row
from mentor.types import ParsedCall, ToolCall, Trajectory

__all__ = ["Conversation", "Messages", "read_conversation", "read_conversations"]

Messages: TypeAlias = Sequence[Mapping[str, Any]]

_RESULT_ROLES = ("tool", "function", "ipython")


@dataclass(frozen=True, slots=True)
class Conversation:
    r"""What a conversation holds.

    Attributes:
        calls: All attempts at calls in order, also the malformed and unknown ones. Spans count in the text, or
            in the content of the call's own message; they are (0, 0) for calls that a message carries apart
            from its content.
        results: One per call: what it returned as a JSON value (what the result's text is as JSON, else the
            text), or None where that is not known.
        answer: The content of the last complete `\boxed{...}` of the model's last turn, or of what follows the
            last result in it; None where there is none.
    """

    calls: tuple[ParsedCall, ...] = ()
    results: tuple[Any, ...] = ()
    answer: str | None = None

    def trajectory(self) -> Trajectory:
        """The valid calls with what they returned, and the answer."""
        calls = [
            ToolCall(call.name, call.arguments, result)
            for call, result in zip(self.calls, self.results, strict=True)
            if call.status == "valid" and call.name is not None and call.arguments is not None
        ]
        return Trajectory(tuple(calls), self.answer)


def read_conversation(
    conversation: str | Messages, *, format: str = "auto", tools: Tools | None = None
) -> Conversation:
    """Reads one conversation.

    Args:
        conversation: Messages, or text. The turns of the assistant are read, in text the model's own; a text
            that begins without a turn's head begins in one of them.
        format: How calls are written in text; see `mentor.parsing`.
        tools: The offered tools; see `mentor.parsing.parse_tool_calls`.

    Returns:
        Its calls, their results and the answer.

    Raises:
        ScoreError: It is neither text nor messages, or the format is not known, or `tools` are not schemas.
    """
    return read_conversations([conversation], format=format, tools=tools)[0]


def read_conversations(
    conversations: Sequence[str | Messages],
    *,
    format: str = "auto",
    tools: Tools | Sequence[Tools | None] | None = None,
) -> list[Conversation]:
    """`read_conversation` for many, every text in one native call.

    Args:
        conversations: Messages or text.
        format: How calls are written in text.
        tools: The tools offered to all rows, or one entry a row.

    Raises:
        ScoreError: As `read_conversation`; the message names the row.
    """
    by_row = tools_by_row(tools, len(conversations))
    if by_row is not None and len(by_row) != len(conversations):
        raise ScoreError(f"field 'tools': {len(conversations)} rows but {len(by_row)} lists of tools")
    texts: list[str] = []
    rows: list[int] = []
    for row, conversation in enumerate(conversations):
        pieces = _texts(conversation, row)
        texts += pieces
        rows += [row] * len(pieces)
    offered = None if by_row is None else [by_row[row] for row in rows]
    found = iter(_native.read_conversations(texts, format, offered))
    read = []
    for row, conversation in enumerate(conversations):
        if isinstance(conversation, str):
            calls, results, answer = next(found)
            read.append(Conversation(tuple(calls), tuple(results), answer))
        else:
            own = None if by_row is None else by_row[row]
            read.append(_of_messages(conversation, found, own))
    return read


def _texts(conversation: Any, row: int) -> list[str]:
    """What is to be read of a conversation: the text, or the contents of the assistant's messages."""
    if isinstance(conversation, str):
        return [conversation]
    messages = list(conversation) if isinstance(conversation, Sequence) else [conversation]
    if not all(isinstance(message, Mapping) for message in messages):
        raise ScoreError(f"row {row}, field 'conversations': expected text or a list of messages")
    return [content(message) for message in messages if message.get("role") == "assistant"]


def content(message: Mapping[str, Any]) -> str:
    """The text of a message's content: a text, a list of parts, or nothing."""
    given = message.get("content")
    if isinstance(given, Sequence) and not isinstance(given, str):
        return "".join(str(part.get("text", "")) for part in given if isinstance(part, Mapping))
    return "" if given is None else str(given)


class _Turn:
    """The calls of one turn of the assistant, to be paired with the results that follow."""

    def __init__(self, calls: list[ParsedCall], results: list[Any], own: list[Any]) -> None:
        self.calls, self.results = calls, results
        ids = [one.get("id") if isinstance(one, Mapping) else getattr(one, "id", None) for one in own]
        self._ids: list[Any] = [None] * (len(calls) - len(ids)) + ids
        self._answered = [result is not None for result in results]
        self._loose: list[Any] = []

    def answer(self, message: Mapping[str, Any]) -> None:
        """Takes a result: to the call of its id, or for later."""
        value = _value(message)
        identity = message.get("tool_call_id")
        if identity is not None and identity in self._ids:
            place = self._ids.index(identity)
            self.results[place], self._answered[place] = value, True
        else:
            self._loose.append(value)

    def close(self) -> None:
        """Pairs the results without an id in order."""
        places = [place for place, answered in enumerate(self._answered) if not answered]
        if len(self._loose) < len(places):
            places = [place for place in places if self.calls[place].status != "malformed"]
        for place, value in zip(places, self._loose, strict=False):
            self.results[place] = value


def _of_messages(messages: Messages, found: Any, tools: Tools | None) -> Conversation:
    turns: list[_Turn] = []
    answer = None
    for message in messages:
        role = message.get("role")
        if role == "assistant":
            calls, results, answer = next(found)
            own = _own_calls(message)
            calls += _native.message_calls(own, tools)
            turns.append(_Turn(calls, results + [None] * len(own), own))
        elif role in _RESULT_ROLES and turns:
            turns[-1].answer(message)
    for turn in turns:
        turn.close()
    calls = [call for turn in turns for call in turn.calls]
    return Conversation(tuple(calls), tuple(one for turn in turns for one in turn.results), answer)


def _own_calls(message: Mapping[str, Any]) -> list[Any]:
    """The calls that a message carries apart from its content, also in OpenAI's older form."""
    older = message.get("function_call")
    return [*(message.get("tool_calls") or ()), *([] if older is None else [older])]


def _value(message: Mapping[str, Any]) -> Any:
    given = message.get("content")
    if given is None or isinstance(given, Sequence):
        return _native.result_values([content(message)])[0]
    return given
