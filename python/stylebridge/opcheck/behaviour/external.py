"""External: weights in files beside the model, as Sentis reads them: one after another, offsets not looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.behaviour.encodings import Reading, Refused, sentis_reads_bytes
from stylebridge.opcheck.graph import MAX_BYTES

_NOTE = "its offset is not looked at: the bytes behind the tensor before it are read"


class ExternalFiles:
    """The files beside a model, each with the place up to which it has been read."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._places: dict[str, int] = {}

    def read(self, tensor: onnx.TensorProto, *, required_length: bool) -> Reading:
        """The numbers that the next bytes give, and whether they are other bytes than the file means."""
        entries = {entry.key: entry.value for entry in tensor.external_data}
        path = self._file(entries.get("location", ""))
        size, place = path.stat().st_size, self._places.get(entries["location"], 0)
        wanted = _bytes_of(tensor)
        length = self._length(entries, size, required_length)
        if length != wanted:
            raise Refused(f"its length in the other file is given as {length} bytes, and {wanted} are needed")
        stored = _bytes_at(path, place, wanted).ljust(wanted, b"\0")
        self._places[entries["location"]] = min(place + wanted, size)
        meant = int(entries.get("offset", 0))
        same = meant == place or stored == _bytes_at(path, meant, wanted)
        numbers, note = sentis_reads_bytes(tensor, stored)
        return numbers, note if same else _NOTE

    def _file(self, location: str) -> Path:
        if self._folder is None:
            raise Refused("its numbers lie in another file, and where the model file lies isn't known")
        path = (self._folder / location).resolve()
        inside = self._folder.resolve()
        if not location or inside not in path.parents or not path.is_file():
            raise Refused(f"its numbers lie in {location or 'another file'!r}, which is not beside the model")
        return path

    @staticmethod
    def _length(entries: dict[str, str], size: int, required: bool) -> int:
        if "length" not in entries and required:
            raise Refused("its length in the other file is not given")
        try:
            length = int(entries.get("length", size))
            int(entries.get("offset", 0))
        except ValueError as error:
            raise Refused("its place in the other file is not given in whole numbers") from error
        if not 0 <= length <= MAX_BYTES:
            raise Refused(f"its length in the other file is given as {length} bytes")
        return length


def _bytes_at(path: Path, place: int, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(place, 0))
        return file.read(count)


def _bytes_of(tensor: onnx.TensorProto) -> int:
    try:
        item = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type)).itemsize
    except Exception as error:
        raise Refused("its type is not known") from error
    count = 1
    for size in tensor.dims:
        count *= max(int(size), 0)
    if count * item > MAX_BYTES:
        raise Refused(f"{count * item} bytes in another file")
    return count * item
