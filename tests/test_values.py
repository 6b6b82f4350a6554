"""What a value of the guest becomes on the host: the table in docs/tools.md, row by row."""

import math
import pickle

import pytest

from mentor.sandbox import GuestError, Limits, Outcome, Sandbox, Usage

PRELUDE = """
import array, datetime as dt, enum, pathlib, types, uuid
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, deque, namedtuple
from dataclasses import dataclass, field, InitVar
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar
import numpy as np
import pandas as pd

Point = namedtuple("Point", "x y")
Plain = enum.Enum("Plain", {"A": 1, "B": (1, 2)})
Number = enum.IntEnum("Number", "A B")
Text = enum.StrEnum("Text", "A B")
Bits = enum.Flag("Bits", "A B")

@dataclass
class Node:
    name: str
    children: list = field(default_factory=list)
    kind: ClassVar[str] = "node"
    scratch: InitVar[int] = 0

class Strange(dict):
    def items(self):
        raise KeyError("items")

class Whole(int): pass
class Named(str): pass

def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value
"""


@pytest.fixture(scope="module")
def box():
    return Sandbox(PRELUDE, limits=Limits(fuel=1_000_000_000), threads=1)


ROWS = [
    # plain values
    ("None", None),
    ("[True, 1, -2.5, 'é', '']", [True, 1, -2.5, "é", ""]),
    ("2**70", 2**70),
    ("10**4299", 10**4299),
    ("[float('inf'), -float('inf'), 1e400]", [math.inf, -math.inf, math.inf]),
    ("5e-324", 5e-324),
    ("'\\ud800 \\U0001f600'", "\ud800 \U0001f600"),
    ("[Whole(3), Named('n'), Whole]", [3, "n", "<class '__main__.Whole'>"]),
    # sequences and sets
    ("(1, (2,), Point(1, 2))", [1, [2], [1, 2]]),
    ("[range(3), deque([1]), array.array('i', [1]), UserList([1]), {}.keys()]", [[0, 1, 2], [1], [1], [1], []]),
    ("[{3, 1, 2}, frozenset('ba'), {1, 'a'}]", [[1, 2, 3], ["a", "b"], ["a", 1]]),
    # mappings
    ("{(1, 2): 3, 4: 5, 2.5: 1, False: 2, None: 3}", {"(1, 2)": 3, "4": 5, "2.5": 1, "false": 2, "null": 3}),
    ("{b'k': 1, dt.date(2024, 1, 2): 2, Plain.A: 3, np.int64(7): 4, Named('n'): 5}",
     {"k": 1, "2024-01-02": 2, "1": 3, "7": 4, "n": 5}),
    ("[Counter('aab'), OrderedDict(a=(1,)), ChainMap({'a': 1}), UserDict(a=1), types.MappingProxyType({'a': 1})]",
     [{"a": 2, "b": 1}, {"a": [1]}, {"a": 1}, {"a": 1}, {"a": 1}]),
    ("Strange(a=(1,))", {"a": [1]}),
    # text and numbers of other types
    ("[b'abc', bytearray(b'abc'), memoryview(b'abc'), b'\\xff', UserString('u')]",
     ["abc", "abc", "abc", "b'\\xff'", "u"]),
    ("[1j, Decimal('1.10'), Fraction(1, 3)]", ["1j", "1.10", "1/3"]),
    ("[dt.datetime(2024, 1, 2, 3, 4, 5, 6, dt.timezone.utc), dt.date(2024, 1, 2), dt.time(3, 4)]",
     ["2024-01-02T03:04:05.000006+00:00", "2024-01-02", "03:04:00"]),
    ("[dt.timedelta(days=1, seconds=5), uuid.UUID(int=5), pathlib.Path('/tmp/x')]",
     ["1 day, 0:00:05", "00000000-0000-0000-0000-000000000005", "/tmp/x"]),
    ("[Plain.A, Plain.B, Number.B, Text.A, Bits.A | Bits.B]", [1, [1, 2], 2, "a", 3]),
    ("Node('root', [Node('leaf')])",
     {"name": "root", "children": [{"name": "leaf", "children": []}]}),
    # numpy
    ("[np.int64(3), np.uint64(2**64 - 1), np.float32(0.1), np.bool_(True), np.complex64(1j), np.str_('a')]",
     [3, 2**64 - 1, 0.10000000149011612, True, "1j", "a"]),
    ("[np.datetime64('2024-01-02T03:04:05.123456789'), np.timedelta64(5, 'D'), np.longdouble(1.5)]",
     ["2024-01-02T03:04:05.123456789", "5 days", "np.longdouble('1.5')"]),
    ("[np.arange(6).reshape(2, 3), np.array(5), np.array(['2024-01-02'], dtype='M8[D]')]",
     [[[0, 1, 2], [3, 4, 5]], 5, ["2024-01-02"]]),
    ("[np.array([1, 'a', (1, 2), None], dtype=object), np.ma.array([1, 2], mask=[0, 1])]",
     [[1, "a", [1, 2], None], [1, None]]),
    ("np.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')])", [[1, 2.5]]),
    # pandas
    ("pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']}, index=['r', 's'])",
     {"columns": ["a", "b"], "index": ["r", "s"], "data": [[1, "x"], [2, "y"]]}),
    ("pd.DataFrame([[1, 2.5]], columns=['a', 'a'])", {"columns": ["a", "a"], "index": [0], "data": [[1, 2.5]]}),
    ("[pd.DataFrame(index=[1, 2]), pd.DataFrame()]",
     [{"columns": [], "index": [1, 2], "data": [[], []]}, {"columns": [], "index": [], "data": []}]),
    ("pd.Series([1, 2], index=['a', 'b'], name='s')", {"name": "s", "index": ["a", "b"], "data": [1, 2]}),
    ("[pd.Index([1, 2]), pd.MultiIndex.from_tuples([(1, 'a')]), pd.Categorical(['a', 'b'])]",
     [[1, 2], [[1, "a"]], ["a", "b"]]),
    ("[pd.Timestamp('2024-01-02'), pd.NaT, pd.NA, pd.Timedelta('1 day'), pd.Period('2024-01'), pd.Interval(0, 1)]",
     ["2024-01-02T00:00:00", None, None, "1 days 00:00:00", "2024-01", "(0, 1]"]),
    # anything else, and shapes
    ("object", "<class 'object'>"),
    ("[[]] * 2", [[], []]),
    ("len(str(nested(199)))", 400),
]  # fmt: skip


