"""Tools as data: schemas for the model, and calls that run in the sandbox.

    source ─► schema (what a model may call) ─► check (arguments against the schema) ─► sandbox ─► ToolResult

A `ToolEnv` is Python source whose functions are the tools. Nothing of it ever runs on the host: schemas are
read from the syntax tree, the source and every call run in a guest.
"""

from mentor.tools.calls import call_batch, step_batch
from mentor.tools.env import ToolEnv
from mentor.tools.result import ToolResult
from mentor.tools.schema import schemas_from_source

__all__ = ["ToolEnv", "ToolResult", "call_batch", "schemas_from_source", "step_batch"]
