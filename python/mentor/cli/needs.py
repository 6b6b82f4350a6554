"""What a command needs beyond the library itself, asked for before it starts."""

from __future__ import annotations

import importlib.util

from mentor.errors import ConfigError

__all__ = ["need"]


def need(command: str, *modules: str) -> None:
    """Make sure that optional packages are installed.

    Args:
        command: The command's name, for the error message.
        modules: The modules that it imports.

    Raises:
        ConfigError: If one is missing; says how to install it.
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        problem = (
            f"mentor {command} needs {', '.join(missing)}; install it with: pip install 'mentor-rl[train]'"
        )
        raise ConfigError("installation", [problem])
