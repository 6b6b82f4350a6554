"""What reaches the loss: masks, advantages, rows without a reward, and the forward pass without padding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from trl import GRPOTrainer

from mentor.errors import MentorError
from mentor.training import chat_format, load_model
from mentor.training.check import prepare
from mentor.training.grpo import grpo_trainer
from mentor.training.interrupt import Interrupt, Interrupted
from mentor.training.runfolder import RunFolder
from training_samples import small


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trainer_of(folder, **changes):
    config = small(folder, **changes)
    model, tokenizer = load_model(config.model, device="cpu")
    trainer = grpo_trainer(
        config,
        RunFolder(folder),
        model=model,
        tokenizer=tokenizer,
        chat=chat_format(config, tokenizer),
        tasks=prepare(config).tasks,
        interrupt=Interrupt(),
    )
    trainer.model.train()
    return trainer


def generated(trainer):
    batch = next(iter(trainer.get_train_dataloader()))
    return trainer._generate_and_score_completions(batch)


def test_tool_tokens_are_masked_token_by_token(tmp_path):
    trainer = trainer_of(tmp_path / "run")
    batch = generated(trainer)
    episodes, tokenizer = trainer.rollout_func.episodes, trainer.processing_class
    assert sum(0 in episode.mask for episode in episodes) >= 3
    for row, episode in enumerate(episodes):
        length = len(episode.completion_ids)
        assert batch["completion_ids"][row, :length].tolist() == episode.completion_ids
        assert batch["completion_mask"][row].tolist() == [1] * length + [0] * (
            batch["completion_mask"].shape[1] - length
        )
        assert batch["tool_mask"][row, :length].tolist() == episode.mask
        given = [t for t, own in zip(episode.completion_ids, episode.mask, strict=True) if not own]
        text = tokenizer.decode(given, skip_special_tokens=False)
        blocks = text.split("\n<tool_response>\n")
        assert blocks[0] == ""
        assert all(block.endswith("\n</tool_response>\n<|im_start|>assistant\n") for block in blocks[1:])
        executed = sum(result is not None for result in episode.results)
        assert executed <= len(blocks) - 1 <= len(episode.calls)


def test_the_loss_has_no_gradient_at_tool_tokens(tmp_path):
    trainer = trainer_of(tmp_path / "run", advantages="group")
    batch = generated(trainer)
    seen = {}
    own = type(trainer)._get_per_token_logps_and_entropies

    def watched(*args, **kwargs):
        logps, entropies, aux = own(trainer, *args, **kwargs)
        logps.retain_grad()
        seen["logps"] = logps
        return logps, entropies, aux

    trainer._get_per_token_logps_and_entropies = watched
    trainer.current_gradient_accumulation_steps = 1
    trainer.compute_loss(trainer.model, batch).backward()
    loss_mask = (batch["completion_mask"] * batch["tool_mask"]).bool()
    moved = seen["logps"].grad != 0
    assert not moved[~loss_mask].any()
    rows = batch["advantages"] != 0
    assert moved[rows][loss_mask[rows]].all()


@pytest.mark.parametrize("scaling", ["none", "group", "batch", "parts"])
def test_advantages_are_scaled_as_declared(tmp_path, scaling):
    trainer = trainer_of(tmp_path / "run", advantages=scaling)
    advantages = generated(trainer)["advantages"].numpy()
    parts = trainer.reward_funcs[0]
    scorer = parts if scaling != "parts" else parts.scorer
    total = scorer.last["total"].reshape(3, 4)
    centred = total - total.mean(1, keepdims=True)
    if scaling == "none":
        expected = centred
    elif scaling == "group":
        expected = centred / (total.std(1, ddof=1, keepdims=True) + 1e-4)
    elif scaling == "batch":
        expected = centred / (total.std(ddof=1) + 1e-4)
    else:
        expected = np.zeros((3, 4))
        for part, weight in (("answer", 0.7), ("alignment", 0.3), ("validity", 0.1)):
            own = scorer.last[part].reshape(3, 4)
            expected += (
                weight * (own - own.mean(1, keepdims=True)) / (own.std(1, ddof=1, keepdims=True) + 1e-4)
            )
        expected = (expected - expected.mean()) / (expected.std(ddof=1) + 1e-4)
    assert np.ptp(total) > 0
    assert advantages.reshape(3, 4) == pytest.approx(expected, abs=1e-4)


def test_an_episode_that_the_machinery_failed_moves_nothing(tmp_path):
    trainer = trainer_of(tmp_path / "run")
    own = trainer.rollout_func

    def failing(prompts, grpo):
        out = own(prompts, grpo)
        out["episodes"][0].failure = "worker lost"
        return out

    trainer.rollout_func = failing
    advantages = generated(trainer)["advantages"].numpy()
    total = trainer.reward_funcs[0].last["total"]
    assert np.isnan(total[0])
    assert advantages[0] == 0
    assert advantages[1:4] == pytest.approx(total[1:4] - total[1:4].mean(), abs=1e-5)


def test_a_step_in_which_everything_failed_stops_the_run(tmp_path, monkeypatch):
    trainer = trainer_of(tmp_path / "run")
    own = trainer.rollout_func._run

    def lost(generator, grpo):
        episodes = own(generator, grpo)
        for episode in episodes:
            episode.failure = "worker lost"
        return episodes

    monkeypatch.setattr(trainer.rollout_func, "_run", lost)
    with pytest.raises(MentorError, match=r"every rollout of the step failed .* worker lost"):
        generated(trainer)


def test_a_stop_is_noticed_inside_a_rollout(tmp_path):
    trainer = trainer_of(tmp_path / "run")
    trainer.rollout_func._interrupt.signal = 2
    with pytest.raises(Interrupted):
        generated(trainer)


def test_rows_without_padding_have_the_padded_rows_log_probabilities_and_gradients(tmp_path, monkeypatch):
    monkeypatch.setattr("mentor.training.trainer._CHUNK", 300)
    trainer = trainer_of(tmp_path / "run")
    batch = generated(trainer)
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], 1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], 1)
    keep = batch["completion_ids"].shape[1]
    own = batch["completion_mask"].bool()
    torch.manual_seed(0)
    direction = torch.randn(own.shape)
    results = []
    for method in (type(trainer), GRPOTrainer):
        trainer.model.zero_grad()
        logps, entropies, _ = method._get_per_token_logps_and_entropies(
            trainer, trainer.model, ids, mask, keep, compute_entropy=True
        )
        (logps * direction)[own].sum().backward()
        gradient = torch.cat([p.grad.flatten() for p in trainer.model.parameters()])
        results.append((logps.detach()[own], entropies.detach()[own], gradient))
    for mine, theirs in zip(*results, strict=True):
        assert torch.allclose(mine, theirs, atol=2e-4, rtol=1e-3)


def test_every_run_sees_the_same_prompts_whatever_its_reward(tmp_path):
    seen = []
    for name, changes in (("a", {}), ("b", {"regime": "strict"})):
        trainer = trainer_of(tmp_path / name, **changes)
        seen.append(
            [row["prompt"][-1]["content"] for batch in trainer.get_train_dataloader() for row in batch]
        )
    assert seen[0] == seen[1]
    assert len(seen[0]) == 2 * 3 * 4
    assert len(set(seen[0])) == 6
