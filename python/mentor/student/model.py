"""The tiny student's shape, and its checkpoint on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

__all__ = ["build_model", "save_checkpoint"]

_CONTEXT = 1024


def build_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> Qwen3ForCausalLM:
    """A fresh Qwen3 model of half a million parameters; the same seed gives the same weights."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=368,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=32,
        rope_parameters={"rope_type": "default", "rope_theta": 1000.0},
        max_position_embeddings=_CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(seed)
    return Qwen3ForCausalLM(config)


def save_checkpoint(model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write a `from_pretrained` folder with weights of 16 bits, to be loaded as 32 bits.

    Half precision on disk halves the size; the configuration asks for single precision, in which the student
    is trained on a CPU.
    """
    tied = "lm_head.weight"  # shares the embedding's weights, and is tied to them again on loading
    weights = {name: tensor.half() for name, tensor in model.state_dict().items() if name != tied}
    model.save_pretrained(folder, state_dict=weights)
    tokenizer.save_pretrained(folder)
    for file in folder.iterdir():
        file.chmod(0o644)  # the weights' writer makes them private to the user
