"""Strategies for texts with calls in any format: written as the format wants, then broken here and there."""

import json
import re
from typing import Any

from hypothesis import strategies as st

from oracles import texts
from oracles.parsing import GRAMMARS
from oracles.parsing.walk import ENDS, RESULTS, ROLES, SPEAKERS, THOUGHTS

TYPES = (
    {"type": "integer"},
    {"type": "string"},
    {"type": "boolean"},
    {"type": ["number", "null"]},
    {"anyOf": [{"type": "string"}, {"type": "null"}]},
    {"oneOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
    {"type": "array"},
    {"$ref": "#/$defs/object"},
    {"enum": ["x", 1]},
    {"const": True},
    {"allOf": [{"type": ["integer", "string"]}, {"type": "string"}]},
    {"type": "tuple"},
    {},
)
schemas = st.lists(st.sampled_from(TYPES), min_size=3, max_size=3).map(
    lambda types: [
        {
            "type": "function",
            "function": {
                "name": name,
                "parameters": {
                    "type": "object",
                    "properties": dict(zip(("a", "b", "name"), types, strict=True)),
                    "$defs": {"object": {"type": "object"}},
                },
            },
        }
        for name in ("add", "sqrt")
    ]
)
offered = st.one_of(st.none(), schemas, st.just([{"name": "add"}, {"name": "power"}]))

raw = st.one_of(
    texts.values.map(json.dumps),
    texts.values.map(repr),
    st.sampled_from(
        ["x", " x ", "\n1\n", "1e999", "NaN", "null", "True", "FALSE", "00123", "[1, 2]", "'a'", "</tool_call>",
         "<tool_call>", "{", "\n\n", "</parameter>", "1_0", "(1, 2)", "{1}", "<think>", "5 apples", "-0", "1."]
    ),
    st.text(max_size=4),
)  # fmt: skip
plain_arguments = st.dictionaries(st.sampled_from(["a", "b", "name"]), raw, max_size=3)
space = st.sampled_from(["", "", "\n", " ", "\t\r\n"])
names = st.sampled_from([*texts.NAMES, "a.b", "x-y", "é", "", "a b"])


@st.composite
def _object(draw: st.DrawFn, keys: tuple[str, ...] = ("arguments", "arguments", "parameters", "args")) -> str:
    given: Any = draw(texts.arguments)
    given = json.dumps(given) if draw(st.integers(0, 6)) == 0 else given
    entries = [("name", draw(names)), (draw(st.sampled_from(keys)), given)]
    if draw(st.booleans()):
        entries.reverse()
    return json.dumps(dict(entries), ensure_ascii=draw(st.booleans()))


@st.composite
def _list(draw: st.DrawFn) -> str:
    between = draw(st.sampled_from([", ", ",", ",\n"]))
    return "[" + between.join(draw(st.lists(_object(), max_size=3))) + draw(st.sampled_from("]]]] ,"))


json_arguments = texts.arguments.map(json.dumps)


@st.composite
def _tagged(draw: st.DrawFn, wrapper: str, call: str, parameter: str, ends: tuple[str, str]) -> str:
    written = call.format(draw(names)) + draw(space)
    for key, value in draw(plain_arguments).items():
        written += parameter.format(key) + value + draw(st.sampled_from([ends[0]] * 4 + [""])) + draw(space)
    written += draw(st.sampled_from([ends[1]] * 5 + [""]))
    if draw(st.booleans()):
        written = f"<{wrapper}>{draw(space)}{written}{draw(space)}</{wrapper}>"
    return written


@st.composite
def _glm(draw: st.DrawFn) -> str:
    written = "<tool_call>" + draw(names) + draw(space)
    for key, value in draw(plain_arguments).items():
        written += f"<arg_key>{key}</arg_key>{draw(space)}<arg_value>{value}</arg_value>{draw(space)}"
    return written + draw(st.sampled_from(["</tool_call>"] * 5 + [""]))


@st.composite
def _pythonic(draw: st.DrawFn) -> str:
    calls = []
    for _ in range(draw(st.integers(0, 3))):
        given = ", ".join(f"{k}={v!r}" for k, v in draw(texts.arguments).items())
        given = draw(raw) if draw(st.integers(0, 6)) == 0 else given
        calls.append(f"{draw(names)}({given})")
    written = "[" + draw(st.sampled_from([", ", ",", ",\n"])).join(calls) + "]"
    start, end = draw(
        st.sampled_from(
            [("", ""), ("<|python_start|>", "<|python_end|>"), ("<|tool_call_start|>", "<|tool_call_end|>")]
        )
    )
    return start + written + end


def _gemma_value(value: Any) -> str:
    if isinstance(value, str):
        return f"<escape>{value}<escape>"
    if isinstance(value, dict):
        return "{" + ",".join(f"<escape>{k}<escape>:{_gemma_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_gemma_value, value)) + "]"
    return json.dumps(value)


@st.composite
def _gemma(draw: st.DrawFn) -> str:
    given = ",".join(f"{key}:{_gemma_value(value)}" for key, value in draw(texts.arguments).items())
    end = draw(st.sampled_from(["<end_function_call>"] * 4 + [""]))
    return f"<start_function_call>call:{draw(names)}{{{given}}}{end}"


@st.composite
def _harmony(draw: st.DrawFn) -> str:
    name = draw(names)
    head = draw(
        st.sampled_from(
            [
                f"<|start|>assistant<|channel|>commentary to=functions.{name} <|constrain|>json<|message|>",
                f"<|start|>assistant to=functions.{name}<|channel|>commentary<|message|>",
                f" to=functions.{name}<|channel|>commentary<|message|>",
                f"<|channel|>commentary to=functions.{name}<|message|>",
                "<|start|>assistant<|channel|>analysis<|message|>",
                "<|start|>assistant<|channel|>final<|message|>",
                "<|start|>user<|message|>",
                f"<|start|>functions.{name} to=assistant<|channel|>commentary<|message|>",
                f"<|start|>assistant to=functions.{name}",
            ]
        )
    )
    content = draw(st.one_of(json_arguments, json_arguments, st.sampled_from(["", "foo", " {} "])))
    return head + content + draw(st.sampled_from(["<|call|>"] * 3 + ["", "<|end|>", "<|return|>"]))


_separated = st.tuples(st.lists(_object(), min_size=1, max_size=3), st.sampled_from([";", "; ", "\n", ""]))
CALLS: dict[str, st.SearchStrategy[str]] = {
    "hermes": st.builds(lambda s, o, t: f"<tool_call>{s}{o}{t}</tool_call>", space, _object(), space),
    "qwen3_coder": _tagged("tool_call", "<function={}>", "<parameter={}>", ("</parameter>", "</function>")),
    "minimax": _tagged(
        "minimax:tool_call", '<invoke name="{}">', '<parameter name="{}">', ("</parameter>", "</invoke>")
    ),
    "llama3_json": st.builds(
        lambda m, given: m + given[1].join(given[0]), st.sampled_from(["", "<|python_tag|>"]), _separated
    ),
    "mistral": st.one_of(
        st.builds(lambda s, many: f"[TOOL_CALLS]{s}{many}", space, _list()),
        st.builds(
            lambda n, m, a: f"[TOOL_CALLS]{n}{m}{a}", names, st.sampled_from(["", "[ARGS]"]), json_arguments
        ),
    ),
    "deepseek_v3": st.one_of(
        st.builds(
            lambda n, a, f: f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{n}\n{f[0]}{a}{f[1]}<｜tool▁call▁end｜>",
            names, json_arguments, st.sampled_from([("```json\n", "\n```"), ("", ""), ("```", "")]),
        ),
        st.builds(lambda n, a: f"<｜tool▁call▁begin｜>{n}<｜tool▁sep｜>{a}<｜tool▁call▁end｜>", names, json_arguments),
    ),
    "harmony": _harmony(),
    "granite": st.builds(
        lambda m, s, many: m + s + many, st.sampled_from(["<|tool_call|>", "<tool_call>"]), space, _list()
    ),
    "phi4_mini": _list().map(lambda many: "functools" + many),
    "functiongemma": _gemma(),
    "pythonic": _pythonic(),
    "glm45": _glm(),
    "kimi_k2": st.builds(
        lambda p, n, c, a: f"<|tool_call_begin|>{p}{n}{c}<|tool_call_argument_begin|>{a}<|tool_call_end|>",
        st.sampled_from(["functions.", ""]), names, st.sampled_from([":0", ":12", "", ":", " :1 "]), json_arguments,
    ),
}  # fmt: skip

COMMON = (
    *THOUGHTS, *THOUGHTS.values(), *RESULTS, *RESULTS.values(), *ENDS, *SPEAKERS,
    *(f"{tag}{role}{close}" for tag, close in ROLES.items() for role in ("assistant", "tool", "user")),
    "<|im_start|>system\n",
)  # fmt: skip
NOISE = (
    "\\boxed{5}", "{", "}", "[", "]", '"', "'", ",", "\n", "é", "<", "(", ", {", "}, {", "; {", "},", '"},{"', " to=",
    ", f(", "</tool_call>", "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<|tool_calls_section_begin|>",
    "<|tool_calls_section_end|>", "<escape>", "functools", '{"name": "add", "arguments": {}}', "[add(a=1)]",
)  # fmt: skip


def breaks(text: str) -> st.SearchStrategy[str]:
    """The text with one place changed, mostly at a mark."""
    marks = [match.start() for match in re.finditer(r"[{}\[\]\"',:<>()=\\]", text)] or [0]
    place = st.one_of(st.sampled_from(marks), st.integers(0, len(text)))
    change = st.sampled_from(["", "x", '"', "}", "]", "\\", "\n", "'", "{", "<", ">", "1e999", "NaN"])
    return st.builds(
        lambda at, new, keep: text[:at] + new + text[at + (not keep) :], place, change, st.booleans()
    )


def of(format: str) -> st.SearchStrategy[str]:
    """Texts with calls in a format, also broken ones, among tags and noise."""
    call = st.one_of(*CALLS.values()) if format == "auto" else CALLS[format]
    opens = [tag for name in ([*GRAMMARS] if format == "auto" else [format]) for tag in GRAMMARS[name].opens]
    closes = [
        tag for name in ([*GRAMMARS] if format == "auto" else [format]) for tag in GRAMMARS[name].closes
    ]
    piece = st.one_of(
        call,
        call,
        call.flatmap(breaks),
        call.flatmap(breaks).flatmap(breaks),
        st.sampled_from([*opens, *closes]),
        st.sampled_from(COMMON),
        st.sampled_from(NOISE),
        st.text(max_size=4),
    )
    return st.lists(piece, max_size=6).map("".join)
