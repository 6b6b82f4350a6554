r"""Every quirk of the published code by its number, as `mentor.rewards.official` has it; 19 to 26 with the real judges.

Quirks 27 to 30 are of the code around the scores (imports, storage, prints, dead code) and have nothing to test here,
but for 28: what the manager makes of `tool_calls_used` is `teacher_tools`.
"""

import importlib
import math
import os
import threading
from typing import Any

import pytest

from mentor.errors import JudgeError, ScoreError
from mentor.rewards.official import VARIANTS, PublishedJudge, score

EOS = "<|im_end|>"
ADD = '<tool_call>{"name": "add"}</tool_call>'
RAISES = "raises"


def one(
    text: str, variant: str = "MENTOR", *, right: Any = True, truth: Any = "5", teacher: Any = ("add",)
) -> Any:
    correct = right if isinstance(right, PublishedJudge) else [right]
    found = float(score([text], [truth], [teacher], variant=variant, eos_token=EOS, correct=correct)[0])
    return RAISES if math.isnan(found) else round(found, 9)


def boxed(text: str) -> Any:
    """What the box of a text holds, by what the judge is asked; None where it is not asked."""
    asked: list[str] = []

    def judge(prediction: str, truths: list[str]) -> bool:
        asked.append(prediction)
        return False

    found = score([text + EOS], ["5"], [["add"]], variant="SPARSE", eos_token=EOS, correct=judge)
    assert found.tolist() == [0.1]
    return asked[0] if asked else None


def called(*bodies: str, variant: str = "MENTOR", teacher: Any = ("add",)) -> Any:
    """The score of a right answer after calls with these bodies."""
    return one(
        "".join(f"<tool_call>{body}</tool_call>" for body in bodies) + r"\boxed{5}" + EOS,
        variant,
        teacher=teacher,
    )


# With a right answer and the teacher's ["add"]: the call counts, nothing counts, an unknown tool counts.
COUNTS, NOTHING, INVALID = 1.1, 0.8, 0.7


def test_quirk_1_the_end_comes_first_and_is_not_stripped() -> None:
    bad = r'<tool_call>{"name": [1]}</tool_call>\boxed{5}'
    assert [one(bad + end, truth=r"\boxed{") for end in ("", EOS + "\n", EOS + " ")] == [0.0] * 3
    assert score([r"\boxed{5}"], ["5"], [[]], variant="SPARSE", eos_token="", correct=[True]).tolist() == [
        1.0
    ]


def test_quirk_2_a_box_with_a_space_beats_every_brace() -> None:
    assert boxed(r"\boxed 7 $ and \boxed{5} ") == "7 "
    assert boxed(r"\boxed 1 \boxed 7 \boxed{5}") == r"7 \boxed{5}" + EOS


def test_quirk_3_braces_are_counted_from_the_last_box() -> None:
    assert boxed(r"\boxed{1} \boxed{2}") == "2"
    assert boxed(r"\boxed{{a}b} c}") == "{a}b"
    assert boxed(r"\boxed{\{a}b}") == r"\{a}b"
    assert boxed(r"\boxed{1} \boxed{2") is None


def test_quirk_4_only_boxed_and_a_brace_opens_a_box() -> None:
    for text in (r"\boxed5 {x}", "\\boxed\n{5}", r"\boxedx{5}", r"\boxed}{{}", r"\fbox{5}"):
        assert boxed(text) is None, text


@pytest.mark.parametrize("variant", VARIANTS)
def test_quirk_5_no_answer_is_a_tenth_in_every_variant(variant: str) -> None:
    for box in ("", r"\boxed{}", r"\boxed{ }", "\\boxed{\u3000\x1c}", r"\boxed{"):
        assert one(ADD + box + EOS, variant, teacher=()) == 0.1
    for box in (r"\boxed{{}}", r"\boxed{\ }", "\\boxed{\u200b}"):
        assert boxed(box) is not None


def test_quirk_6_the_prompts_box_counts() -> None:
    assert boxed(r"user: put it in \boxed{5} assistant: well") == "5"
    assert boxed(r"<tool_response>\boxed{9}</tool_response>") == "9"
    assert boxed(r"in \boxed{} please. 5") is None


