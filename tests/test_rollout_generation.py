"""Generation by transformers against `model.generate`, and generation by vLLM against a stand-in for its engine."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from mentor.errors import ConfigError
from mentor.rollout import Sampling, TransformersGenerator, VLLMGenerator
from mentor.rollout.sampler import Uniforms, draw

SIZE = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 512,
    "eos_token_id": 1,
    "pad_token_id": 0,
    "bos_token_id": None,
}
GREEDY = Sampling(temperature=0.0)


def qwen(attention="sdpa"):
    torch.manual_seed(0)
    config = Qwen3Config(**SIZE, num_key_value_heads=2, head_dim=8, initializer_range=0.3)
    config._attn_implementation = attention
    return Qwen3ForCausalLM(config).eval()


def llama():
    torch.manual_seed(1)
    return LlamaForCausalLM(LlamaConfig(**SIZE, num_key_value_heads=4, initializer_range=0.3)).eval()


def rows(count, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(2, 97, size=rng.integers(3, 40)).tolist() for _ in range(count)]


def reference(model, ids, budget):
    """One row at a time, through transformers' own generate."""
    out = model.generate(
        torch.tensor([ids]), max_new_tokens=budget, do_sample=False, eos_token_id=1, pad_token_id=0
    )
    return out[0, len(ids) :].tolist()


@pytest.mark.parametrize("make", [qwen, llama, lambda: qwen("eager")], ids=["qwen3", "llama", "eager"])
def test_greedy_tokens_are_those_of_generate_row_by_row_and_turn_by_turn(make):
    model = make()
    generator = TransformersGenerator(model)
    prompts = rows(9)
    prompts.append(list(prompts[0]))  # equal prompts are computed once
    budgets = [5 + 3 * k for k in range(10)]
    asked = {"stop_ids": [1, 5, 9], "sampling": GREEDY, "seeds": [0] * 10}
    first = generator.generate(prompts, max_new_tokens=budgets, **asked)
    for ids, budget, made in zip(prompts, budgets, first, strict=True):
        expected = reference(model, ids, budget)
        ends = [k for k, t in enumerate(expected) if t in (1, 5, 9)]
        cut = expected[: ends[0] + 1] if ends else expected
        assert made.ids == cut
        assert made.stopped == bool(ends)
    # A second turn continues some rows, in another order, each with tokens of its own length.
    picked = [7, 2, 9, 0, 4]
    longer = [prompts[k] + first[k].ids + rows(1, seed=k)[0] for k in picked]
    asked["seeds"] = [0] * 5
    second = generator.generate(longer, max_new_tokens=[12] * 5, continues=picked, **asked)
    for ids, made in zip(longer, second, strict=True):
        expected = reference(model, ids, 12)
        ends = [k for k, t in enumerate(expected) if t in (1, 5, 9)]
        assert made.ids == (expected[: ends[0] + 1] if ends else expected)


def test_what_is_kept_for_a_wrong_parent_is_not_used():
    model = qwen()
    generator = TransformersGenerator(model)
    asked = {"max_new_tokens": [6, 6], "stop_ids": [1], "sampling": GREEDY, "seeds": [0, 0]}
    prompts = rows(2)
    generator.generate(prompts, **asked)
    crossed = generator.generate([[*p, 3, 4] for p in prompts], continues=[1, 0], **asked)
    fresh = TransformersGenerator(model).generate([[*p, 3, 4] for p in prompts], **asked)
    assert [g.ids for g in crossed] == [g.ids for g in fresh]


def test_a_sampled_row_depends_on_its_seed_and_not_on_its_neighbours():
    model = qwen()
    generator = TransformersGenerator(model)
    prompts, seeds = rows(12), list(range(100, 112))
    asked = {"stop_ids": [1], "sampling": Sampling()}
    whole = generator.generate(prompts, max_new_tokens=[30] * 12, seeds=seeds, **asked)
    for k in (0, 5, 11):
        [alone] = generator.generate([prompts[k]], max_new_tokens=[30], seeds=[seeds[k]], **asked)
        assert alone.ids == whole[k].ids
    again = generator.generate(prompts, max_new_tokens=[30] * 12, seeds=[s + 1 for s in seeds], **asked)
    assert sum(a.ids == b.ids for a, b in zip(again, whole, strict=True)) < 3


