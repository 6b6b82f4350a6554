"""The formats, one reader each."""

import re
from typing import Any

from oracles.parsing import lists, typed
from oracles.parsing.strict_json import WHITE, ReadError, skip, value
from oracles.parsing.walk import Context, Grammar, call_of


def _hermes(context: Context, start: int, tag: str) -> int:
    inside = start + len(tag)

    def read() -> tuple[str, dict[str, Any], int]:
        body = skip(context.text, inside)
        found, end = context.object(body)
        end = context.closed(end, "</tool_call>")
        return *call_of(found, body), end

    return context.report(start, inside, read)


def _group(context: Context, start: int, tag: str, call: str) -> int:
    inside = start + len(tag)
    body = skip(context.text, inside)
    if context.text.startswith(call, body):
        return body
    body_end, end = context.end_of_malformed(inside)
    return context.broken(start, end, body_end, ReadError(body))


def _deepseek(context: Context, start: int, tag: str) -> int:
    text, inside = context.text, start + len(tag)

    def read() -> tuple[str, dict[str, Any], int]:
        kind, behind = context.upto(inside, "<｜tool▁sep｜>")
        at = skip(text, behind)
        name, fenced = kind, False
        if text[at : at + 1] != "{":
            if kind != "function":
                raise ReadError(inside)
            end = context.name_end(at)
            name, at = text[at:end], skip(text, end)
            if fenced := text.startswith("```", at):
                at += 7 if text.startswith("```json", at) else 3
                at = skip(text, at)
        if not name:
            raise ReadError(inside)
        arguments, end = context.object(at)
        if fenced:
            end = context.expect(skip(text, end), "```")
        return name, arguments, context.closed(end, "<｜tool▁call▁end｜>")

    return context.report(start, inside, read)


def _kimi(context: Context, start: int, tag: str) -> int:
    inside = start + len(tag)

    def read() -> tuple[str, dict[str, Any], int]:
        identifier, behind = context.upto(inside, "<|tool_call_argument_begin|>")
        match = re.fullmatch(rf"([^{WHITE}]+):[0-9]+", identifier.removeprefix("functions."))
        if match is None:
            raise ReadError(inside)
        arguments, end = context.object(skip(context.text, behind))
        return match[1], arguments, context.closed(end, "<|tool_call_end|>")

    return context.report(start, inside, read)


def _mistral(context: Context, start: int, tag: str) -> int:
    text, inside = context.text, start + len(tag)
    body = skip(text, inside)
    if text[body : body + 1] == "[":
        return lists.objects(context, start, inside)

    def read() -> tuple[str, dict[str, Any], int]:
        end = context.name_end(body)
        if end == body:
            raise ReadError(body)
        at = skip(text, end)
        if text.startswith("[CALL_ID]", at):
            at = skip(text, context.name_end(at + len("[CALL_ID]")))
        if text.startswith("[ARGS]", at):
            at += len("[ARGS]")
        return text[body:end], *context.object(skip(text, at))

    return context.report(start, inside, read)


# ---- arguments between tags


class _Tags:
    def __init__(self, wrapper: str, call: str, call_end: str, parameter: str, *, quoted: bool) -> None:
        self.wrapper, self.wrapper_end = f"<{wrapper}>", f"</{wrapper}>"
        self.call, self.call_end, self.parameter = call, call_end, parameter
        self.name = re.compile(r'"([^"<>\n]+)">' if quoted else r"([^<>\n]+)>")
        self.quoted = quoted

    def grammar(self, triggers: str) -> Grammar:
        opens = {self.call: self.read, self.wrapper: self.read}
        return Grammar(triggers, opens, closes=(self.call_end, self.wrapper_end))

    def read(self, context: Context, start: int, tag: str) -> int:
        text, inside = context.text, start + len(tag)
        body = skip(text, inside)
        if tag == self.wrapper and text.startswith(self.call, body):
            inside = body + len(self.call)
        elif tag == self.wrapper:
            body_end, end = context.end_of_malformed(inside)
            return self._behind(context, context.broken(start, end, body_end, ReadError(body)))
        return self._behind(context, context.report(start, inside, lambda: self._call(context, inside)))

    def _behind(self, context: Context, end: int) -> int:
        after = skip(context.text, end)
        if not context.text.startswith(self.wrapper_end, after):
            return end
        context.attempts[-1]["span"] = (context.attempts[-1]["span"][0], after + len(self.wrapper_end))
        return after + len(self.wrapper_end)

    def _call(self, context: Context, inside: int) -> tuple[str, dict[str, Any], int]:
        text = context.text
        name, at = self._name(text, inside)
        arguments: dict[str, Any] = {}
        while True:
            at = skip(text, at)
            if text.startswith(self.parameter, at):
                key, begin = self._name(text, at + len(self.parameter))
                ends = ("</parameter>", self.parameter, self.call_end, self.call)
                end, closing = min((context.find(tag, begin), tag) for tag in ends)
                if end == len(text) or closing == self.call:
                    raise ReadError(end)
                types = typed.types_of(context.tools, name, key)
                written = text[begin:end].removeprefix("\n")
                arguments[key] = typed.value(written.removesuffix("\n"), types, python=False)
                at = end + (len(closing) if closing == "</parameter>" else 0)
            elif text.startswith(self.call_end, at):
                return name, arguments, at + len(self.call_end)
            elif text.startswith(self.wrapper_end, at):
                return name, arguments, at
            else:
                raise ReadError(at)

    def _name(self, text: str, at: int) -> tuple[str, int]:
        match = self.name.match(text, at)
        if match is not None:
            return match[1], match.end()
        if self.quoted:
            if text[at : at + 1] != '"':
                raise ReadError(at)
            at += 1
        over = re.compile(r'[<>\n"]' if self.quoted else r"[<>\n]").search(text, at)
        raise ReadError(over.start() if over else len(text))


