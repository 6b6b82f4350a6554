"""Running an experiment's jobs in processes of one thread each, as many as there are cores.

Each job is a process of its own, so that one which dies takes no other with it, and a job's memory is given back.
Killing the scheduler, a job or the machine loses at most what a job had not saved; the next start goes on from there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from mentor.experiment.config import Experiment
from mentor.experiment.plan import Job, is_done, plan

__all__ = ["job_command", "run_all"]

# One thread a process is faster than two that wait for each other (docs/training.md).
_THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
_POLL = 0.2
_PATIENCE = 60.0  # seconds for a job to write its checkpoint before it is killed


def run_all(
    experiment: Experiment,
    command: Callable[[Job], Sequence[str]],
    *,
    processes: int,
    say: Callable[[str], object],
) -> list[Job]:
    """Do every job that is not done yet.

    Args:
        experiment: The experiment.
        command: The command that does a job in a process of its own.
        processes: How many at a time, at least 1.
        say: Takes a line of progress.

    Returns:
        The jobs that failed, and those that could not begin for it; empty where all are done.

    Raises:
        KeyboardInterrupt: After every running job was asked to stop, and has.
    """
    round_ = _Round(experiment, command, processes, say)
    try:
        while round_.waiting or round_.running:
            round_.begin()
            time.sleep(_POLL)
            round_.end()
    finally:
        _stop([process for _, process, _ in round_.running.values()])
    return list(round_.failed.values())


class _Round:
    """The jobs of one start of the scheduler: what waits, runs, is done, and has failed."""

    def __init__(
        self,
        experiment: Experiment,
        command: Callable[[Job], Sequence[str]],
        processes: int,
        say: Callable[[str], object],
    ) -> None:
        self._experiment, self._command = experiment, command
        self._processes, self._say = processes, say
        jobs = plan(experiment)
        self._count = len(jobs)
        self.done = {job.name for job in jobs if is_done(experiment, job)}
        self.waiting = [job for job in jobs if job.name not in self.done]
        self.running: dict[str, tuple[Job, subprocess.Popen[bytes], float]] = {}
        self.failed: dict[str, Job] = {}
        if self.waiting:
            say(f"{len(self.done)} of {self._count} jobs are done; {processes} at a time")

    def begin(self) -> None:
        """Begins the jobs that can begin, in order."""
        still = []
        for job in self.waiting:
            if any(need in self.failed for need in job.needs):
                self.failed[job.name] = job
            elif len(self.running) < self._processes and self.done.issuperset(job.needs):
                self.running[job.name] = (job, self._start(job), time.monotonic())
            else:
                still.append(job)
        self.waiting = still

    def end(self) -> None:
        """Notes the jobs that have ended."""
        for name, (job, process, began) in list(self.running.items()):
            if process.poll() is None:
                continue
            del self.running[name]
            took = f"{time.monotonic() - began:.0f} s"
            if process.returncode == 0 and is_done(self._experiment, job):
                self.done.add(name)
                self._say(f"{len(self.done)} of {self._count}: {name} ({took})")
            else:
                self.failed[name] = job
                log = _log(self._experiment, job)
                self._say(f"{name} failed after {took} with exit status {process.returncode}; see {log}")

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        log = _log(self._experiment, job)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            # A session of its own: Ctrl-C reaches the scheduler alone, which then asks its jobs to stop.
            return subprocess.Popen(
                list(self._command(job)),
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **_THREADS},
                start_new_session=True,
            )


def _log(experiment: Experiment, job: Job) -> Path:
    return experiment.output / "logs" / f"{job.name}.txt"


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def job_command(file: str, form: str, job: Job) -> list[str]:
    """The command line that does one job."""
    return [sys.executable, "-m", "mentor.cli", "experiment", file, "--form", form, "--job", job.name]
