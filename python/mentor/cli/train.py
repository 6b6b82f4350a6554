"""`mentor train FILE`: train a model as a configuration file says."""

from __future__ import annotations

import argparse
import importlib.util
import sys

from mentor.errors import ConfigError

__all__ = ["add_parser", "run"]

# A shell's convention for a process that a signal ended.
_SIGNALLED = 128


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser(
        "train",
        help="train a model as a configuration file says",
        description="Train a model as a configuration file says. Ctrl-C leaves a checkpoint to resume from.",
    )
    parser.add_argument("file", help="the configuration (YAML; see docs/training.md)")
    parser.add_argument(
        "--check", action="store_true", help="check configuration, data, tools and reward only"
    )
    parser.add_argument("--output", metavar="FOLDER", help="the run's folder, instead of the configuration's")
    parser.add_argument("--resume", action="store_true", help="go on from the run's newest checkpoint")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a run that is in the folder already"
    )


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if args.resume and args.overwrite:
        raise ConfigError("command line", ["--resume and --overwrite exclude each other"])
    _need_training()
    from mentor.training import check_run, load_config, train

    config = load_config(args.file)
    if args.output is not None:
        config = config.model_copy(update={"output": args.output})
    if args.check:
        for line in check_run(config, name=args.file):
            print(line)
        print(f"{args.file}: ready to train")
        return 0
    result = train(config, resume=args.resume, overwrite=args.overwrite, name=args.file)
    if result.interrupted is not None:
        hint = f"mentor train {args.file} --resume"
        print(f"stopped after step {result.steps} of {config.steps}; go on with: {hint}", file=sys.stderr)
        return _SIGNALLED + result.interrupted
    print(f"{result.folder}: {result.steps} steps done, the model is in {result.folder / 'final'}")
    return 0


def _need_training() -> None:
    missing = [
        name for name in ("torch", "trl", "pydantic", "yaml") if importlib.util.find_spec(name) is None
    ]
    if missing:
        lacking = ", ".join(missing)
        raise ConfigError(
            "mentor train", [f"needs {lacking}; install it with: pip install 'mentor-rl[train]'"]
        )
