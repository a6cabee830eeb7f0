"""The shelf: what a teacher made of each sample, kept on disk as far as the room goes, so that it is made once."""

from __future__ import annotations

import tempfile

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]


class Shelf:
    """Pictures of one shape by number. The file has no name and goes with the process."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self._each = shape, int(np.prod(shape))
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the shelf
        self._known: set[int] = set()
        self.full = False

    def get(self, number: int) -> Pictures | None:
        """The pictures under this number, if they were put there."""
        if number not in self._known:
            return None
        self._file.seek(number * self._each)
        return np.frombuffer(self._file.read(self._each), np.uint8).reshape(self.shape)

    def put(self, number: int, pictures: Pictures) -> None:
        """Keep them; on a full disk that is let be, and they are made again."""
        if self.full or number in self._known:
            return
        try:
            self._file.seek(number * self._each)
            self._file.write(np.ascontiguousarray(pictures).tobytes())
            self._file.flush()
        except OSError:
            self.full = True
            return
        self._known.add(number)
