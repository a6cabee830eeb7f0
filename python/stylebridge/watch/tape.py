"""Capture from the live page: frames into a recording, from now on, without ever holding up the game."""

from __future__ import annotations

import queue
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.files import check_writable
from stylebridge.frame import Frame

if TYPE_CHECKING:
    from stylebridge.recording import Writer

WAITING = 16  # frames between the game and the disk; what comes when they are full is dropped and counted
SAID_S = 60.0  # how long a closing recording is waited for


class Tape:
    """Records while `running`; every capture gets a file of its own that wasn't there before."""

    def __init__(self, folder: Path, source: str) -> None:
        self._folder, self._source = folder, source
        self._lock = threading.Lock()
        self._queue: queue.Queue[tuple[Frame, str, int] | None] | None = None
        self._thread: threading.Thread | None = None
        self._session = ""
        self.path: Path | None = None
        self.frames = self.dropped = 0
        self.error = ""

    @property
    def running(self) -> bool:
        """Whether frames are kept."""
        return self._queue is not None

    def start(self) -> None:
        """Begin a new recording."""
        from stylebridge.recording import Details, Writer

        with self._lock:
            if self._queue is not None:
                return
            check_writable(self._folder)
            self.path = free_path(self._folder)
            writer = Writer(self.path, Details(self._source, note="captured from the live page"))
            self.frames = self.dropped = 0
            self.error, self._session = "", secrets.token_hex(16)
            waiting: queue.Queue[tuple[Frame, str, int] | None] = queue.Queue(WAITING)
            self._thread = threading.Thread(
                target=self._run, args=(writer, waiting), name="stylebridge-tape", daemon=True
            )
            self._thread.start()
            self._queue = waiting

    def take(self, frame: Frame, game: str, sequence: int) -> None:
        """Keep a frame if it is recorded; its planes may not change any more. Never waits."""
        waiting = self._queue
        if waiting is None:
            return
        try:
            waiting.put_nowait((frame, game, sequence))
        except queue.Full:
            self.dropped += 1

    def stop(self) -> None:
        """End the recording; it is whole when this comes back."""
        with self._lock:
            waiting, self._queue = self._queue, None
            if waiting is not None and self._thread is not None:
                with suppress(queue.Full):
                    waiting.put(None, timeout=SAID_S)
                self._thread.join(SAID_S)

    def state(self) -> dict[str, Any]:
        """What the page says about it."""
        return {
            "running": self.running,
            "folder": str(self._folder.resolve()),
            "file": str(self.path) if self.path else "",
            "frames": self.frames,
            "dropped": self.dropped,
            "error": self.error,
        }

    def _run(self, writer: Writer, waiting: queue.Queue[tuple[Frame, str, int] | None]) -> None:
        try:
            with writer:
                while (item := waiting.get()) is not None:
                    frame, game, sequence = item
                    # A source without sessions is filed under one of ours, so that two captures are told apart.
                    writer.write(
                        frame if frame.session else replace(frame, session=self._session),
                        game=game,
                        sequence=sequence,
                    )
                    self.frames += 1
        except (StylebridgeError, OSError) as error:
            self.error = str(error)
            self._queue = None


def free_path(folder: Path) -> Path:
    """A name in this folder that no file has."""
    stem = time.strftime("capture-%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        path = folder / (f"{stem}.mcap" if number == 1 else f"{stem}-{number}.mcap")
        if not path.exists():
            return path
    raise InputError("a thousand captures within a second", do="wait a moment", where=folder)
