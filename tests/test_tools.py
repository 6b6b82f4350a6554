import json
import pickle

import pytest

from mentor import ToolCall, ToolEnv
from mentor.data.mentor_format import tasks_of_rows
from mentor.errors import ToolSourceError
from mentor.tools import ToolResult, call_batch, schemas_from_source
from mentor.tools.result import MAX_TEXT

SOURCE = '''
from typing import Literal, Optional

COUNT = 0

def add(a: int | float, b: int | float) -> float:
    """Adds two numbers.

    Args:
        a: The first
            number.
        b: The second number.

    Returns:
        The sum.
    """
    return a + b

def total(numbers: list[float], scale: float = 1.0) -> float:
    """Sums numbers."""
    return sum(numbers) * scale

def pick(mode: Literal["up", "down"], note: Optional[str] = None) -> str:
    return f"{mode}:{note}"

def count() -> int:
    global COUNT
    COUNT += 1
    return COUNT

def misbehave(how: str):
    if how == "loop":
        while True: pass
    if how == "print":
        print("x" * 5_000_000)
    if how == "raise":
        raise ValueError("m" * 100_000)
    if how == "big":
        return "y" * 100_000
    if how == "exit":
        raise SystemExit(3)
    if how == "trap":
        import os
        os.abort()

def shuffle(n: int) -> list[int]:
    import random
    return random.sample(range(n), n)

def _private(x): return x
'''


@pytest.fixture(scope="module")
def env():
    return ToolEnv.from_source(SOURCE)


def test_schemas_come_from_annotations_and_docstrings(env):
    assert env.names == ["add", "total", "pick", "count", "misbehave", "shuffle"]
    number = {"anyOf": [{"type": "integer"}, {"type": "number"}]}
    add = env.schemas[0]["function"]
    assert add["description"] == "Adds two numbers."
    assert add["parameters"]["properties"] == {
        "a": {**number, "description": "The first number."},
        "b": {**number, "description": "The second number."},
    }
    assert add["parameters"]["required"] == ["a", "b"]
    total, pick = env.schemas[1]["function"]["parameters"], env.schemas[2]["function"]["parameters"]
    assert total["properties"]["numbers"] == {"type": "array", "items": {"type": "number"}}
    assert total["required"] == ["numbers"]
    assert pick["properties"]["mode"] == {"enum": ["up", "down"]}
    assert pick["properties"]["note"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "default": None,
    }


def test_calls_run_in_order_and_see_nothing_of_each_other(env):
    calls = [
        ToolCall("add", {"a": 1, "b": 2}),
        ToolCall("count"),
        ToolCall("count"),
        ToolCall("add", {"a": 2**80, "b": 1}),
    ]
    results = env.call_batch(calls)
    assert [r.value for r in results] == [3, 1, 1, 2**80 + 1]
    assert [r.text for r in results] == ["3", "1", "1", str(2**80 + 1)]
    assert all(r.ok and not r.failed and r.outcome.usage.fuel > 0 for r in results)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            ToolCall("nothing", {}),
            "Error: there is no tool 'nothing'; the tools are add, total, pick, count, misbehave, shuffle",
        ),
        (ToolCall("add", {"a": 1}), "Error: add: missing argument b; expected a, b"),
        (ToolCall("add", {"a": 1, "b": 2, "c": 3}), "Error: add: unexpected argument c; expected a, b"),
        (ToolCall("add", {"a": "1", "b": 2}), 'Error: add: argument a must be an integer, not "1"'),
        (ToolCall("add", {"a": True, "b": 2}), "Error: add: argument a must be an integer, not true"),
        (
            ToolCall("total", {"numbers": [1, "x"]}),
            'Error: total: argument numbers[1] must be a number, not "x"',
        ),
        (ToolCall("pick", {"mode": "left"}), 'Error: pick: argument mode must be one of "up", "down"'),
        (ToolCall("_private", {"x": 1}), "Error: there is no tool '_private'"),
    ],
)
def test_a_call_that_cannot_run_is_refused_with_the_reason(env, call, text):
    result = env.call_batch([call])[0]
    assert result.text.startswith(text)
    assert (result.ok, result.failed, result.outcome) == (False, False, None)


