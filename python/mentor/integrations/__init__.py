"""Doors to other trainers and agents, each a thin file over the same three things: call tools, step, score.

    trl         `tool_functions`, `environment`: TRL's `tools=` and `environment_factory=`
    verl        `MentorTool` for its tool configuration, `compute_score` for its custom reward
    slime       `reward` for `--custom-rm-path`
    smolagents  `MentorExecutor`, an executor whose code runs in the sandbox
    mcp         `serve`, a Model Context Protocol server on standard input and output

None is imported by `mentor`, and each imports its trainer only where the trainer's own classes are needed.
"""
