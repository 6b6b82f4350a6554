"""The answer judge: labelled pairs, laws, policies, reasons, several references, hostile input, the corpus."""

import json
import os
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from mentor.bench.answer_pairs import KINDS, made, written
from mentor.errors import JudgeError, ScoreError
from mentor.judge import PRESETS, AnswerJudge, Policy

PLAIN = AnswerJudge(math_verify=False)
CORPORA = Path(os.environ.get("MENTOR_CORPORA") or Path(__file__).parents[2] / "shared" / "corpora")
MADE = made()
PAIRS = [*MADE, *written()]


def plain(answer: str | None, reference: Any) -> bool | None:
    return PLAIN.verify([answer], [reference])[0]


def test_pairs_made_by_construction() -> None:
    assert len(MADE) > 5_000
    assert {pair.kind for pair in MADE} == {kind.__name__ for kind in KINDS}
    verdicts = PLAIN.verify([pair.answer for pair in MADE], [pair.reference for pair in MADE])
    wrong = [(pair, verdict) for pair, verdict in zip(MADE, verdicts, strict=True) if verdict != pair.equal]
    # Measured: none, for this seed and others.
    assert not wrong, wrong[:10]


def test_pairs_written_by_hand() -> None:
    pairs = written()
    assert len(pairs) > 500
    assert len({pair.kind for pair in pairs}) > 100
    verdicts = PLAIN.verify([pair.answer for pair in pairs], [pair.reference for pair in pairs])
    wrong = [(pair, verdict) for pair, verdict in zip(pairs, verdicts, strict=True) if verdict != pair.equal]
    assert not wrong, wrong[:10]


def test_symmetry_and_noise() -> None:
    answers, references = ([getattr(pair, side) for pair in PAIRS] for side in ("answer", "reference"))
    verdicts = PLAIN.verify(answers, references)
    assert PLAIN.verify(references, answers) == verdicts
    assert PLAIN.verify([f"\n  {answer}\t " for answer in answers], references) == verdicts
    boxed = [
        rf"so it is \boxed{{{answer}}}" for answer in answers if r"\boxed" not in answer and "{" not in answer
    ]
    kept = [
        verdict
        for verdict, answer in zip(verdicts, answers, strict=True)
        if r"\boxed" not in answer and "{" not in answer
    ]
    rest = [
        one
        for one, answer in zip(references, answers, strict=True)
        if r"\boxed" not in answer and "{" not in answer
    ]
    assert PLAIN.verify(boxed, rest) == kept
    empty = ("\\text{}", "\\boxed{}")
    assert all(PLAIN.verify([a for a in answers if a not in empty], [a for a in answers if a not in empty]))


@pytest.mark.skipif(
    not (CORPORA / "answers.jsonl").is_file(), reason="needs the labelled corpora (MENTOR_CORPORA)"
)
def test_agreement_with_the_labelled_corpus() -> None:
    rows = [json.loads(line) for line in (CORPORA / "answers.jsonl").read_text("utf-8").splitlines()]
    answers, references, labels = ([row[key] for row in rows] for key in ("answer", "reference", "expected"))
    verdicts = PLAIN.verify(answers, references)
    wrong = [(row["id"], v) for row, v in zip(rows, verdicts, strict=True) if v != row["expected"]]
    # Measured: 272 of 272, without Math-Verify.
    assert len(wrong) <= 2, wrong
    assert not [found for found in wrong if found[1] is True]
    assert PLAIN.verify(references, answers) == verdicts or labels


def test_any_reference_will_do_and_doubt_is_kept() -> None:
    unknown = r"\int_0^1 x\,dx"
    assert plain("2", ["1", "2"]) is True
    assert plain("2", ["1", "3"]) is False
    assert plain("2", [unknown, "3"]) is None
    assert plain("2", [unknown, "2"]) is True
    assert plain(None, ["1"]) is False
    assert plain("", "") is False


def test_undecided_is_what_cannot_be_known() -> None:
    for answer, reference in [
        (r"\int_0^1 x\,dx", r"\int_0^1 t\,dt"),
        ("1/5/2024", "January 5, 2024"),
        ("1/2x", r"\frac{1}{2x}"),
        (r"\log e", "1"),
        (r"\frac10", r"\frac20"),
        (r"\sqrt{x^2}", "x"),
    ]:
        assert plain(answer, reference) is None, (answer, reference)
        assert plain(answer, answer) is True


def test_bad_batches_name_row_and_field() -> None:
    for answers, references, message in [
        (["1"], [], "field 'references': 1 answers but 0 references"),
        (
            ["1", "2"],
            ["1", []],
            "row 1, field 'references': expected a str or a list of str, not an empty list",
        ),
        (["1"], [[1]], "row 0, field 'references[0]': expected a str, not int"),
        ([1], ["1"], "row 0, field 'answers': expected a str or None, not int"),
    ]:
        with pytest.raises(ScoreError) as error:
            PLAIN.verify(answers, references)
        assert str(error.value) == message