@pytest.mark.parametrize(
    ("how", "status", "text"),
    [
        ("loop", "limit", "Error: the program used its 2000000000 units of fuel"),
        ("print", "ok", "x" * 100),
        ("raise", "raised", "Error: ValueError: mmm"),
        ("big", "ok", "yyy"),
        ("exit", "exited", "Error: the tool exited with code 3"),
        ("trap", "crashed", "Error: Trap"),
    ],
)
def test_a_misbehaving_tool_becomes_a_bounded_text(env, how, status, text):
    result = env.call_batch([ToolCall("misbehave", {"how": how})])[0]
    assert result.outcome.status == status
    assert result.text.startswith(text)
    assert len(result.text) < MAX_TEXT + 50
    assert not result.failed


def test_one_call_runs_a_mix_of_tools(env):
    other = ToolEnv.from_source("def add(a: int, b: int) -> str:\n    return f'{a}{b}'")
    call = ToolCall("add", {"a": 1, "b": 2})
    assert [r.value for r in call_batch([(env, call), (other, call), (env, call)])] == [3, "12", 3]


def test_seeds_decide(env):
    call = ToolCall("shuffle", {"n": 20})
    first, second, third = env.call_batch([call] * 3, seeds=[1, 2, 1])
    assert first.value == third.value != second.value


def test_equal_sources_share_one_env(env):
    assert ToolEnv.from_source(SOURCE) is env
    assert ToolEnv.from_source(SOURCE, env.schemas) is ToolEnv.from_source(SOURCE, env.schemas)


def test_given_schemas_bound_what_is_offered():
    bare = {
        "name": "add",
        "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {}}, "required": ["a"]},
    }
    env = ToolEnv.from_source(SOURCE, [bare])
    assert env.schemas[0] == {"type": "function", "function": {**bare, "description": ""}}
    results = env.call_batch([ToolCall("add", {"a": 1.5, "b": 1}), ToolCall("count")])
    assert [r.ok for r in results] == [True, False]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(:", "line 1: the tool source is not Python"),
        ("x = 1", "defines no public function"),
        (
            "def f(a):\n    return a",
            "line 1: f: parameter 'a' has no annotation; give it a type such as int or str",
        ),
        ("def g(): pass\ndef f(a: bytes): pass", "line 2: f: parameter 'a': 'bytes' has no JSON type"),
        ("async def f(a: int): pass", "line 1: f: an async function cannot run here"),
        ("class C: pass\ndef f(a: C): pass", "line 1: f: parameter 'a': the class 'C' has no JSON type"),
        ("def f(a: 'list[']): pass", "not Python"),
        ("def f(a: 'list['): pass", "line 1: f: parameter 'a': the annotation 'list\\['"),
        (
            "from typing import TypedDict\nclass T(TypedDict):\n    t: 'list[T]'\ndef f(a: T): pass",
            "line 3: f: parameter 'a': field 't': 'T' contains itself",
        ),
        ("def f(a: set[int] | list[int]): pass", "line 1: f: parameter 'a': .* mixes types that JSON cannot"),
        ("def f(*a: int): pass", r"line 1: f: \*args and \*\*kwargs have no schema"),
        ("def f(a: int, /): pass", "positional-only"),
        ("def f(a: int): pass\nimport nothing_there", "failed in the sandbox: ModuleNotFoundError"),
        ("def f(a: int): pass\nwhile True: pass", "failed in the sandbox: LimitExceeded"),
    ],
)
def test_bad_sources_say_where_and_what_to_do(source, message):
    with pytest.raises(ToolSourceError, match=message):
        ToolEnv.from_source(source)


@pytest.mark.parametrize(
    ("schemas", "message"),
    [
        ([{"name": "missing"}], "defines no missing, which its schemas name"),
        ([{"type": "function"}], r"schemas\[0\] has no name"),
        ([{"name": "f", "parameters": "x"}], r"schemas\[0\].parameters is no object"),
        ([{"name": "f"}, {"name": "f"}], r"schemas\[1\] is the second of the name 'f'"),
    ],
)
def test_bad_schemas_are_named(schemas, message):
    with pytest.raises(ToolSourceError, match=message):
        ToolEnv.from_source("def f(): pass", schemas)


