"""What the reader's guest runs: tool sources read, calls made ready, with the modules that Python users have."""

from typing import Any

from mentor.errors import ToolSourceError
from mentor.tools.offer import Offer


def read_source(source: str, given: list[dict[str, Any]] | None) -> dict[str, Any]:
    """Reads a source and remembers it: the state after this call is what `prepare` starts from."""
    global _offer  # noqa: PLW0603
    try:
        _offer = Offer(source, given)
    except ToolSourceError as error:
        return {"error": str(error)}
    return {"schemas": _offer.schemas, "parts": _offer.parts}


def prepare(calls: list[tuple[str, dict[str, Any]]]) -> list[dict[str, str]]:
    """For each call the function and its arguments as JSON, or why it is refused."""
    rows = []
    for name, arguments in calls:
        ready = _offer.prepare(name, arguments)
        rows.append(
            {"refused": ready} if isinstance(ready, str) else {"entry": ready[0], "arguments": ready[1]}
        )
    return rows
