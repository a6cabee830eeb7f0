"""Moments: a frame with what every column showed for it, handed to whoever measures or keeps pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from stylebridge.frame import ColorPlane, Frame


@dataclass(frozen=True)
class Moment:
    """One frame in all columns."""

    number: int  # from 0
    frame: Frame
    pictures: tuple[ColorPlane | None, ...]  # one a column; None where it failed


class Watcher(Protocol):
    """Something that looks at every moment."""

    def look(self, moment: Moment) -> None:
        """Take in the next moment."""
