"""The bare copy: multiprocessing.shared_memory in slots, and a byte through a pipe for each that changes hands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirebench.pictures import Picture, Shape
from wirebench.ways import Place

SLOTS = 4
_HEADER = 4096  # before each picture: its number and its wall clock


@dataclass(frozen=True)
class Block:
    """A block of memory and the two ends of a pipe."""

    name: str
    writer: Connection
    reader: Connection


@contextmanager
def open_block(shape: Shape) -> Iterator[Block]:
    """A block with room for all slots; it is gone afterwards."""
    memory = SharedMemory(create=True, size=SLOTS * (_HEADER + shape.bytes))
    writer, reader = Pipe()
    try:
        yield Block(memory.name, writer, reader)
    finally:
        writer.close()
        reader.close()
        memory.close()
        memory.unlink()


class _End:
    def __init__(self, place: Place) -> None:
        self._memory = SharedMemory(place.own.name)
        stride, view = _HEADER + place.shape.bytes, self._memory.buf
        self._heads = [np.ndarray(2, np.int64, view, slot * stride) for slot in range(SLOTS)]
        self._pictures: list[NDArray[np.uint8]] = [
            np.ndarray(place.shape, np.uint8, view, slot * stride + _HEADER) for slot in range(SLOTS)
        ]
        self._next = 0

    def counts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        self._heads.clear()
        self._pictures.clear()


class BareOutlet(_End):
    """Copies into the next slot once the reader has given it back."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._connection = place.own.writer
        self._pipe = self._connection.fileno()
        self._room = SLOTS

    def send(self, number: int, wall_ns: int, picture: Picture) -> None:
        while not self._room:
            self._room = len(os.read(self._pipe, SLOTS))
        self._room -= 1
        slot, self._next = self._next, (self._next + 1) % SLOTS
        self._heads[slot][:] = number, wall_ns
        self._pictures[slot][:] = picture
        os.write(self._pipe, b"\1")

    def end(self, number: int, picture: Picture) -> None:
        self.send(number, 0, picture)


class BareInlet(_End):
    """Looks at the slots in place."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._connection = place.own.reader
        self._pipe = self._connection.fileno()
        self._filled = 0
        self._looking = False

    def receive(self) -> tuple[int, int, Picture]:
        if self._looking:
            os.write(self._pipe, b"\1")
        while not self._filled:
            self._filled = len(os.read(self._pipe, SLOTS))
        self._filled -= 1
        self._looking = True
        slot, self._next = self._next, (self._next + 1) % SLOTS
        number, wall_ns = self._heads[slot].tolist()
        return number, wall_ns, self._pictures[slot]


class BareCopyingInlet(BareInlet):
    """Copies each picture out, as a reader has to that keeps it."""

    def receive(self) -> tuple[int, int, Picture]:
        number, wall_ns, picture = super().receive()
        return number, wall_ns, picture.copy()