POLICIES = [
    ({"percent": "value"}, "50%", "50", False),
    ({"percent": "drop"}, "50%", "0.5", False),
    ({"units": "drop"}, "5 kg", "5 m", True),
    ({"units": "require"}, "5 cm", "5", False),
    ({"assignment": False}, "x=3", "3", False),
    ({"ignore_names": True}, "x=3", "y=3", True),
    ({"ordered_lists": True}, "1, 2", "2, 1", False),
    ({"ordered_tuples": False}, "(1, 2)", "(2, 1)", True),
    ({"fold_text": False}, "North", "north", False),
    ({"fold_variables": True}, "2X", "2x", True),
    ({"ratios": "value"}, "6:8", "3:4", True),
    ({"ratios": "value"}, "3:4", "3/4", True),
    ({"bases": "value"}, "101_2", "5", True),
    ({"outward_brackets": True}, "]0, 1[", "(0, 1)", True),
    ({"digits": 4}, "3.14159", r"\pi", True),
    ({"tolerance": 0.01}, "3.14", r"\pi", True),
    ({"prose": "last"}, "2 of the 5 boxes hold 7", "7", True),
]


@pytest.mark.parametrize(("fields", "answer", "reference", "expected"), POLICIES)
def test_policies(fields: dict[str, Any], answer: str, reference: str, expected: bool) -> None:
    assert plain(answer, reference) is not expected
    chosen = AnswerJudge(Policy(**fields), math_verify=False)
    assert chosen.verify([answer], [reference]) == [expected]


def test_presets() -> None:
    assert set(PRESETS) == {"default", "math", "aime", "gsm8k", "bfcl"}
    assert Policy.preset("default") == Policy()

    def judged(preset: str, answer: str, reference: str) -> bool | None:
        return AnswerJudge(preset, math_verify=False).verify([answer], [reference])[0]

    assert judged("math", r"50\%", "50") is True
    assert judged("math", r"10\text{ units}", "10") is True
    assert judged("math", "x=3", "y=3") is True
    assert judged("math", "1,2", "2,1") is False
    assert judged("aime", "007", "7") is True
    assert judged("aime", "The answer is 70.", "070") is True
    assert judged("aime", "71", "070") is False
    assert judged("gsm8k", "He pays 3 times 6, which is $18 in all", "18") is True
    assert judged("gsm8k", "1,000 dollars", "1000") is True
    assert judged("bfcl", "New York", "new york") is True
    assert judged("bfcl", "[1, 2]", "[2, 1]") is False
    assert judged("bfcl", "x=3", "3") is False


def test_policies_are_checked() -> None:
    for policy, message in [
        ("maths", 'policy: no preset "maths"; there are default, math, aime, gsm8k, bfcl'),
        (Policy(percent="no"), 'policy.percent: expected one of either, value, drop, not "no"'),  # type: ignore[arg-type]
        (Policy(digits=0), "policy.digits: expected 1 to 100, not 0"),
        (Policy(tolerance=1.5), "policy.tolerance: expected at least 0 and less than 1, not 1.5"),
        (Policy(assignment="yes"), "policy.assignment: yes is not of the expected type"),  # type: ignore[arg-type]
        (3, "policy: expected a Policy or the name of a preset, not 3"),
    ]:
        with pytest.raises(JudgeError) as error:
            AnswerJudge(policy)  # type: ignore[arg-type]
        assert str(error.value) == message


def test_explanations() -> None:
    for answer, reference, expected in [
        (
            "$\\frac12$",
            "0.5",
            ("equal", "the same exact value", r"\frac12", "an expression", "0.5", "a number"),
        ),
        ("(1, 2)", "(2, 1)", ("different", "items differ", "(1, 2)", "a tuple or an interval")),
        (
            "2024-01-05",
            "2018",
            ("different", "a date or time against something else", "2024-01-05", "a date"),
        ),
        (
            r"\sqrt{2}+\sqrt{3}",
            r"\sqrt{5+2\sqrt6}",
            ("equal", "closer than two such algebraic numbers can be without being equal"),
        ),
        ("1/2x", r"\frac{1}{2x}", ("undecided", "equal if a slash divides by all letters that follow")),
    ]:
        found = PLAIN.explain(answer, reference)
        shown = (
            found.decision,
            found.reason,
            found.answer,
            found.answer_kind,
            found.reference,
            found.reference_kind,
        )
        assert shown[: len(expected)] == expected
        assert found.decided_by == "mentor"


def test_judges_are_values() -> None:
    judge = AnswerJudge(Policy(digits=3), math_verify=False)
    assert pickle.loads(pickle.dumps(judge)) == judge
    assert hash(judge) == hash(AnswerJudge(Policy(digits=3), math_verify=False))


def test_threads_and_batch_order_change_nothing() -> None:
    pairs = PAIRS[::7]
    expected = PLAIN.verify([p.answer for p in pairs], [p.reference for p in pairs])
    found: list[Any] = [None] * 4

    def work(place: int) -> None:
        turned = pairs[::-1] if place % 2 else pairs
        verdicts = PLAIN.verify([p.answer for p in turned], [p.reference for p in turned])
        found[place] = verdicts[::-1] if place % 2 else verdicts

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


HOSTILE = [
    "\ud800",
    "x" * 100_000,
    "1" * 100_000,
    "{" * 5_000,
    "(" * 5_000,
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


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_neither_raises_nor_spoils_its_batch(text: str) -> None:
    verdicts = PLAIN.verify(["5", text, "5", "5"], ["5", "5", text, "5.0"])
    assert (verdicts[0], verdicts[3]) == (True, True)
    assert True not in verdicts[1:3]
