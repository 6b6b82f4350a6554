"""The reward classes: formula, columns as TRL hands them over, what cannot be scored, and bad input."""

import json
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import cases
from mentor.errors import ScoreError
from mentor.judge import AnswerJudge
from mentor.parsing import parse_tool_calls
from mentor.rewards import PARTS, MentorReward, OutcomeReward, Reward, StrictReward, published
from mentor.types import ParsedCall
from oracles import alignment, parsing, texts

JUDGE = AnswerJudge(math_verify=False)
TEACHER = json.dumps([{"calls": [{"name": "add", "arguments": {"a": 1}, "result": 2}], "answer": "2"}])
CALL = '<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>'
TOOLS = json.dumps([{"type": "function", "function": {"name": "add"}}])


@dataclass
class FakeEpisode:
    """What a reward reads of `mentor.rollout.Episode`."""

    calls: tuple[ParsedCall, ...]
    answer: str | None
    failure: str | None = None


def one(reward: Reward, completion: Any, **columns: Any) -> float | None:
    given: dict[str, Any] = {"answer": ["2"], "references": [TEACHER], "tools": [TOOLS]} | columns
    return reward(None, [completion], **given)[0]


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        (CALL + r"\boxed{2}", 1.1),
        (CALL + r"\boxed{3}", 0.16),
        (CALL, 0.16),
        (r"\boxed{2}", 0.8),
        ("", 0.1),
        (CALL + CALL.replace("add", "nope") + r"\boxed{2}", 1.0),
        (CALL + "<tool_call>{</tool_call>" + r"\boxed{2}", 1.0),
        (CALL.replace("add", "nope"), 0.0),
    ],
)
def test_mentors_formula(completion: str, expected: float) -> None:
    assert one(MentorReward(judge=JUDGE), completion) == pytest.approx(expected, abs=1e-12)


def test_outcome_and_strict() -> None:
    outcome, strict = OutcomeReward(wrong=0.1, judge=JUDGE), StrictReward(judge=JUDGE)
    assert [one(outcome, text) for text in (r"\boxed{2}", r"\boxed{3}", CALL)] == [1.0, 0.1, 0.1]
    right = r"\boxed{2}"
    for text, expected in [
        (CALL + right, 1.0),
        (CALL.replace("1", "1.0") + right, 1.0),
        (CALL, 0.0),
        (right, 0.0),
        (CALL + CALL + right, 0.0),
        (CALL.replace("1", "2") + right, 0.0),
        (CALL + "<tool_call>{</tool_call>" + right, 0.0),
    ]:
        assert one(strict, text) == expected, text


def test_completions_in_every_form() -> None:
    reward = MentorReward(judge=JUDGE, validity="share")
    structured = {"type": "function", "function": {"name": "add", "arguments": {"a": 1}}}
    turn = {"role": "assistant", "content": "Let me see."}
    forms: list[Any] = [
        CALL + r"\boxed{2}",
        CALL + r"<tool_response>\boxed{9}</tool_response>\boxed{2}",
        [{"role": "assistant", "content": CALL + r" so \boxed{2}"}],
        [
            turn | {"tool_calls": [structured]},
            {"role": "tool", "content": "2"},
            turn | {"content": r"\boxed{2}"},
        ],
        [turn | {"content": [{"type": "text", "text": CALL}]}, turn | {"content": r"\boxed{2}"}],
        [turn | {"content": CALL[: -len("</tool_call>")]}, turn | {"content": r"\boxed{2}"}],
        [turn | {"content": None, "tool_calls": [structured]}, turn | {"content": r"\boxed{2}"}],
    ]
    scored = reward(None, forms, answer=["2"] * 7, references=[TEACHER] * 7, tools=[TOOLS] * 7)
    assert scored == pytest.approx([1.1] * 7, abs=1e-12)
    unfinished = [turn | {"content": r"\boxed{2}"}, turn | {"content": CALL}]
    assert one(OutcomeReward(judge=JUDGE), unfinished) == 0.0


def test_episodes_stand_for_completions_and_failures_are_not_zero() -> None:
    calls = tuple(parse_tool_calls(CALL))
    unknown = tuple(parse_tool_calls(CALL, tools=[]))
    episodes = [
        FakeEpisode(calls, "2"),
        FakeEpisode(calls, None),
        FakeEpisode(calls, "2", failure="the sandbox is gone"),
        FakeEpisode(unknown, "2"),
        None,
    ]
    columns: dict[str, Any] = {"answer": ["2"] * 5, "references": [TEACHER] * 5}
    scored = MentorReward(judge=JUDGE)(None, [CALL] * 5, episodes=episodes, **columns)
    assert scored == [pytest.approx(1.1), pytest.approx(0.16), None, pytest.approx(0.7), pytest.approx(0.16)]
    columns = MentorReward(judge=JUDGE).components(None, [CALL] * 5, episodes=episodes, **columns)
    assert [bool(np.isnan(columns[part][2])) for part in (*PARTS, "total")] == [True] * 4
    assert columns["unknown"].tolist() == [0, 0, 0, 1, 0]


