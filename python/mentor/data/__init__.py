"""Tasks: generated, or read from MENTOR's rows, BFCL, reasoning_gym and JSONL files.

`load` is the one door that configurations use; each source's own module takes the same options as arguments.
"""

from __future__ import annotations

from mentor.data.rows import COLUMNS, from_columns, load_jsonl, save_jsonl, to_columns
from mentor.data.sources import check, load

__all__ = ["COLUMNS", "check", "from_columns", "load", "load_jsonl", "save_jsonl", "to_columns"]
