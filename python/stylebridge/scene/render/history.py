"""What is remembered of an eye between two frames, so that motion has a beginning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stylebridge.scene.render.passes import Pass
from stylebridge.scene.render.scenery import Stand
from stylebridge.scene.snapshot import Matrix, Snapshot

MAX_EYES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One frame of an eye: the passes that look from where it stands, those after them, and what they fill."""

    looking: tuple[Pass, ...]
    finishing: tuple[Pass, ...]
    planes: Any  # motion, depth, ids
    normals: Any
    color: Any
    shares: bool = False  # `looking` with other sheets

    @property
    def passes(self) -> tuple[Pass, ...]:
        """All that fill it."""
        return self.looking + self.finishing

    def close(self) -> None:
        """Give its own buffers back."""
        for made in self.finishing if self.shares else self.passes:
            made.close()


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Where an eye and all that moves were in its last frame."""

    view: Matrix
    projection: Matrix
    stand: Stand


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A frame that went to the driver and hasn't been read: what it shows, where, and what was past before it."""

    snapshot: Snapshot
    sheet: Sheet
    now: Past
    before: Past | None


@dataclass(slots=True, eq=False)
class Memory:
    """One eye: its past, and two sheets that take turns to hold its planes."""

    sheets: tuple[Sheet, Sheet]
    turn: int = 0
    past: Past | None = None
    ahead: Drawn | None = None  # drawn before anybody asked for it

    def drop_ahead(self) -> None:
        """What was drawn ahead isn't wanted: the frame before it is the last one again."""
        if self.ahead is not None:
            self.turn, self.past, self.ahead = 1 - self.turn, self.ahead.before, None

    def close(self) -> None:
        """Give the buffers back."""
        for sheet in self.sheets:
            sheet.close()


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
