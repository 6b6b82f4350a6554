"""mentor: train small language models to use tools under a teacher's guidance.

The library's parts are modules of their own: `mentor.sandbox` and `mentor.tools` run code and tool calls in
isolated guests, `mentor.parsing`, `mentor.align`, `mentor.judge` and `mentor.rewards` score what a student did,
`mentor.data`, `mentor.rollout`, `mentor.training` and `mentor.evaluation` train it. Importing this package
imports none of torch, transformers or trl.
"""

from mentor import align, errors, judge, parsing, rewards, sandbox, tools
from mentor._native import __version__
from mentor.errors import MentorError
from mentor.parsing import parse_tool_calls
from mentor.sandbox import Limits, Outcome, Sandbox
from mentor.tools import ToolEnv, ToolResult
from mentor.types import ParsedCall, Task, ToolCall, Trajectory

__all__ = [
    "Limits",
    "MentorError",
    "Outcome",
    "ParsedCall",
    "Sandbox",
    "Task",
    "ToolCall",
    "ToolEnv",
    "ToolResult",
    "Trajectory",
    "__version__",
    "align",
    "errors",
    "judge",
    "parse_tool_calls",
    "parsing",
    "rewards",
    "sandbox",
    "tools",
]
