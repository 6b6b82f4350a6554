"""References compiled once, students read against them, scores of sets, and explanations of every score."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.align import (
    METRICS,
    FlowFacts,
    FlowWeights,
    compile_references,
    distribution_similarity,
    efficiency,
    explain,
    score,
    score_batch,
)
from mentor.errors import ScoreError
from mentor.types import ToolCall
from oracles import texts

A, B = ToolCall("add", {"a": 1, "b": 2}, 3), ToolCall("sqrt", {"x": 4}, 2)
trajectories = st.lists(texts.calls, max_size=4).map(lambda calls: [ToolCall(*call) for call in calls])


@cases(60)
@given(
    st.lists(st.tuples(trajectories, st.lists(trajectories, min_size=1, max_size=2)), min_size=1, max_size=3)
)
def test_compiled_references_score_as_those_that_are_not(rows: Any) -> None:
    students, references = [student for student, _ in rows], [one for _, one in rows]
    compiled = compile_references(references, tasks=["4 and 1"] * len(rows))
    again = pickle.loads(pickle.dumps(compiled))
    read = compiled.read(students)
    for metric in METRICS:
        expected = score_batch(students, references, metric=metric, tasks=["4 and 1"] * len(rows))
        for found in (
            read.score(metric),
            compiled.score(students, metric=metric),
            again.read(students).score(metric),
        ):
            assert found.tobytes() == expected.tobytes(), metric


@cases(60)
@given(trajectories, trajectories)
def test_every_score_is_explained_by_its_pairs(student: Any, teacher: Any) -> None:
    for metric in METRICS:
        found = explain(student, [teacher], metric=metric)
        assert found.score == score(student, [teacher], metric=metric)
        pairs = [(pair.student, pair.teacher) for pair in found.pairs]
        mine, theirs = [one for one, _ in pairs], [other for _, other in pairs]
        assert sorted([*mine, *found.extra]) == list(range(len(student)))
        assert sorted([*theirs, *found.missing]) == list(range(len(teacher)))
        assert all(student[one].name == teacher[other].name for one, other in pairs)
        assert all(0 <= pair.similarity <= 1 for pair in found.pairs)
        assert (found.flow is not None) == (metric == "flow")
        assert str(found).startswith(f"{metric} {found.score:.3f}")


def test_explanations_escape_what_calls_hold() -> None:
    call = ToolCall("<script>", {"<b>": "</td><img src=x>"})
    shown = explain([call], [ToolCall("<script>", {"<b>": 1})], metric="assignment").html()
    assert not {tag for tag in ("<script>", "</td><img", "<img") if tag in shown}
    assert "&lt;script&gt;" in shown
    assert "&lt;/td&gt;&lt;img src=x&gt;" in shown


def test_rows_say_which_references_a_student_belongs_to() -> None:
    compiled = compile_references([[[A]], [[B], [A, B]], None])
    assert len(compiled) == 3
    found = compiled.score([[A], [A, B], [A], None], rows=[1, 1, 2, 0], metric="recall")
    assert np.array_equal(found, [0.5, 1.0, np.nan, np.nan], equal_nan=True)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (
            lambda: compile_references([[[A]], [[A], [A, B]]], tools=[{"function": {"name": "add"}}]),
            "row 1, field 'references[1][1]': no tool named \"sqrt\" is offered",
        ),
        (
            lambda: compile_references([[[A]]], tools=[{}]),
            "field 'tools': expected schemas with a name, not {}",
        ),
        (lambda: compile_references([[[A]]], tasks=[None, "x"]), "field 'tasks': 1 rows of references but 2"),
        (lambda: compile_references([[[A]]], tasks=[5]), "row 0, field 'tasks': expected a str, not int"),
        (
            lambda: compile_references([[[A]], "[{}]"]),
            "row 1, field 'references[0].calls': expected a list of calls",
        ),
        (
            lambda: compile_references([[[A]]], facts=FlowFacts(order=[[(0, 1)]])),
            "row 0, field 'references",
        ),
        (lambda: compile_references([[[A]]]).score([[A], [A]]), "field 'rows': 2 students but 1 rows"),
        (
            lambda: compile_references([[[A]]]).score([[A]], rows=[1]),
            "row 0, field 'rows': row 1 of 1 rows of references",
        ),
        (
            lambda: compile_references([[[A]]]).score([[A]], rows=[-1]),
            "row 0, field 'rows': expected a row of references, not -1",
        ),
        (
            lambda: (
                compile_references([[[A]]]).read([[A]]).score("flow", weights=FlowWeights(beta=float("inf")))
            ),
            "field 'weights.beta'",
        ),
        (lambda: score([A], [A], metric="flow", weights=FlowWeights(order=2)), "field 'weights.order'"),
        (lambda: score([A], [A], metric="global", gap=float("nan")), "field 'gap'"),
        (lambda: score([A], [A], metric="ngram", n=0), "field 'n': expected an integer of at least 1, not 0"),
        (
            lambda: explain([A], None, metric="f1"),
            "field 'teacher': expected one trajectory or several, not None",
        ),
        (lambda: distribution_similarity([5], []), "row 0, field 'students'"),
        (lambda: distribution_similarity([[A]], [None]), "row 0, field 'teachers'"),
        (lambda: efficiency(-1), "field 'calls': expected a number of calls, not -1"),
        (
            lambda: efficiency(1, smoothness=float("nan")),
            "field 'smoothness': expected a finite number above 0",
        ),
    ],
)
def test_wrong_input_is_named(attempt: Callable[[], Any], message: str) -> None:
    with pytest.raises(ScoreError) as error:
        attempt()
    assert str(error.value).startswith(message)


THREADS = """
import hashlib, numpy as np
from mentor.align import METRICS, score_batch
row = lambda i: [{"name": "fgh"[(i * j) % 3], "arguments": {"a": i % 5, "b": j}} for j in range(i % 9)]
students, references = [row(i) for i in range(600)], [[row(i + 1), row(i * 3)] for i in range(600)]
digest = hashlib.sha256()
for metric in METRICS:
    digest.update(score_batch(students, references, metric=metric).tobytes())
print(digest.hexdigest())
"""


def test_the_same_bytes_for_any_number_of_threads() -> None:
    def said(threads: int) -> str:
        environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        done = subprocess.run(
            [sys.executable, "-c", THREADS], capture_output=True, check=True, env=environment
        )
        return done.stdout.decode()

    assert len({said(threads) for threads in (1, 2, 5)}) == 1


def test_distributions_of_tools() -> None:
    assert distribution_similarity([[A, B]], [[B], [A]]) == 1.0
    assert distribution_similarity([[A]], [[B]]) == 0.0
    assert distribution_similarity([], []) == 1.0
    assert distribution_similarity([[]], [[A]]) == 0.0
    # 1 - (H(0.75) - (H(1) + H(0.5)) / 2), in bits.
    assert distribution_similarity([[A, A]], [[A, B]]) == pytest.approx(1 - (0.8112781244591328 - 0.5))
    assert distribution_similarity([[A, A]], [[A, B]]) == distribution_similarity([[A, B]], [[A, A]])
