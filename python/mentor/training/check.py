"""Everything that can be found out about a run before it starts: data, tools, prompts and reward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from mentor.data import load
from mentor.errors import ConfigError, DataError, MentorError, ToolSourceError
from mentor.rollout import ChatFormat
from mentor.tools import ToolEnv
from mentor.training.adapters import lora_problems
from mentor.training.config import Config, PretrainedModel
from mentor.training.models import load_tokenizer, locate
from mentor.training.scoring import make_reward
from mentor.types import Task

__all__ = ["Prepared", "chat_format", "check_run", "prepare"]

_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can start.

    Attributes:
        tasks: The tasks of all sources.
        tokenizer: The model's tokenizer; None where the model is on a hub and not yet on this machine.
        chat: How tasks become prompts; None likewise.
        notes: What could not be checked, and why.
    """

    tasks: list[Task]
    tokenizer: Any
    chat: ChatFormat | None
    notes: list[str] = field(default_factory=list)


def prepare(config: Config, *, name: str = "configuration", local: bool = False) -> Prepared:
    """Loads what a run needs except the model's weights, and checks all of it.

    Args:
        config: A valid configuration.
        name: What errors call it.
        local: Fetch nothing: a model that is only on a hub becomes a note.

    Raises:
        ConfigError: Something cannot be used; lists every fault found.
    """
    problems: list[str] = []
    notes: list[str] = []
    tasks = _tasks(config, problems)
    tokenizer, chat = _chat(config, local, problems, notes)
    problems += lora_problems(config) + _target(config, tasks) + _tools(tasks)
    if chat is not None:
        problems += _lengths(config, tasks, chat)
    if problems:
        raise ConfigError(name, _shortened(problems))
    return Prepared(tasks, tokenizer, chat, notes)


def check_run(config: Config, *, name: str = "configuration") -> list[str]:
    """Checks a run without fetching or training anything.

    Returns:
        Lines that say what was checked, and what could not be.

    Raises:
        ConfigError: Something cannot be used; lists every fault found.
    """
    prepared = prepare(config, name=name, local=True)
    sources = len({(task.tool_source, str(task.tools)) for task in prepared.tasks})
    return [f"{len(prepared.tasks)} tasks, {sources} sets of tools: in order", *prepared.notes]


def chat_format(config: Config, tokenizer: Any) -> ChatFormat:
    """The chat format that a configuration asks for.

    Raises:
        ConfigError: The tokenizer's chat template cannot be used.
    """
    chat = config.chat
    return ChatFormat(
        tokenizer,
        system=chat.system,
        tools=chat.tools,
        examples=[message.model_dump() for message in chat.examples],
        template=chat.template,
    )


def _tasks(config: Config, problems: list[str]) -> list[Task]:
    tasks: list[Task] = []
    for index, source in enumerate(config.data):
        try:
            tasks += load(source, field=f"data[{index}]")
        except ConfigError as error:
            problems += error.problems
        except DataError as error:
            problems.append(f"data[{index}]: {error}")
    if not tasks and not problems:
        problems.append("data: there is no task in it")
    return tasks


def _chat(
    config: Config, local: bool, problems: list[str], notes: list[str]
) -> tuple[Any, ChatFormat | None]:
    model = config.model
    try:
        if local and isinstance(model, PretrainedModel) and not Path(model.path).exists():
            notes.append(
                f"model {model.path} is not a local folder: not checked, and fetched when the run starts"
            )
            return None, None
        tokenizer = load_tokenizer(model)
        return tokenizer, chat_format(config, tokenizer)
    except ConfigError as error:
        problems += error.problems
        return None, None


def _target(config: Config, tasks: Sequence[Task]) -> list[str]:
    """Whether there is what the regime learns from: a reward that can be made, and references."""
    if config.regime == "sft":
        if not tasks or any(task.references for task in tasks):
            return []
        return ["data: SFT learns from a teacher's trajectories, and no task has one"]
    if config.warm_start is not None and not any(task.references for task in tasks):
        return ["data: a warm start learns from a teacher's trajectories, and no task has one"]
    try:
        make_reward(config)
    except MentorError as error:
        return [f"reward: {error}"]
    missing = [index for index, task in enumerate(tasks) if not task.references]
    if config.regime in ("mentor", "strict") and missing:
        return [
            f"data: the regime {config.regime!r} compares with a teacher's calls, and {len(missing)} of "
            f"{len(tasks)} tasks have none (the first is row {missing[0]}, {tasks[missing[0]].id!r})"
        ]
    return []


def _tools(tasks: Sequence[Task]) -> list[str]:
    """Every distinct set of tools is loaded in the sandbox once."""
    found: dict[tuple[str, str], str | None] = {}
    problems = []
    for index, task in enumerate(tasks):
        key = (task.tool_source, str(task.tools))
        if key in found or not task.tools:
            continue
        found[key] = None
        try:
            ToolEnv.from_source(task.tool_source, task.tools)
        except ToolSourceError as error:
            problems.append(f"data: row {index} ({task.id!r}), field tool_source: {error}")
    return problems


def _lengths(config: Config, tasks: Sequence[Task], chat: ChatFormat) -> list[str]:
    """Prompts that are longer than allowed, and a context that is too short for prompt and completion."""
    lengths = [len(chat.prompt_ids(task)) for task in tasks]
    if not lengths:
        return []
    problems = []
    limit = config.rollout.max_prompt_tokens
    if limit is not None:
        problems += [
            f"data: row {index} ({tasks[index].id!r}): its prompt has {length} tokens, more than "
            f"rollout.max_prompt_tokens = {limit}"
            for index, length in enumerate(lengths)
            if length > limit
        ]
    source, options = locate(config.model)
    context = getattr(AutoConfig.from_pretrained(source, **options), "max_position_embeddings", None)
    needed = max(lengths) + config.rollout.max_completion_tokens
    if context is not None and needed > context:
        problems.append(
            f"rollout.max_completion_tokens: the longest prompt ({max(lengths)} tokens) and the completion "
            f"need {needed} tokens, and the model has room for {context}"
        )
    return problems


def _shortened(problems: list[str]) -> list[str]:
    if len(problems) <= _MOST_LINES:
        return problems
    return [*problems[:_MOST_LINES], f"... and {len(problems) - _MOST_LINES} more of them"]
