"""Streams of a recording: which frames belong together, how fast they came, and which ones follow each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.recording.index import Channel, Rows, bits_from_planes, planes_from_bits

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stream:
    """The frames of one camera of one game in one session and one size."""

    game: str
    camera: str
    session: str
    size: tuple[int, int]  # (width, height)
    planes: tuple[str, ...]  # that every frame has
    frames: int
    fps: float | None
    duration_s: float
    estimated: tuple[str, ...]  # planes that were computed from the pictures in some frame
    some_planes: tuple[str, ...]  # that only part of the frames have
    step: int  # by which the frame id usually grows
    channel: int

    @property
    def label(self) -> str:
        """How a person tells it apart: game/camera, or just the camera."""
        return "/".join(part for part in (self.game, self.camera) if part)

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "game": self.game,
            "camera": self.camera,
            "session": self.session,
            "size": list(self.size),
            "planes": list(self.planes),
            "some_planes": list(self.some_planes),
            "estimated": list(self.estimated),
            "frames": self.frames,
            "fps": self.fps,
            "duration_s": self.duration_s,
            "step": self.step,
        }


def streams_from_rows(rows: Rows, channels: Mapping[int, Channel]) -> tuple[Stream, ...]:
    """The streams that have frames, in the order of their first one."""
    numbers, first = np.unique(rows["channel"], return_index=True)
    ordered = numbers[np.argsort(first)]
    return tuple(_stream(rows[rows["channel"] == n], channels[int(n)], int(n)) for n in ordered)


def pairs_from_rows(rows: Rows, channels: Mapping[int, Channel], streams: tuple[Stream, ...]) -> Numbers:
    """Frames that follow each other directly, [N,2], in the order of the file.

    Both lie in one stream, nothing else of their camera lies between them, the clock ran forward, no frame id was left
    out, the second has motion where others have, and the recording wasn't taken up again in between, unless the session
    went on. (Motion that leads nowhere, as after a drop, was left out by whoever knew.)
    """
    lines = _lines(rows, channels)
    order = np.argsort(lines, kind="stable")  # of one camera, as they came
    before, after = order[:-1], order[1:]
    a, b = rows[before], rows[after]
    steps = np.zeros(0x10000, np.int64)
    named = np.zeros(0x10000, np.bool_)
    wanted = np.zeros(0x10000, np.uint8)  # planes that the second frame must have
    for stream in streams:
        steps[stream.channel] = stream.step
        wanted[stream.channel] = bits_from_planes({"motion"} & {*stream.planes, *stream.some_planes})
        named[stream.channel] = bool(stream.session)
    good = (
        (lines[before] == lines[after])
        & (a["channel"] == b["channel"])
        & (b["frame_id"] - a["frame_id"] == steps[b["channel"]])
        & (b["simulation_s"] >= a["simulation_s"])
        & ((a["run"] == b["run"]) | named[b["channel"]])
        & (b["planes"] & wanted[b["channel"]] == wanted[b["channel"]])
    )
    found = np.stack([before[good], after[good]], axis=1).astype(np.int64)
    return found[np.argsort(found[:, 1], kind="stable")]


def usual_step(frame_ids: NDArray[np.int64]) -> int:
    """The smallest growth of the frame id: 1 unless the game numbers otherwise, 0 where it never grows."""
    steps = np.diff(frame_ids)
    steps = steps[steps > 0]
    return int(steps.min()) if len(steps) else 0


def seconds_of(rows: Rows) -> NDArray[np.float64]:
    """When each frame was: the game's own time where it runs, else the wall clock."""
    seconds = rows["simulation_s"]
    if len(rows) > 1 and seconds.min() == seconds.max():
        seconds = (rows["wall_ns"] - rows["wall_ns"][0]) / 1e9
    return np.asarray(seconds, np.float64)


def _stream(rows: Rows, channel: Channel, number: int) -> Stream:
    steps = np.diff(seconds_of(rows))
    steps = steps[steps > 0]
    common = int(np.bitwise_and.reduce(rows["planes"]))
    some = int(np.bitwise_or.reduce(rows["planes"])) & ~common
    return Stream(
        game=channel.game,
        camera=channel.camera,
        session=channel.session,
        size=(channel.width, channel.height),
        planes=planes_from_bits(common),
        frames=len(rows),
        fps=round(1 / float(np.median(steps)), 3) if len(steps) else None,
        duration_s=round(float(steps.sum()), 6),
        estimated=planes_from_bits(int(np.bitwise_or.reduce(rows["estimated"]))),
        some_planes=planes_from_bits(some),
        step=usual_step(rows["frame_id"]),
        channel=number,
    )


def _lines(rows: Rows, channels: Mapping[int, Channel]) -> NDArray[np.int64]:
    """A number for each row that is the same for one camera of one session, whatever its size."""
    known: dict[tuple[str, str, str], int] = {}
    table = np.zeros(0x10000, np.int64)
    for number, channel in channels.items():
        table[number] = known.setdefault((channel.game, channel.camera, channel.session), len(known))
    lines: NDArray[np.int64] = table[rows["channel"]]
    return lines
