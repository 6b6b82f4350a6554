"""The configuration: every fault at once, with its field, and nothing accepted that is not read."""

from __future__ import annotations

import pathlib

import pytest

from mentor.errors import ConfigError
from mentor.training import load_config, parse_config
from mentor.training.configfile import dump
from mentor.training.rules import processes

EXAMPLES = sorted(pathlib.Path(__file__).parent.parent.joinpath("examples").glob("*.yaml"))
LEAST = {
    "output": "runs/x",
    "regime": "mentor",
    "steps": 2,
    "model": {"kind": "student"},
    "data": {"kind": "arithmetic"},
    "advantages": "none",
    "optimiser": {"learning_rate": 1e-4},
}


def faults(**changes):
    content = {k: v for k, v in {**LEAST, **changes}.items() if v is not ...}
    with pytest.raises(ConfigError) as caught:
        parse_config(content)
    return list(caught.value.problems)


def test_the_least_configuration_is_enough():
    config = parse_config(LEAST)
    assert config.data == [{"kind": "arithmetic"}]
    assert config.batch.prompts == 16


def test_all_faults_are_told_at_once_with_their_fields():
    assert faults(
        steps=0,
        advantages=...,
        model={"kind": "pretrained"},
        reward={"weights": {"answer": -1, "speed": 2}},
        optimiser={},
        typo=1,
        data=[{"kind": "arithmetic", "n": 0}, {"kind": "unheard_of"}],
    ) == [
        "steps: input should be greater than 0, got 0",
        "model.path: is missing",
        "reward.weights.answer: input should be greater than or equal to 0, got -1",
        "reward.weights.speed: no such field",
        "optimiser.learning_rate: is missing",
        "typo: no such field",
        "advantages: is missing; say none, group, batch or parts, since it decides how the reward acts "
        "(docs/training.md)",
        "data[0].n: expected an integer of at least 1, got 0",
        "data[1].kind: expected one of arithmetic, shop, mentor, bfcl, reasoning_gym, messages, jsonl, "
        "got 'unheard_of'",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"advantages": ...}, "advantages: is missing; say none, group, batch or parts"),
        ({"regime": "sft"}, "advantages: SFT has none; remove the line"),
        ({"regime": "sparse", "advantages": "parts"}, "advantages: parts needs a reward of several parts"),
        (
            {"regime": "sparse", "reward": {"metric": "f1"}},
            "reward.metric: the regime 'sparse' does not read it",
        ),
        (
            {"regime": "strict", "reward": {"wrong": 0.1}},
            "reward.wrong: the regime 'strict' does not read it",
        ),
        (
            {"reward": {"weights": {"answer": 0, "alignment": 0, "validity": 0}}},
            "reward.weights: at least one must be above 0",
        ),
        ({"batch": {"rollouts": 1}}, "batch.rollouts: GRPO compares rollouts of one prompt"),
        ({"batch": {"micro": 7}}, "batch.micro: must divide the 128 rows"),
        ({"rollout": {"generator": "vllm"}}, "vllm: is missing, and rollout.generator is vllm"),
        ({"vllm": {}}, "vllm: is given, but rollout.generator is not vllm"),
        (
            {"rollout": {"generator": "vllm"}, "vllm": {"mode": "server"}},
            "vllm.server_base_url: is missing, and vllm.mode is server",
        ),
        ({"model": {"kind": "magic"}}, "model: input tag 'magic' found using 'kind' does not match"),
        ({"optimiser": {"learning_rate": float("nan")}}, "optimiser.learning_rate: input should be"),
        (
            {"chat": {"examples": [{"role": "king", "content": "x"}]}},
            "chat.examples[0].role: input should be",
        ),
        ({"rollout": {"temperature": 0}}, "rollout.temperature: input should be greater than 0"),
    ],
)
def test_what_contradicts_itself_is_refused(changes, expected):
    [fault] = faults(**changes)
    assert fault.startswith(expected)


def test_sft_needs_an_answer_to_put_in():
    [fault] = faults(regime="sft", advantages=..., sft={"answer": "42"})
    assert fault == "sft.answer: must contain {answer}, got '42'"


def test_several_processes_share_the_rows(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert processes() == 3
    [fault] = faults()
    assert fault == "batch.prompts: 128 rows a step do not divide among 3 processes"


def test_a_file_is_read_and_written_back_equal(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text(dump(parse_config({**LEAST, "batch": {"prompts": 4}})))
    assert load_config(file) == parse_config({**LEAST, "batch": {"prompts": 4}})
    # A number that YAML 1.1 takes for a text is still a number.
    file.write_text(file.read_text().replace("0.0001", "1e-4"))
    assert load_config(file).optimiser.learning_rate == 1e-4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("output: [", "line 1, column 10: not valid YAML"),
        ("output: a\noutput: b\n", "line 2, column 1: not valid YAML: the key 'output' is given twice"),
        ("- 1\n", "expected a mapping of fields, found list"),
        ("", "expected a mapping of fields, found NoneType"),
        ("output: !!python/object:os.system x", "not valid YAML"),
    ],
)
def test_an_unreadable_file_names_the_place(tmp_path, text, expected):
    file = tmp_path / "run.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert expected in caught.value.problems[0]
    assert caught.value.path == str(file)


def test_a_missing_file_is_named():
    with pytest.raises(
        ConfigError, match=r"nowhere.yaml: 1 problem in the configuration\n  - the file cannot"
    ):
        load_config("nowhere.yaml")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_is_valid(path):
    assert load_config(path).output.startswith("runs/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("two-cpu", {"use_cpu": True, "num_processes": 2}),
        ("zero3", {"use_deepspeed": True, "zero_stage": 3, "mixed_precision": "bf16"}),
        ("fsdp", {"use_fsdp": True, "fsdp_version": 2, "mixed_precision": "bf16"}),
    ],
)
def test_every_launch_configuration_is_one_that_accelerate_takes(name, expected):
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    given = ["--config_file", f"examples/accelerate/{name}.yaml", "-m", "mentor.cli", "train", "run.yaml"]
    # Raises where a field is unknown or fields contradict each other.
    args, _, _ = _validate_launch_command(launch_command_parser().parse_args(given))
    assert {key: getattr(args, key) for key in expected} == expected


@pytest.mark.parametrize("processes", [1, 2, 4, 8])
def test_the_gpu_examples_divide_among_the_processes_of_one_machine(monkeypatch, processes):
    monkeypatch.setenv("WORLD_SIZE", str(processes))
    for path in EXAMPLES:
        if path.stem.startswith("qwen3"):
            assert load_config(path).batch.prompts % processes == 0


def test_a_warm_start_is_not_for_sft_and_divides_among_processes(monkeypatch):
    with pytest.raises(ConfigError, match="warm_start: SFT needs none"):
        parse_config({**LEAST, "regime": "sft", "advantages": None, "warm_start": {"steps": 2}})
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match=r"warm_start\.prompts: 3 trajectories a step do not divide"):
        parse_config({**LEAST, "warm_start": {"steps": 2, "prompts": 3}})