class Undecided:
    """A judge that cannot tell."""

    def verify(self, answers: Any, references: Any) -> list[bool | None]:
        return [None] * len(answers)


def test_what_is_not_known_is_none() -> None:
    assert one(MentorReward(judge=Undecided()), CALL) is None
    assert one(OutcomeReward(judge=Undecided()), CALL) is None
    assert one(MentorReward(judge=Undecided(), weights=(0, 1, 0), discount=1), CALL) == 1.0
    assert one(MentorReward(judge=JUDGE), CALL, references=["[]"]) is None
    assert one(MentorReward(judge=JUDGE), CALL, references=None) is None
    assert one(MentorReward(judge=JUDGE, weights=(0.7, 0, 0.1)), CALL, references=None) == 0.1
    assert one(OutcomeReward(judge=JUDGE), r"\boxed{2}", references=None) == 1.0


@pytest.mark.parametrize(
    ("answer", "completion", "right"),
    [
        ("2", "2", True),
        ('"2"', "2", True),
        ('["1", "2"]', "2", True),
        (["1", "2"], "2", True),
        (["1", "3"], "2", False),
        (2, "2", True),
        ("[1, 2]", "[1, 2]", True),
        ("[0, 1)", "[0, 1)", True),
    ],
)
def test_answers_in_every_form(answer: Any, completion: str, right: bool) -> None:
    assert one(OutcomeReward(judge=JUDGE), rf"\boxed{{{completion}}}", answer=[answer]) == float(right)


def test_logs() -> None:
    metrics: dict[str, float] = {}
    extra: dict[str, list[Any]] = {}
    reward = MentorReward(judge=JUDGE, name="mine")
    reward(
        None,
        [CALL + r"\boxed{2}", "<tool_call>{"],
        answer=["2", "2"],
        references=[TEACHER, TEACHER],
        log_metric=metrics.__setitem__,
        log_extra=extra.__setitem__,
        trainer_state=None,
    )
    assert metrics == {
        "rewards/mine/answer": 0.5,
        "rewards/mine/alignment": 0.5,
        "rewards/mine/validity": 0.5,
        "calls/valid": 0.5,
        "calls/malformed": 0.5,
        "calls/unknown": 0.0,
        "rows/malformed": 1.0,
        "rows/unknown": 0.0,
        "rows/undecided": 0.0,
        "rows/unfinished": 1.0,
        "rows/unreferenced": 0.0,
        "rows/unscored": 0.0,
    }
    assert extra == {f"mine/{part}": [1.0, 0.0] for part in PARTS}


def test_parts_are_rewards_of_their_own() -> None:
    reward = MentorReward(judge=JUDGE)
    columns: dict[str, Any] = {"answer": ["2"] * 3, "references": [TEACHER, TEACHER, "[]"]}
    answer, alignment_part, validity = reward.parts()
    completions = [CALL + r"\boxed{2}", "<tool_call>{", CALL]
    assert answer(None, completions, **columns) == [1.0, 0.0, None]
    assert alignment_part(None, completions, **columns) == [1.0, 0.0, None]
    assert validity(None, completions, **columns) == [1.0, 0.0, None]
    assert [part.__name__ for part in reward.parts()] == [f"mentor_reward_{part}" for part in PARTS]


@pytest.mark.parametrize(
    "reward", [MentorReward(tools=[{"name": "add"}]), OutcomeReward(wrong=0.1), StrictReward()]
)
def test_rewards_are_values(reward: Reward) -> None:
    again = pickle.loads(pickle.dumps(reward))
    assert again == reward
    assert again.__name__ == reward.__name__
    parts = pickle.loads(pickle.dumps(reward.parts()))
    assert parts == reward.parts()


def test_the_tools_of_the_reward_stand_in_for_missing_columns() -> None:
    reward = MentorReward(judge=JUDGE, tools=[{"name": "sqrt"}])
    columns: dict[str, Any] = {"answer": ["2"] * 2, "references": [TEACHER] * 2}
    assert reward.components(None, [CALL] * 2, **columns)["unknown"].tolist() == [1, 1]
    assert reward.components(None, [CALL] * 2, tools=[TOOLS, None], **columns)["unknown"].tolist() == [0, 1]


