"""The run of a comparison: every frame through every column, handed on as soon as all columns have shown it."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from stylebridge.compare.columns import Column
from stylebridge.compare.moments import Moment, Watcher
from stylebridge.errors import Interrupted, StylebridgeError
from stylebridge.frame import ColorPlane, Frame


class Stop:
    """Whether Ctrl-C was pressed; what is under way then comes to an orderly end."""

    def __init__(self) -> None:
        self.asked = False
        self.is_reading = False  # of the source, which may take as long as it likes


@dataclass
class Run:
    """How far it came."""

    frames: int = 0
    size: tuple[int, int] = (0, 0)  # width and height of the first frame
    cut_short: str = ""  # by what, where it was


@dataclass
class _Round:
    """Frames under way, and what the columns have shown of them so far."""

    columns: Sequence[Column]
    watchers: Sequence[Watcher]
    count: int = 0
    frames: deque[Frame] = field(default_factory=deque)
    shown: list[deque[ColorPlane | None]] = field(default_factory=list)

    def give(self, frame: Frame, number: int) -> None:
        """Put a frame through all columns."""
        self.frames.append(frame)
        for column, queue in zip(self.columns, self.shown, strict=True):
            queue.extend(column.take(frame, number))
        self._hand_on()

    def finish(self) -> None:
        """Hand on what columns held back."""
        for column, queue in zip(self.columns, self.shown, strict=True):
            queue.extend(column.finish())
        self._hand_on()

    def _hand_on(self) -> None:
        while self.frames and all(self.shown):
            moment = Moment(self.count, self.frames.popleft(), tuple(queue.popleft() for queue in self.shown))
            for watcher in self.watchers:
                watcher.look(moment)
            self.count += 1


def run_columns(
    frames: Iterable[Frame],
    columns: Sequence[Column],
    watchers: Sequence[Watcher],
    limit: int,
    progress: Callable[[int], None] = lambda done: None,
    stop: Stop | None = None,
) -> Run:
    """Run the frames through the columns, until enough have come, Ctrl-C, or the source breaks off."""
    stop = stop or Stop()
    run = Run()
    under_way = _Round(columns, watchers, shown=[deque() for _ in columns])
    reader = iter(frames)
    for number in range(limit):
        progress(number)
        try:
            frame = _next(reader, stop)
        except StylebridgeError as error:
            if not number:
                raise
            run.cut_short = f"the source broke off: {error}"
            break
        if stop.asked:
            run.cut_short = "interrupted by Ctrl-C"
            break
        if frame is None:
            break
        run.size = run.size if number else (frame.width, frame.height)
        under_way.give(frame, number)
    under_way.finish()
    run.frames = under_way.count
    if not run.frames and stop.asked:
        raise Interrupted("stopped before a frame came, so nothing was written")
    if not run.frames:
        raise StylebridgeError("no frame came", do="look whether the source has any")
    progress(run.frames)
    return run


def _next(reader: Iterator[Frame], stop: Stop) -> Frame | None:
    """The next frame; None at the end, or when Ctrl-C is pressed while it is waited for."""
    stop.is_reading = True
    try:
        return None if stop.asked else next(reader, None)
    except KeyboardInterrupt:
        if not stop.asked:
            raise
        return None
    finally:
        stop.is_reading = False


def owned(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames in memory of their own."""
    return (frame.owned() for frame in frames)


@contextmanager
def stop_on_interrupt(wake: Callable[[], None] | None = None) -> Iterator[Stop]:
    """The first Ctrl-C or SIGTERM asks for an orderly end; the second ends it at once.

    `wake` lets a read that waits end. Without it, the read is broken off.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, at: object) -> None:
        stop.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, before[signal.SIGTERM])
        if wake is not None:
            wake()
        elif stop.is_reading:
            raise KeyboardInterrupt

    try:
        for number in before:
            signal.signal(number, handle)
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
