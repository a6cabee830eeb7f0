"""Copying whole frames into a new recording, one after the other."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from stylebridge import __version__
from stylebridge.recording.chunk import Stamp, encode_chunk
from stylebridge.recording.details import METADATA_NAME, Details, text_from_details
from stylebridge.recording.index import ROW, Channel, Row, Rows, encode_channel, row_from_header
from stylebridge.recording.message import Message
from stylebridge.recording.records import Op, record, text, text_map
from stylebridge.recording.repacked import Salvaged
from stylebridge.recording.scan import opening_bytes
from stylebridge.recording.schema import encode_schema
from stylebridge.recording.tail import Place, encode_tail


class Copy:
    """A new file while frames are added to it; `finish` gives it its end."""

    def __init__(self, target: BinaryIO, runs: Iterable[Details]) -> None:
        self.channels: dict[int, Channel] = {}
        self.end = 0
        self._rows: list[Row] = []
        self._runs: list[Place] = []
        self._target = target
        self._numbers: dict[Channel, int] = {}
        self._write(opening_bytes(f"stylebridge {__version__}"))
        for run, details in enumerate(runs):
            about = record(Op.METADATA, text(METADATA_NAME), text_map(text_from_details(details, run)))
            self._runs.append(Place(self.end, len(about)))
            self._write(about)
        self._write(encode_schema())

    @property
    def rows(self) -> Rows:
        """One row per frame."""
        return np.array(self._rows, ROW)

    def add(self, frame: Salvaged) -> None:
        """Write a frame; its stream is made again from what the frame says."""
        header = frame.header
        channel = Channel(header.game, header.camera, header.session, header.width, header.height)
        if channel not in self._numbers:
            number = self._numbers[channel] = len(self._numbers) + 1
            self.channels[number] = channel
            self._write(encode_channel(number, channel))
        stamp = Stamp(self._numbers[channel], len(self._rows), frame.log_ns, frame.publish_ns)
        data = encode_chunk(Message([frame.message], [zlib.crc32(frame.message)]), stamp)
        self._rows.append(row_from_header(header, stamp, self.end, len(data)))
        self._write(data)

    def finish(self) -> None:
        """Write the index and the summary."""
        self._write(encode_tail(self.end, self.rows, self.channels, self._runs))

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self.end += len(data)
