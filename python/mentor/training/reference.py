"""The configuration's reference as Markdown, made from the models: `python -m mentor.training.reference`."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mentor.training.config import Config

__all__ = ["reference"]


def reference() -> str:
    """One table per block of the configuration, in the order of its fields."""
    tables: list[str] = []
    _add(Config, "", tables)
    return "\n".join(tables)


def _add(model: type[BaseModel], prefix: str, tables: list[str]) -> None:
    rows, below = [], []
    for name, field in model.model_fields.items():
        path = f"{prefix}.{name}" if prefix else name
        blocks = _blocks(field.annotation)
        rows.append(
            f"| `{path}` | {_kind(field, blocks)} | {_default(field, blocks)} | {field.description} |"
        )
        below += [(block, path) for block in blocks]
    title = f"### `{prefix}`" if prefix else "### The run"
    kind = model.model_fields.get("kind")
    if prefix and kind is not None:
        title += f" of kind `{typing.get_args(kind.annotation)[0]}`"
    tables.append(
        f"{title}\n\n| field | value | default | |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
    )
    for block, path in below:
        _add(block, path, tables)


def _blocks(annotation: Any) -> list[type[BaseModel]]:
    """The blocks that a field's value may be."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [block for part in typing.get_args(annotation) for block in _blocks(part)]


def _kind(field: FieldInfo, blocks: list[type[BaseModel]]) -> str:
    if blocks:
        return "list of blocks" if typing.get_origin(field.annotation) is list else "block"
    return _name(field.annotation)


def _name(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is typing.Annotated:
        return _name(arguments[0])
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_name(part) for part in arguments if part is not type(None))
    if origin is list:
        return f"list of {_name(arguments[0])}s"
    if origin is dict:
        return "mapping"
    return {str: "text", int: "integer", float: "number", bool: "true or false"}.get(annotation, "value")


def _default(field: FieldInfo, blocks: list[type[BaseModel]]) -> str:
    if field.is_required():
        return "required"
    if field.default is None:
        return "none"
    if blocks:
        return "" if isinstance(field.default, BaseModel) else "`[]`"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`"


if __name__ == "__main__":
    print(reference())  # noqa: T201 - what the module is run for
