"""The tiny student's model card: how it was made, and what it scores before any training with rewards."""

from __future__ import annotations

from pathlib import Path

from mentor.student.recipe import Recipe

__all__ = ["measure", "write_card"]

_SEED_OF_SUITES = 777

_CARD = """\
---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
tags: [tool-use, qwen3]
---

# mentor's tiny student

A Qwen3 model of {parameters:,} parameters that calls arithmetic tools in Hermes' format. It exists so that
training with rewards can be tried, tested and studied on a CPU; it knows nothing else.

- **Made by** the command below: from scratch, on one thread, in single precision; {steps} steps of {batch}
  trajectories, peak learning rate {rate:g}.
- **Corpus**: {samples:,} trajectories of scripted, unreliable writers (`mentor.student.corpus`). They master
  the tool protocol, slip on plain instructions, know each hint only at times, take other ways than the
  teacher, guess, and stop early. No evaluation question is among their tasks.
- **Tokenizer**: the JSON around a call, the tasks' words and the tools' names are one token each, numbers are
  cut into two digits from the right, and everything else falls back to bytes, so that decoding is exact.
- **Weights** are stored in half precision and load in single precision.

```
{command}
```
"""

_MEASURED = """
## Measured

Greedy decoding, tools in the sandbox, {tasks} tasks a suite
(`mentor.data.tasks.suites({tasks}, seed={seed})`), with 95 % intervals:

| suite | accuracy | unknown tools | calls a task |
|---|---|---|---|
{rows}
"""


def measure(folder: Path, tasks: int) -> str:
    """Measure a checkpoint's greedy accuracy on every suite; returns the rows of a Markdown table.

    Raises:
        SandboxError: The sandbox cannot be started.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from mentor.data.tasks import suites
    from mentor.evaluation import evaluate

    model = AutoModelForCausalLM.from_pretrained(folder)
    result = evaluate(model, AutoTokenizer.from_pretrained(folder), suites(tasks, _SEED_OF_SUITES))
    lines = []
    for name, suite in result.suites.items():
        a = suite.accuracy
        accuracy = "none" if a is None else f"{a.value:.3f} ({a.low:.3f} to {a.high:.3f})"
        lines.append(f"| {name} | {accuracy} | {suite.unknown or 0:.3f} | {suite.calls_per_task or 0:.2f} |")
    return "\n".join(lines)


def write_card(folder: Path, recipe: Recipe, *, tasks: int) -> None:
    """Write README.md into a checkpoint's folder.

    Args:
        folder: A folder that `save_checkpoint` wrote.
        recipe: What it was made from.
        tasks: How many tasks of each suite to measure it on; 0 for no measurement.
    """
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", framework="numpy") as weights:
        parameters = sum(weights.get_tensor(name).size for name in weights.keys())  # noqa: SIM118 (no mapping)
    schedule = recipe.schedule
    card = _CARD.format(
        parameters=parameters,
        command=recipe.command(),
        samples=schedule.samples,
        steps=schedule.steps,
        batch=schedule.batch,
        rate=schedule.learning_rate,
    )
    if tasks:
        card += _MEASURED.format(tasks=tasks, seed=_SEED_OF_SUITES, rows=measure(folder, tasks))
    (folder / "README.md").write_text(card, encoding="utf-8")
