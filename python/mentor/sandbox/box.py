"""`Sandbox`: an image and the resident guests that run calls from it."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Sequence
from typing import TypeAlias

from mentor import _native
from mentor.errors import PackageError, SandboxError, ScoreError
from mentor.sandbox.guest import artifacts_folder, cache_folder, image_cache_bytes, prepare
from mentor.sandbox.host import HostCall, HostTools, NativeCall, _native_tools
from mentor.sandbox.limits import Limits
from mentor.sandbox.metrics import Metrics
from mentor.sandbox.outcome import Outcome

__all__ = ["Job", "Sandbox", "State", "default_sandbox"]

State = _native.State
# Source, or a function's name; its arguments as JSON, or None for source; seed; state; keep the state it ends in?;
# start where the job before ended?; the host calls to replay.
Job: TypeAlias = tuple[str, str | None, int, State | None, bool, bool, "list[NativeCall] | None"]

_MAX_SEED = 2**64


class Sandbox:
    """Runs programs, each in a fresh guest that starts from the same image.

    One instance may be used from several threads. Guests are resident (about 50 MB for each worker thread) and
    put back to the image after every call, so a call costs tens of microseconds beside its own work. The first
    sandbox on a machine compiles the guest, see `prepare`.

    Args:
        prelude: Source that runs once; every call starts from what it leaves.
        packages: Requirements (`math-verify>=0.8`) for what the guest can import beside its own library: pure
            Python, taken with what it needs from the environment that this runs in.
        package_folders: Where packages are looked for before that environment: folders that `pip install --target`
            filled, for versions that cannot be installed side by side.
        limits: The bounds of a call.
        threads: Worker threads; None means one per core.
        host_tools: Callables that programs may call by name, from the module `mentor_host`; none by default. A
            plain callable has 5 s for each call, a `HostTool` its own time-out.
        restore: How memory is put back: `barrier`, `compare` or `instantiate` (a new guest for every call). None
            means what the environment variable MENTOR_RESTORE says, else the fastest that works here. All give
            the same bytes.

    Raises:
        SandboxError: The guest is missing, the prelude fails, or a limit is out of range.
        PackageError: A package is missing, compiled, or of a version that does not fit.
    """

    def __init__(
        self,
        prelude: str = "",
        *,
        packages: Sequence[str] = (),
        package_folders: Sequence[str] = (),
        limits: Limits | None = None,
        threads: int | None = None,
        host_tools: HostTools | None = None,
        restore: str | None = None,
    ) -> None:
        self.limits = limits or Limits()
        if threads is not None and threads < 1:
            raise SandboxError(f"threads: {threads}; expected at least 1, or None for one per core")
        tools = _native_tools(host_tools)
        prepare()
        restore = restore or os.environ.get("MENTOR_RESTORE") or None
        self._native = _native.Sandbox(
            artifacts_folder(),
            cache_folder(),
            image_cache_bytes(),
            prelude,
            _package_files(packages, package_folders),
            self.limits,
            threads or 0,
            restore,
            tools,
        )

    @property
    def initial(self) -> State:
        """The state that every call starts from."""
        return self._native.initial()

    @property
    def image(self) -> str:
        """The image's identity: a hash of its content."""
        return self._native.image

    @property
    def image_origin(self) -> str:
        """Where the image came from.

        `shared` with another sandbox of this process, `loaded` from disk, `built` and now on disk, or
        `built, not stored: ` and why.
        """
        return self._native.image_origin

    @property
    def threads(self) -> int:
        """How many calls run at once."""
        return self._native.threads

    @property
    def restore(self) -> str:
        """How memory is put back: `barrier`, `compare` or `instantiate`."""
        return self._native.restore

    def metrics(self) -> Metrics:
        """What this sandbox did so far."""
        return Metrics._from_native(self._native.metrics())

    def run(
        self,
        source: str,
        *,
        seed: int = 0,
        limits: Limits | None = None,
        replay: Sequence[HostCall] | None = None,
    ) -> Outcome:
        """Runs source in `__main__` of a fresh guest.

        Args:
            source: Any Python; the value is that of a final expression.
            seed: Decides all randomness (`random`, `numpy.random`, `os.urandom`), 0 to 2**64 - 1.
            limits: The bounds of this call.
            replay: An earlier outcome's `host_calls`: they are answered as recorded and no host tool is called.
                A program that calls otherwise has the status `diverged`.

        Returns:
            What it did. Nothing that the program does raises here.
        """
        replays = None if replay is None else [replay]
        return self.run_batch([source], seeds=[seed], limits=limits, replays=replays)[0]

    def run_batch(
        self,
        sources: Sequence[str],
        *,
        seeds: Sequence[int] | None = None,
        limits: Limits | None = None,
        replays: Sequence[Sequence[HostCall] | None] | None = None,
    ) -> list[Outcome]:
        """Runs many programs on all threads, with the GIL released; outcomes are in the programs' order.

        Args:
            sources: The programs.
            seeds: One for each; None means 0 for all.
            limits: The bounds of each call.
            replays: For each, what `run` takes as `replay`.

        Raises:
            ScoreError: `seeds` or `replays` has another length than `sources`, or a seed is out of range.
            KeyboardInterrupt: Ctrl-C; the running calls are stopped and the sandbox stays usable.
        """
        seeds = _seeds(seeds, len(sources))
        records = _replays(replays, len(sources))
        jobs: list[Job] = [
            (source, None, seed, None, False, False, record)
            for source, seed, record in zip(sources, seeds, records, strict=True)
        ]
        return [outcome for outcome, _ in self._run(jobs, limits)]

    def step(
        self,
        state: State,
        source: str,
        *,
        seed: int = 0,
        limits: Limits | None = None,
        replay: Sequence[HostCall] | None = None,
    ) -> tuple[Outcome, State]:
        """Runs source from a state.

        Returns:
            What it did, and the state that it ended in; `state` itself is untouched. A program that was
            stopped by a limit or trapped ends where it started.

        Raises:
            WrongImageError: The state was made from another image.
            StateError: The state was read from bytes that no program has made.
        """
        replays = None if replay is None else [replay]
        return self.step_batch([state], [source], seeds=[seed], limits=limits, replays=replays)[0]

    def step_batch(
        self,
        states: Sequence[State],
        sources: Sequence[str],
        *,
        seeds: Sequence[int] | None = None,
        limits: Limits | None = None,
        replays: Sequence[Sequence[HostCall] | None] | None = None,
    ) -> list[tuple[Outcome, State]]:
        """Runs each source from its state, on all threads: one `step` of many episodes, in their order.

        Raises:
            ScoreError: `sources`, `seeds` or `replays` has another length than `states`.
            SandboxError: A state belongs to another image.
        """
        if len(sources) != len(states):
            raise ScoreError(
                f"sources: {len(sources)} of them for {len(states)} states; expected one for each"
            )
        seeds = _seeds(seeds, len(states))
        records = _replays(replays, len(states))
        jobs: list[Job] = [
            (source, None, seed, state, True, False, record)
            for source, seed, state, record in zip(sources, seeds, states, records, strict=True)
        ]
        results = zip(states, self._run(jobs, limits), strict=True)
        # A job that the machinery could not run has no state: the episode stays where it was.
        return [(outcome, before if after is None else after) for before, (outcome, after) in results]

    def _run(self, jobs: list[Job], limits: Limits | None = None) -> list[tuple[Outcome, State | None]]:
        of = Outcome._from_native
        return [(of(native), state) for native, state in self._native.run_batch(jobs, limits)]


