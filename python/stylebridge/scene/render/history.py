"""What is remembered of an eye between two frames, so that motion has a beginning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stylebridge.scene.render.passes import Pass
from stylebridge.scene.render.scenery import Stand
from stylebridge.scene.snapshot import Matrix

MAX_EYES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One frame of an eye: the pass that lights it and the one that finishes it, with the textures that they fill."""

    drawing: Pass
    finishing: Pass
    planes: Any  # motion, depth, ids
    color: Any


@dataclass(slots=True, eq=False)
class Memory:
    """One eye: the last frame's matrices and places, and two sheets that take turns to hold its planes."""

    sheets: tuple[Sheet, Sheet]
    turn: int = 0
    view: Matrix | None = None
    projection: Matrix | None = None
    stand: Stand | None = None

    def forget(self) -> None:
        """The next frame is the first."""
        self.view = self.projection = self.stand = None

    def close(self) -> None:
        """Give the buffers back."""
        for sheet in self.sheets:
            sheet.drawing.close()
            sheet.finishing.close()


class Memories:
    """The eyes that were used last, a few of them; whoever returns after that starts anew."""

    def __init__(self, make: Callable[[], tuple[Sheet, Sheet]]) -> None:
        self._make = make
        self._of: dict[str, Memory] = {}

    def of(self, name: str) -> Memory:
        """The memory of this eye, empty if it is new."""
        memory = self._of.pop(name, None)
        if memory is None:
            if len(self._of) >= MAX_EYES:
                self._of.pop(next(iter(self._of))).close()
            memory = Memory(self._make())
        self._of[name] = memory
        return memory

    def close(self) -> None:
        """Forget everybody."""
        for memory in self._of.values():
            memory.close()
        self._of.clear()
