"""What re-execution says of each task's references, computed once and kept beside the tasks (see `mentor.align`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mentor.align import FlowFacts, flow_facts
from mentor.data.fields import Field
from mentor.data.rows import read_json_lines
from mentor.tools import ToolEnv
from mentor.types import Task

__all__ = ["load_facts", "save_facts"]


def save_facts(tasks: Sequence[Task], path: str | Path) -> int:
    """Compute and write the facts of all tasks that can be run, one line a task.

    Returns:
        How many tasks have facts.

    Raises:
        SandboxError: The machinery failed.
    """
    lines = []
    for task in tasks:
        if not task.tool_source or not any(reference.calls for reference in task.references):
            continue
        facts = flow_facts(ToolEnv.from_source(task.tool_source, task.tools), list(task.references))
        lines.append(
            json.dumps(
                {
                    "task_id": task.id,
                    "order": [[list(pair) for pair in pairs] for pairs in facts.order],
                    "effects": sorted(facts.effects),
                    "commutative": {
                        tool: list(facts.commutative[tool]) for tool in sorted(facts.commutative)
                    },
                }
            )
            + "\n"
        )
    Path(path).write_text("".join(lines), encoding="utf-8")
    return len(lines)


def load_facts(path: str | Path, tasks: Sequence[Task]) -> list[FlowFacts | None]:
    """The facts of tasks, in their order, as `mentor.align.compile_references` takes them; None where there are none.

    Raises:
        DataError: The file cannot be read, or a line is unusable.
    """
    known: dict[str, FlowFacts] = {}
    by_id: Mapping[str, Task] = {task.id: task for task in tasks}
    for index, row in enumerate(read_json_lines(path)):
        line = Field.of_row(str(path), index, row)
        name = line["task_id"].text()
        if name not in by_id:
            continue
        known[name] = FlowFacts(
            order=[[(int(a), int(b)) for a, b in pairs.value] for pairs in line["order"].items()],
            effects=frozenset(item.text() for item in line["effects"].items()),
            commutative={
                tool: tuple(map(str, names)) for tool, names in line["commutative"].mapping().items()
            },
            references=by_id[name].references,
        )
    return [known.get(task.id) for task in tasks]