def _replays(
    replays: Sequence[Sequence[HostCall] | None] | None, count: int
) -> Sequence[list[NativeCall] | None]:
    if replays is None:
        return [None] * count
    if len(replays) != count:
        raise ScoreError(f"replays: {len(replays)} of them for {count} calls; expected one for each, or None")
    return [None if calls is None else [call._native() for call in calls] for calls in replays]


def _package_files(packages: Sequence[str], folders: Sequence[str]) -> list[tuple[str, bytes]]:
    if isinstance(packages, str):
        raise PackageError(f"packages: {packages!r} is one text; expected a sequence of requirements")
    if isinstance(folders, str):
        raise PackageError(f"package_folders: {folders!r} is one text; expected a sequence of folders")
    if not packages:
        return []
    # Resolving is imported on demand: most sandboxes have no packages.
    from mentor.sandbox.packages import package_files

    return package_files(packages, folders)


def _seeds(seeds: Sequence[int] | None, count: int) -> Sequence[int]:
    if seeds is None:
        return [0] * count
    if len(seeds) != count:
        raise ScoreError(f"seeds: {len(seeds)} of them for {count} calls; expected one for each")
    for row, seed in enumerate(seeds):
        if not 0 <= seed < _MAX_SEED:
            raise ScoreError(f"seeds[{row}]: {seed} is out of range; expected 0 to 2**64 - 1")
    return seeds


_LOCK = threading.Lock()


@functools.cache
def _default_sandbox() -> Sandbox:
    return Sandbox()


def default_sandbox() -> Sandbox:
    """The sandbox that tools share unless given their own: no prelude, default limits, made when first used."""
    with _LOCK:
        return _default_sandbox()
