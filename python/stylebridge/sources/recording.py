"""A recording as a source: all of its planes, of one game or camera if so wanted, skipping without decoding."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.recording import Recording, Stream
from stylebridge.recording.reader import check_planes
from stylebridge.sources.address import Options
from stylebridge.sources.base import Receipt, Source


class Recorded(Source):
    """The frames of a recording in the order in which they came; those of several streams are interleaved.

    Where a frame's predecessor is missing, as after a drop, its motion leads nowhere and is left out.
    """

    repeatable = True

    def __init__(self, path: Path, streams: tuple[Stream, ...], recording: Recording, planes: tuple[str, ...]) -> None:
        super().__init__(f"recording:{path}")
        self.recording = recording
        self.interleaves = len(streams) > 1
        self._planes = planes or None
        # number in the file, id within the stream, the frame before it in the stream
        rows = [
            (number, count, before)
            for stream in streams
            for count, (before, number) in enumerate(pairwise([-1, *recording.index(stream)]))
        ]
        self._rows = sorted(rows)
        self._pairs = set(recording.pairs())
        self._next = 0
        self._game = ""
        self.frame_count = len(rows)
        sizes = {stream.size for stream in streams}
        self.size = sizes.pop() if len(sizes) == 1 else None
        self.fps = streams[0].fps if len(streams) == 1 else None
        self.seed = recording.details.seed

    def read(self) -> Frame | None:
        """The next frame; one that is damaged stops the source with its number."""
        if self._next >= len(self._rows):
            return None
        number, count, before = self._rows[self._next]
        self._next += 1
        self._game = self.recording.stream_of(number).game
        frame = self.recording.read(number, self._planes)
        frame = replace(frame, clock=replace(frame.clock, frame_id=count))
        if before < 0 or (before, number) in self._pairs or says_cut(frame):
            return frame
        return self._without_motion(frame)

    def skip(self, count: int) -> None:
        """Pass over frames without reading them."""
        self._next += count

    def receipt(self) -> Receipt:
        """The game that the last frame was recorded from."""
        return Receipt(game=self._game)

    def close(self) -> None:
        """Close the file."""
        super().close()
        self.recording.close()

    def _without_motion(self, frame: Frame) -> Frame:
        if frame.motion is None and frame.occlusion is None:
            return frame
        if not self.problems:
            self.problems.append("motion and occlusion are left out where the frame before is missing")
        kept = tuple(name for name in frame.estimated if name not in ("motion", "occlusion"))
        return replace(frame, motion=None, occlusion=None, estimated=kept)


def says_cut(frame: Frame) -> bool:
    """Whether the game itself says that nothing of the frame before is seen."""
    return frame.occlusion is not None and bool(frame.occlusion.all())


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
