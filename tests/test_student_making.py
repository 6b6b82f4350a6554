"""Making the tiny student: its corpus, its pretraining, and the shipped checkpoint."""

from __future__ import annotations

import itertools
import json
import pathlib
import re
from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from mentor.data.tasks import TOOL_NAMES, suites
from mentor.data.tasks.renaming import NEW_NAMES
from mentor.data.tasks.suites import belongs_to_training
from mentor.data.tasks.toolbox import run
from mentor.evaluation import evaluate
from mentor.student import checkpoint_dir
from mentor.student.chat import Segment, result_text
from mentor.student.corpus import HINT_KNOWLEDGE, Writers, write_corpus
from mentor.student.make import main
from mentor.student.pretrain import encode_corpus
from mentor.student.tokenizer import build_tokenizer

PERFECT = Writers(
    knowledge=dict.fromkeys(HINT_KNOWLEDGE, 1.0),
    slip=0.0,
    other_way=0.0,
    guess=0.0,
    stop=0.0,
    obey=1.0,
    missing=0.0,
)


def corpus(writers: Writers, n: int = 300, seed: int = 0) -> list[list[Segment]]:
    return list(itertools.islice(write_corpus(seed, writers), n))


def question(trajectory: list[Segment]) -> str:
    return trajectory[0][0].split("user\n", 1)[1].split("<|im_end|>", 1)[0]


def offered(trajectory: list[Segment]) -> list[str]:
    return trajectory[0][0].split("system\n", 1)[1].split("<|im_end|>", 1)[0].split()


def calls(trajectory: list[Segment]) -> list[tuple[dict[str, object], str]]:
    """Every call as its object, with the response it got."""
    texts = [text for text, _ in trajectory[1:-1]]
    return [
        (
            json.loads(call.split("<tool_call>\n", 1)[1].split("\n</tool_call>", 1)[0]),
            response.split("<tool_response>\n", 1)[1].split("\n</tool_response>", 1)[0],
        )
        for call, response in zip(texts[::2], texts[1::2], strict=True)
    ]


def test_the_corpus_is_fixed_by_its_seed() -> None:
    assert corpus(Writers(), 50, seed=3) == corpus(Writers(), 50, seed=3)
    assert corpus(Writers(), 50, seed=3) != corpus(Writers(), 50, seed=4)


def test_no_evaluation_question_is_in_the_corpus() -> None:
    assert all(belongs_to_training(question(trajectory)) for trajectory in corpus(Writers()))


def test_responses_are_the_tools_results_and_refusals_name_the_tool() -> None:
    refused = 0
    for trajectory in corpus(Writers()):
        for call, response in calls(trajectory):
            name, arguments = call["name"], call["arguments"]
            assert isinstance(name, str)
            assert isinstance(arguments, dict)
            if name in offered(trajectory):
                assert response == result_text(run(name, arguments))
            else:
                refused += 1
                assert response.startswith("Error: ")
                assert name in response
    assert refused > 10


def test_perfect_writers_take_offered_tools_only_and_box_the_last_result() -> None:
    for trajectory in corpus(PERFECT):
        made = calls(trajectory)
        assert made
        assert {call["name"] for call, _ in made} <= set(offered(trajectory))
        assert trajectory[-1] == (f"\\boxed{{{made[-1][1]}}}<|im_end|>", True)


def test_writers_of_renamed_tools_use_the_new_name_and_those_who_do_not_look_are_told() -> None:
    looking = corpus(replace(PERFECT, renamed=1.0))
    for trajectory in looking:
        assert set(NEW_NAMES.values()) & set(offered(trajectory))
        for call, _ in calls(trajectory):
            assert call["name"] in offered(trajectory)
    blind = corpus(replace(PERFECT, renamed=1.0, obey=0.0))
    told = [
        response
        for trajectory in blind
        for call, response in calls(trajectory)
        if call["name"] not in offered(trajectory)
    ]
    assert told
    assert all(response.startswith("Error: ") for response in told)


def test_long_tasks_are_written_as_often_as_asked() -> None:
    asked = question(corpus(replace(PERFECT, lengths=(0.0, 0.0, 0.0, 0.0, 1.0)), 1)[0])
    assert len(re.split(r", then |\. Next | and then ", asked)) == 5


def test_writers_who_guess_make_no_calls_and_writers_without_knowledge_differ_from_perfect_ones() -> None:
    assert not any(calls(trajectory) for trajectory in corpus(replace(PERFECT, guess=1.0), 50))
    ignorant = replace(PERFECT, knowledge=dict.fromkeys(HINT_KNOWLEDGE, 0.0))
    assert corpus(ignorant) != corpus(PERFECT)


def test_encoding_by_segments_is_encoding_the_whole_and_long_ones_are_left_out() -> None:
    tokenizer = build_tokenizer()
    written = corpus(Writers(), 100)
    whole = [tokenizer("".join(text for text, _ in segments))["input_ids"] for segments in written]
    assert [ids for ids, _ in encode_corpus(tokenizer, written, 10_000)] == whole
    short = [ids for ids, _ in encode_corpus(tokenizer, written, 80)]
    assert short == [ids for ids in whole if len(ids) <= 80]
    assert 0 < len(short) < len(whole)


def test_making_is_reproducible_and_learns(tmp_path: pathlib.Path) -> None:
    lines: list[str] = []
    for name in ("one", "two"):
        given = ["--out", str(tmp_path / name), "--samples", "960", "--seed", "5"]
        assert main(given, lines.append) == 0
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two")]
    assert weights[0] == weights[1]
    assert len(lines) == 2
    assert float(lines[0].rsplit(" ", 1)[1]) < 5.8  # the mean of thirty steps; an untrained student's is 6.4
    card = (tmp_path / "one" / "README.md").read_text(encoding="utf-8")
    assert "--seed 5 --samples 960 --epochs 1 --knowledge 1" in card


def test_the_shipped_checkpoint_is_small_and_an_ordinary_folder() -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(checkpoint_dir())
    assert type(model).__name__ == "Qwen3ForCausalLM"
    assert model.num_parameters() < 1_000_000
    assert str(model.dtype) == "torch.float32"
    assert sum(file.stat().st_size for file in checkpoint_dir().iterdir()) < 1_100_000
    card = (checkpoint_dir() / "README.md").read_text(encoding="utf-8")
    assert f"{model.num_parameters():,} parameters" in card


def test_the_shipped_checkpoint_speaks_the_protocol_and_leaves_room_to_learn() -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(checkpoint_dir())
    tokenizer = AutoTokenizer.from_pretrained(checkpoint_dir())
    tasks = suites(150, seed=777, names=["in_domain"])
    result = evaluate(model, tokenizer, tasks).suites["in_domain"]
    # The card's figure on 500 tasks is .33; four standard errors of 150 tasks are .15.
    assert result.accuracy is not None
    assert 0.18 < result.accuracy.value < 0.5
    assert result.finished is not None
    assert result.finished > 0.95
    assert result.malformed is not None
    assert result.malformed < 0.02
    assert set(result.tools) <= set(TOOL_NAMES)
    assert result.sandboxed == result.executed > 150
