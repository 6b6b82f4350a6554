"""How a task becomes a prompt, and a tool response becomes tokens, with the tokenizer's own chat template.

Everything is prefix-preserving: the model's own tokens are never rendered or tokenised again. A tool response
is what the template writes between the end of one assistant turn and the begin of the next, so it starts
right after the end-of-turn token, where tokenisation cannot reach across.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from jinja2.exceptions import TemplateError

from mentor.errors import ConfigError
from mentor.types import Task, ToolCall

__all__ = ["ChatFormat", "ToolPlacement", "described_tools"]

ToolPlacement = Literal["auto", "template", "system", "question"]

# The quote shows whether a template escapes what it is given.
_MARK = 'mentor"slot"{}"'
_SPECIAL_GAP = " "
# Combinations of tool names whose rendering is kept.
_MOST_PIECES = 4_096
_TOOLS_TEXT = """\
# Tools

You may call one or more of these functions. Their signatures, one JSON object a line:
<tools>
{schemas}
</tools>

To call a function, write a JSON object with its name and arguments within <tool_call></tool_call>:
<tool_call>
{{"name": "function-name", "arguments": {{"argument": "value"}}}}
</tool_call>"""

_FORMS_TEXT = "The functions you can call:"


def described_tools(tools: Sequence[Mapping[str, Any]]) -> str:
    """The tools as text for a system message, and how they are called (Hermes' form)."""
    lines = "\n".join(json.dumps(schema, ensure_ascii=False) for schema in tools)
    return _TOOLS_TEXT.format(schemas=lines)


class ChatFormat:
    """The chat format of one tokenizer, for prompts, tool responses and a teacher's turns.

    Args:
        tokenizer: A transformers tokenizer with a chat template.
        system: Text of the system message, before the tools' description; None for the template's own.
        tools: Who describes the tools: the chat `template`, or mentor, in the `system` message (Hermes'
            form) or behind the `question`, as the bare forms of the calls, for models too small to look
            names up in a long text. `auto` takes the template where it renders tools at all, else the
            system message.
        examples: Messages put between the system message and the question, as few-shot examples.
        template: Further variables for the template, such as `enable_thinking`.

    Attributes:
        stop_ids: The tokens that end a turn: the template's end of an assistant's turn, and the tokenizer's
            end of sequence.
        pad_id: A token to pad with.

    Raises:
        ConfigError: If the tokenizer has no chat template or end-of-turn token, or the template cannot
            render a tool response behind an assistant's turn.
    """

    def __init__(
        self,
        tokenizer: Any,
        *,
        system: str | None = None,
        tools: ToolPlacement = "auto",
        examples: Sequence[Mapping[str, Any]] = (),
        template: Mapping[str, Any] | None = None,
    ) -> None:
        self._tokenizer = tokenizer
        self._system = system
        self._placement = tools
        self._examples = [dict(message) for message in examples]
        self._variables = dict(template or {})
        problems = []
        if not getattr(tokenizer, "chat_template", None):
            problems.append("chat: the tokenizer has no chat template")
        if tokenizer.eos_token_id is None:
            problems.append("chat: the tokenizer has no end-of-sequence token (eos_token)")
        if problems:
            raise ConfigError("tokenizer", problems)
        self.pad_id = int(
            tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
        )
        specials = sorted(
            {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}, key=len, reverse=True
        )
        self._specials = re.compile("|".join(map(re.escape, specials)))
        self._stop_text = self._end_of_turn()
        end = int(tokenizer.convert_tokens_to_ids(self._stop_text))
        self.stop_ids: tuple[int, ...] = tuple(dict.fromkeys((end, int(tokenizer.eos_token_id))))
        self._template_has_tools = tools == "template" or (tools == "auto" and self._renders_tools())
        self._pieces: dict[tuple[str, ...], list[str] | None] = {}
        if "mentorprobe" not in self._between(["tool"], ["mentorprobe"]):
            raise ConfigError("tokenizer", ["chat: the chat template leaves out messages of role 'tool'"])

    # ---- prompts

    def prompt_text(self, task: Task) -> str:
        """The prompt of a task as text, up to where the model begins to write."""
        system, question, schemas = self._system, task.question, None
        if task.tools and self._template_has_tools:
            schemas = [dict(schema) for schema in task.tools]
        elif task.tools and self._placement == "question":
            question = f"{question}\n\n{_FORMS_TEXT}\n" + "\n".join(map(_call_form, task.tools))
        elif task.tools:
            described = described_tools(task.tools)
            system = described if system is None else f"{system}\n\n{described}"
        head = [] if system is None else [{"role": "system", "content": system}]
        messages = [*head, *self._examples, {"role": "user", "content": question}]
        return self._render(messages, tools=schemas, add_generation_prompt=True)

    def prompt_ids(self, task: Task) -> list[int]:
        """The prompt's tokens."""
        return self.encode([self.prompt_text(task)])[0]

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of texts that begin and end at turn boundaries; nothing is added to them."""
        if not texts:
            return []
        ids: list[list[int]] = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)[
            "input_ids"
        ]
        return ids

    # ---- tool responses

    def response_text(self, responses: Sequence[tuple[str, str]]) -> str:
        """What stands between a turn that made calls and the next turn.

        Args:
            responses: The called tools' names and what they answered, in order. Text that looks like one of
                the tokenizer's special tokens is broken up, so that no tool can end a turn or forge one.
        """
        return self._response_texts([(name, self.harmless(text)) for name, text in responses])

    def harmless(self, text: str) -> str:
        """The text with every special token's spelling broken up by a space after its first character."""
        return self._specials.sub(lambda m: m[0][0] + _SPECIAL_GAP + m[0][1:], text)

    # ---- what the model wrote

    def decode(self, turns: Sequence[Sequence[int]]) -> list[str]:
        """Turns as text, special tokens included (a call's markers may be special tokens)."""
        texts: list[str] = self._tokenizer.batch_decode(
            [list(turn) for turn in turns], skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return texts

    # ---- a teacher's turns

    def turn_text(self, *, calls: Sequence[ToolCall] = (), content: str = "") -> str:
        """An assistant's turn as the model would have to write it, its end-of-turn token included.

        Args:
            calls: The calls of the turn.
            content: Text before the calls, or the whole turn where there are none.
        """
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if calls and self._template_has_tools:
            message["tool_calls"] = [_call_message(call) for call in calls]
        elif calls:
            written = "\n".join(_call_text(call) for call in calls)
            message["content"] = f"{content}\n{written}" if content else written
        question = [{"role": "user", "content": "question"}]
        prompt = self._render(question, add_generation_prompt=True)
        whole = self._render([*question, message])
        end = whole.find(self._stop_text, len(prompt))
        if not whole.startswith(prompt) or end < 0:
            raise ConfigError(
                "tokenizer",
                [
                    "chat: the template does not render an assistant's turn behind its generation prompt; "
                    "set chat.template (for Qwen3: enable_thinking: false) or use another template"
                ],
            )
        return whole[len(prompt) : end + len(self._stop_text)]

    # ---- rendering

    def _render(
        self, messages: Sequence[Mapping[str, Any]], *, tools: Any = None, add_generation_prompt: bool = False
    ) -> str:
        text: str = self._tokenizer.apply_chat_template(
            [dict(m) for m in messages],
            tools=tools,
            add_generation_prompt=add_generation_prompt,
            tokenize=False,
            **self._variables,
        )
        return text

    def _end_of_turn(self) -> str:
        """The special token that the template writes behind an assistant's text."""
        mark = _MARK.format("turn")
        messages = [{"role": "user", "content": "question"}, {"role": "assistant", "content": mark}]
        text = self._render(messages)
        found = self._specials.search(text, text.find(mark) + len(mark)) if mark in text else None
        if found is None:
            raise ConfigError(
                "tokenizer", ["chat: the template puts no special token behind an assistant's turn"]
            )
        return found[0]

    def _renders_tools(self) -> bool:
        schema = {
            "type": "function",
            "function": {
                "name": "mentor_probe",
                "description": "probe",
                "parameters": {"type": "object", "properties": {}, "required": []},
            },
        }
        try:
            return "mentor_probe" in self._render([{"role": "user", "content": "question"}], tools=[schema])
        except TemplateError:
            return False

    def _response_texts(self, responses: Sequence[tuple[str, str]]) -> str:
        names = tuple(name for name, _ in responses)
        if names not in self._pieces:
            if len(self._pieces) >= _MOST_PIECES:
                self._pieces.clear()
            self._pieces[names] = self._split_at_marks(names)
        pieces = self._pieces[names]
        if pieces is None:
            return self._between(names, [text for _, text in responses])
        out = [pieces[0]]
        for (_, text), piece in zip(responses, pieces[1:], strict=True):
            out += [text, piece]
        return "".join(out)

    def _split_at_marks(self, names: tuple[str, ...]) -> list[str] | None:
        """The fixed pieces around the texts; None where the template changes the texts it is given."""
        marks = [_MARK.format(k) for k in range(len(names))]
        rest = self._between(names, marks)
        pieces = []
        for mark in marks:
            before, found, rest = rest.partition(mark)
            if not found:
                return None
            pieces.append(before)
        return [*pieces, rest]

    def _between(self, names: Sequence[str], texts: Sequence[str]) -> str:
        """Renders a chat with these tool responses and cuts out what follows the assistant's turn."""
        turn = _MARK.format("turn")
        calls = [_call_message(ToolCall(name, {}), f"call{k:05d}") for k, name in enumerate(names)]
        tools = [
            {"role": "tool", "name": name, "tool_call_id": f"call{k:05d}", "content": text}
            for k, (name, text) in enumerate(zip(names, texts, strict=True))
        ]
        question = {"role": "user", "content": "question"}
        for assistant in (
            {"role": "assistant", "content": turn, "tool_calls": calls},
            {"role": "assistant", "content": turn},
        ):
            try:
                rendered = self._render([question, assistant, *tools], add_generation_prompt=True)
            except TemplateError:
                continue
            start = rendered.find(turn)
            end = rendered.find(self._stop_text, start)
            if start >= 0 and end >= 0:
                return rendered[end + len(self._stop_text) :]
        raise ConfigError(
            "tokenizer", ["chat: the chat template cannot render a message of role 'tool' behind a turn"]
        )


def _call_message(call: ToolCall, identity: str = "call00000") -> dict[str, Any]:
    function = {"name": call.name, "arguments": dict(call.arguments)}
    return {"id": identity, "type": "function", "function": function}


def _call_text(call: ToolCall) -> str:
    body = json.dumps({"name": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False)
    return f"<tool_call>\n{body}\n</tool_call>"


def _call_form(schema: Mapping[str, Any]) -> str:
    """A call of the tool with its arguments' types in place of values."""
    function = schema.get("function", schema)
    properties: Mapping[str, Any] = function.get("parameters", {}).get("properties", {})
    return _call_text(
        ToolCall(function["name"], {name: kind.get("type", "value") for name, kind in properties.items()})
    )
