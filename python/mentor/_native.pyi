"""The native core. Private: use the modules of `mentor`."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict, final

import numpy as np
from numpy.typing import NDArray

from mentor.sandbox.limits import Limits
from mentor.server import Bounds
from mentor.types import ParsedCall

__all__ = [
    "FORMATS",
    "JUDGE_PRESETS",
    "AnswerJudge",
    "References",
    "Sandbox",
    "Server",
    "State",
    "Students",
    "ToolSet",
    "__version__",
    "align_calls",
    "compile_guest",
    "detect_formats",
    "distribution_similarity",
    "extract_answers",
    "final_answers",
    "forget_verdicts",
    "guest_is_compiled",
    "histogram_bounds",
    "judge_policy",
    "message_calls",
    "official_questions",
    "official_scores",
    "parse_tool_calls",
    "process_metrics",
    "prometheus",
    "read_conversations",
    "restore_choice",
    "result_values",
    "reward_batch",
    "shown",
    "trace",
    "wasmtime_version",
]

__version__: str

# ---- trajectories: parsing, alignment, rewards

FORMATS: list[str]

_Tools: TypeAlias = ToolSet | Iterable[Mapping[str, Any] | str] | None

@final
class ToolSet:
    def __new__(cls, schemas: Iterable[Mapping[str, Any] | str]) -> ToolSet: ...
    @property
    def names(self) -> list[str]: ...
    def __len__(self) -> int: ...
    def __reduce__(self) -> tuple[type[ToolSet], tuple[tuple[Any, ...]]]: ...

def parse_tool_calls(
    texts: Iterable[str], format: str, tools: Iterable[_Tools] | None
) -> list[list[ParsedCall]]: ...
def detect_formats(texts: Iterable[str]) -> list[str | None]: ...
def read_conversations(
    texts: Iterable[str], format: str, tools: Iterable[_Tools] | None
) -> list[tuple[list[ParsedCall], list[Any], str | None]]: ...
def final_answers(texts: Iterable[str], format: str) -> list[str | None]: ...
def message_calls(calls: Iterable[Any], tools: _Tools) -> list[ParsedCall]: ...
def result_values(texts: Iterable[str]) -> list[Any]: ...
def extract_answers(texts: Iterable[str]) -> list[str | None]: ...
def align_calls(
    students: Iterable[Any],
    references: Iterable[Any],
    *,
    settings: Mapping[str, Any],
    format: str,
) -> NDArray[np.float64]: ...
def distribution_similarity(a: Sequence[int], b: Sequence[int]) -> float: ...

_Context: TypeAlias = tuple[
    str | None, Mapping[str, Sequence[str]], Set[str], Sequence[Sequence[tuple[int, int]]]
]
_Matrices: TypeAlias = Sequence[Sequence[Sequence[float]]]
_Shown: TypeAlias = tuple[str, dict[str, Any]] | None

@final
class References:
    def __new__(cls, references: Iterable[Any], contexts: Sequence[_Context] | None) -> References: ...
    def __len__(self) -> int: ...
    def check_tools(self, names: Set[str]) -> None: ...
    def read(self, students: Iterable[Any], rows: Sequence[int] | None, format: str) -> Students: ...
    def score(
        self, students: Iterable[Any], rows: Sequence[int] | None, settings: Mapping[str, Any], format: str
    ) -> NDArray[np.float64]: ...

@final
class Students:
    def __len__(self) -> int: ...
    def score(self, settings: Mapping[str, Any], matrices: _Matrices | None) -> NDArray[np.float64]: ...
    def explain(
        self, student: int, settings: Mapping[str, Any], matrices: _Matrices | None
    ) -> tuple[Any, ...] | None: ...
    def calls(self) -> list[tuple[list[_Shown], list[list[_Shown]]]]: ...

def reward_batch(
    students: Iterable[Any],
    references: Iterable[Any],
    answers: Sequence[bool | None],
    *,
    tools: Iterable[_Tools] | None,
    metric: str,
    matching: str,
    arguments: Any,
    count_invalid: bool,
    validity: str,
    formula: tuple[str, Sequence[float]],
    format: str,
    alignment: Sequence[float] | None = None,
) -> dict[str, NDArray[Any]]: ...
def official_questions(
    texts: Iterable[str], truths: Iterable[str | Sequence[str]], eos_token: str
) -> list[tuple[str, list[str]] | None]: ...
def official_scores(
    texts: Iterable[str],
    truths: Iterable[str | Sequence[str]],
    teachers: Iterable[Sequence[str]],
    correct: Sequence[bool | None],
    *,
    variant: str,
    eos_token: str,
) -> NDArray[np.float64]: ...

# ---- the answer judge

JUDGE_PRESETS: list[str]

_Decision: TypeAlias = Literal["equal", "different", "undecided"]

@final
class AnswerJudge:
    def __new__(cls, policy: dict[str, Any]) -> AnswerJudge: ...
    def verify(
        self, answers: Iterable[str | None], references: Iterable[str | Sequence[str]]
    ) -> tuple[list[bool | None], list[tuple[int, int, str, str]]]: ...
    def explain(self, answer: str, reference: str) -> tuple[_Decision, str, str, str, str, str]: ...

def judge_policy(preset: str) -> dict[str, Any]: ...
def forget_verdicts() -> None: ...

# ---- the sandbox

_HostTool: TypeAlias = tuple[str, list[str], str, float, Callable[[str], tuple[bool, str, str]]]
_HostCall: TypeAlias = tuple[str, str, str | None, tuple[Any, str, str] | None, float]
_Job: TypeAlias = tuple[str, str | None, int, State | None, bool, bool, list[_HostCall] | None]
_Outcome: TypeAlias = tuple[
    Literal["ok", "raised", "limit", "exited", "crashed", "diverged", "failed"],
    bytes,
    bytes,
    int,
    int,
    str | None,
    tuple[str, str, str] | None,
    Literal["fuel", "wall", "memory", "files", "stack", "arguments", "host", "result"] | None,
    int | None,
    tuple[int, int, float, int],
    tuple[_HostCall, ...],
]

def shown(
    status: str,
    value: str | None,
    stdout: bytes,
    stdout_len: int,
    error: tuple[str, str, str] | None,
    exit_code: int | None,
) -> str: ...
def guest_is_compiled(guest: str, cache: PathLike[str]) -> bool: ...
def restore_choice() -> tuple[str, str]: ...
def compile_guest(guest: str, cache: PathLike[str]) -> tuple[Path, int, float | None]: ...

class _Metrics(TypedDict):
    statuses: dict[str, int]
    limits: dict[str, int]
    cancelled: int
    states: int
    busy: tuple[list[int], float]
    queued: tuple[list[int], float]
    restores: dict[str, tuple[int, int, int]]
    made: int
    dropped: dict[str, int]
    resident: int | None

wasmtime_version: str

def process_metrics() -> _Metrics: ...
def prometheus(boxes: Sequence[tuple[str, Sandbox]]) -> str: ...
def histogram_bounds() -> list[float]: ...
def trace(level: str, file: str | PathLike[str] | None) -> None: ...

@final
class State:
    @property
    def image(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def digest(self) -> str: ...
    def to_bytes(self) -> bytes: ...
    @classmethod
    def from_bytes(cls, data: bytes) -> State: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> State: ...
    def __deepcopy__(self, _memo: object) -> State: ...
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...

@final
class Sandbox:
    def __new__(
        cls,
        guest: str,
        cache: PathLike[str],
        image_bytes: int,
        prelude: str,
        packages: Sequence[tuple[str, bytes]],
        bounds: Limits,
        threads: int,
        restore: str | None,
        host_tools: Sequence[_HostTool],
    ) -> Sandbox: ...
    @property
    def image(self) -> str: ...
    @property
    def image_origin(self) -> str: ...
    @property
    def restore(self) -> str: ...
    @property
    def threads(self) -> int: ...
    def metrics(self) -> _Metrics: ...
    def initial(self) -> State: ...
    def run_batch(
        self, jobs: Sequence[_Job], limits: Limits | None
    ) -> list[tuple[_Outcome, State | None]]: ...

# ---- the server

@final
class Server:
    def __new__(
        cls,
        guest: str,
        cache: PathLike[str],
        image_bytes: int,
        address: str,
        token: str | None,
        prelude: str,
        packages: Sequence[tuple[str, bytes]],
        limits: Limits,
        threads: int,
        restore: str | None,
        bounds: Bounds,
    ) -> Server: ...
    @property
    def address(self) -> tuple[str, int]: ...
    def drain(self) -> bool: ...