@pytest.mark.parametrize(("source", "value"), ROWS, ids=[source[:40] for source, _ in ROWS])
def test_a_value_crosses(box, source, value):
    out = box.run(source)
    assert (out.status, out.value, out.error) == ("ok", value, None)
    assert repr(out.value) == repr(value)  # 1, 1.0 and True are equal, and differ


def test_nan_and_negative_zero_cross(box):
    nan, zero = box.run("[float('nan'), -0.0]").value
    assert math.isnan(nan)
    assert math.copysign(1, zero) == -1


def test_the_deepest_value_crosses(box):
    value = box.run("nested(199)").value
    for _ in range(199):
        (value,) = value
    assert value == []


REFUSED = [
    ("x = []\nx.append({'x': x})\nx", "ResultError: the value refers to itself, which JSON cannot"),
    ("nested(200)", "ResultError: the value is nested more than 200 deep"),
    ("nested(5_000)", "ResultError: the value is nested more than 200 deep"),
    ("{1: 2, '1': 3}", 'ResultError: two keys of a dict are both "1" as JSON'),
    ("10**4300", "ValueError: Exceeds the limit (4300 digits) for integer string conversion"),
    ("import sys\nsys.set_int_max_str_digits(0)\n10**4300", "UnreportableError: the program ended without"),
    ("class R:\n def __repr__(self): raise KeyError(1)\nR()", "KeyError: 1"),
    ("class R:\n def __repr__(self): return 5\nR()", "TypeError: R.__repr__() must return a str, not int"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text"), REFUSED, ids=[source[-30:] for source, _ in REFUSED])
def test_a_value_that_cannot_cross_says_why(box, source, text):
    out = box.run(source)
    assert (out.status, out.value) == ("raised", None)
    assert str(out.error).startswith(text)


FORGED = [
    "import _host\n_host.call(b'V[garbage')\n(1,)",
    "import builtins\nbuiltins.__dict__.clear()\n(1,)",
    "import json, json.encoder\njson.encoder.c_make_encoder = json.dumps = None\n(1,)",
    "import sys\nsys.modules.clear()\n(1,)",
    "import datetime, decimal\ndatetime.date = decimal.Decimal = None\n(1,)",
]


@pytest.mark.parametrize("source", FORGED, ids=[source.split("\n")[0][:40] for source in FORGED])
def test_a_program_that_breaks_the_writers_names_changes_nothing(box, source):
    assert box.run(source).value == [1]


def test_outcomes_are_values(box):
    one = box.run("print('a')\n{'a': [1, 2**70]}")
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert hash(again) == hash(one)
    assert (again.value, again.stdout, again.usage) == (one.value, "a\n", one.usage)
    assert one.value is one.value
    assert one.value_json == '{"a": [1, 1180591620717411303424]}'
    assert repr(one).startswith(
        "Outcome(status='ok', stdout='a\\n', stderr='', value={'a': [1, 1180591620717411303424]}"
    )
    made = Outcome("raised", stderr="é", error=GuestError("E", "m"), usage=Usage(1, 2, 0.5, 3))
    assert (made.ok, made.stderr, made.stderr_bytes, str(made.error), made.usage.fuel) == (
        False,
        "é",
        2,
        "E: m",
        1,
    )
    assert (made.value, made.value_json, made.host_calls) == (None, None, ())
    assert made != one
