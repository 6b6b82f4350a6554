"""One walk over a text: turns, reasoning, results, calls. Regular expressions, places in characters.

A grammar is a table of openings with a reader each. A reader returns the place at which reading goes on, and
appends what it found to the context's attempts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oracles.parsing import strict_json
from oracles.parsing.strict_json import WHITE, ReadError, skip

THOUGHTS = {"<think>": "</think>", "[THINK]": "[/THINK]"}
RESULTS = {
    "<tool_response>": "</tool_response>",
    "[TOOL_RESULTS]": "[/TOOL_RESULTS]",
    "<｜tool▁output▁begin｜>": "<｜tool▁output▁end｜>",
    "<start_function_response>": "<end_function_response>",
    "<|tool_response_start|>": "<|tool_response_end|>",
}
ENDS = (
    "<|im_end|>", "<|endoftext|>", "</s>", "<|eot_id|>", "<|eom_id|>", "<|eot|>", "<|eom|>", "<|end|>",
    "<|end_of_text|>", "<end_of_turn>", "<eos>", "<｜end▁of▁sentence｜>", "[e~[",
)  # fmt: skip
ROLES = {
    "<|im_start|>": "\n", "<|start_header_id|>": "<|end_header_id|>", "<|header_start|>": "<|header_end|>",
    "<|start_of_role|>": "<|end_of_role|>", "<start_of_turn>": "\n", "<|im_user|>": "<|im_middle|>",
    "<|im_assistant|>": "<|im_middle|>", "<|im_system|>": "<|im_middle|>", "]~b]": "\n",
}  # fmt: skip
SPEAKERS = {
    "<|assistant|>": "assistant", "<|user|>": "user", "<|system|>": "system", "<|tool|>": "tool",
    "<|observation|>": "tool", "<｜Assistant｜>": "assistant", "<｜User｜>": "user", "[INST]": "user",
    "[/INST]": "assistant", "[AVAILABLE_TOOLS]": "system",
}  # fmt: skip
KINDS = {
    "assistant": ("assistant", "model", "ai"),
    "tool": ("tool", "ipython", "function", "observation", "tool_response"),
    "system": ("system", "developer"),
}


@dataclass
class Grammar:
    """Openings that announce calls, openings that may begin one, closing tags."""

    triggers: str
    opens: dict[str, Callable[..., int]]
    bare: dict[str, Callable[..., int]] = field(default_factory=dict)
    closes: tuple[str, ...] = ()


@dataclass
class Context:
    text: str
    tools: Any
    grammar: Grammar
    attempts: list[dict[str, Any]] = field(default_factory=list)
    results: list[tuple[int, int]] = field(default_factory=list)
    last_turn: tuple[int, int] = (0, 0)
    furthest: int = 0
    tries: int = 0
    begun: bool = False

    # ---- tags

    def common(self, at: int) -> tuple[str, Any, int] | None:
        """The tag at a place that every format heeds: its kind, its name or speaker, the place behind it."""
        if at >= len(self.text) or self.text[at] not in self.grammar.triggers:
            return None
        for kind, table in (("thought", THOUGHTS), ("result", RESULTS), ("end", ENDS), ("turn", SPEAKERS)):
            for tag in table:
                if self.text.startswith(tag, at):
                    name = SPEAKERS[tag] if kind == "turn" else tag
                    return kind, name, at + len(tag)
        for tag, close in ROLES.items():
            if self.text.startswith(tag, at):
                return self._role(at + len(tag), close)
        return None

    def _role(self, start: int, close: str) -> tuple[str, str, int] | None:
        end = self.text.find(close, start)
        if end < 0 or len(self.text[start : end + len(close)].encode()) > 64:
            return None
        role = self.text[start:end].strip(WHITE)
        kind = next((kind for kind, roles in KINDS.items() if role in roles), "user")
        return "turn", kind, end + len(close)

    def places(self, start: int) -> Any:
        """The places from `start` on at which tags and calls may begin."""
        pattern = f"[{re.escape(self.grammar.triggers)}]"
        return (match.start() for match in re.compile(pattern).finditer(self.text, start))

    def opening(self, at: int, table: dict[str, Any]) -> str | None:
        return next((tag for tag in table if self.text.startswith(tag, at)), None)

    def find(self, what: str, at: int, default: int | None = None) -> int:
        place = self.text.find(what, at)
        return (len(self.text) if default is None else default) if place < 0 else place

    # ---- ends

    def is_over(self, at: int) -> bool:
        return not self.text[at:].strip(WHITE) or self.text.startswith(ENDS, at)

    def closed(self, end: int, close: str) -> int:
        after = skip(self.text, end)
        if self.text.startswith(close, after):
            return after + len(close)
        if self.is_over(after):
            return end
        raise ReadError(after)

    def end_of_malformed(self, start: int) -> tuple[int, int]:
        stop = None
        for at in self.places(start):
            if close := self.opening(at, dict.fromkeys(self.grammar.closes)):
                return at, at + len(close)
            is_open = self.opening(at, self.grammar.opens) is not None
            if stop is None and (is_open or self.common(at)):
                stop = at
            if is_open:
                break
        end = len(self.text) if stop is None else stop
        return end, end

    def stop(self, start: int) -> int:
        """Where a group of calls ends at the latest."""
        for at in self.places(start):
            tag = self.common(at)
            marks = self.opening(at, self.grammar.opens) or self.opening(
                at, dict.fromkeys(self.grammar.closes)
            )
            if marks or (tag is not None and tag[0] in ("turn", "end")):
                return at
        return len(self.text)

    # ---- going on behind a fault

    def allows(self, at: int) -> bool:
        if at >= self.furthest:
            self.tries = 0
            return True
        self.tries += 1
        return self.tries <= 8

    def failed(self, at: int) -> None:
        self.furthest = max(self.furthest, at)

    # ---- reporting

    def finished(self, name: str, arguments: dict[str, Any], start: int, end: int) -> int:
        names = None if self.tools is None else [(one.get("function") or one)["name"] for one in self.tools]
        known = names is None or name in names
        found = {"status": "valid" if known else "unknown", "name": name, "arguments": arguments}
        self.attempts.append(found | {"span": (start, end), "offset": None if known else start})
        return end

    def broken(self, start: int, end: int, body_end: int, fault: ReadError) -> int:
        offset = fault.offset
        if offset >= body_end and fault.kind != "no object":
            offset = body_end
        return self.malformed(start, end, offset)

    def malformed(self, start: int, end: int, offset: int) -> int:
        found = {"status": "malformed", "name": None, "arguments": None}
        self.attempts.append(found | {"span": (start, end), "offset": offset})
        return end

    def report(self, start: int, inside: int, read: Callable[[], tuple[str, dict[str, Any], int]]) -> int:
        try:
            name, arguments, end = read()
        except ReadError as fault:
            body_end, end = self.end_of_malformed(inside)
            return self.broken(start, end, body_end, fault)
        return self.finished(name, arguments, start, end)

    # ---- pieces

    def object(self, at: int) -> tuple[dict[str, Any], int]:
        if self.text[at : at + 1] != "{":
            raise ReadError(at, "no object")
        return strict_json.value(self.text, at)

    def name_end(self, at: int) -> int:
        match = re.compile(r"(?:[A-Za-z0-9_.-]|[^\x00-\x7f])*").match(self.text, at)
        assert match is not None
        return match.end()

    def expect(self, at: int, what: str) -> int:
        if not self.text.startswith(what, at):
            raise ReadError(at)
        return at + len(what)

    def upto(self, at: int, tag: str) -> tuple[str, int]:
        end = self.find("<", at)
        return self.text[at:end].strip(WHITE), self.expect(end, tag)


def call_of(value: dict[str, Any], at: int) -> tuple[str, dict[str, Any]]:
    """Name and arguments of a decoded call."""
    arguments = value["arguments"] if "arguments" in value else value.get("parameters", {})
    name = value.get("name")
    if not isinstance(name, str) or not name:
        raise ReadError(at)
    if isinstance(arguments, str):
        try:
            arguments = strict_json.whole(arguments)
        except ReadError as fault:
            raise ReadError(at) from fault
    if not isinstance(arguments, dict):
        raise ReadError(at)
    return name, arguments


def walk(grammar: Grammar, text: str, tools: Any) -> Context:
    """Reads a text from its beginning to its end."""
    context = Context(text, tools, grammar, last_turn=(0, len(text)))
    speaker, at = "assistant", 0
    while True:
        at, speaker, more = _step(context, at, speaker)
        if not more:
            return context


def _step(context: Context, start: int, speaker: str) -> tuple[int, str, bool]:
    text, grammar = context.text, context.grammar
    for at in context.places(start):
        for table in (grammar.opens, grammar.bare) if speaker == "assistant" else ():
            tag = context.opening(at, table)
            if tag is not None:
                return table[tag](context, at, tag), speaker, True
        match context.common(at):
            case "thought", tag, inside if speaker == "assistant":
                end = text.find(THOUGHTS[tag], inside)
                return (inside if end < 0 else end + len(THOUGHTS[tag])), speaker, True
            case "result", tag, inside if speaker != "system":
                end = text.find(RESULTS[tag], inside)
                behind = len(text) if end < 0 else end + len(RESULTS[tag])
                context.results.append((inside, len(text) if end < 0 else end))
                context.last_turn = (behind, len(text))
                return behind, speaker, True
            case "turn", kind, inside:
                return _turn(context, at, kind, inside), kind, True
    return 0, speaker, False


def _turn(context: Context, start: int, kind: str, inside: int) -> int:
    text = context.text
    first, last = context.last_turn
    if kind == "assistant":
        context.last_turn = (inside, len(text))
    elif kind != "tool":
        context.last_turn = (first, max(first, min(last, start)))
    else:
        content = len(text) - len(text[inside:].lstrip(WHITE))
        if text.startswith(tuple(RESULTS), content):
            return inside
        every = Context(text, None, Grammar("<[]", {}))
        ends = (at for at in every.places(inside) if (every.common(at) or ("",))[0] in ("end", "turn"))
        end = next((at for at in ends if text[at] in "<["), len(text))
        context.results.append((inside, end))
        context.last_turn = (end, end)
        return end
    return inside
