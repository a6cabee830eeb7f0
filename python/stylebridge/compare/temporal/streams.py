"""Frames followed over time as they come: the planes that takes, memory of their own, several cameras in turn."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator

from stylebridge.compare.temporal.stylizing import TemporalStylizer
from stylebridge.frame import Frame
from stylebridge.sources import Source, open_source
from stylebridge.sources.address import Address
from stylebridge.sources.base import Wrapper

WANTED = "color+depth+motion+occlusion"
MAX_CAMERAS = 64

Stream = tuple[str, str]  # session and camera


def open_moving(name: str) -> Source:
    """Open a source for its motion: games, which send colour alone unless asked, are asked for all that it takes."""
    address = Address.parse(name)
    if address.scheme == "zmq" and "planes" not in address.options.values:
        name += f"{'&' if address.options.values else '?'}planes={WANTED}"
    source = open_source(name)
    return Owned(source) if source.listens_at else source


class Owned(Wrapper):
    """Another source's frames in memory of their own."""

    def read(self) -> Frame | None:
        """The next frame, copied."""
        frame = next(self._inner, None)
        self.label = self._inner.label
        return None if frame is None else frame.owned()


class PerCamera:
    """A temporal stylizer for each camera of each game, whose frames may come in turn; shown in the order they came.

    Where one camera's frames are late and no more of them come, they are completed as at the end of its stream.
    """

    def __init__(self, wrap: Callable[[], TemporalStylizer]) -> None:
        first = wrap()
        self.name = first.name
        self.latency_frames = first.latency_frames  # of each camera's own frames
        self._wrap = wrap
        self.reset()

    def reset(self) -> None:
        """Forget everything, as before the first frame."""
        self._own: OrderedDict[Stream, TemporalStylizer] = OrderedDict()
        self._done: dict[Stream, deque[Frame]] = {}
        self._order: deque[Stream] = deque()  # one for each frame that came and wasn't shown yet

    def __call__(self, frame: Frame) -> Frame:
        """What is shown of this frame's camera when it has come."""
        return self._stylizer(_stream(frame))(frame)

    def feed(self, frame: Frame) -> Iterator[Frame]:
        """The moments that this frame completes, in the order in which they came."""
        stream = _stream(frame)
        own = self._stylizer(stream)
        try:
            self._done[stream].extend(own.feed(frame))
        except BaseException:
            self._forget(stream)
            raise
        self._order.append(stream)
        while len(self._own) > MAX_CAMERAS:
            self._end(next(iter(self._own)))
        yield from self._ready()
        while len(self._order) > 2 * (self.latency_frames + 1) * len(self._own):
            self._end(self._order[0])
            yield from self._ready()

    def finish(self) -> Iterator[Frame]:
        """The moments that are still missing when no frame comes any more."""
        for stream in list(self._own):
            self._end(stream)
        yield from self._ready()
        self.reset()

    def _stylizer(self, stream: Stream) -> TemporalStylizer:
        if stream not in self._own:
            self._own[stream] = self._wrap()
            self._done.setdefault(stream, deque())
        self._own.move_to_end(stream)
        return self._own[stream]

    def _end(self, stream: Stream) -> None:
        own = self._own.pop(stream, None)
        if own is not None:
            self._done[stream].extend(own.finish())

    def _forget(self, stream: Stream) -> None:
        """Wait no more for what was lost when its stylizer failed."""
        self._own.pop(stream, None)
        done = len(self._done[stream])
        kept: deque[Stream] = deque()
        for each in self._order:
            done -= each == stream
            if each != stream or done >= 0:
                kept.append(each)
        self._order = kept

    def _ready(self) -> Iterator[Frame]:
        while self._order and self._done[self._order[0]]:
            stream = self._order.popleft()
            yield self._done[stream].popleft()
            if stream not in self._own and not self._done[stream]:
                del self._done[stream]


def _stream(frame: Frame) -> Stream:
    return frame.session, frame.camera.name
