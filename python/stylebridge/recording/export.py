"""Which frames of a recording are exported, and where each stream's go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame

if TYPE_CHECKING:
    from stylebridge.recording import Recording, Stream

THREADS = 2  # that read frames ahead
Progress = Callable[[int], None]  # frames done


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of a recording; frames are counted in the part that the stream leaves."""

    stream: str = ""  # GAME/CAMERA, GAME, CAMERA or the start of a session; all when empty
    start: int = 0
    stop: int | None = None
    every: int = 1
    planes: tuple[str, ...] = ()  # all when empty


def numbers_of(recording: Recording, choice: Choice) -> list[int]:
    """The numbers of the chosen frames."""
    streams = [stream for stream in recording.streams if not choice.stream or is_called(stream, choice.stream)]
    if not streams:
        known = ", ".join(dict.fromkeys(stream.label for stream in recording.streams))
        raise InputError(
            f"no stream {choice.stream!r}", expected=known or "a recording with frames", where=recording.path
        )
    numbers = sorted(number for stream in streams for number in recording.index(stream))
    part = numbers[choice.start : choice.stop : choice.every]
    if not part:
        found = f"no frame from {choice.start} to {'the end' if choice.stop is None else choice.stop}"
        raise InputError(found, expected=f"part of the {len(numbers)} frames", where=recording.path)
    return part


def is_called(stream: Stream, name: str) -> bool:
    """Whether a person means this stream."""
    return name in (stream.label, stream.game, stream.camera) or (len(name) > 3 and stream.session.startswith(name))


def planes_in(recording: Recording, numbers: Sequence[int], wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The planes that some of these frames have, of those that are wanted; one that none has is refused."""
    present = {name for number in numbers for name in recording.planes_of(number)}
    for name in wanted:
        if name not in PLANES:
            raise InputError(f"plane {name!r}", expected=", ".join(PLANES))
        if name not in present:
            there = ", ".join(plane for plane in PLANES if plane in present)
            raise InputError(f"no frame has {name}", expected=there, where=recording.path)
    return tuple(name for name in PLANES if name in present and (not wanted or name in wanted))


def folders_of(recording: Recording, numbers: Sequence[int]) -> dict[int, str]:
    """The folder of each stream by its channel: none for a single one, else its name made fit for a file system."""
    streams = [stream for stream in recording.streams if set(recording.index(stream)) & set(numbers)]
    if len(streams) == 1:
        return {streams[0].channel: ""}
    folders: dict[int, str] = {}
    for stream in streams:
        name = free = re.sub(r"[^A-Za-z0-9._-]+", "_", stream.label).strip("._") or "stream"
        copy = 1
        while free.casefold() in (folder.casefold() for folder in folders.values()):
            copy += 1
            free = f"{name}-{copy}"
        folders[stream.channel] = free
    return folders


def frames_ahead(recording: Recording, numbers: Sequence[int], planes: Sequence[str]) -> Iterator[tuple[int, Frame]]:
    """The frames in order, decoded a few ahead by other threads."""
    with ThreadPoolExecutor(THREADS, "stylebridge-read") as pool:
        waiting = [pool.submit(recording.read, number, planes) for number in numbers[: 2 * THREADS]]
        for place, number in enumerate(numbers):
            frame = waiting.pop(0).result()
            if place + 2 * THREADS < len(numbers):
                waiting.append(pool.submit(recording.read, numbers[place + 2 * THREADS], planes))
            yield number, frame


def about_frame(recording: Recording, number: int, frame: Frame, before: int | None) -> dict[str, Any]:
    """A frame without its pixels, as plain values; `before` is the frame that its motion goes back to."""
    camera, clock = frame.camera, frame.clock
    return {
        "number": number,
        "before": before,
        "game": recording.stream_of(number).game,
        "camera": camera.name,
        "session": frame.session,
        "frame_id": clock.frame_id,
        "simulation_s": clock.simulation_s,
        "wall_ns": clock.wall_ns,
        "width": frame.width,
        "height": frame.height,
        "estimated": list(frame.estimated),
        "view": None if camera.view is None else camera.view.tolist(),
        "projection": None if camera.projection is None else camera.projection.tolist(),
    }


def frames_before(recording: Recording) -> dict[int, int]:
    """For each frame that directly follows another one of its camera, that one's number."""
    return {after: before for before, after in recording.pairs()}
