"""Writer: takes frames as they come, packs them on several threads, and says when each one is safe."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.recording.chunk import Stamp, encode_chunk
from stylebridge.recording.codec import SWIFT, Floats
from stylebridge.recording.details import Details, completed
from stylebridge.recording.growing import Growing, begin, received_from_rows, take_up
from stylebridge.recording.index import MAX_CHANNELS, Channel, Row, encode_channel, row_from_header
from stylebridge.recording.message import check_frame, encode_frame
from stylebridge.recording.records import Malformed

MAX_THREADS = 64
MAX_LEVEL = 19
MAX_TIME_S = 9e9  # in MCAP's nanoseconds; the frame's own clock has no such bound
_AHEAD = 2  # frames that may wait beside those being packed
_NICENESS = 5  # of the threads that pack: they take what the game leaves

Packed = tuple[bytes, Row]


@dataclass(frozen=True, slots=True)
class _Job:
    """A frame under way."""

    packed: Future[Packed]
    announcement: bytes
    session: str
    sequence: int
    on_safe: Callable[[], None] | None


class Writer:
    """Writes frames into one MCAP file. `write` may be called from any thread, and blocks while the disk is behind.

    A frame is *safe* when its chunk was handed to the system whole: it outlives the process, even if killed. A power
    cut takes at most the last `fsync_s` seconds; 0 means that no frame is safe before it is on the disk itself.
    `on_safe` is called then, in the writer's own thread, in the order of the writes: be quick there, and leave the
    writer alone. Planes may not change until then.

    `frame_count` frames were handed over and `safe_count` are safe, `resumed_count` of them from before.
    """

    def __init__(
        self,
        path: Path | str,
        details: Details,
        *,
        floats: Floats = "f16",
        level: int = 1,
        threads: int = 2,
        resume: bool = False,
        force: bool = False,
        fsync_s: float = 1.0,
    ) -> None:
        self.path = Path(path)
        _check(floats, level, threads, fsync_s)
        details = completed(details, floats)
        self._file = take_up(self.path, details) if resume else begin(self.path, details, force=force)
        self._floats, self._level = floats, level
        self._channels = {channel: number for number, channel in self._file.channels.items()}
        self._received = received_from_rows(self._file.rows, self._file.channels)
        self.frame_count = self.safe_count = self.resumed_count = len(self._file.rows)
        self.cut_bytes = self._file.cut_bytes  # that were cut off the end of the one that is resumed
        self._order = threading.Lock()  # of the writes
        self._progress = threading.Condition()
        self._slots = threading.Semaphore(threads + _AHEAD)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._failure: BaseException | None = None  # nothing is written any more
        self._complaint: Exception | None = None  # of `on_safe`
        self._told = self.safe_count  # frames whose `on_safe` has returned
        self._closed = self._ended = self._hurry = self._drained = False
        self._pool = ThreadPoolExecutor(threads, "stylebridge-pack", _step_back)
        self._thread = threading.Thread(target=self._run, name="stylebridge-write", daemon=True)
        self._thread.start()
        self._syncer = Syncer(self._file, fsync_s)

    @property
    def bytes(self) -> int:
        """How long the file is, but for its index."""
        return self._file.end

    @property
    def received(self) -> dict[str, int]:
        """The last safe sequence of every session, those of earlier runs included."""
        with self._progress:
            return dict(self._received)

    def last_frames(self) -> list[tuple[str, Frame]]:
        """Before the first `write`: the game and the last frame, colour only, of every stream of earlier runs."""
        try:
            return [(channel.game, frame) for channel, frame in self._file.last_frames()]
        except Malformed as error:
            do = f"run: stylebridge recording repair {self.path}"
            raise InputError(f"its last frame is damaged: {error}", do=do, where=self.path) from error

    def write(
        self, frame: Frame, *, game: str = "", sequence: int = 0, on_safe: Callable[[], None] | None = None
    ) -> int:
        """Hand a frame over; gives its number in the file. An error of the frames before comes out here."""
        check_frame(frame, game, sequence)
        self._slots.acquire()
        try:
            with self._order:
                self._check_open()
                return self._queue(frame, game, sequence, on_safe)
        except BaseException:
            self._slots.release()
            raise

    def flush(self) -> None:
        """Wait until every frame so far is safe, its `on_safe` has returned, and all is on the disk."""
        with self._order:
            self._check_open()
        with self._progress:
            wanted = self.frame_count
            self._progress.wait_for(lambda: self._told >= wanted or self._failure is not None or self._drained)
            is_cut = self._told < wanted
        self._raise_failure()
        if is_cut:
            raise InputError("the recording was closed before its last frames", where=self.path)
        self._file.sync()

    def close(self) -> None:
        """Wait for every frame, write the index and close; harmless twice. Without any frame no file is made.

        What went wrong with frames handed over before comes out here, after everything that can be saved is.
        """
        with self._order:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()
        with self._order:
            if self._ended:
                return
            self._ended = True
            self._pool.shutdown()
            self._syncer.stop()
            try:
                self._file.finish()
            except StylebridgeError as error:
                self._fail(error)
            finally:
                self._file.close()
        self._raise_failure()

    def abort(self) -> None:
        """Close without waiting for frames that aren't safe yet; the safe ones stay, and the file is finished."""
        self._hurry = True
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self.close()
            return
        try:
            self.close()
        except StylebridgeError as second:
            if second is not error:
                error.add_note(str(second))

    def _queue(self, frame: Frame, game: str, sequence: int, on_safe: Callable[[], None] | None) -> int:
        channel = Channel(game, frame.camera.name, frame.session, frame.width, frame.height)
        number, announcement = self._channels.get(channel), b""
        if number is None:
            number = max(self._channels.values(), default=0) + 1
            if number > MAX_CHANNELS:
                raise InputError(f"more than {MAX_CHANNELS} streams", expected="fewer in one file", where=self.path)
            announcement = encode_channel(number, channel)
            self._channels[channel] = number
            self._file.channels[number] = channel
        index = self.frame_count
        log_ns = int(frame.clock.wall_ns) or time.time_ns()
        publish_ns = round(min(MAX_TIME_S, max(0.0, float(frame.clock.simulation_s))) * 1e9)
        stamp = Stamp(number, index, log_ns, publish_ns)
        job = _Job(
            self._pool.submit(self._pack, frame, game, sequence, stamp), announcement, frame.session, sequence, on_safe
        )
        self._jobs.put(job)
        self.frame_count = index + 1
        return index

    def _pack(self, frame: Frame, game: str, sequence: int, stamp: Stamp) -> Packed:
        header, message = encode_frame(frame, game, sequence, self._file.run, self._floats, self._level)
        chunk = encode_chunk(message, stamp)
        return chunk, row_from_header(header, stamp, 0, len(chunk))

    def _run(self) -> None:
        """Write what is packed, in order; after a failure only let go of what comes."""
        while (job := self._jobs.get()) is not None:
            try:
                if self._failure is None and not self._hurry:
                    chunk, row = job.packed.result()
                    self._file.append(job.announcement, chunk, row)
                    self._syncer.appended()
                    self._safe(job)
            except BaseException as error:
                self._fail(error)
            finally:
                self._slots.release()
                job.packed.cancel()
        with self._progress:
            self._drained = True
            self._progress.notify_all()

    def _safe(self, job: _Job) -> None:
        with self._progress:
            self.safe_count += 1
            if job.session and job.sequence:
                self._received[job.session] = max(job.sequence, self._received.get(job.session, 0))
        try:
            if job.on_safe is not None:
                job.on_safe()
        except Exception as error:  # is the caller's, and comes back to it; the recording goes on
            self._complaint = self._complaint or error
        with self._progress:
            self._told += 1
            self._progress.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._progress:
            self._failure = self._failure or error
            self._progress.notify_all()

    def _check_open(self) -> None:
        self._raise_failure()
        if self._closed:
            raise InputError("the recording is closed", where=self.path)

    def _raise_failure(self) -> None:
        complaint, self._complaint = self._complaint, None
        failure = self._failure or self._syncer.failure or complaint
        if failure is not None:
            raise failure


