"""The frames that are sent: a few made beforehand, and the pixels by which a reader knows them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PICTURES = 4  # sent in turn
END = 1 << 40  # the number of the frame that says that no more will come
Picture = NDArray[np.uint8]


class Shape(NamedTuple):
    """Rows, columns and channels of a frame."""

    height: int
    width: int
    channels: int

    @property
    def bytes(self) -> int:
        """Bytes of a frame."""
        return self.height * self.width * self.channels

    def __str__(self) -> str:
        return f"{self.width}x{self.height}x{self.channels}"


SHAPES = (Shape(360, 640, 3), Shape(720, 1280, 4), Shape(1080, 1920, 4))
GAME = SHAPES[1]  # the size of the figures at a game's pace


class WrongFrame(Exception):
    """A reader got another frame than the one that was due."""


def make_pictures(shape: Shape) -> list[Picture]:
    """The frames to send, noise all over but for the pixels that a reader looks at."""
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 256, shape, dtype=np.uint8) for _ in range(PICTURES)]
    for index, picture in enumerate(pictures):
        for pixel, place in enumerate(_places(shape)):
            picture[place] = _value(index, pixel)
    return pictures


def check_picture(picture: Picture, number: int, shape: Shape) -> None:
    """Look at a few pixels of a frame; they say whether it is the one with this number, and whole."""
    if picture.shape != shape:
        raise WrongFrame(f"frame {number} is {picture.shape}, not {tuple(shape)}")
    for pixel, place in enumerate(_places(shape)):
        if picture[place] != _value(number % PICTURES, pixel):
            raise WrongFrame(f"frame {number} has {picture[place]} at {place}, not {_value(number % PICTURES, pixel)}")


def _places(shape: Shape) -> tuple[tuple[int, int, int], ...]:
    height, width, channels = shape
    return (0, 0, 0), (height // 2, width // 2, 0), (height - 1, width - 1, channels - 1)


def _value(index: int, pixel: int) -> int:
    return 50 * index + 7 * pixel + 1
