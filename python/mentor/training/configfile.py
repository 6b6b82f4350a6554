"""Reading a configuration file; every fault of it is told at once, with the field's path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mentor.errors import ConfigError
from mentor.training.config import Config
from mentor.training.rules import problems_of

__all__ = ["dump", "fault_line", "load_config", "parse_config", "read_yaml"]


# What stands for a required field that is at fault while the rules between the others are checked.
_STANDINS: Mapping[str, Any] = {
    "output": "runs/unnamed",
    "steps": 1,
    "model": {"kind": "student"},
    "data": [{"kind": "arithmetic"}],
    "optimiser": {"learning_rate": 1.0},
}


class _Loader(yaml.SafeLoader):
    """YAML, with a key given twice as an error instead of the last one silently winning."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(
                problem=f"the key {key!r} is given twice", problem_mark=key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_config(path: str | Path) -> Config:
    """Reads and validates a YAML file.

    Raises:
        ConfigError: The file cannot be read or is not valid; it lists every fault.
    """
    return parse_config(read_yaml(path), name=str(path))


def read_yaml(path: str | Path) -> Mapping[str, Any]:
    """Reads a YAML file that holds a mapping; a key given twice in one is a fault.

    Raises:
        ConfigError: The file cannot be read, is no YAML, or holds something else.
    """
    name = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(name, [f"the file cannot be read: {reason}"]) from error
    try:
        content = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ConfigError(name, [_yaml_fault(error)]) from error
    if not isinstance(content, Mapping):
        raise ConfigError(name, [f"expected a mapping of fields, found {type(content).__name__}"])
    return content


def parse_config(content: Mapping[str, Any], *, name: str = "configuration") -> Config:
    """Validates a configuration that is already a mapping.

    Args:
        content: The fields. `data` may be one source instead of a list of them.
        name: What errors call the configuration.

    Raises:
        ConfigError: It is not valid; lists every fault.
    """
    fields = dict(content)
    if isinstance(fields.get("data"), Mapping):
        fields["data"] = [fields["data"]]
    try:
        config = Config.model_validate(fields)
    except ValidationError as error:
        faults = error.errors()
        raise ConfigError(name, [*map(fault_line, faults), *_rules_apart(fields, faults)]) from error
    problems = problems_of(config)
    if problems:
        raise ConfigError(name, problems)
    return config


def _rules_apart(fields: Mapping[str, Any], faults: list[ErrorDetails]) -> list[str]:
    """The faults between those fields that are themselves valid."""
    bad = {str(fault["loc"][0]) for fault in faults if fault["loc"]}
    if "regime" in bad:
        return []
    known = {name: value for name, value in fields.items() if name in Config.model_fields and name not in bad}
    lines = problems_of(Config.model_validate({**_STANDINS, **known}))
    return [line for line in lines if re.split(r"[.\[:]", line)[0] not in bad]


def dump(config: Config) -> str:
    """The configuration as YAML, as far as it was given; `load_config` reads it back equal."""
    return yaml.safe_dump(
        config.model_dump(mode="json", exclude_unset=True), sort_keys=False, allow_unicode=True, width=100
    )


def _yaml_fault(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
    return f"{where}not valid YAML: {getattr(error, 'problem', None) or error}"


def fault_line(fault: ErrorDetails) -> str:
    """One fault as `field.path: what is wrong`."""
    location = list(fault["loc"])
    if location[:1] == ["model"] and len(location) > 1:
        del location[1]  # the name of the kind, which is no field
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    kind = fault["type"]
    if kind == "extra_forbidden":
        return f"{path}: no such field"
    if kind == "missing":
        return f"{path}: is missing"
    given = fault["input"]
    shown = "" if isinstance(given, Mapping | list) or "value_error" in kind else f", got {given!r}"
    message = fault["msg"]
    return f"{path}: {message[0].lower()}{message[1:]}{shown}"
