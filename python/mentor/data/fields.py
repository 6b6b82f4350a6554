"""Reading rows of foreign data: every step knows where it is, so errors name file, row and field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mentor.errors import DataError

__all__ = ["Field"]


@dataclass(frozen=True, slots=True)
class Field:
    """A value within a row, and where it stands.

    Attributes:
        path: The file or data set.
        row: The row's index, from 0.
        name: The field's path within the row, such as `extra_info.func_schemas[2].name`; empty for the row
            itself.
        value: The value, not yet checked.
    """

    path: str
    row: int
    name: str
    value: Any

    @classmethod
    def of_row(cls, path: str, row: int, value: Any) -> Field:
        """A whole row; it has to be an object.

        Raises:
            DataError: It is none.
        """
        field = cls(path, row, "", value)
        field.mapping()
        return field

    def error(self, reason: str) -> DataError:
        """An error at this field, to be raised."""
        return DataError(self.path, self.row, self.name or None, reason)

    def _wrong(self, expected: str) -> DataError:
        return self.error(f"expected {expected}, got {_kind(self.value)}")

    def __getitem__(self, key: str) -> Field:
        """The field of that name.

        Raises:
            DataError: This is no object, or it has no such field.
        """
        field = self.get(key)
        if field is None:
            raise self._child(key, None).error("is missing")
        return field

    def get(self, key: str) -> Field | None:
        """The field of that name, or None where there is none.

        Raises:
            DataError: This is no object.
        """
        mapping = self.mapping()
        return self._child(key, mapping[key]) if key in mapping else None

    def _child(self, key: str, value: Any) -> Field:
        return Field(self.path, self.row, f"{self.name}.{key}" if self.name else key, value)

    def mapping(self) -> dict[str, Any]:
        """The value as an object.

        Raises:
            DataError: It is none, or a key of it is no text.
        """
        if not isinstance(self.value, Mapping) or not all(isinstance(key, str) for key in self.value):
            raise self._wrong("an object")
        return dict(self.value)

    def items(self) -> list[Field]:
        """The fields of a list.

        Raises:
            DataError: The value is no list.
        """
        if not isinstance(self.value, list | tuple):
            raise self._wrong("a list")
        return [Field(self.path, self.row, f"{self.name}[{i}]", value) for i, value in enumerate(self.value)]

    def text(self) -> str:
        """The value as a text.

        Raises:
            DataError: It is none.
        """
        if not isinstance(self.value, str):
            raise self._wrong("a text")
        return self.value

    def truth(self) -> bool:
        """The value as true or false.

        Raises:
            DataError: It is neither.
        """
        if not isinstance(self.value, bool):
            raise self._wrong("true or false")
        return self.value

    def json(self) -> Field:
        """The value that a JSON text holds.

        Raises:
            DataError: The value is no text, or the text is no JSON.
        """
        text = self.text()
        try:
            return Field(self.path, self.row, self.name, json.loads(text))
        except ValueError as error:
            raise self.error(f"not JSON: {error}") from error

    def json_or_value(self) -> Field:
        """The value that a JSON text holds, or the value itself where it is no text."""
        return self.json() if isinstance(self.value, str) else self


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a truth value"
    names = {
        str: "a text",
        int: "a number",
        float: "a number",
        list: "a list",
        tuple: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