def test_published_presets() -> None:
    both = CALL + CALL.replace("add", "sqrt") + r"\boxed{2}"
    for variant, expected in [("SPARSE", 1.0), ("MENTOR", 0.8), ("ABLATION2", 1.0), ("ABLATION3", 0.8)]:
        assert one(published(variant, judge=JUDGE), both, tools=None) == pytest.approx(expected)
    assert one(published("ABLATION4", judge=JUDGE), both, tools=None) == pytest.approx(0.7 + 0.2 + 0.1)
    assert one(published("MENTOR", judge=JUDGE), "<tool_call>{") == pytest.approx(0.1)
    assert one(published("SPARSE", judge=JUDGE), "") == pytest.approx(0.1)
    with pytest.raises(ScoreError, match="unknown variant 'X'; known: SPARSE, MENTOR"):
        published("X")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MentorReward(metric="f2"), 'unknown metric "f2"; known: exact'),
        (lambda: MentorReward(metric="exact"), 'metric "exact" does not compare sets; use match="multiset"'),
        (lambda: MentorReward(validity="some"), 'unknown validity "some"; known: all, share, known'),
        (lambda: MentorReward(format="x"), 'unknown format "x"; known: auto, hermes, '),
        (
            lambda: MentorReward(weights=(1, float("nan"), 0)),
            "field 'weights[1]': expected a finite number, not nan",
        ),
        (lambda: MentorReward(weights=(1, 2)), "field 'weights': expected three numbers, not (1, 2)"),
        (lambda: MentorReward(discount=2), "field 'discount': expected a finite number in [0, 1], not 2"),
        (lambda: OutcomeReward(right=float("inf")), "field 'right': expected a finite number, not inf"),
    ],
)
def test_wrong_settings_are_reported_at_once(make: Any, message: str) -> None:
    with pytest.raises(ScoreError) as error:
        make()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"answer": ["2", "2"]}, "field 'answer': 1 completions but 2 rows"),
        ({"references": []}, "field 'references': 1 completions but 0 rows"),
        ({"tools": []}, "field 'tools': 1 rows but 0 lists of tools"),
        ({"tools": ["{"]}, "row 0, field 'tools': expected JSON text of tool schemas"),
        ({"answer": [None]}, "row 0, field 'answer': expected text or a list of texts, not None"),
        ({"answer": [[]]}, "row 0, field 'answer': expected text or a list of texts, not []"),
        ({"references": ['[{"calls": 5}]']}, "row 0, field 'references[0].calls': expected a list of calls"),
        (
            {"references": [5]},
            "row 0, field 'references': expected JSON text or a list of trajectories, not int",
        ),
        ({"episodes": []}, "field 'episodes': 1 completions but 0 episodes"),
    ],
)
def test_bad_batches_name_row_and_field(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(ScoreError) as error:
        one(MentorReward(judge=JUDGE), CALL, **columns)
    assert str(error.value).startswith(message)


def test_bad_completions_name_their_row() -> None:
    with pytest.raises(
        ScoreError, match=r"^row 0, field 'completions': expected text or a list of messages$"
    ):
        one(MentorReward(judge=JUDGE), 5)
    with pytest.raises(ScoreError, match=r"^field 'completions': a reward needs completions or episodes$"):
        MentorReward(judge=JUDGE)(None, None, answer=[])
    with pytest.raises(ScoreError, match=r"^row 0, field 'episodes': None, and there are no completions$"):
        MentorReward(judge=JUDGE)(None, None, answer=["2"], episodes=[None])


@cases(200)
@given(
    st.lists(
        st.tuples(
            texts.texts,
            st.sampled_from([True, False]),
            st.lists(st.lists(texts.calls, max_size=3), max_size=2),
        ),
        max_size=4,
    ),
    st.sampled_from([(0.7, 0.3, 0.1), (1.0, 0.0, 0.0), (0.0, 1.0, 0.5)]),
    st.sampled_from([0.0, 0.2, 1.0]),
)
def test_the_reward_equals_its_twin(rows: list[Any], weights: Any, discount: float) -> None:
    reward = MentorReward(
        metric="f1", match="multiset", arguments="exact", weights=weights, discount=discount
    )
    completions = [
        f"{text}</tool_response><|im_end|>\\boxed{{{2 if right else 3}}}" for text, right, _ in rows
    ]
    references = [[[{"name": n, "arguments": a} for n, a in one] for one in several] for *_, several in rows]
    scored = reward(None, completions, answer=["2"] * len(rows), references=references)
    for completion, (_, right, several), got in zip(completions, rows, scored, strict=True):
        attempts = parsing.parse("hermes", completion)
        valid = [(one["name"], one["arguments"]) for one in attempts if one["status"] == "valid"]
        aligned = max((alignment.score(valid, one, "f1") for one in several), default=None)
        validity = float(all(one["status"] == "valid" for one in attempts))
        expected = alignment.reward(right, aligned, validity, weights, discount)
        assert got == (None if expected is None else pytest.approx(expected, abs=1e-12))
