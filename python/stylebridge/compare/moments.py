"""Moments: a frame with what every column showed for it, handed to whoever measures or keeps pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from stylebridge.compare.columns import Column
from stylebridge.errors import StylebridgeError
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


def watch_columns(
    frames: Iterable[Frame],
    columns: Sequence[Column],
    watchers: Sequence[Watcher],
    limit: int,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[int, tuple[int, int]]:
    """Run every frame through every column; gives the count and the size (width, height) of the first."""
    count, size = 0, (0, 0)
    for number, frame in enumerate(islice(frames, limit)):
        progress(number)
        size = size if number else (frame.width, frame.height)
        moment = Moment(number, frame, tuple(column.show(frame, number) for column in columns))
        for watcher in watchers:
            watcher.look(moment)
        count = number + 1
    if not count:
        raise StylebridgeError("no frame came", do="look whether the source has any")
    progress(count)
    return count, size
