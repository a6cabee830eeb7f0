"""Source: what every place that frames come from looks like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from stylebridge.errors import InputError
from stylebridge.frame import Frame


def _nothing() -> None:
    """Where nobody waits for a receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a recorder needs to know of one frame beside the frame: call `done`, from any thread, once it is safe."""

    sequence: int = 0  # of its session on the wire; 0 where there is no wire
    game: str = ""
    done: Callable[[], None] = _nothing


class Source(ABC, Iterator[Frame]):
    """An iterator of frames that is closed after use; frame ids count from 0.

    `frame_count` is what the source promises, None when it can't know; `size` is (width, height) when it holds for
    every frame. `problems` gathers what went wrong without stopping the frames.
    """

    motion_spans_skips = False  # a source that draws on demand: motion goes back to the frame that was given before
    repeatable = False  # the same frames come again when it is opened again, so that it can be taken up in the middle
    interleaves = False  # frames of several games or cameras come in any order
    turns = 1  # cameras that take turns: frame by frame in the same order, so that every round shows one moment

    def __init__(self, name: str) -> None:
        self.name = name
        self.frame_count: int | None = None
        self.size: tuple[int, int] | None = None
        self.fps: float | None = None
        self.paths: Sequence[Path] = ()  # the files behind the frames, one each, when there are such
        self.label: str | None = None  # the file name of the frame given last, when it has one of its own
        self.problems: list[str] = []
        self.listens_at = ""  # the address that games call, where they do
        self.seed: int | None = None  # of a game that plays equally for equal ones
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

    def keep(self, received: Mapping[str, int], planes: Sequence[str] = ()) -> None:
        """Before the first frame: from now on a frame counts as safe only when its receipt is called.

        `received` is what is safe already: session -> sequence. `planes` are those that will be kept, all when empty;
        a source that is told in its own address which ones to give doesn't mind.
        """

    def receipt(self) -> Receipt:
        """The receipt of the frame that was given last."""
        return Receipt()

    @property
    def dropped(self) -> int:
        """How many frames were dropped on their way here."""
        return 0

    def interrupt(self) -> None:
        """Let a read that waits, in another thread, end soon, as if nothing more came."""

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


class Wrapper(Source):
    """A source that gives another one's frames, changed; what isn't about frames is handed on."""

    def __init__(self, inner: Source) -> None:
        super().__init__(inner.name)
        self._inner = inner
        self.problems, self.paths = inner.problems, inner.paths
        self.size, self.fps, self.frame_count = inner.size, inner.fps, inner.frame_count
        self.motion_spans_skips = inner.motion_spans_skips
        self.repeatable, self.interleaves, self.turns = inner.repeatable, inner.interleaves, inner.turns
        self.listens_at, self.seed = inner.listens_at, inner.seed

    def keep(self, received: Mapping[str, int], planes: Sequence[str] = ()) -> None:
        """Hand on what is safe already."""
        self._inner.keep(received, planes)

    def receipt(self) -> Receipt:
        """The receipt of the inner source's last frame."""
        return self._inner.receipt()

    @property
    def dropped(self) -> int:
        """What the inner source dropped."""
        return self._inner.dropped

    def reply(self, frame: Frame) -> bool:
        """Send a frame back for the inner source's last one."""
        return self._inner.reply(frame)

    def interrupt(self) -> None:
        """Let the inner source's read end."""
        self._inner.interrupt()

    def close(self) -> None:
        """Close the inner source too."""
        super().close()
        self._inner.close()
