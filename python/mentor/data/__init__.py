"""Tasks: generated, or read from MENTOR's rows, BFCL, reasoning_gym and JSONL files."""