def test_nested_schemas_are_checked():
    schema = {
        "name": "f",
        "parameters": {
            "properties": {
                "point": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
                "table": {"type": "object", "additionalProperties": {"type": "integer"}},
            }
        },
    }
    env = ToolEnv.from_source("def f(point=None, table=None):\n    return [point, table]", [schema])
    good, lacks, wrong = env.call_batch(
        [
            ToolCall("f", {"point": {"x": 1, "y": 2}, "table": {"a": 1}}),
            ToolCall("f", {"point": {}}),
            ToolCall("f", {"table": {"a": "b"}}),
        ]
    )
    assert good.value == [{"x": 1, "y": 2}, {"a": 1}]
    assert lacks.text == "Error: f: argument point lacks x"
    assert wrong.text == 'Error: f: argument table.a must be an integer, not "b"'


def test_schemas_are_json():
    assert json.loads(json.dumps(schemas_from_source(SOURCE))) == schemas_from_source(SOURCE)


TYPED = '''
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, NotRequired, TypedDict

Vector = list[float]

class Colour(Enum):
    RED = "red"
    BLUE = "blue"

class Size(Enum):
    SMALL = auto()
    LARGE = auto()

@dataclass
class Point:
    """A place. Long story.

    More."""
    x: float
    y: float = 0.0
    kind: ClassVar[str] = "point"

@dataclass
class Pin(Point):
    colour: Colour = Colour.RED
    tags: set[str] = field(default_factory=set)

class Span(NamedTuple):
    start: int
    end: int = 10

class Query(TypedDict, total=False):
    text: Annotated[str, "what to look for"]
    span: Span

def shapes(
    colour: Colour,
    size: Size | None = None,
    pins: list[Pin] = [],
    pair: tuple[int, Colour] = (1, Colour.RED),
    unique: frozenset[int] = frozenset(),
    by_name: dict[str, Point] = {},
    query: Query | None = None,
    vector: "Vector" = [1.0],
    weight: Annotated[float, "in kilograms"] = 1.5,
    z: complex = 1j,
    *,
    strict: bool = False,
) -> Any:
    return [repr(v) for v in (colour, size, pins, pair, unique, by_name, query, vector, weight, z, strict)]

def caller(n: int) -> Any:
    """Calls another tool with Python's values."""
    return shapes(Colour.BLUE, unique=frozenset({n}))[:5:4]
'''


def test_types_of_the_source_become_schemas():
    shapes = schemas_from_source(TYPED)[0]["function"]["parameters"]
    assert shapes["required"] == ["colour"]
    colour = {"enum": ["red", "blue"]}
    point = {
        "type": "object",
        "properties": {"x": {"type": "number"}, "y": {"type": "number", "default": 0.0}},
        "required": ["x"],
        "additionalProperties": False,
        "description": "A place. Long story.",
    }
    span = {
        "type": "object",
        "properties": {"start": {"type": "integer"}, "end": {"type": "integer", "default": 10}},
        "required": ["start"],
        "additionalProperties": False,
    }
    pin = {
        "type": "object",
        "properties": {
            **point["properties"],
            "colour": colour,
            "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        },
        "required": ["x"],
        "additionalProperties": False,
    }
    text = {"type": "string", "description": "what to look for"}
    query = {
        "type": "object",
        "properties": {"text": text, "span": span},
        "required": [],
        "additionalProperties": False,
    }
    assert shapes["properties"] == {
        "colour": colour,
        "size": {"anyOf": [{"enum": ["SMALL", "LARGE"]}, {"type": "null"}], "default": None},
        "pins": {"type": "array", "items": pin, "default": []},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, colour], "minItems": 2, "maxItems": 2},
        "unique": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
        "by_name": {"type": "object", "additionalProperties": point, "default": {}},
        "query": {"anyOf": [query, {"type": "null"}], "default": None},
        "vector": {"type": "array", "items": {"type": "number"}, "default": [1.0]},
        "weight": {"type": "number", "description": "in kilograms", "default": 1.5},
        "z": {"type": "string"},
        "strict": {"type": "boolean", "default": False},
    }