def test_log_probabilities_are_the_models():
    model = qwen()
    prompt = rows(1)[0]
    sampling = Sampling(temperature=0.7, logprobs=True)
    [made] = TransformersGenerator(model).generate(
        [prompt], max_new_tokens=[20], stop_ids=[1], sampling=sampling, seeds=[4]
    )
    with torch.no_grad():
        logits = model(torch.tensor([prompt + made.ids])).logits[0, len(prompt) - 1 : -1]
    expected = (logits / 0.7).log_softmax(-1).gather(-1, torch.tensor(made.ids)[:, None])[:, 0]
    assert made.logprobs == pytest.approx(expected.tolist(), abs=1e-4)


def test_the_model_returns_to_its_mode():
    model = qwen().train()
    TransformersGenerator(model).generate(
        rows(2), max_new_tokens=[3, 3], stop_ids=[1], sampling=GREEDY, seeds=[0, 0]
    )
    assert model.training


def test_a_model_that_forgets_its_past_is_refused():
    layers = ["sliding_attention", "full_attention"]
    config = Qwen3Config(
        **SIZE,
        num_key_value_heads=2,
        head_dim=8,
        layer_types=layers,
        sliding_window=8,
        use_sliding_window=True,
    )
    with pytest.raises(ConfigError, match="sliding_attention"):
        TransformersGenerator(Qwen3ForCausalLM(config))
    with pytest.raises(ConfigError, match="sliding"):
        TransformersGenerator(
            MistralForCausalLM(MistralConfig(**SIZE, num_key_value_heads=4, sliding_window=8))
        )


def test_sampled_frequencies_follow_the_distribution():
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]]).expand(20_000, 4)
    uniforms = torch.from_numpy(np.random.default_rng(0).random(20_000))
    for sampling, expected in [
        (Sampling(temperature=2.0), (logits[0] / 2).softmax(0)),
        (Sampling(top_k=2), torch.tensor([math.e / (1 + math.e), 1 / (1 + math.e), 0, 0])),
        (Sampling(top_p=0.6), torch.tensor([1.0, 0, 0, 0])),
    ]:
        drawn = torch.bincount(draw(logits, uniforms, sampling), minlength=4) / 20_000
        assert drawn.tolist() == pytest.approx(expected.tolist(), abs=0.015)


def test_streams_differ_by_seed_and_by_length():
    first = Uniforms([1, 2, 1], [7, 7, 8])
    values = [first.next() for _ in range(100)]
    again = Uniforms([1, 2, 1], [7, 7, 8])
    assert all((a == again.next()).all() for a in values)
    columns = np.stack(values, 1)
    assert not (columns[0] == columns[1]).any()
    assert not (columns[0] == columns[2]).any()


class Engine:
    """What a GRPOTrainer holds as `vllm_generation`, answering with fixed tokens."""

    mode, tensor_parallel_size = "colocate", 1
    temperature, top_p, top_k, max_completion_length = 1.0, 1.0, 0, 999
    generation_kwargs: dict[str, object] = {}  # noqa: RUF012 - as in the engine

    def generate(self, prompts, images, num_generations):
        assert images is None
        assert num_generations == 1
        self.asked = (self.temperature, self.top_k, self.max_completion_length, dict(self.generation_kwargs))
        tokens = [[10, 11, 12, 1][: self.max_completion_length] for _ in prompts]
        scores = [[[-0.1 * k if k != 2 else None] for k in range(len(row))] for row in tokens]
        return prompts, tokens, scores, None


def test_vllm_rows_are_cut_at_their_own_budget_and_the_engine_is_left_as_it_was():
    trainer = SimpleNamespace(
        vllm_generation=Engine(),
        accelerator=SimpleNamespace(num_processes=1),
        processing_class=SimpleNamespace(eos_token_id=1),
    )
    generator = VLLMGenerator(trainer)
    assert generator.pending(2)
    assert not generator.pending(0)
    long, short = generator.generate(
        [[3, 4], [5]],
        max_new_tokens=[8, 2],
        stop_ids=[1],
        sampling=Sampling(temperature=0.5, logprobs=True),
        seeds=[0, 0],
    )
    assert (long.ids, long.stopped) == ([10, 11, 12, 1], True)
    assert (short.ids, short.stopped) == ([10, 11], False)
    assert long.logprobs[:2] == [0.0, -0.1]
    assert math.isnan(long.logprobs[2])
    assert trainer.vllm_generation.asked == (0.5, -1, 8, {"stop_token_ids": [1]})
    assert trainer.vllm_generation.max_completion_length == 999
    assert trainer.vllm_generation.temperature == 1.0


def test_a_trainer_without_an_engine_is_refused():
    with pytest.raises(ConfigError, match="without vLLM"):
        VLLMGenerator(SimpleNamespace(vllm_generation=None))
