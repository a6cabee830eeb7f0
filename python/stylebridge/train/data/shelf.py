"""The shelf: what was computed of each sample, kept on disk as far as the room goes, so that it is computed once."""

from __future__ import annotations

import tempfile
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
T = TypeVar("T", bound=np.generic)


class Shelf(Generic[T]):
    """Arrays of one shape by number. The file has no name and goes with the process."""

    def __init__(self, shape: tuple[int, ...], dtype: type[T]) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        self._each = int(np.prod(shape)) * self.dtype.itemsize
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the shelf
        self._known: set[int] = set()
        self.full = False

    def get(self, number: int) -> NDArray[T] | None:
        """What stands under this number, if it was put there."""
        if number not in self._known:
            return None
        self._file.seek(number * self._each)
        return np.frombuffer(self._file.read(self._each), self.dtype).reshape(self.shape)

    def put(self, number: int, values: NDArray[Any]) -> None:
        """Keep them; on a full disk that is let be, and they are computed again."""
        if self.full or number in self._known:
            return
        try:
            self._file.seek(number * self._each)
            self._file.write(np.ascontiguousarray(values, dtype=self.dtype).tobytes())
            self._file.flush()
        except OSError:
            self.full = True
            return
        self._known.add(number)