def test_a_tool_gets_what_it_annotated():
    env = ToolEnv.from_source(TYPED)
    arguments = {
        "colour": "blue",
        "size": "LARGE",
        "pins": [{"x": 1, "tags": ["a"]}, {"x": 2, "y": 3, "colour": "blue"}],
        "pair": [4, "blue"],
        "unique": [1],
        "by_name": {"home": {"x": 0}},
        "query": {"text": "t", "span": {"start": 1}},
        "z": "1+2j",
    }
    full, bare, inner = env.call_batch(
        [
            ToolCall("shapes", arguments),
            ToolCall("shapes", {"colour": "red"}),
            ToolCall("caller", {"n": 3}),
        ]
    )
    assert full.value == [
        "<Colour.BLUE: 'blue'>",
        "<Size.LARGE: 2>",
        "[Pin(x=1, y=0.0, colour=<Colour.RED: 'red'>, tags={'a'}), "
        "Pin(x=2, y=3, colour=<Colour.BLUE: 'blue'>, tags=set())]",
        "(4, <Colour.BLUE: 'blue'>)",
        "frozenset({1})",
        "{'home': Point(x=0, y=0.0)}",
        "{'text': 't', 'span': Span(start=1, end=10)}",
        "[1.0]",
        "1.5",
        "(1+2j)",
        "False",
    ]
    assert bare.value[:3] == ["<Colour.RED: 'red'>", "None", "[]"]
    assert inner.value == ["<Colour.BLUE: 'blue'>", "frozenset({3})"]
    wrong = env.call_batch(
        [
            ToolCall("shapes", {"colour": "green"}),
            ToolCall("shapes", {"colour": "red", "pins": [{"y": 1}]}),
            ToolCall("shapes", {"colour": "red", "pins": [{"x": 1, "z": 1}]}),
            ToolCall("shapes", {"colour": "red", "unique": [1, 2, 1]}),
            ToolCall("shapes", {"colour": "red", "pair": [1]}),
        ]
    )
    assert [result.text for result in wrong] == [
        'Error: shapes: argument colour must be one of "red", "blue"',
        "Error: shapes: argument pins[0] lacks x",
        "Error: shapes: argument pins[0] has no z; expected x, y, colour, tags",
        "Error: shapes: argument unique[2] repeats 1; the items must differ",
        "Error: shapes: argument pair must have at least 2 items, not [1]",
    ]


DOCSTRINGS = {
    "google": """
    In the wide world.

    Args:
        text (str): What to
            look for: anything.
        many: How many.

    Returns:
        text: not a parameter.
    """,
    "numpy": """
    Parameters
    ----------
    text : str
        What to
        look for: anything.
    many : int, optional
        How many.

    Returns
    -------
    text : str
        Not a parameter.
    """,
    "sphinx": """
    :param str text: What to
        look for: anything.
    :param many: How many.
    :type many: int
    :returns: text, not a parameter.
    """,
}


@pytest.mark.parametrize("style", DOCSTRINGS)
def test_docstrings_of_three_styles_describe_parameters(style):
    docstring = f"Finds things.\n{DOCSTRINGS[style]}"
    source = f"def find(text: str, many: int = 3) -> str:\n    {docstring!r}\n"
    function = schemas_from_source(source)[0]["function"]
    assert function["description"] == "Finds things."
    assert {name: p["description"] for name, p in function["parameters"]["properties"].items()} == {
        "text": "What to look for: anything.",
        "many": "How many.",
    }