def _glm(context: Context, start: int, tag: str) -> int:
    text, inside = context.text, start + len(tag)

    def read() -> tuple[str, dict[str, Any], int]:
        begin = skip(text, inside)
        end = context.name_end(begin)
        name = text[begin:end]
        if not name:
            raise ReadError(begin)
        arguments = {}
        at = skip(text, end)
        while text.startswith("<arg_key>", at):
            key, behind = context.upto(at + len("<arg_key>"), "</arg_key>")
            begin = context.expect(skip(text, behind), "<arg_value>")
            end, closing = min(
                (context.find(t, begin), t) for t in ("</arg_value>", "<arg_key>", "<arg_value>")
            )
            context.expect(end, "</arg_value>")
            types = typed.types_of(context.tools, name, key)
            arguments[key] = typed.value(text[begin:end], types, python=True)
            at = skip(text, end + len(closing))
        return name, arguments, context.expect(at, "</tool_call>")

    return context.report(start, inside, read)


# ---- FunctionGemma


def _gemma(context: Context, start: int, tag: str) -> int:
    text, inside = context.text, start + len(tag)

    def read() -> tuple[str, dict[str, Any], int]:
        begin = context.expect(skip(text, inside), "call:")
        end = context.name_end(begin)
        if end == begin:
            raise ReadError(begin)
        at = skip(text, end)
        if text[at : at + 1] != "{":
            raise ReadError(at)
        arguments, at = _gemma_object(context, at, 0, text[begin:end])
        return text[begin:end], arguments, context.closed(at, "<end_function_call>")

    return context.report(start, inside, read)


def _escaped(text: str, at: int) -> tuple[str, int] | None:
    if not text.startswith("<escape>", at):
        return None
    begin = at + len("<escape>")
    end = text.find("<escape>", begin)
    if end < 0:
        raise ReadError(len(text))
    return text[begin:end], end + len("<escape>")


def _gemma_object(context: Context, at: int, depth: int, tool: str | None) -> tuple[dict[str, Any], int]:
    text = context.text
    if depth == 128:
        raise ReadError(at)
    found: dict[str, Any] = {}
    at = skip(text, at + 1)
    while text[at : at + 1] != "}":
        if found:
            at = context.expect(at, ",")
        at = skip(text, at)
        escaped = _escaped(text, at)
        if escaped is not None:
            key, at = escaped
            at = skip(text, at)
        else:
            match = re.compile(r"[^:,{}\[\]<]*").match(text, at)
            assert match is not None
            key = match[0].strip(WHITE)
            if not key:
                raise ReadError(at)
            at = match.end()
        at = skip(text, context.expect(at, ":"))
        types = typed.ANY if tool is None else typed.types_of(context.tools, tool, key)
        found[key], at = _gemma_value(context, at, depth + 1, types)
        at = skip(text, at)
    return found, at + 1


def _gemma_value(context: Context, at: int, depth: int, types: frozenset[str]) -> tuple[Any, int]:
    text = context.text
    escaped = _escaped(text, at)
    if escaped is not None:
        known = types if types != typed.ANY else frozenset({"string"})
        return typed.value(escaped[0], known, python=False), escaped[1]
    char = text[at : at + 1]
    if char == "{":
        return _gemma_object(context, at, depth, None)
    if char == "[":
        if depth == 128:
            raise ReadError(at)
        items: list[Any] = []
        at = skip(text, at + 1)
        while text[at : at + 1] != "]":
            if items:
                at = context.expect(at, ",")
            item, at = _gemma_value(context, skip(text, at), depth + 1, typed.ANY)
            items.append(item)
            at = skip(text, at)
        return items, at + 1
    if char in tuple("-0123456789tfn"):
        return value(text, at)
    raise ReadError(at)


