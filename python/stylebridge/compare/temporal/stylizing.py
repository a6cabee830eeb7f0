"""What is compared: anything that makes a picture of a frame, with or without a memory of the frames before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import tee
from typing import Protocol, runtime_checkable

from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame


class PictureStylizer(Protocol):
    """A frame in, the frame to show out; `engines.Stylizer` is one."""

    @property
    def name(self) -> str:
        """What it is called in tables and pictures."""

    def __call__(self, frame: Frame) -> Frame:
        """What is shown when this frame has come."""


@runtime_checkable
class TemporalStylizer(Protocol):
    """A stylizer that remembers. Called frame by frame, it shows each moment `latency_frames` calls after it came."""

    latency_frames: int

    @property
    def name(self) -> str:
        """What it is called in tables and pictures."""

    def __call__(self, frame: Frame) -> Frame:
        """What is shown when this frame has come; its clock says which moment that is."""

    def feed(self, frame: Frame) -> Iterator[Frame]:
        """The moments that this frame completes, each once and in order, however late."""

    def finish(self) -> Iterator[Frame]:
        """The moments that are still missing when no frame comes any more."""

    def reset(self) -> None:
        """Forget everything, as before the first frame."""


class Applied:
    """A function of pictures as a stylizer."""

    def __init__(self, name: str, change: Callable[[ColorPlane], ColorPlane]) -> None:
        self.name = name
        self._change = change

    def __call__(self, frame: Frame) -> Frame:
        """The frame with its picture changed."""
        return frame.with_color(self._change(frame.rgb))


class Alone:
    """A stylizer that remembers nothing, fed and finished like one that does."""

    latency_frames = 0

    def __init__(self, inner: PictureStylizer) -> None:
        self.inner = inner
        self.name = inner.name

    def __call__(self, frame: Frame) -> Frame:
        """What the inner stylizer shows."""
        return self.inner(frame)

    def feed(self, frame: Frame) -> Iterator[Frame]:
        """This frame's picture: nothing is late."""
        yield self.inner(frame)

    def finish(self) -> Iterator[Frame]:
        """Nothing is missing."""
        return iter(())

    def reset(self) -> None:
        """There is nothing to forget."""


class Once:
    """A stylizer that works once on each frame, although several wrappers around it ask for the same ones."""

    def __init__(self, inner: PictureStylizer, kept: int = 64) -> None:
        self.inner = inner
        self.name = inner.name
        self._kept = kept
        self._shown: OrderedDict[Frame, Frame] = OrderedDict()  # frames are told apart by identity

    def __call__(self, frame: Frame) -> Frame:
        """What the inner stylizer shows, or showed."""
        if frame not in self._shown:
            self._shown[frame] = self.inner(frame)
            while len(self._shown) > self._kept:
                self._shown.popitem(last=False)
        return self._shown[frame]


def side_by_side(
    stylizers: Sequence[PictureStylizer], frames: Iterable[Frame]
) -> Iterator[tuple[Frame, tuple[Frame, ...]]]:
    """Each frame with what every stylizer shows of it; the frames are read once, latencies are evened out."""
    first, *rest = tee(frames, 1 + len(stylizers))
    shown = [stylised(stylizer, own) for stylizer, own in zip(stylizers, rest, strict=True)]
    for frame, *pictures in zip(first, *shown, strict=True):
        yield frame, tuple(pictures)


def stylised(stylizer: PictureStylizer, frames: Iterable[Frame]) -> Iterator[Frame]:
    """One shown frame for each frame, in order and of the same moment, whatever the stylizer's latency."""
    temporal = stylizer if isinstance(stylizer, TemporalStylizer) else Alone(stylizer)
    temporal.reset()
    for frame in frames:
        yield from temporal.feed(frame)
    yield from temporal.finish()


def shown_by(stylizer: PictureStylizer, frame: Frame) -> ColorPlane:
    """The picture that a stylizer makes of a frame; one of another size can't be carried along by motion."""
    picture = stylizer(frame).rgb
    if picture.shape[:2] != (frame.height, frame.width):
        raise InputError(
            f"shows {picture.shape[1]}x{picture.shape[0]}",
            expected=f"{frame.width}x{frame.height} like its frame, so that motion can carry it along",
            do="give frames of the size that the model shows: add ?size=WxH to the source",
            where=stylizer.name,
        )
    return picture
