"""The callbacks that write the log, show progress and stop a run at a step's end."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from accelerate.utils import gather_object
from transformers import TrainerCallback

from mentor.training.config import Config
from mentor.training.interrupt import Interrupt
from mentor.training.measures import episode_counts, episode_figures, reward_figures, rollout_record
from mentor.training.progress import Progress
from mentor.training.rollouts import RolloutFunction
from mentor.training.runfolder import RunFolder
from mentor.training.scoring import BatchScorer

__all__ = ["StopWhenAsked", "Tracker"]

# The trainer's own figures that are kept, and what they are called in the log.
_KEPT = {
    "loss": "loss",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "entropy": "entropy",
    "kl": "kl",
    "mean_token_accuracy": "token_accuracy",
    "reward_std": "reward_std",
    "clip_ratio/region_mean": "clip_ratio",
    "completions/mean_length": "completion_tokens",
    "sampling/sampling_logp_difference/mean": "sampling_difference",
}


class Tracker(TrainerCallback):  # type: ignore[misc]  # transformers is untyped for mypy here
    """Writes one record per step, and some rollouts now and then, and shows the progress line.

    Args:
        config: The run's configuration.
        folder: Where records go.
        rollouts: The rollout function, for GRPO.
        scorer: The rewards, for GRPO.
    """

    def __init__(
        self,
        config: Config,
        folder: RunFolder,
        rollouts: RolloutFunction | None = None,
        scorer: BatchScorer | None = None,
    ) -> None:
        self._config, self._folder, self._rollouts, self._scorer = config, folder, rollouts, scorer
        self._progress = Progress(config.steps, every=config.logging.every)
        self._began = 0.0
        self._times: dict[str, float] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Starts the clock."""
        self._progress.begin(state.global_step)

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Notes when the step began."""
        self._began = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Notes how long the step took."""
        now = time.perf_counter()
        self._times = {"time/step": now - self._began}
        if self._scorer is not None:
            self._times["time/reward"] = self._scorer.seconds
            self._times["time/optimise"] = now - self._scorer.finished_at

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Writes the step's record; every process brings its own episodes' figures."""
        if not logs or "loss" not in logs:
            return
        figures = self._figures()
        if not state.is_world_process_zero:
            return
        record: dict[str, Any] = {"step": state.global_step}
        record |= {name: logs[key] for key, name in _KEPT.items() if key in logs}
        record |= figures | self._times
        self._folder.write_step(record)
        self._sample(state.global_step)
        self._progress.show(state.global_step, record)

    def _figures(self) -> dict[str, Any]:
        """Figures over the rewards and episodes of all processes; of times, this process's own."""
        if self._rollouts is None or self._scorer is None:
            return {}
        stats = self._rollouts.stats
        own = (episode_counts(self._rollouts.episodes, stats), self._scorer.last)
        everyone: list[Any] = gather_object([own])
        parts = {name: np.concatenate([scores[name] for _, scores in everyone]) for name in own[1]}
        return {
            **reward_figures(parts, self._config.batch.rollouts),
            **episode_figures([counts for counts, _ in everyone]),
            "time/generate": stats.generate,
            "time/tools": stats.tools,
            "time/parse": stats.parse,
        }

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Ends the progress line."""
        self._progress.end()

    def _sample(self, step: int) -> None:
        if self._rollouts is None or self._scorer is None:
            return
        every, count = self._config.logging.rollouts_every, self._config.logging.rollouts
        if not count or ((step - 1) % every and step != self._config.steps):
            return
        episodes = self._rollouts.episodes
        # One of each of the first prompts says more than many of one prompt.
        places = sorted(range(len(episodes)), key=lambda k: (k % self._config.batch.rollouts, k))[:count]
        self._folder.write_rollouts(
            rollout_record(self._rollouts.tasks[k], episodes[k], self._parts(k), step) for k in places
        )

    def _parts(self, row: int) -> dict[str, float | None]:
        components = self._scorer.last if self._scorer is not None else {}
        return {
            part: None if np.isnan(components[part][row]) else float(components[part][row])
            for part in ("total", "answer", "alignment", "validity")
            if part in components
        }


class StopWhenAsked(TrainerCallback):  # type: ignore[misc]
    """Ends the run at a step's end, with a checkpoint, once any of its processes was asked to stop."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Asks the trainer to save and stop."""
        asked = self._interrupt.signal is not None
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            flag = torch.tensor(int(asked), device=args.device)
            torch.distributed.all_reduce(flag, torch.distributed.ReduceOp.MAX)
            asked = bool(flag.item())
        if asked:
            control.should_save = True
            control.should_training_stop = True