# ---- gpt-oss


def _harmony(context: Context, start: int, tag: str) -> int:
    text = context.text
    begin = start
    if tag != "<|start|>" and not context.begun and _recipient(text[:start]):
        begin = 0
    context.begun = True
    if tag == "<|message|>":
        head_end = start
    else:
        tags = ("<|message|>", "<|end|>", "<|call|>", "<|return|>", "<|start|>")
        head_end, found = min((context.find(one, start + 1), one) for one in tags)
        if head_end == len(text) or found != "<|message|>":
            if _role(text[begin:head_end]) != "assistant" or _recipient(text[begin:head_end]) is None:
                return head_end
            return context.malformed(begin, head_end, head_end)
    head, content = text[begin:head_end], head_end + len("<|message|>")
    role = _role(head)
    name = _recipient(head)
    if role == "assistant" and name is not None:
        end = context.report(begin, content, lambda: _harmony_call(context, content, name[1]))
        context.last_turn = (end, end)
        return end
    end = min(context.find(one, content) for one in ("<|end|>", "<|call|>", "<|return|>", "<|start|>"))
    if role == "assistant":
        _, channel, rest = head.partition("<|channel|>")
        context.last_turn = (content if not channel or rest.startswith("final") else end, end)
    elif role == "tool" or role.startswith("functions."):
        context.results.append((content, end))
        context.last_turn = (end, end)
    return end


def _role(head: str) -> str:
    """Who speaks: the model, where the head does not say."""
    return (
        re.split("[< \n]", head.removeprefix("<|start|>"))[0] if head.startswith("<|start|>") else "assistant"
    )


def _recipient(head: str) -> tuple[str, str] | None:
    """`functions.` and the name that a head is addressed to."""
    match = re.search(r"(?:^|(?<=[ \n>]))to=([^< \n]*)", head)
    if match is None or not match[1].startswith("functions."):
        return None
    return "functions.", match[1].removeprefix("functions.")


def _harmony_call(context: Context, content: int, name: str) -> tuple[str, dict[str, Any], int]:
    if not name:
        raise ReadError(content)
    body = skip(context.text, content)
    arguments, end = ({}, body) if context.text.startswith("<|call|>", body) else context.object(body)
    return name, arguments, context.closed(end, "<|call|>")


# ---- the formats

_HERMES_TAG = "<tool_call>"
_DEEPSEEK_CALL, _KIMI_CALL = "<｜tool▁call▁begin｜>", "<|tool_call_begin|>"
_QWEN = _Tags("tool_call", "<function=", "</function>", "<parameter=", quoted=False)
_MINIMAX = _Tags("minimax:tool_call", "<invoke name=", "</invoke>", "<parameter name=", quoted=True)

GRAMMARS = {
    "hermes": Grammar("<", {_HERMES_TAG: _hermes}, closes=("</tool_call>",)),
    "qwen3_coder": _QWEN.grammar("<"),
    "llama3_json": Grammar("<{", {"<|python_tag|>": lists.marked}, {"{": lists.bare}),
    "mistral": Grammar("<[", {"[TOOL_CALLS]": _mistral}),
    "deepseek_v3": Grammar(
        "<",
        {_DEEPSEEK_CALL: _deepseek, "<｜tool▁calls▁begin｜>": lambda *one: _group(*one, _DEEPSEEK_CALL)},
        closes=("<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"),
    ),
    "harmony": Grammar(
        "<", dict.fromkeys(("<|start|>", "<|channel|>", "<|message|>"), _harmony), closes=("<|call|>",)
    ),
    "granite": Grammar("<", dict.fromkeys(("<|tool_call|>", _HERMES_TAG), lists.after_marker)),
    "phi4_mini": Grammar("<f", dict.fromkeys(("functools[", "functools{"), lists.after_functools)),
    "functiongemma": Grammar("<", {"<start_function_call>": _gemma}, closes=("<end_function_call>",)),
    "pythonic": Grammar(
        "<[",
        dict.fromkeys(lists.PYTHON_MARKERS, lists.python_marked),
        {"[": lists.python_bare},
        tuple(lists.PYTHON_MARKERS.values()),
    ),
    "glm45": Grammar("<", {_HERMES_TAG: _glm}, closes=("</tool_call>",)),
    "kimi_k2": Grammar(
        "<",
        {_KIMI_CALL: _kimi, "<|tool_calls_section_begin|>": lambda *one: _group(*one, _KIMI_CALL)},
        closes=("<|tool_call_end|>", "<|tool_calls_section_end|>"),
    ),
    "minimax": _MINIMAX.grammar("<[]"),
}
