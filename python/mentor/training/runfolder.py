"""A run's folder: its configuration, its log, its sampled rollouts, its checkpoints and its result."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mentor.errors import ConfigError
from mentor.training.config import Config
from mentor.training.configfile import dump, load_config

__all__ = ["RunFolder"]

_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
# What may change between a run and its resumption.
_MAY_CHANGE = frozenset({"logging", "checkpoint", "compute", "output"})


class RunFolder:
    """The files of one run.

    `config.yaml`, `log.jsonl` (one object per step), `rollouts.jsonl` (sampled episodes), `checkpoints/`, `final/`
    (the trained model), and `warm_start/` (the folder of the SFT run before it, where there is one).

    Args:
        path: The folder; it is made when the run starts.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.config = self.path / "config.yaml"
        self.log = self.path / "log.jsonl"
        self.rollouts = self.path / "rollouts.jsonl"
        self.checkpoints = self.path / "checkpoints"
        self.final = self.path / "final"
        self.warm_start = self.path / "warm_start"

    def last_checkpoint(self) -> tuple[Path, int] | None:
        """The newest complete checkpoint and its step."""
        found = [
            (int(match[1]), entry)
            for entry in (self.checkpoints.iterdir() if self.checkpoints.is_dir() else ())
            if (match := _CHECKPOINT.fullmatch(entry.name)) and _complete(entry)
        ]
        if not found:
            return None
        step, entry = max(found)
        return entry, step

    def start(self, config: Config, *, overwrite: bool) -> None:
        """Prepares the folder for a new run.

        Raises:
            ConfigError: The folder holds a run already, and it is not to be overwritten.
        """
        if self.log.exists() or self.last_checkpoint() is not None:
            if not overwrite:
                raise ConfigError(
                    str(self.path),
                    [
                        "output: the folder holds a run; resume it (--resume), overwrite it (--overwrite) "
                        "or choose another folder"
                    ],
                )
            self._clear()
        self._begin(config)

    def resume(self, config: Config) -> tuple[Path, int] | None:
        """Prepares the folder for going on from its newest checkpoint.

        Returns:
            The checkpoint and its step; None where the run had not reached one, and starts from the
            beginning.

        Raises:
            ConfigError: There is no run to resume, or it was made with other settings.
        """
        if not self.config.is_file():
            raise ConfigError(str(self.path), ["output: there is no run to resume here; leave out --resume"])
        _compare(load_config(self.config), config, str(self.path))
        found = self.last_checkpoint()
        if found is None:
            shutil.rmtree(self.checkpoints, ignore_errors=True)
            self._begin(config)
            return None
        for file in (self.log, self.rollouts):
            _keep_until(file, found[1])
        return found

    def _begin(self, config: Config) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.config.write_text(dump(config), encoding="utf-8")
        self.log.write_text("", encoding="utf-8")
        self.rollouts.write_text("", encoding="utf-8")

    def write_step(self, record: Mapping[str, Any]) -> None:
        """Appends one step's figures to the log; a figure that is not finite becomes null."""
        _append(self.log, [{key: _finite(value) for key, value in record.items()}])

    def write_rollouts(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Appends sampled episodes."""
        _append(self.rollouts, records)

    def _clear(self) -> None:
        """Removes what a run writes, and nothing else."""
        for file in (self.config, self.log, self.rollouts):
            file.unlink(missing_ok=True)
        for folder in (self.checkpoints, self.final, self.warm_start, self.path / "final.part"):
            shutil.rmtree(folder, ignore_errors=True)


def _complete(checkpoint: Path) -> bool:
    """Whether a checkpoint was written to its end: the trainer writes its state last."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _compare(before: Config, now: Config, path: str) -> None:
    differing = [
        f"{name}: differs from the run's own; a run is resumed with the settings it was started with"
        for name in Config.model_fields
        if name not in _MAY_CHANGE and getattr(before, name) != getattr(now, name)
    ]
    if differing:
        raise ConfigError(path, differing)


def _keep_until(file: Path, step: int) -> None:
    """Drops the lines of steps that will be taken again, and a line that was cut off."""
    kept = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record.get("step", 0) <= step:
            kept.append(line + "\n")
    file.write_text("".join(kept), encoding="utf-8")


def _append(file: Path, records: Iterable[Mapping[str, Any]]) -> None:
    lines = "".join(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(lines)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
