"""Real runs of the tiny student with sandboxed tools: every regime, its log, and going on after a stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from mentor.errors import ConfigError
from mentor.student import checkpoint_dir
from mentor.training import train
from mentor.training.configfile import dump
from mentor.training.runfolder import RunFolder
from training_samples import lines, small

TIMES = ("time/generate", "time/tools", "time/parse", "time/reward", "time/optimise", "time/step")
CALLS = ("calls/valid", "calls/malformed", "calls/unknown", "calls/failed_tool", "calls/per_episode")


def weights(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).state_dict()


@pytest.mark.parametrize("regime", ["mentor", "sparse", "strict"])
def test_a_grpo_run_logs_every_step_and_leaves_a_model(tmp_path, regime):
    config = small(tmp_path / "run", regime)
    result = train(config)
    assert (result.steps, result.interrupted) == (2, None)
    log = lines(tmp_path / "run" / "log.jsonl")
    assert [row["step"] for row in log] == [1, 2]
    for row in log:
        for key in ("loss", "reward", "reward/answer", "reward/alignment", "reward/validity", *TIMES):
            assert isinstance(row[key], float), key
        assert row["calls/valid"] + row["calls/malformed"] + row["calls/unknown"] == pytest.approx(1)
        assert set(CALLS) <= set(row)
        assert 0 <= row["groups_with_variance"] <= 1
        assert row["episodes/failed"] == 0
        assert row["sandbox_calls"] == row["executed_calls"] > 0
        assert row["tokens"] > 12
        spent = sum(row[key] for key in ("time/generate", "time/tools", "time/reward", "time/optimise"))
        assert spent <= row["time/step"]
    parts = log[0]
    if regime == "mentor":
        assert parts["reward"] <= 0.7 * parts["reward/answer"] + 0.3 * parts["reward/alignment"] + 0.1
    else:
        assert parts["reward"] <= parts["reward/answer"]
    samples = lines(tmp_path / "run" / "rollouts.jsonl")
    assert [row["step"] for row in samples] == [1, 1, 2, 2]
    assert samples[0]["question"] != samples[1]["question"]
    assert samples[0]["teacher"]
    assert samples[0]["parts"]["total"] is not None
    before, after = weights(checkpoint_dir()), weights(tmp_path / "run" / "final")
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert AutoTokenizer.from_pretrained(tmp_path / "run" / "final").chat_template


def test_an_sft_run_lowers_the_loss_of_the_teachers_tokens(tmp_path):
    config = small(tmp_path / "run", "sft", steps=12, batch={"prompts": 6}, optimiser={"learning_rate": 3e-3})
    assert train(config).steps == 12
    losses = [row["loss"] for row in lines(tmp_path / "run" / "log.jsonl")]
    assert len(losses) == 12
    assert sum(losses[-3:]) < 0.7 * sum(losses[:3])


@pytest.mark.parametrize("regime", ["mentor", "sft"])
def test_a_resumed_run_ends_where_the_straight_run_ends(tmp_path, regime):
    config = small(tmp_path / "run", regime, steps=4, checkpoint={"every": 2, "keep": 5})
    train(config)
    folder = tmp_path / "run"
    straight, log, samples = (
        weights(folder / "final"),
        lines(folder / "log.jsonl"),
        lines(folder / "rollouts.jsonl"),
    )
    shutil.rmtree(folder / "final")
    shutil.rmtree(folder / "checkpoints" / "checkpoint-4")
    result = train(config, resume=True)
    assert result.steps == 4
    resumed = weights(folder / "final")
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)
    clock = ("time/", "tokens_per")
    for before, after in zip(log, lines(folder / "log.jsonl"), strict=True):
        assert {k: v for k, v in before.items() if not k.startswith(clock)} == {
            k: v for k, v in after.items() if not k.startswith(clock)
        }
    assert lines(folder / "rollouts.jsonl") == samples


def test_micro_batches_give_the_step_of_the_whole_batch(tmp_path):
    train(small(tmp_path / "whole", steps=1))
    train(small(tmp_path / "parts", steps=1, batch={"prompts": 3, "rollouts": 4, "micro": 3}))
    [whole], [parts] = (lines(tmp_path / name / "log.jsonl") for name in ("whole", "parts"))
    assert whole["reward"] == parts["reward"]
    assert parts["grad_norm"] == pytest.approx(whole["grad_norm"], rel=1e-3)


def test_a_folder_with_a_run_is_not_overwritten_by_accident(tmp_path):
    config = small(tmp_path / "run", steps=1)
    train(config)
    with pytest.raises(ConfigError, match="the folder holds a run"):
        train(config)
    note = tmp_path / "run" / "note.txt"
    note.write_text("mine")
    train(config, overwrite=True)
    assert note.read_text() == "mine"
    with pytest.raises(ConfigError, match="seed: differs from the run's own"):
        train(small(tmp_path / "run", steps=1, seed=4), resume=True)
    with pytest.raises(ConfigError, match="there is no run to resume"):
        train(small(tmp_path / "other"), resume=True)


def test_ctrl_c_leaves_a_checkpoint_and_no_process(tmp_path):
    config = small(tmp_path / "run", steps=400)
    file = tmp_path / "run.yaml"
    file.write_text(dump(config))
    command = [sys.executable, "-m", "mentor.cli", "train", str(file)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        log = tmp_path / "run" / "log.jsonl"
        deadline = time.monotonic() + 120
        while not (log.is_file() and len(log.read_text().splitlines()) >= 2):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline, "no step was taken"
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == 130
    assert "go on with: mentor train" in errors
    assert "Traceback" not in errors
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    [checkpoint] = (tmp_path / "run" / "checkpoints").glob("checkpoint-*")
    step = int(checkpoint.name.rpartition("-")[2])
    assert step == len(lines(log)) >= 2
    assert (checkpoint / "optimizer.pt").is_file()
    assert not (tmp_path / "run" / "final").exists()


def test_a_killed_run_loses_no_more_than_the_steps_since_its_last_checkpoint(tmp_path):
    config = small(tmp_path / "straight", steps=6, checkpoint={"every": 2, "keep": 5})
    train(config)
    killed = config.model_copy(update={"output": str(tmp_path / "killed")})
    file = tmp_path / "run.yaml"
    file.write_text(dump(killed))
    command = [sys.executable, "-m", "mentor.cli", "train", str(file)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while RunFolder(killed.output).last_checkpoint() is None:
        assert process.poll() is None, "the run ended before it was killed"
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    checkpoint = RunFolder(killed.output).last_checkpoint()
    assert checkpoint is not None
    assert train(killed, resume=True).steps == 6
    assert_equal_runs(tmp_path / "straight", tmp_path / "killed")


def assert_equal_runs(first, second):
    straight, resumed = weights(first / "final"), weights(second / "final")
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)
    rewards = [[row.get("reward") for row in lines(folder / "log.jsonl")] for folder in (first, second)]
    assert rewards[0] == rewards[1]


def test_a_half_written_checkpoint_does_not_count(tmp_path):
    folder = RunFolder(tmp_path)
    for step, state in ((2, "{}"), (4, '{"global_step": 4')):
        (folder.checkpoints / f"checkpoint-{step}").mkdir(parents=True)
        (folder.checkpoints / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    (folder.checkpoints / "checkpoint-6").mkdir()
    assert folder.last_checkpoint() == (folder.checkpoints / "checkpoint-2", 2)


# ---- SFT first


def warm(folder, **changes):
    return small(
        folder, steps=3, warm_start={"steps": 4, "learning_rate": 3e-3}, checkpoint={"every": 1}, **changes
    )


def test_a_warm_start_is_the_sft_run_and_grpo_begins_where_it_ends(tmp_path):
    train(warm(tmp_path / "both"))
    sft = small(tmp_path / "sft", "sft", steps=4, batch={"prompts": 3}, optimiser={"learning_rate": 3e-3})
    train(sft)
    assert_equal_runs(tmp_path / "sft", tmp_path / "both" / "warm_start")
    start = {"kind": "pretrained", "path": str(tmp_path / "sft" / "final")}
    train(small(tmp_path / "grpo", steps=3, model=start))
    assert_equal_runs(tmp_path / "grpo", tmp_path / "both")


@pytest.mark.parametrize("killed_in", ["warm_start", "grpo"])
def test_a_run_with_a_warm_start_goes_on_from_either_part(tmp_path, monkeypatch, killed_in):
    train(warm(tmp_path / "straight"))
    config = warm(tmp_path / "killed")
    place = tmp_path / "killed" / ("warm_start" if killed_in == "warm_start" else ".")
    real = RunFolder.write_step

    def write_step(self, record):
        real(self, record)
        if self.path.resolve() == place.resolve() and record["step"] == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(RunFolder, "write_step", write_step)
    with pytest.raises(KeyboardInterrupt):
        train(config)
    monkeypatch.undo()
    assert train(config, resume=True).steps == 3
    assert_equal_runs(tmp_path / "straight", tmp_path / "killed")
    assert_equal_runs(tmp_path / "straight" / "warm_start", tmp_path / "killed" / "warm_start")


# ---- adapters


@pytest.mark.parametrize("regime", ["mentor", "sft"])
def test_adapters_are_trained_and_merged_into_the_final_model(tmp_path, regime):
    pytest.importorskip("peft")
    batch = {"prompts": 3, "rollouts": 4} if regime == "mentor" else {"prompts": 3}
    train(small(tmp_path / "run", regime, batch=batch, lora={"rank": 4, "alpha": 8}))
    before, after = weights(checkpoint_dir()), weights(tmp_path / "run" / "final")
    changed = {name for name in before if not torch.equal(before[name].float(), after[name].float())}
    assert changed
    assert all("_proj" in name for name in changed), "only linear layers have adapters"
    for name in changed:
        difference = (after[name].float() - before[name].float()).double()
        assert torch.linalg.matrix_rank(difference, rtol=1e-3) <= 4


# ---- several processes


@pytest.mark.parametrize("regime", ["mentor", "sft"])
def test_two_processes_take_the_steps_of_one(tmp_path, regime):
    changes = {"batch": {"prompts": 4, "rollouts": 4} if regime == "mentor" else {"prompts": 4}}
    alone = small(tmp_path / "alone", regime, **changes)
    train(alone)
    file = tmp_path / "run.yaml"
    file.write_text(dump(alone.model_copy(update={"output": str(tmp_path / "two")})))
    launch = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--config_file",
        "examples/accelerate/two-cpu.yaml",
    ]
    done = subprocess.run(
        [*launch, "-m", "mentor.cli", "train", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    one, two = (lines(tmp_path / name / "log.jsonl") for name in ("alone", "two"))
    assert [row["step"] for row in two] == [row["step"] for row in one] == [1, 2]
    compared = (
        ["grad_norm", "loss"]
        if regime == "sft"
        else [
            "grad_norm",
            "reward",
            "reward/alignment",
            "groups_with_variance",
            "calls/valid",
            "calls/per_episode",
            "tokens",
        ]
    )
    for key in compared:
        assert two[0][key] == pytest.approx(one[0][key], rel=1e-3, abs=1e-5), key
    first, second = weights(tmp_path / "alone" / "final"), weights(tmp_path / "two" / "final")
    moved = max(float((first[name] - weights(checkpoint_dir())[name]).abs().max()) for name in first)
    apart = max(float((first[name] - second[name]).abs().max()) for name in first)
    assert apart < moved / 5
