"""Part of a source: from one frame to another, every so many, at another size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import resize_image
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source, Wrapper
from stylebridge.sources.opticalflow import estimated

OPTIONS = frozenset({"start", "stop", "every", "size", "motion"})


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
    if stop is not None and stop <= start:
        raise InputError(f"stop={stop}", expected=f"stop to be above start={start}", where=options.where)
    chosen = source if selection == Selection() else Selected(source, selection)
    return estimated(chosen, options.values.get("motion", "off"), options.where)


class Selected(Wrapper):
    """Some frames of another source, numbered again from 0; their times stay those of the whole.

    Where frames of several cameras come in any order, `every` counts each camera's own and their numbers stay; where
    they take turns, it counts rounds. Motion goes back to the frame before, so it is dropped where that one was passed
    over. What is passed over counts as safe.
    """

    def __init__(self, inner: Source, selection: Selection) -> None:
        super().__init__(inner)
        part = slice(selection.start, selection.stop, selection.every)
        self._selection = selection
        self._position = 0  # how many frames of the inner source have gone by
        self._given = 0
        self._seen: Counter[tuple[str, str]] = Counter()  # frames of each camera since the start
        self._received: Mapping[str, int] = {}
        self._noted = False
        self.paths = inner.paths[part]
        self.size = selection.size or inner.size
        self.fps = None if inner.fps is None else inner.fps / selection.every
        count = inner.frame_count
        unclear = inner.interleaves or (inner.turns > 1 and selection.every > 1)
        self.frame_count = None if count is None or unclear else len(range(count)[part])

    def read(self) -> Frame | None:
        """The next frame that is wanted."""
        frame = self._interleaved() if self._inner.interleaves else self._counted()
        if frame is None:
            return None
        self.label = self._inner.label
        if not self._inner.interleaves:
            frame = replace(frame, clock=replace(frame.clock, frame_id=self._given))
        self._given += 1
        if self._selection.every > 1 and (self._inner.interleaves or not self._inner.motion_spans_skips):
            frame = self._without_motion(frame)
        return frame.with_color(resize_image(frame.color, self._selection.size)) if self._selection.size else frame

    def keep(self, received: Mapping[str, int], planes: Sequence[str] = ()) -> None:
        """Hand on what is safe already, and go on counting from there."""
        self._received = dict(received)
        self._inner.keep(received, planes)

    def skip(self, count: int) -> None:
        """Pass over wanted frames; the inner source skips them as it can."""
        if self._inner.interleaves:
            super().skip(count)
        else:
            self._given += count

    def _counted(self) -> Frame | None:
        """The frame at the next wanted place of a source that skips as it can."""
        whole, camera = divmod(self._given, self._inner.turns)
        wanted = self._selection.start + whole * self._inner.turns * self._selection.every + camera
        if self._selection.stop is not None and wanted >= self._selection.stop:
            return None
        self._inner.skip(wanted - self._position)
        self._position = wanted + 1
        frame = next(self._inner, None)
        if frame is None and not self._given:
            raise InputError(f"no frame at start={self._selection.start}: the end comes before it", where=self.name)
        return frame

    def _interleaved(self) -> Frame | None:
        """The next frame whose turn it is among those of its own camera."""
        start, stop = self._selection.start, self._selection.stop
        while stop is None or self._position < stop:
            frame = next(self._inner, None)
            if frame is None and not self._given and start:
                raise InputError(f"no frame at start={start}: the end comes before it", where=self.name)
            if frame is None:
                return None
            self._position += 1
            stream = (frame.session, frame.camera.name)
            if self._position > start:
                if stream not in self._seen and frame.session in self._received:
                    # the last safe frame was a wanted one: so many have gone by since
                    self._seen[stream] = self._inner.receipt().sequence - self._received[frame.session]
                self._seen[stream] += 1
                if (self._seen[stream] - 1) % self._selection.every == 0:
                    return frame
            self._inner.receipt().done()
        return None

    def _without_motion(self, frame: Frame) -> Frame:
        if frame.motion is None and frame.occlusion is None:
            return frame
        if not self._noted:
            self._noted = True
            self.problems.append(
                f"motion and occlusion are dropped: they go back to frames that every={self._selection.every}"
                " passes over; motion=dis estimates them anew"
            )
        kept = tuple(name for name in frame.estimated if name not in ("motion", "occlusion"))
        return replace(frame, motion=None, occlusion=None, estimated=kept)
