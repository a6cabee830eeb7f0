"""What the page says when something goes wrong in a column, a player or the reader."""

from __future__ import annotations

from stylebridge.errors import StylebridgeError


def explained(error: BaseException) -> str:
    """What went wrong, in a line for people."""
    if isinstance(error, StylebridgeError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return f"the Python package {error.name!r} is not installed"
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
