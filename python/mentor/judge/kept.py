"""What Math-Verify said, kept: in memory for all judges of the process, and in a file if one is named."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mentor.errors import JudgeError

__all__ = ["Pair", "recall", "remember"]

Pair = tuple[str, str]
"""The normal texts of an answer and its reference."""

MAX_IN_MEMORY: Final = 16_384
"""Verdicts kept in memory; the least recently used go first."""

MAX_IN_FILE: Final = 1_000_000
"""Verdicts kept in a file; the oldest go first."""

_memory: OrderedDict[Pair, bool | None] = OrderedDict()
_lock = threading.Lock()
os.register_at_fork(after_in_child=lambda: globals().update(_lock=threading.Lock()))


def recall(pairs: Iterable[Pair], file: str | os.PathLike[str] | None) -> dict[Pair, bool | None]:
    """What is known of some pairs.

    Raises:
        JudgeError: The file cannot be read.
    """
    known: dict[Pair, bool | None] = {}
    missing: list[Pair] = []
    with _lock:
        for pair in pairs:
            if pair in _memory:
                _memory.move_to_end(pair)
                known[pair] = _memory[pair]
            else:
                missing.append(pair)
    if file is None or not missing:
        return known
    with _opened(file) as database:
        for pair in missing:
            row = database.execute(
                "SELECT equal FROM said WHERE answer = ? AND reference = ?", pair
            ).fetchone()
            if row is not None:
                known[pair] = None if row[0] is None else bool(row[0])
    return known


def remember(said: Mapping[Pair, bool | None], file: str | os.PathLike[str] | None) -> None:
    """Keeps verdicts.

    Raises:
        JudgeError: The file cannot be written.
    """
    with _lock:
        _memory.update(said)
        while len(_memory) > MAX_IN_MEMORY:
            _memory.popitem(last=False)
    if file is not None and said:
        rows = [(*pair, None if verdict is None else int(verdict)) for pair, verdict in said.items()]
        with _opened(file) as database:
            database.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", rows)
            database.execute(
                "DELETE FROM said WHERE rowid <= (SELECT max(rowid) FROM said) - ?", (MAX_IN_FILE,)
            )


def forget() -> None:
    """Empties the memory; files stay."""
    with _lock:
        _memory.clear()


@contextlib.contextmanager
def _opened(file: str | os.PathLike[str]) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=30)) as database, database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS said (answer TEXT, reference TEXT, equal INTEGER,"
                " UNIQUE (answer, reference))"
            )
            yield database
    except sqlite3.Error as error:
        raise JudgeError(
            f"cache {os.fspath(file)}: {error}; name another file, or remove this one"
        ) from error
