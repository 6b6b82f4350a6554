"""The files and the standard input that a program of /run_code starts with."""


def _before(given):
    import base64
    import io
    import json
    import os
    import sys

    given = json.loads(given)
    os.makedirs("/tmp/work", exist_ok=True)
    os.chdir("/tmp/work")
    for path, content in given["files"].items():
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content or ""))
    sys.stdin = io.TextIOWrapper(io.BytesIO(given["stdin"].encode("utf-8", "replace")), encoding="utf-8")
