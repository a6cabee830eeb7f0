"""Sources and painters for the live page that do exactly what a test says, and no more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.sources import Source
from stylebridge.watch.choice import Choice, Opened, Opener, wrapped
from stylebridge.watch.plan import Plan

SIZE = (36, 64)
RED = np.array((200, 40, 40), dtype=np.uint8)


def moment(number: int, camera: str = "main", size: tuple[int, int] = SIZE) -> Frame:
    """Frame `number`; its level tells which, and it stands still."""
    return Frame(
        color=np.full((*size, 3), 10 + number % 200, np.uint8),
        motion=np.zeros((*size, 2), np.float32),
        occlusion=np.zeros(size, np.bool_),
        camera=Camera(camera),
        clock=Clock(number, number / 30),
        session="ab" * 16,
    )


class Clip(Source):
    """A short recording."""

    repeatable = True

    def __init__(self, count: int = 6, fps: float = 60.0, broken: int | None = None) -> None:
        super().__init__("clip:")
        self.frame_count, self.fps, self.size = count, fps, (SIZE[1], SIZE[0])
        self.reads = 0
        self._broken, self._at = broken, 0

    def skip(self, count: int) -> None:
        self._at += count

    def read(self) -> Frame | None:
        if self._at >= (self.frame_count or 0):
            return None
        self._at += 1
        self.reads += 1
        if self._at - 1 == self._broken:
            raise EOFError(f"frame {self._broken} is damaged")
        return moment(self._at - 1)


class Stream(Source):
    """A live game: gives a frame whenever the test says so."""

    def __init__(self, name: str = "camera:7") -> None:
        super().__init__(name)
        self._frames: list[Frame] = []
        self._wake = threading.Condition()
        self._ended = False
        self.asked = 0  # how often the next frame was asked for

    def give(self, *frames: Frame) -> None:
        with self._wake:
            self._frames.extend(frames)
            self._wake.notify_all()

    def read(self) -> Frame | None:
        with self._wake:
            self.asked += 1
            self._wake.wait_for(lambda: self._frames or self._ended)
            return self._frames.pop(0) if self._frames else None

    def interrupt(self) -> None:
        with self._wake:
            self._ended = True
            self._wake.notify_all()


def opener(paint: Callable[[Frame], Frame], opened: list[Choice] | None = None) -> Opener:
    """Opens a function of frames as an engine."""

    def open_it(choice: Choice) -> Opened:
        if opened is not None:
            opened.append(choice)
        if choice.mode == "plain":
            return Opened(paint, lambda: None)
        return Opened(wrapped(paint, choice), lambda: None, remembers=True)

    return open_it


def inverted(frame: Frame) -> Frame:
    return frame.with_color(255 - frame.rgb)


def reddish(frame: Frame) -> Frame:
    return frame.with_color(np.maximum(frame.rgb, RED))


def plan(source: Callable[[], Source], folder: Path = Path(), **columns: Opener) -> Plan:
    """Columns by name."""
    return Plan(
        name="test:",
        open=source,
        columns=[(name, name.capitalize(), open_it) for name, open_it in columns.items()],
        models=["first", "second"],
        captures=folder,
    )


def in_mode(of: Plan, mode: str, every: int = 2) -> Plan:
    return replace(of, choice=Choice(0, mode, every))  # type: ignore[arg-type]


def levels(frames: Sequence[Frame]) -> list[int]:
    return [int(frame.rgb[0, 0, 0]) for frame in frames]
