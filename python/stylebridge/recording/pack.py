"""Packing a recording that was written in haste: every frame stays what it is, and takes fewer bytes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from stylebridge.errors import InputError
from stylebridge.files import check_output, replacing
from stylebridge.recording.codec import RAW, BadPlane, Blob, Floats, PlaneEntry, decode_plane, encode_plane
from stylebridge.recording.copying import Copy
from stylebridge.recording.growing import open_for_writing
from stylebridge.recording.message import BODY_AT, encode_message, header_length, plane_places
from stylebridge.recording.reader import Recording
from stylebridge.recording.records import Malformed
from stylebridge.recording.repacked import Salvaged

_AHEAD = 2  # frames that may wait beside those being packed
_KEPT: dict[str, Floats] = {"f16": "f16", "f32": "f32"}


@dataclass(frozen=True, slots=True)
class Packing:
    """What became of a recording."""

    path: Path
    frames: int
    bytes_before: int
    bytes: int
    how: Literal["packed", "packed already"]

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"path": str(self.path)}


def pack(
    path: Path | str,
    out: Path | str | None = None,
    *,
    force: bool = False,
    level: int = 1,
    threads: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Packing:
    """Write a recording anew with all planes packed, in its own place or as `out`; `progress` gets the frames done."""
    path = Path(path)
    place = path if out is None else Path(out)
    if out is not None:
        check_output(place, force)
        if place.exists() and place.samefile(path):
            raise InputError("is read and written at once", do="leave --out away to pack it in its place", where=place)
    with ExitStack() as stack:
        recording = stack.enter_context(Recording(path))
        count = len(recording)
        if not count:
            raise InputError("a recording without frames", where=path)
        if out is None:
            stack.enter_context(open_for_writing(path))  # keeps others from writing it
            if not any(_is_raw(recording, number) for number in range(count)):
                return Packing(path, count, recording.bytes, recording.bytes, "packed already")
        with replacing(place) as partial, partial.open("wb") as target:
            copy = Copy(target, recording.runs)
            for done, frame in enumerate(_packed_frames(recording, level, threads), start=1):
                copy.add(frame)
                if progress is not None:
                    progress(done)
            copy.finish()
            target.flush()
            os.fsync(target.fileno())
        return Packing(place, count, recording.bytes, copy.end, "packed")


def _is_raw(recording: Recording, number: int) -> bool:
    return any(entry.codec == RAW for entry in recording.header(number).planes)


def _packed_frames(recording: Recording, level: int, threads: int) -> Iterator[Salvaged]:
    """All frames in their order, packed on several threads."""
    under_way: deque[Future[Salvaged]] = deque()
    with ThreadPoolExecutor(threads, "stylebridge-pack") as pool:
        for number in range(len(recording)):
            under_way.append(pool.submit(_packed, recording, number, level))
            if len(under_way) > threads + _AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _packed(recording: Recording, number: int, level: int) -> Salvaged:
    """A frame whose raw planes are packed; the others stay as they are, byte for byte."""
    frame = recording.salvaged(number)
    header, message = frame.header, frame.message
    places = plane_places(header, header_length(message[:BODY_AT]))
    entries: list[PlaneEntry] = []
    blobs: list[Blob] = []
    try:
        for entry in header.planes:
            blob: Blob = message[places[entry.name] : places[entry.name] + entry.length]
            if entry.codec == RAW:
                plane = decode_plane(entry, blob, header.height, header.width)
                entry, blob = encode_plane(entry.name, plane, _KEPT.get(entry.dtype, "f16"), level)
            entries.append(entry)
            blobs.append(blob)
    except BadPlane as error:
        raise recording.damaged(number, Malformed(f"plane {entry.name!r}: {error}")) from error
    header = msgspec.structs.replace(header, planes=tuple(entries))
    return Salvaged(header, b"".join(encode_message(header, blobs).pieces), frame.log_ns, frame.publish_ns)
