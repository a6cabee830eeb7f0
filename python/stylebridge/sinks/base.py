"""Sink: what every place that frames go to looks like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from stylebridge.errors import StylebridgeError
from stylebridge.frame import Frame


class Sink(ABC):
    """Takes frames; closing makes what was written appear, aborting (or an exception) leaves no trace of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.frame_count = 0
        self.problems: list[str] = []
        self.stopped = False  # true once the viewer has had enough; only a window ever says so
        self._over = False

    def write(self, frame: Frame, name: str | None = None) -> None:
        """Take one frame; `name` is the file it came from, kept where each frame has a file of its own."""
        if self._over:
            raise StylebridgeError("a frame was written after the end", where=self.name)
        self._write(frame, name)
        self.frame_count += 1

    def close(self) -> None:
        """Finish what was written; without a single frame that is a failure. Closing twice is harmless."""
        if self._over:
            return
        self._over = True
        try:
            if not self.frame_count:
                raise StylebridgeError("no frame came, so nothing was written", where=self.name)
            self._finish()
        except BaseException:
            self._discard()
            raise

    def abort(self) -> None:
        """Throw away what was written."""
        if not self._over:
            self._over = True
            self._discard()

    @abstractmethod
    def _write(self, frame: Frame, name: str | None) -> None: ...

    @abstractmethod
    def _finish(self) -> None: ...

    @abstractmethod
    def _discard(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()
