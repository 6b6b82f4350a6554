"""Training: a configuration in, a run folder out. Needs `mentor-rl[train]`."""

from mentor.training.check import chat_format, check_run
from mentor.training.config import Config
from mentor.training.configfile import load_config, parse_config
from mentor.training.models import load_model, load_tokenizer
from mentor.training.run import TrainResult, train
from mentor.training.runfolder import RunFolder

__all__ = [
    "Config",
    "RunFolder",
    "TrainResult",
    "chat_format",
    "check_run",
    "load_config",
    "load_model",
    "load_tokenizer",
    "parse_config",
    "train",
]