class Syncer:
    """Brings what was written to the disk every so often, beside the writing."""

    def __init__(self, file: Growing, every_s: float) -> None:
        self.failure: StylebridgeError | None = None
        self._file, self._every_s = file, every_s
        self._dirty, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="stylebridge-sync", daemon=True)
        if every_s > 0:
            self._thread.start()

    def appended(self) -> None:
        """A frame was written."""
        if self._every_s > 0:
            self._dirty.set()
        else:
            self._file.sync()

    def stop(self) -> None:
        """Wait for the last one."""
        self._over.set()
        self._dirty.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while self._dirty.wait() and not self._over.is_set():
            self._dirty.clear()
            try:
                self._file.sync()
            except StylebridgeError as error:
                self.failure = error
                return
            except ValueError:  # closed meanwhile, because its first frame could not be written
                return
            self._over.wait(self._every_s)


def _step_back() -> None:
    """Let whoever draws the frames go first, where this system knows the priority of a single thread."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS)


def _check(floats: str, level: int, threads: int, fsync_s: float) -> None:
    if floats not in get_args(Floats):
        raise InputError(f"floats {floats!r}", expected=" or ".join(get_args(Floats)))
    for what, number, least, most in (("level", level, SWIFT, MAX_LEVEL), ("threads", threads, 1, MAX_THREADS)):
        if not least <= number <= most:
            raise InputError(f"{what} {number}", expected=f"{least} to {most}")
    if not 0 <= fsync_s <= 3600:
        raise InputError(f"fsync_s {fsync_s}", expected="0 to 3600 seconds")
