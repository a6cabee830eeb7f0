"""Stylizers that do as they are told, and frames for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from stylebridge.compare.columns import Column
from stylebridge.compare.moments import Moment
from stylebridge.compare.plans import Plan
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame

SIZE = (24, 40)  # height and width
COUNT = 6
Change = Callable[[ColorPlane, int], ColorPlane]


class Acting:
    """A stylizer that changes pictures as it is told."""

    name = "acting"

    def __init__(self, change: Change) -> None:
        self.change = change
        self.calls = 0

    def __call__(self, frame: Frame) -> Frame:
        self.calls += 1
        return frame.with_color(self.change(frame.rgb, self.calls - 1))


def column(title: str, change: Change, model: str = "net.onnx") -> Column:
    return Column(Plan(title, Path(model), "torch", Path(model)), Acting(change))


def inverted(picture: ColorPlane, number: int) -> ColorPlane:
    return 255 - picture


def failing(*numbers: int) -> Change:
    def change(picture: ColorPlane, number: int) -> ColorPlane:
        if number in numbers:
            raise InputError("the network's output holds 3 NaN or infinite values of 9")
        return inverted(picture, number)

    return change


def frames(count: int = COUNT, *, motion: bool = True) -> Iterator[Frame]:
    """A still camera on noise."""
    color = np.random.default_rng(1).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    for _ in range(count):
        yield Frame(color=color, motion=np.zeros((*SIZE, 2), np.float32) if motion else None)


class Late:
    """Shows every frame two calls later, as what fills frames from both sides does."""

    name = "late"
    latency_frames = 2

    def __init__(self, inner: Acting) -> None:
        self.inner = inner
        self.reset()

    def __call__(self, frame: Frame) -> Frame:
        raise AssertionError("it is fed")

    def feed(self, frame: Frame) -> Iterator[Frame]:
        self.waiting.append(self.inner(frame))
        if len(self.waiting) > self.latency_frames:
            yield self.waiting.pop(0)

    def finish(self) -> Iterator[Frame]:
        yield from self.waiting

    def reset(self) -> None:
        self.waiting: list[Frame] = []


def late(title: str, change: Change) -> Column:
    return Column(Plan(title, Path("net.onnx"), "torch", Path("net.onnx")), Late(Acting(change)))


def changing(count: int) -> Iterator[Frame]:
    """No two frames alike."""
    for number in range(count):
        yield Frame(color=np.full((*SIZE, 3), 20 * number, np.uint8))


class Noting:
    """Remembers what it is shown."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def look(self, moment: Moment) -> None:
        self.moments.append(moment)

    def levels(self, column: int) -> list[int | None]:
        pictures = [moment.pictures[column] for moment in self.moments]
        return [None if picture is None else int(picture[0, 0, 0]) for picture in pictures]