def test_quirk_7_the_first_opening_tag_binds_to_the_next_closing_one() -> None:
    tail = r"\boxed{5}" + EOS
    assert one("<tool_call>{" + ADD + tail) == NOTHING
    assert one('<tool_call>{"name": "add", "x": "</tool_call>"}</tool_call>' + tail) == NOTHING
    assert one("<tool_response>" + ADD + "</tool_response>" + tail) == COUNTS
    assert one('<tool_call>\n{"name":\n"add"}\n</tool_call>' + tail) == COUNTS


def test_quirk_8_pythons_strip_and_pythons_json() -> None:
    counts = [
        '\xa0\u3000\x1c\x1f\x85{"name":"add"}',
        '{"name":"add","a":[NaN,Infinity,-Infinity,1e999]}',
        '{"name":"sqrt","name":"add"}',
        r'{"name":"add","a":"\ud800"}',
        '{"name":"add","a":"\x7f"}',
        '{"name":"add","a":' + "[" * 300 + "]" * 300 + "}",
        '{"name":"add","a":' + "1" * 4300 + "}",
    ]
    ignored = [
        '\u200b{"name":"add"}',
        '\ufeff{"name":"add"}',
        '{"name":"add","a":"\x01"}',
        '{"name":"add","a":' + "1" * 4301 + "}",
        '{"name":"add","a":' + "[" * 60_000 + "]" * 60_000 + "}",
    ]
    assert [called(body) for body in counts] == [COUNTS] * len(counts)
    assert [called(body) for body in ignored] == [NOTHING] * len(ignored)


def test_quirk_9_what_is_not_json_is_neither_used_nor_invalid() -> None:
    assert called('{"name": "nope",}') == NOTHING
    assert called('{"name": "add"}', "{") == COUNTS


def test_quirk_10_the_misescaped_fallback() -> None:
    assert called(r'{"name":\"add"') == COUNTS
    assert called(r'{"name":\sss"add"') == COUNTS
    assert called(r'{"name":\"add\"}') == INVALID
    assert called(r'{"name": \"add"') == NOTHING
    assert called(r'{"name":\"add" "name":\"nope"') == COUNTS
    assert called('{"name":\\"a\ndd"') == INVALID


def test_quirk_11_json_that_is_no_object() -> None:
    for body in ("[]", '"x"', "5", "true", "null", '[{"name":"add"}]', '["name"]', '"name"'):
        assert called(body) == NOTHING, body


def test_quirk_12_names_that_are_no_texts() -> None:
    for name in ("null", '""', "0", "0.0", "-0", "false", "[]", "{}"):
        assert called(f'{{"name": {name}}}') == NOTHING, name
    for name in ("1", "1.5", "true", "NaN"):
        assert called(f'{{"name": {name}}}') == INVALID, name
    for variant in VARIANTS:
        expected = 1.0 if variant == "SPARSE" else RAISES
        assert called('{"name": ["add"]}', variant=variant, teacher=()) == expected
        assert called('{"name": {"a": 1}}', variant=variant) == expected


def test_quirk_13_names_compare_exactly() -> None:
    for name in (" add", "Add", "ａｄｄ", "add\u200b"):
        assert called(f'{{"name": "{name}"}}') == INVALID, name
    known = "add subtract multiply divide sum_numbers floor ceil round_number power sqrt abs_value modulo"
    for name in known.split():
        assert called(f'{{"name": "{name}", "arguments": 5}}', teacher=(name,)) == COUNTS


def test_quirk_14_qwens_tool_prompt_counts_for_nothing() -> None:
    template = '<tool_call>\n{"name": <function-name>, "arguments": <args>}\n</tool_call>'
    prompt = f"<tool_call></tool_call> XML tags:\n{template}"
    assert one(prompt + ADD + r"\boxed{5}" + EOS) == COUNTS


def test_quirk_15_a_teacher_without_tools() -> None:
    text = ADD + r"\boxed{5}" + EOS
    found = {variant: one(text, variant, teacher=()) for variant in VARIANTS}
    assert found == {"SPARSE": 1.0, "MENTOR": 0.1, "ABLATION2": 0.1, "ABLATION3": 0.8, "ABLATION4": 0.1}
    assert one(text, teacher=None) == 0.1


def test_quirk_16_the_teachers_names_are_a_set_and_not_checked() -> None:
    assert called('{"name":"add"}', teacher=("add", "add")) == COUNTS
    assert called('{"name":"nope"}', teacher=("nope",)) == INVALID
    assert called('{"name":"add"}', variant="ABLATION4", teacher=("add", "nope")) == round(
        0.8 + 0.3 * 2 / 3, 9
    )


