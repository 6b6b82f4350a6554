"""The published rewards: quirks by example, and a plain Python twin on texts made of quirks."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.errors import ScoreError
from mentor.rewards import official
from oracles import published, texts

EOS = "<|im_end|>"
TEXT = r'<tool_call>{"name": "add"}</tool_call> \boxed{3}' + EOS


def one(
    text: str, truth: Any = "3", teacher: Any = ("add",), correct: Any = (True,), **options: Any
) -> float:
    settings: dict[str, Any] = {"variant": "MENTOR", "eos_token": EOS} | options
    return float(official.score([text], [truth], [teacher], correct=correct, **settings)[0])


@pytest.mark.parametrize(
    ("variant", "right", "wrong"),
    [
        ("SPARSE", 1.0, 0.1),
        ("MENTOR", 1.1, 0.16),
        ("ABLATION2", 1.0, 0.06),
        ("ABLATION3", 0.8, 0.1),
        ("ABLATION4", 1.1, 0.16),
    ],
)
def test_formulas(variant: str, right: float, wrong: float) -> None:
    assert one(TEXT, variant=variant) == pytest.approx(right, abs=1e-12)
    assert one(TEXT, variant=variant, correct=[False]) == pytest.approx(wrong, abs=1e-12)


def test_what_comes_before_the_judge() -> None:
    assert one(TEXT + "\n") == 0.0
    assert one(TEXT + "\n", eos_token="") == pytest.approx(1.1)
    assert one(r"\boxed{ }" + EOS) == 0.1
    assert one(r"\fbox{3}" + EOS) == 0.1
    assert one(TEXT, teacher=None) == 0.1
    assert math.isnan(one(TEXT, truth=r"\boxed{3"))
    assert math.isnan(one(TEXT.replace('"add"', "[1]")))
    assert one(TEXT.replace('"add"', "[1]"), variant="SPARSE") == 1.0


def test_a_judge_is_asked_only_where_the_score_hangs_on_it() -> None:
    asked = []

    def judge(prediction: str, truths: list[str]) -> bool:
        asked.append((prediction, truths))
        return True

    texts_and_truths = [(TEXT, r"so \boxed{3}"), ("no end", "3"), (TEXT, r"\boxed{3"), (TEXT, ["1", "3"])]
    rows = [text for text, _ in texts_and_truths]
    truths = [truth for _, truth in texts_and_truths]
    scores = official.score(rows, truths, [["add"]] * 4, variant="MENTOR", eos_token=EOS, correct=judge)
    assert asked == [("3", ["3"]), ("3", ["1", "3"])]
    assert scores[[0, 1, 3]].tolist() == pytest.approx([1.1, 0.0, 1.1])
    assert math.isnan(scores[2])


def test_without_verdicts_the_published_judge_is_asked() -> None:
    pytest.importorskip("math_verify")
    pytest.importorskip("mathruler")
    asked = [("3", "3", True), ("4", r"\sqrt{16}", True), (r"\sqrt{4}", "2", False), ("2x", "2y", True)]
    for prediction, truth, right in asked:
        text = rf"\boxed{{{prediction}}}{EOS}"
        score = one(text, truth=truth, variant="SPARSE", correct=None)
        assert score == (1.0 if right else 0.1), (prediction, truth)


def test_bad_batches_are_named() -> None:
    with pytest.raises(ScoreError, match=r'^unknown variant "X"; known: SPARSE, MENTOR, ABLATION2'):
        one(TEXT, variant="X")
    with pytest.raises(ScoreError, match=r"^field 'ground_truths': 1 texts but 0 ground truths$"):
        official.score([TEXT], [], [[]], variant="MENTOR", eos_token=EOS, correct=[True])
    with pytest.raises(ScoreError, match=r"^field 'teacher_tools': 1 texts but 0 rows$"):
        official.score([TEXT], ["3"], [], variant="MENTOR", eos_token=EOS, correct=[True])
    with pytest.raises(ScoreError, match=r"^field 'correct': 1 texts but 2 rows$"):
        official.score([TEXT], ["3"], [[]], variant="MENTOR", eos_token=EOS, correct=[True, True])
    with pytest.raises(ScoreError, match=r"^row 0, field 'teacher_tools\[1\]': expected a str, not int$"):
        one(TEXT, teacher=["add", 5])


QUIRKS = (
    '{"name": 5}',
    '{"name": null}',
    '{"name": NaN}',
    '{"name": ["add"]}',
    '{"name": {}}',
    '{"name": 0.0}',
    '{"name": true}',
    '{"name": 1e999}',
    '{"name":\\"add"',
    '{"name":\\sss"power" }',
    '{"name":\\"add\\"}',
    '{"name":\\"" "name":\\"add"',
    '[{"name":"add"}]',
    '["name"]',
    '"name"',
    "null",
    '{"name": "add",}',
    '{"a":"\\ud800","name":"add"}',
    '\xa0{"name":"add"}\u3000\x1c',
    '\u200b{"name":"add"}',
    '{"name":"a\x01dd"}',
    '{"name":"add","name":"sqrt"}',
    '{"n\\u0061me":"add"}',
    '{"x":' + "1" * 4301 + ',"name":"add"}',
    '{"name":"add","x":' + "[" * 300 + "]" * 300 + "}",
    "",
)
calls = st.sampled_from(QUIRKS).map(lambda body: f"<tool_call>{body}</tool_call>") | texts.pieces
solutions = st.builds(
    lambda before, box, after, end: "".join(before) + box + "".join(after) + end,
    st.lists(calls, max_size=4),
    texts.boxes
    | st.sampled_from([r"\boxed{5}", r"\boxed{5}", r"\boxed 5$", r"\boxed{ }", r"\fbox{5}", r"\boxed{{5}}"]),
    st.lists(calls, max_size=1),
    st.sampled_from([EOS, EOS, EOS, EOS + "\n"]),
)
truths = st.sampled_from(
    ["5", r"\boxed{5}", r"\boxed{5", r"\boxed 5", ["5", r"\boxed{7}"], ["5", r"\boxed{"]]
)
teachers = st.lists(st.sampled_from(["add", "power", "sqrt", "nope"]), max_size=3)


@cases(400)
@given(st.lists(st.tuples(solutions, truths, teachers), min_size=1, max_size=3))
def test_scores_equal_their_twin(rows: list[Any]) -> None:
    def judge(prediction: str, accepted: list[str]) -> bool:
        return len(prediction + "".join(accepted)) % 2 == 0

    columns = [list(column) for column in zip(*rows, strict=True)]
    for variant in official.VARIANTS:
        scores = official.score(*columns, variant=variant, eos_token=EOS, correct=judge)
        expected = [published.score(*row, variant=variant, eos=EOS, judge=judge) for row in rows]
        assert [repr(score) for score in scores.tolist()] == [repr(score) for score in expected]
