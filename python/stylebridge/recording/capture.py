"""Capture: frames from several sources into one recording, each confirmed to its game once it is safe."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import PLANES, ColorPlane, Frame
from stylebridge.recording.message import check_frame
from stylebridge.recording.notes import Notes, StreamKey

if TYPE_CHECKING:
    from stylebridge.recording import Writer
    from stylebridge.sources.base import Receipt, Source

LEAVE_S = 5.0  # for a source's thread to end once nothing more is wanted
MAX_PICTURES = 64  # cameras whose last picture is kept, to find equal ones

_OURS = 16  # hex digits of a session that say which source it is; the others tell its own sessions apart


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the frames is kept, and when it is enough."""

    planes: tuple[str, ...] = ()  # all when empty; colour is always kept
    dedupe: bool = False
    frames: int | None = None  # in the recording, those of earlier runs included
    seconds: float | None = None  # since the first frame of this run


@dataclass(slots=True)
class Feed:
    """A source to be opened in a thread of its own, and how its frames are filed."""

    open: Callable[[], Source]
    game: str  # for frames that name none
    session: str  # of what can be opened again, the same every time
    fresh_session: str  # of what can't
    source: Source | None = None
    failure: BaseException | None = None
    ready: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)


class Capture:
    """Runs the feeds until they end, enough has come, or `stop` is called; then `finish` once.

    Each source is opened, read and closed in one thread. A source's failure ends all; what came before is kept.
    """

    def __init__(self, feeds: Sequence[Feed], wish: Wish) -> None:
        self.duplicates = 0
        self.refused = False  # whether a frame couldn't be kept
        self.seconds = 0.0  # between the first frame and the last
        self.problems: list[str] = []
        self._feeds = list(feeds)
        self._wish = wish
        self._writer: Writer | None = None
        self._stop, self._go, self._may_close = threading.Event(), threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._began = self._stopped = 0.0
        self._taken = 0
        self._notes = Notes(self.problems)
        self._colors: dict[StreamKey, ColorPlane] = {}
        self._broken: set[StreamKey] = set()  # their next motion goes back to a frame that was left out
        for feed in self._feeds:
            threading.Thread(target=self._run, args=(feed,), name=f"stylebridge-{feed.game}", daemon=True).start()

    def open(self) -> list[Source]:
        """Wait until every source is open, or one can't be."""
        sources = []
        for feed in self._feeds:
            feed.ready.wait()
            if feed.failure is not None:
                raise feed.failure
            assert feed.source is not None  # noqa: S101 - open or failed
            sources.append(feed.source)
        return sources

    def start(self, writer: Writer) -> None:
        """Begin to take frames."""
        self._writer, self._taken = writer, writer.frame_count
        if writer.cut_bytes:
            self.problems.append(f"{writer.cut_bytes} bytes of a frame that was cut off were taken away")
        if self._wish.dedupe:
            for game, frame in writer.last_frames()[-MAX_PICTURES:]:
                self._remember(self._key(frame, game), frame.color)
        if self._has_enough():
            self._stop.set()
        self._go.set()

    @property
    def frames(self) -> int:
        """Frames recorded by this run."""
        return 0 if self._writer is None else self._writer.frame_count - self._writer.resumed_count

    @property
    def dropped(self) -> int:
        """Frames that never came here."""
        return sum(feed.source.dropped for feed in self._feeds if feed.source is not None)

    @property
    def elapsed_s(self) -> float:
        """Since the first frame."""
        return time.monotonic() - self._began if self._began else 0.0

    def stop(self) -> None:
        """Enough: sources that wait are told so."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether no more frames come."""
        limit = self._wish.seconds
        if limit is not None and self._began and self.elapsed_s >= limit:
            self.stop()
        if not self._stop.wait(seconds):
            return all(feed.ended.is_set() for feed in self._feeds)
        now = time.monotonic()
        self._stopped = self._stopped or now
        for feed in self._feeds:
            if feed.source is not None and not feed.ended.is_set():
                feed.source.interrupt()
        return now - self._stopped > LEAVE_S or all(feed.ended.wait(seconds) for feed in self._feeds)

    def finish(self) -> None:
        """Confirm what is safe, close the sources and then the recording; raises what went wrong on the way."""
        self._stop.set()
        failures = [feed.failure for feed in self._feeds if feed.failure is not None]
        try:
            if self._writer is not None and not failures:
                self._writer.flush()
        except StylebridgeError as error:
            failures.append(error)
        self._close_sources()
        try:
            if self._writer is not None:
                self._writer.close()
        except StylebridgeError as error:
            failures.append(error)
        self._notes.finish()
        if failures:
            raise failures[0]

    def _close_sources(self) -> None:
        self._may_close.set()
        self._go.set()
        end = time.monotonic() + LEAVE_S
        for feed in self._feeds:
            feed.ready.wait(max(0.0, end - time.monotonic()))
            if feed.source is not None:
                feed.source.interrupt()
                if not feed.closed.wait(max(0.0, end - time.monotonic())):
                    self.problems.append(f"{feed.game} didn't end within {LEAVE_S:g} s")
                self.problems += [problem for problem in feed.source.problems if problem not in self.problems]

    def _run(self, feed: Feed) -> None:
        """A feed's thread."""
        try:
            feed.source = feed.open()
        except BaseException as error:
            feed.failure = error
        feed.ready.set()
        self._go.wait()
        try:
            if feed.source is not None and self._writer is not None and not self._stop.is_set():
                self._read(feed, feed.source, self._writer)
        except BaseException as error:
            feed.failure = feed.failure or error
            self._stop.set()
        feed.ended.set()
        self._may_close.wait()
        try:
            if feed.source is not None:
                feed.source.close()
        except StylebridgeError as error:
            self.problems.append(str(error))
        feed.closed.set()

    def _read(self, feed: Feed, source: Source, writer: Writer) -> None:
        received = writer.received
        source.keep(received, self._wish.planes)
        session = feed.session if source.repeatable or source.frame_count is not None else feed.fresh_session
        position = max((last for known, last in received.items() if known.startswith(session[:_OURS])), default=0)
        if position:
            source.skip(position - 1)
            before = next(source, None)
            if before is not None:  # so that what is left out as equal goes on as if nothing had happened
                before = replace(before, session=own_session(session, before.session))
                self._remember(self._key(before, source.receipt().game or feed.game), before.color)
        for frame in source:
            position += 1
            receipt = source.receipt()
            if receipt.sequence:
                taken = self._take(frame, receipt.game, receipt.sequence, receipt, writer)
            else:
                frame = replace(frame, session=own_session(session, frame.session))
                taken = self._take(frame, receipt.game or feed.game, position, receipt, writer)
            if not taken or self._stop.is_set():
                return

    def _take(self, frame: Frame, game: str, sequence: int, receipt: Receipt, writer: Writer) -> bool:
        """Record a frame, unless it is one too many. One that can't be kept, whoever asks, may not stop the others."""
        key = self._key(frame, game)
        try:
            check_frame(frame, game, sequence)
        except InputError as error:
            self._notes.leave_out(key, error)
            self._broken.add(key)
            self.refused = True
            receipt.done()
            return True
        self._notes.look_at(frame, key, self._wish.planes)
        if self._is_duplicate(frame, key):
            with self._lock:
                self.duplicates += 1
            receipt.done()
            return True
        frame = self._kept(frame, key)
        with self._lock:
            if self._stop.is_set() or self._has_enough():
                return False
            self._taken += 1
            now = time.monotonic()
            self._began = self._began or now
            self.seconds = now - self._began
        writer.write(frame, game=game, sequence=sequence, on_safe=receipt.done)
        if self._has_enough():
            self._stop.set()
        return True

    def _key(self, frame: Frame, game: str) -> StreamKey:
        return game, frame.camera.name, frame.session

    def _is_duplicate(self, frame: Frame, key: StreamKey) -> bool:
        if not self._wish.dedupe:
            return False
        before = self._colors.get(key)
        if before is not None and np.array_equal(before, frame.color):
            if frame.motion is not None and frame.motion.any():
                self._broken.add(key)
            return True
        self._remember(key, frame.color.copy())  # the frame's own may lie in memory that its game wants back
        return False

    def _remember(self, key: StreamKey, color: ColorPlane) -> None:
        with self._lock:
            self._colors.pop(key, None)
            self._colors[key] = color
            while len(self._colors) > MAX_PICTURES:
                self._colors.pop(next(iter(self._colors)))

    def _kept(self, frame: Frame, key: StreamKey) -> Frame:
        """The planes that are wanted and true."""
        leave_out = {name for name in PLANES if self._wish.planes and name not in (*self._wish.planes, "color")}
        if key in self._broken:
            self._broken.discard(key)
            leave_out |= {"motion", "occlusion"}
        present = {name for name in leave_out if getattr(frame, name) is not None}
        if not present:
            return frame
        estimated = tuple(name for name in frame.estimated if name not in present)
        return replace(frame, **dict.fromkeys(present), estimated=estimated)  # type: ignore[arg-type]

    def _has_enough(self) -> bool:
        return self._wish.frames is not None and self._taken >= self._wish.frames


def own_session(session: str, inner: str) -> str:
    """The session that a source's frames are filed under, one for each that they come from."""
    return session[:_OURS] + hashlib.blake2b(inner.encode(), digest_size=8).hexdigest() if inner else session