def test_quirk_17_without_known_calls_nothing_matches() -> None:
    assert called(variant="ABLATION4") == NOTHING
    assert called('{"name":"nope"}', variant="ABLATION4") == INVALID


def test_quirk_18_formulas() -> None:
    both = ADD + ADD.replace("add", "sqrt") + r"\boxed{5}" + EOS
    right = {"SPARSE": 1.0, "MENTOR": 0.8, "ABLATION2": 1.0, "ABLATION3": 0.8, "ABLATION4": 1.0}
    wrong = {"SPARSE": 0.1, "MENTOR": 0.1, "ABLATION2": 0.06, "ABLATION3": 0.1, "ABLATION4": 0.14}
    for variant in VARIANTS:
        assert one(both, variant) == right[variant]
        assert one(both, variant, right=False) == wrong[variant]
    assert one(r"\boxed{5}" + EOS, "ABLATION2", right=False) == 0.0


JUDGE = PublishedJudge()


@pytest.fixture(scope="module")
def verdict() -> Any:
    pytest.importorskip("mathruler")
    pytest.importorskip("math_verify")

    def ask(prediction: str, *truths: str) -> bool | None:
        return JUDGE.verify([(prediction, tuple((truth, truth) for truth in truths))])[0]

    return ask


RIGHT = [("5", "5"), ("120", "5!"), ("4", r"\sqrt{16}"), ("5", "5x+3"), ("3", r"3\pi"), ("2x", "2y")]
RIGHT += [(r"2\sqrt{3}", r"2\sqrt{5}"), ("5 apples", "5 oranges"), ("10 m", "10 cm"), (r"3\pi", "3")]
RIGHT += [
    ("north", r"\text{north}"),
    ("NORTH", "north"),
    ("2*3+x", "6+x"),
    ("1 or 2", "1,2"),
    ("50", r"50\%"),
]
WRONG = [("6", "5"), (r"\sqrt{4}", "2"), ("5!", "120"), ("1,2", "(1,2)"), ("2,1", "1,2"), ("north", "south")]
WRONG += [(r"\{1,2\}", r"\{2,1\}"), ("2^{10}", "1024"), ("x>2", r"(2,\infty)"), ("\u22125", "-5"), ("", "x")]


def test_quirk_19_20_21_who_is_right(verdict: Any) -> None:
    assert [pair for pair in RIGHT if verdict(*pair) is not True] == []
    assert [pair for pair in WRONG if verdict(*pair) is not False] == []
    assert verdict("5", "4", "5") is True
    assert verdict("6", "4", "5") is False


def test_the_sandboxed_judges_say_what_they_say_in_this_process(verdict: Any) -> None:
    grader = importlib.import_module("mathruler.grader")
    library = importlib.import_module("math_verify")
    parser = importlib.import_module("math_verify.parser")
    metric = importlib.import_module("math_verify.metric").math_metric(
        gold_extraction_target=(parser.LatexExtractionConfig(),),
        pred_extraction_target=(parser.ExprExtractionConfig(), parser.LatexExtractionConfig()),
    )

    def by_metric(prediction: str, truth: str) -> bool:
        return bool(metric([f"\\boxed{{{truth}}}"], [prediction])[0] > 0)

    def by_verify(prediction: str, truth: str) -> bool:
        return bool(library.verify(library.parse(truth), library.parse(prediction)))

    def here(prediction: str, truth: str) -> bool:
        for ask in (by_metric, by_verify, grader.grade_answer):
            try:
                if ask(prediction, truth):
                    return True
            except Exception:
                continue
        return False

    sides = [
        "5",
        "0.5",
        r"\frac{1}{2}",
        "$x^2+2x+1$",
        "(x+1)^2",
        r"\pi",
        r"$\frac{3\pi}{4}$",
        "10 cm",
        r"\text{A}",
        "[0,1)",
    ]
    pairs = [(one, other) for one in sides for other in sides] + RIGHT + WRONG
    found = JUDGE.verify([(prediction, ((truth, truth),)) for prediction, truth in pairs])
    assert found == [here(*pair) for pair in pairs]