@pytest.mark.parametrize(
    ("schema", "good", "bad", "text"),
    [
        ({"type": "integer", "minimum": 1}, 1, 0, "must be at least 1, not 0"),
        ({"type": "integer", "maximum": 5}, 5.0, 6, "must be at most 5, not 6"),
        ({"exclusiveMinimum": 0}, 0.1, 0, "must be more than 0, not 0"),
        ({"exclusiveMaximum": 1}, "text", 1, "must be less than 1, not 1"),
        ({"type": "string", "minLength": 2}, "ab", "a", 'must have at least 2 characters, not "a"'),
        ({"type": "string", "maxLength": 2}, "ab", "abc", 'must have at most 2 characters, not "abc"'),
        ({"type": "array", "minItems": 1}, [0], [], "must have at least 1 items, not []"),
        ({"type": "array", "maxItems": 1}, [0], [0, 0], "must have at most 1 items, not [0, 0]"),
        ({"uniqueItems": True}, [1, "1", [1]], [{"a": 1}, {"a": 1}], '[1] repeats {"a": 1}; the items must differ'),
        ({"const": 1}, 1.0, True, "must be 1"),
        ({"enum": [1, "a", None]}, None, False, 'must be one of 1, "a", null'),
        ({"type": ["integer", "null"]}, None, "x", 'must be an integer or null, not "x"'),
        ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1], ["a", "b"],
         '[1] must be an integer, not "b"'),
        ({"allOf": [{"type": "integer"}, {"minimum": 2}]}, 2, 1, "must be at least 2, not 1"),
        ({"oneOf": [{"type": "string", "maxLength": 1}, {"type": "null"}]}, None, "ab",
         'must have at most 1 characters, not "ab"'),
        ({"$ref": "#/$defs/even"}, {"next": {"next": None}}, {"next": {"next": 1}}, ".next.next must be an object"),
        ({"$ref": "#/$defs/loop"}, 1, None, None),
        ({"pattern": "(a+)+$"}, "a" * 30 + "b", None, None),
        ({"type": "sometype", "minimum": "x"}, 1, None, None),
    ],
)  # fmt: skip
def test_keywords_are_checked(schema, good, bad, text):
    even = {"anyOf": [{"type": "object", "properties": {"next": {"$ref": "#/$defs/even"}}}, {"type": "null"}]}
    parameters = {"properties": {"v": schema}, "$defs": {"even": even, "loop": {"$ref": "#/$defs/loop"}}}
    env = ToolEnv.from_source("def f(v):\n    return v", [{"name": "f", "parameters": parameters}])
    assert env.call_batch([ToolCall("f", {"v": good})])[0].value == good
    if text is not None:
        assert env.call_batch([ToolCall("f", {"v": bad})])[0].text.startswith(
            f"Error: f: argument v{_gap(text)}{text}"
        )


def _gap(text):
    return "" if text[0] in ".[" else " "


def test_arguments_that_are_no_json_are_refused():
    env = ToolEnv.from_source(
        "def f(v):\n    return v", [{"name": "f", "parameters": {"properties": {"v": {}}}}]
    )
    circle: list = []
    circle.append(circle)
    results = env.call_batch([ToolCall("f", {"v": v}) for v in ({1, 2}, circle, 10**5000)])
    assert [(r.ok, r.failed, r.outcome) for r in results] == [(False, False, None)] * 3
    assert all(r.text.startswith("Error: f: the arguments are no JSON values: ") for r in results)


def test_what_a_model_reads_can_be_encoded():
    env = ToolEnv.from_source("def f(a: str):\n    return {'a': a}\ndef g(a: str):\n    print(a)")
    texts = [
        r.text for r in env.call_batch([ToolCall("f", {"a": "\ud800é"}), ToolCall("g", {"a": "\udfff"})])
    ]
    assert texts[0] == '{"a": "\ufffdé"}'
    assert texts[1].startswith("Error: UnicodeEncodeError")
    assert "".join(texts).encode()


def test_results_are_values(env):
    one, two = env.call_batch([ToolCall("add", {"a": 1, "b": 2})] * 2)
    again = pickle.loads(pickle.dumps(one))
    assert (again.value, again.text, again.outcome) == (3, "3", one.outcome)
    assert again == one
    assert repr(one).startswith(
        "ToolResult(ok=True, value=3, text='3', failed=False, outcome=Outcome(status='ok'"
    )
    assert ToolResult(True, 3, "3", False, None) != two


def test_a_row_of_mentors_data_becomes_tools():
    source = "def add(a, b):\n    return a + b\n"
    parameters = {
        "type": "dict",
        "properties": {"a": {"type": "float"}, "b": {"type": "float"}},
        "required": ["a"],
    }
    extra = {
        "func_schemas": [{"name": "add", "description": "Adds.", "parameters": parameters}],
        "env": source,
    }
    row = {
        "question": "1 + 2?",
        "data_source": "maths",
        "extra_info": json.dumps(extra),
        "tool_calls_used": ["add"],
        "reward_model": {"ground_truth": "3"},
    }
    (task,) = tasks_of_rows([row], path="rows")
    env = ToolEnv.from_source(task.tool_source, task.tools)
    good, bad = env.call_batch([ToolCall("add", {"a": 1, "b": 2}), ToolCall("add", {"a": "1"})])
    assert (good.value, bad.text) == (3, 'Error: add: argument a must be a number, not "1"')
    # Unread names of types are no reason to refuse.
    raw = ToolEnv.from_source(source, extra["func_schemas"])
    assert raw.call_batch([ToolCall("add", {"a": "1", "b": "2"})])[0].value == "12"
