"""Players: what brings moments onto the page. This one plays what can be opened again, and stops, steps and seeks."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from stylebridge.frame import Frame
from stylebridge.sources.base import Source
from stylebridge.watch.faults import explained
from stylebridge.watch.moment import Moment

DEFAULT_FPS = 30.0
MAX_FPS = 120.0
LOOK_S = 0.1  # between two looks whether the columns are ready, should nobody say so

Publish = Callable[[Moment], bool]  # says whether anybody took it


class Player(ABC):
    """A thread that publishes moments."""

    is_live = False

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._wake = threading.Condition()
        self._closing = False
        self.playing = True
        self.error = ""
        self._thread = threading.Thread(target=self._guarded, name="stylebridge-player", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def poke(self) -> None:
        """Something it may wait for has happened."""
        with self._wake:
            self._wake.notify_all()

    @abstractmethod
    def play(self, on: bool) -> None:
        """Go on, or pause."""

    @abstractmethod
    def step(self, count: int) -> None:
        """Pause, and show the moment so many further on."""

    def seek(self, number: int) -> None:  # noqa: B027 - what is live can't
        """Show this moment."""

    def again(self) -> None:  # noqa: B027 - what is live shows a new moment soon
        """Show the present moment once more, because it will look different."""

    def choose_stream(self, name: str) -> None:  # noqa: B027 - most have one
        """Show another camera."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What the page says about it."""

    def close(self, wait_s: float = 5.0) -> None:
        """Stop."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    @abstractmethod
    def _run(self) -> None:
        """The thread's work."""

    def _guarded(self) -> None:
        try:
            self._run()
        except Exception as error:  # the page says so, and what was shown stays
            self.error = explained(error)


class Replay(Player):
    """Plays a recording, a video or pictures in circles; frames are read only when somebody works on them.

    `together` waits for every column before it goes on, so that all show the same moment; else it keeps the pace of
    the recording, and slow columns leave moments out.
    """

    def __init__(
        self,
        open_it: Callable[[], Source],
        first: Source,
        publish: Publish,
        idle: Callable[[], bool],
        together: bool = True,
    ) -> None:
        super().__init__(publish)
        self._open, self._source, self._idle = open_it, first, idle
        self.count = first.frame_count or 1
        self.fps = min(MAX_FPS, first.fps or DEFAULT_FPS)
        self.together = together
        self.position = -1
        self._wanted: int | None = 0
        self._reading = threading.Lock()
        self._next_read = 0
        self._late = 0

    def play(self, on: bool) -> None:
        """Go on, or pause."""
        with self._wake:
            self.playing = on
            self._wake.notify_all()

    def step(self, count: int) -> None:
        """Pause, and show the moment so many further on."""
        with self._wake:
            self.playing = False
            at = self.position if self._wanted is None else self._wanted
            self._wanted = (at + count) % self.count
            self._wake.notify_all()

    def seek(self, number: int) -> None:
        """Show this moment."""
        with self._wake:
            self._wanted = min(max(0, number), self.count - 1)
            self._wake.notify_all()

    def again(self) -> None:
        """Show the present moment once more."""
        with self._wake:
            if self._wanted is None:
                self._wanted = max(0, self.position)
            self._wake.notify_all()

    def state(self) -> dict[str, Any]:
        """What the page says about it."""
        problems = list(self._source.problems)
        return {
            "live": False,
            "playing": self.playing,
            "position": max(0, self.position),
            "count": self.count,
            "rate": self.fps,
            "error": self.error,
            "problems": problems[:4],
        }

    def close(self, wait_s: float = 5.0) -> None:
        """Stop and close the source."""
        super().close(wait_s)
        with self._reading:
            self._source.close()

    def _run(self) -> None:
        due = time.monotonic()
        while (number := self._next()) is not None:
            self.position = number
            self._publish(Moment(number, lambda number=number: self._read(number)))  # type: ignore[misc]
            due = max(due + 1 / self.fps, time.monotonic() - 1 / self.fps)
            with self._wake:
                while self.together and not self._has_changed() and not self._idle():
                    self._wake.wait(LOOK_S)
                while not self._has_changed() and (left := due - time.monotonic()) > 0:
                    self._wake.wait(left)

    def _has_changed(self) -> bool:
        return self._closing or self._wanted is not None

    def _next(self) -> int | None:
        """The number of the next moment, once there is one."""
        with self._wake:
            self._wake.wait_for(lambda: self.playing or self._has_changed())
            if self._closing:
                return None
            wanted, self._wanted = self._wanted, None
            return (self.position + 1) % self.count if wanted is None else wanted

    def _read(self, number: int) -> Frame:
        with self._reading:
            if number < self._next_read:
                self._source.close()
                self._source = self._open()
                self._next_read = 0
            if number > self._next_read:
                self._source.skip(number - self._next_read)
            self._next_read = self.count  # a source that has failed, or ended, is opened again for the next one
            frame = next(self._source, None)
            if frame is None:
                self.count = max(1, number)  # a damaged video announces more than it has
                raise EOFError(f"frame {number} isn't there any more")
            self._next_read = number + 1
            return frame
