"""Every broken vector."""

from __future__ import annotations

from .broken_frames import broken_frames
from .broken_messages import broken_messages
from .broken_planes import broken_planes
from .edits import Broken


def broken(bases: dict[str, bytes]) -> list[Broken]:
    """All of them, made from the valid messages' bytes."""
    found = [*broken_messages(bases), *broken_frames(bases), *broken_planes()]
    names = [edit.name for edit in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"several vectors are called {', '.join(twice)}")
    return found
