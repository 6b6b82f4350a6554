"""Loading the model and tokenizer that a configuration names."""

from __future__ import annotations

import copy
import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from mentor.errors import ConfigError
from mentor.training.config import GGUFModel, ModelConfig, PretrainedModel, StudentModel
from mentor.training.rules import processes

__all__ = ["load_model", "load_tokenizer", "locate"]


def load_tokenizer(model: ModelConfig) -> Any:
    """The tokenizer alone, padded on the left as generation needs it.

    Raises:
        ConfigError: It cannot be found or read.
    """
    source, options = locate(model)
    with _explained(model, "tokenizer"):
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(model: ModelConfig, *, device: str = "auto") -> tuple[Any, Any]:
    """The model with 32-bit weights, and its tokenizer.

    Args:
        model: Which model.
        device: `cpu`, or `auto` for an accelerator where there is one.

    Raises:
        ConfigError: It cannot be found or read.
    """
    source, options = locate(model)
    with _explained(model, "weights"):
        loaded = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, **options)
        if "gguf_file" in options:
            loaded = _trainable(loaded)
    # Of several processes each has a device of its own, which the trainer knows.
    if device == "auto" and processes() == 1 and torch.accelerator.is_available():
        loaded.to(torch.accelerator.current_accelerator())
    return loaded, load_tokenizer(model)


def _trainable(loaded: Any) -> Any:
    """The same weights in an ordinary model: one read from GGUF counts as quantised and is refused for training."""
    config = copy.deepcopy(loaded.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(loaded.state_dict())
    model.generation_config = loaded.generation_config
    return model


def locate(model: ModelConfig) -> tuple[str, dict[str, Any]]:
    """What to hand to `from_pretrained`: a name or folder, and options.

    Raises:
        ConfigError: The file, folder or distribution does not exist.
    """
    if isinstance(model, StudentModel):
        from mentor.student import checkpoint_dir

        return str(checkpoint_dir()), {}
    if isinstance(model, PretrainedModel):
        return model.path, {} if model.revision is None else {"revision": model.revision}
    path = Path(model.path) if isinstance(model, GGUFModel) else _in_distribution(model.distribution)
    if not path.is_file():
        raise ConfigError("model", [f"model.path: there is no file {path}"])
    return str(path.parent), {"gguf_file": path.name}


def _in_distribution(name: str) -> Path:
    """The one GGUF file of an installed distribution."""
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError as error:
        problem = f"model.distribution: {name!r} is not installed; install it with: pip install {name}"
        raise ConfigError("model", [problem]) from error
    found = [file for file in files if file.suffix == ".gguf"]
    if len(found) != 1:
        raise ConfigError(
            "model", [f"model.distribution: {name!r} holds {len(found)} GGUF files, expected 1"]
        )
    return Path(str(found[0].locate()))


@contextmanager
def _explained(model: ModelConfig, what: str) -> Iterator[None]:
    """Turns a loader's errors into a ConfigError that names the field, and keeps its progress bars quiet."""
    verbosity = transformers.logging.is_progress_bar_enabled()
    transformers.logging.disable_progress_bar()
    try:
        yield
    except (OSError, ValueError, ImportError, KeyError) as error:
        first = str(error).strip().split("\n")[0]
        raise ConfigError("model", [f"model: the {what} of {model} cannot be loaded: {first}"]) from error
    finally:
        if verbosity:
            transformers.logging.enable_progress_bar()
