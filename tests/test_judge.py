"""The answer judge: exact text and numbers, several references, hostile input, the labelled corpus."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from mentor.errors import JudgeError, ScoreError
from mentor.judge import AnswerJudge

PLAIN = AnswerJudge(math_verify=False)
CORPORA = Path(os.environ.get("MENTOR_CORPORA") or Path(__file__).parents[2] / "shared" / "corpora")


def plain(answer: str | None, reference: Any) -> bool | None:
    return PLAIN.verify([answer], [reference])[0]


EQUAL = [
    ("42", "42"),
    (" 42. ", "42"),
    ("$42$", "42"),
    (r"\( 42 \)", r"\[42\]"),
    (r"\text{north}", "North"),
    ("7,425,000", "7425000"),
    ("1 000", "1000"),
    ("14{,}916", "14916"),
    (r"11,\!111", "11111"),
    (r"11,\! 111", "11111"),
    (r"\$16,\!386.20", "16386.2"),
    ("-$5", "-5"),
    ("+0001,000.00", "1000"),
    ("1.20", "1.200"),
    (".5", "0.5"),
    ("-0.0", "0"),
    ("1.5e8", "150000000"),
    (r"2 \times 10^{3}", "2000"),
    ("10/4", "2.5"),
    (r"\frac{10}{4}", "5/2"),
    (r"-\frac12", "-0.5"),
    (r"\dfrac{1}{3}", "2/6"),
    ("0.333333333333", "1/3"),
    ("1,22", "1.22"),
    ("1000,99", "1000.99"),
    (str(3**2000), f"{3**2000}.0"),
    ("50%", r"50\%"),
    (r"\left( 1, 2 \right)", "( 1, 2 )"),
]
DIFFERENT = [
    ("42", "43"),
    ("north", "south"),
    ("1.200000001", "1.2"),
    ("0.333", "1/3"),
    ("0.33333333333", "1/3"),
    ("0.00000012", "0.00000013"),
    ("50%", "51%"),
    (str(10**3000), str(10**3000 + 1)),
    ("", "1"),
    ("  ", "1"),
    (None, "1"),
]
OPEN = [
    ("x+1", "1+x"),
    ("1, 234", "1234"),
    ("5,12", "12,5"),
    ("1/0", "5"),
    ("1e999999999", "5"),
    ("50%", "0.5"),
]


@pytest.mark.parametrize(("answer", "reference"), EQUAL)
def test_equal_without_algebra(answer: str, reference: str) -> None:
    assert plain(answer, reference) is True
    assert plain(reference, answer) is True


@pytest.mark.parametrize(("answer", "reference"), DIFFERENT)
def test_different_without_algebra(answer: str, reference: str) -> None:
    assert plain(answer, reference) is False


@pytest.mark.parametrize(("answer", "reference"), OPEN)
def test_what_it_cannot_tell_is_undecided(answer: str, reference: str) -> None:
    assert plain(answer, reference) is None


def test_any_reference_will_do_and_doubt_is_kept() -> None:
    assert plain("2", ["1", "2"]) is True
    assert plain("2", ["1", "3"]) is False
    assert plain("2", ["x", "3"]) is None
    assert plain("2", ["x", "2"]) is True


def test_bad_batches_name_row_and_field() -> None:
    for answers, references, message in [
        (["1"], [], "field 'references': 1 answers but 0 references"),
        (["1", "2"], ["1", []], "row 1, field 'references': expected a str or a list of str, not []"),
        (["1"], [[1]], "row 0, field 'references': expected a str or a list of str, not [1]"),
        ([1], ["1"], "row 0, field 'answers': expected a str or None, not int"),
    ]:
        with pytest.raises(ScoreError) as error:
            PLAIN.verify(answers, references)
        assert str(error.value) == message
    with pytest.raises(JudgeError, match="timeout must be at least 1 second, not 0"):
        AnswerJudge(timeout=0)


HOSTILE = [
    "\ud800",
    "x" * 100_000,
    "1" * 100_000,
    "{" * 5_000,
    "(" * 900,
    "9^{9^{9}}",
    "9**9**9**9",
    "99999999!",
    "1e999999999",
    r"\frac{1}{0}",
    "$$",
    "\\",
    "\x00",
    r"\boxed{",
    "٣",
    "²",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("math_verify", [False, True])
def test_hostile_text_neither_raises_nor_spoils_its_batch(text: str, math_verify: bool) -> None:
    if math_verify:
        pytest.importorskip("math_verify")
    judge = AnswerJudge(math_verify=math_verify)
    verdicts = judge.verify(["5", text, "5", "5"], ["5", "5", text, "5.0"])
    assert (verdicts[0], verdicts[3]) == (True, True)
    assert True not in verdicts[1:3]


def test_math_verify_decides_the_rest_on_any_thread() -> None:
    pytest.importorskip("math_verify")
    answers = [r"x+1", r"\sqrt{16}", r"\frac{x}{2}", "x+1"]
    references = ["1+x", "4", r"\frac{x}{3}", "x+2"]
    expected = [True, True, False, False]
    assert AnswerJudge().verify(answers, references) == expected
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(AnswerJudge(timeout=7).verify(answers, references)))
    thread.start()
    thread.join()
    assert found == expected


@pytest.mark.skipif(
    not (CORPORA / "answers.jsonl").is_file(), reason="needs the labelled corpora (MENTOR_CORPORA)"
)
def test_agreement_with_the_labelled_corpus() -> None:
    pytest.importorskip("math_verify")
    rows = [json.loads(line) for line in (CORPORA / "answers.jsonl").read_text("utf-8").splitlines()]
    answers, references = ([row[key] for row in rows] for key in ("answer", "reference"))
    verdicts = AnswerJudge(math_verify=True).verify(answers, references)
    agreed = sum(verdict == row["expected"] for verdict, row in zip(verdicts, rows, strict=True))
    # Measured: 271 of 272 with Math-Verify, and 122 decided without it, none of them wrongly.
    assert agreed >= 268
    alone = PLAIN.verify(answers, references)
    assert sum(verdict is not None for verdict in alone) >= 120
    assert all(verdict in (None, row["expected"]) for verdict, row in zip(alone, rows, strict=True))
