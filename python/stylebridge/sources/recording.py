"""A recording as a source: all of its planes, of one game or camera if so wanted, skipping without decoding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.recording import Recording, Stream
from stylebridge.recording.reader import check_planes
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source


class Recorded(Source):
    """The frames of a recording in the order in which they came; those of several streams are interleaved."""

    def __init__(self, path: Path, streams: tuple[Stream, ...], recording: Recording, planes: tuple[str, ...]) -> None:
        super().__init__(f"recording:{path}")
        self.recording = recording
        self._planes = planes or None
        self._numbers = sorted(number for stream in streams for number in recording.index(stream))
        self._next = 0
        self.frame_count = len(self._numbers)
        sizes = {stream.size for stream in streams}
        self.size = sizes.pop() if len(sizes) == 1 else None
        self.fps = streams[0].fps if len(streams) == 1 else None

    def read(self) -> Frame | None:
        """The next frame; one that is damaged stops the source with its number."""
        if self._next >= len(self._numbers):
            return None
        frame = self.recording.read(self._numbers[self._next], self._planes)
        clock = replace(frame.clock, frame_id=self._next)
        self._next += 1
        return replace(frame, clock=clock)

    def skip(self, count: int) -> None:
        """Pass over frames without reading them."""
        self._next += count

    def close(self) -> None:
        """Close the file."""
        super().close()
        self.recording.close()


def open_recording(where: str, options: Options) -> Source:
    """Open a recording, such as play.mcap?camera=main&planes=color+motion."""
    values = options.values
    planes = tuple(values["planes"].split("+")) if "planes" in values else ()
    check_planes(planes)
    recording = Recording(where)
    try:
        if not len(recording):
            raise InputError("the recording holds no frames", where=where)
        streams = recording.streams
        for name in ("game", "camera"):
            streams = _chosen(streams, name, values.get(name), options.where)
        _check_has(recording, streams, planes, options.where)
        return Recorded(Path(where), streams, recording, planes)
    except BaseException:
        recording.close()
        raise


def _chosen(streams: tuple[Stream, ...], name: str, wanted: str | None, where: str) -> tuple[Stream, ...]:
    if wanted is None:
        return streams
    chosen = tuple(stream for stream in streams if getattr(stream, name) == wanted)
    if not chosen:
        known = sorted({str(getattr(stream, name)) for stream in streams})
        raise InputError(f"no {name} {wanted!r} in the recording", expected=" or ".join(known), where=where)
    return chosen


def _check_has(recording: Recording, streams: tuple[Stream, ...], planes: tuple[str, ...], where: str) -> None:
    known = {name for stream in streams for name in (*stream.planes, *stream.some_planes)}
    missing = [name for name in planes if name not in known]
    if missing:
        raise InputError(f"no plane {missing[0]!r} in the recording", expected=", ".join(sorted(known)), where=where)