def test_quirk_22_a_boxed_gold_is_opened_for_two_of_three() -> None:
    text = r"\boxed{5}" + EOS
    assert [one(text, variant, truth=r"\boxed{5") for variant in VARIANTS] == [RAISES] * 5
    assert [one(text, variant, truth=["5", r"\boxed{1} \boxed{"]) for variant in VARIANTS] == [RAISES] * 5
    assert one("no end", truth=r"\boxed{5") == 0.0
    asked: list[list[str]] = []

    def judge(prediction: str, truths: list[str]) -> bool:
        asked.append(truths)
        return True

    score(
        [text] * 2, [r"so \boxed{5}", r"\boxed 5"], [[]] * 2, variant="SPARSE", eos_token=EOS, correct=judge
    )
    assert asked == [["5"], [r"\boxed 5"]]


def test_quirk_22_the_third_sees_the_gold_as_it_stands(verdict: Any) -> None:
    # `north` is right by mathruler alone, which is not told that the gold's box was opened.
    assert one(r"\boxed{\text{north}}" + EOS, "SPARSE", right=JUDGE, truth="north") == 1.0
    assert one(r"\boxed{\text{north}}" + EOS, "SPARSE", right=JUDGE, truth=r"so \boxed{north}") == 0.1


def test_quirk_23_the_math_data_sets_normalisation(verdict: Any) -> None:
    assert verdict(r"\dfrac12", r"\frac{1}{2}") is True
    assert verdict("3 meters", "3") is True
    assert verdict("2/4", "1/2") is True  # by Math-Verify; mathruler wants it reduced
    assert verdict("x+1", "1+x") is True


def test_quirk_24_percent_depends_on_antlr(verdict: Any) -> None:
    folder = os.environ.get("MENTOR_ANTLR_4_9_3")
    if folder is None:
        with pytest.raises(JudgeError, match=r"antlr4-python3-runtime: installed is version .*not ==4\.9\.3"):
            PublishedJudge(antlr="4.9.3").verify([("1", (("1", "1"),))])
        pytest.skip("MENTOR_ANTLR_4_9_3: a folder with antlr4-python3-runtime 4.9.3")
    question = ("0.05", ((r"$5\%$", "none"),))
    assert PublishedJudge(antlr="4.13.2").verify([question]) == [True]
    assert PublishedJudge(antlr="4.9.3", folders=(folder,)).verify([question]) == [False]


def test_quirk_25_any_thread_gets_the_main_threads_verdict(verdict: Any) -> None:
    found: list[Any] = []
    thread = threading.Thread(
        target=lambda: found.append(
            PublishedJudge(fuel=9_999_999_999).verify([("4", ((r"\sqrt{16}", "x"),))])
        )
    )
    thread.start()
    thread.join()
    assert found == [[True]]


def test_quirk_26_what_never_returns_runs_into_the_limit(verdict: Any) -> None:
    judge = PublishedJudge(fuel=500_000_000)
    towers = [("99999999!", (("5+1", "5+1"),)), ("9**9**9**9", (("5*x", "5*x"),))]
    assert judge.verify(towers) == [None, None]
    # Any yes decides, also beside a judge that does not come back.
    assert judge.verify([("99999999!", (("5+1", "5+1"), ("99999999!", "99999999!")))]) == [True]
    assert one(r"\boxed{99999999!}" + EOS, "SPARSE", right=judge, truth="5+1") == RAISES
    assert one(ADD + r"\boxed{5}" + EOS, right=judge) == COUNTS


def test_quirk_28_no_list_of_tools_is_an_empty_one() -> None:
    text = r"\boxed{5}" + EOS
    assert one(text, teacher=None) == one(text, teacher=[])


def test_rows_without_a_verdict_are_nan_where_it_was_asked() -> None:
    texts = [r"\boxed{5}" + EOS, "no end", EOS]
    found = score(texts, ["5"] * 3, [["add"]] * 3, variant="MENTOR", eos_token=EOS, correct=[None] * 3)
    assert math.isnan(found[0])
    assert found[1:].tolist() == [0.0, 0.1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fuel": 0}, "field 'fuel': expected an integer of at least 1, not 0"),
        ({"antlr": "4.8"}, "field 'antlr': unknown version '4.8'; known: 4.9.3, 4.13.2"),
        ({"folders": "x"}, "field 'folders': expected a sequence of folders, not 'x'"),
    ],
)
def test_wrong_settings_of_the_judge(settings: Any, message: str) -> None:
    with pytest.raises(ScoreError) as error:
        PublishedJudge(**settings)
    assert str(error.value) == message
