"""A tool and a reward for verl.

The reward: `custom_reward_function.path` this file, `custom_reward_function.name` `compute_score`. The tools, one
entry each in the tool configuration, with `class_name: mentor.integrations.verl.MentorTool`, `config: {source: PATH}`
(Python source with the tools) and `tool_schema`; episodes whose tools keep state share it by `agent_data`'s request.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mentor.errors import DataError
from mentor.integrations.scoring import score
from mentor.tools import ToolEnv
from mentor.types import ToolCall

if TYPE_CHECKING:
    _Base: Any = object
else:
    try:
        from verl.tools.base_tool import BaseTool as _Base
    except ImportError:  # the reward needs nothing of verl's
        _Base = object

__all__ = ["MentorTool", "compute_score"]


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str | Sequence[str],
    extra_info: Mapping[str, Any] | None = None,
    **_: Any,
) -> float:
    """The reward of one response.

    Args:
        data_source: Not looked at.
        solution_str: The response, tool responses included.
        ground_truth: The right answer, or several.
        extra_info: The row's `references` (the teacher's trajectories) and `tools`, if there are any.

    Raises:
        DataError: The row cannot be scored: its answer is undecided, or it has no references. verl has no other
            way to leave a row out, and a 0 would be scored as the student's mistake.
    """
    value = score(solution_str, ground_truth, extra_info or {})
    if value is None:
        reason = "cannot be scored: the answer is undecided, or there are no references"
        raise DataError(data_source, None, None, reason)
    return value


@lru_cache(maxsize=256)
def _tools(path: str) -> ToolEnv:
    try:
        source = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise DataError(path, None, None, f"the tool source cannot be read: {error}") from error
    return ToolEnv.from_source(source)


class MentorTool(_Base):  # type: ignore[misc]
    """One tool whose calls run in the sandbox, each fresh."""

    def __init__(self, config: Mapping[str, Any], tool_schema: Any) -> None:
        self._env = _tools(str(config["source"]))
        if _Base is not object:
            super().__init__(config, tool_schema)
        self.tool_schema = tool_schema
        self.name = tool_schema.function.name

    async def create(self, instance_id: str | None = None, **_: Any) -> tuple[str, Any]:
        """Nothing is kept, so nothing is made."""
        return instance_id or str(uuid.uuid4()), _response("")

    async def execute(
        self, instance_id: str, parameters: Mapping[str, Any], **_: Any
    ) -> tuple[Any, float, dict[str, Any]]:
        """Runs the call off the event loop: the text for the model, no reward of its own, and what happened."""
        call = ToolCall(self.name, dict(parameters))
        (result,) = await asyncio.to_thread(self._env.call_batch, [call])
        if result.failed:
            raise RuntimeError(f"the sandbox failed, which says nothing about the call: {result.text}")
        status = "refused" if result.outcome is None else result.outcome.status
        return _response(result.text), 0.0, {"status": status}

    async def calc_reward(self, instance_id: str, **_: Any) -> float:
        """The reward is `compute_score`'s."""
        return 0.0

    async def release(self, instance_id: str, **_: Any) -> None:
        """Nothing was kept."""


def _response(text: str) -> Any:
    if _Base is object:
        return text
    from verl.tools.schemas import ToolResponse

    return ToolResponse(text=text)
