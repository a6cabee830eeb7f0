"""Part of a source: from one frame to another, every so many, at another size."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import resize_image
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source

OPTIONS = frozenset({"start", "stop", "every", "size"})


@dataclass(frozen=True, slots=True)
class Selection:
    """Which frames, and how large."""

    start: int = 0
    stop: int | None = None
    every: int = 1
    size: tuple[int, int] | None = None


def select(source: Source, options: Options) -> Source:
    """The source itself, or the part of it that the options ask for."""
    start = options.integer("start", 0, low=0) or 0
    stop = options.integer("stop", None, low=1)
    every = options.integer("every", 1, low=1) or 1
    selection = Selection(start, stop, every, options.size("size"))
    if selection == Selection():
        return source
    if stop is not None and stop <= start:
        raise InputError(f"stop={stop}", expected=f"stop to be above start={start}", where=options.where)
    return Selected(source, selection)


class Selected(Source):
    """Some frames of another source, numbered again from 0; their times stay those of the whole."""

    def __init__(self, inner: Source, selection: Selection) -> None:
        super().__init__(inner.name)
        part = slice(selection.start, selection.stop, selection.every)
        self._inner = inner
        self._selection = selection
        self._position = 0  # how many frames of the inner source have gone by
        self._given = 0
        self.problems = inner.problems
        self.paths = inner.paths[part]
        self.size = selection.size or inner.size
        self.fps = None if inner.fps is None else inner.fps / selection.every
        self.frame_count = None if inner.frame_count is None else len(range(inner.frame_count)[part])

    def read(self) -> Frame | None:
        """The next frame that is wanted."""
        wanted = self._selection.start + self._given * self._selection.every
        if self._selection.stop is not None and wanted >= self._selection.stop:
            return None
        self._inner.skip(wanted - self._position)
        self._position = wanted + 1
        frame = next(self._inner, None)
        if frame is None and not self._given:
            raise InputError(f"no frame at start={self._selection.start}: the end comes before it", where=self.name)
        if frame is None:
            return None
        self.label = self._inner.label
        frame = replace(frame, clock=replace(frame.clock, frame_id=self._given))
        self._given += 1
        return frame.with_color(resize_image(frame.color, self._selection.size)) if self._selection.size else frame

    def reply(self, frame: Frame) -> bool:
        """Send a frame back for the last one that was wanted."""
        return self._inner.reply(frame)

    def close(self) -> None:
        """Close the source behind it."""
        super().close()
        self._inner.close()
