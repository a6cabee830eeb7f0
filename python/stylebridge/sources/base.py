"""Source: what every place that frames come from looks like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from stylebridge.errors import InputError
from stylebridge.frame import Frame


class Source(ABC, Iterator[Frame]):
    """An iterator of frames that is closed after use; frame ids count from 0.

    `frame_count` is what the source promises, None when it can't know; `size` is (width, height) when it holds for
    every frame. `problems` gathers what went wrong without stopping the frames.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.frame_count: int | None = None
        self.size: tuple[int, int] | None = None
        self.fps: float | None = None
        self.paths: Sequence[Path] = ()  # the files behind the frames, one each, when there are such
        self.label: str | None = None  # the file name of the frame given last, when it has one of its own
        self.problems: list[str] = []
        self._over = False

    @abstractmethod
    def read(self) -> Frame | None:
        """The next frame, or None at the end."""

    def skip(self, count: int) -> None:
        """Pass over frames; a source that can do so without decoding them overrides this."""
        for _ in range(count):
            if next(self, None) is None:
                return

    def reply(self, frame: Frame) -> bool:
        """Send a frame back to where the last one came from, where that is a game; false when it was dropped."""
        raise InputError("takes no frames back", expected="a game, as in zmq://127.0.0.1:5570", where=self.name)

    def close(self) -> None:
        """Let go of files and devices; no frame comes after it. Closing twice is harmless."""
        self._over = True

    def __next__(self) -> Frame:
        if self._over:
            raise StopIteration
        self._over = True  # stays so when read() raises: a source that failed once has ended
        frame = self.read()
        if frame is None:
            raise StopIteration
        self._over = False
        return frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
