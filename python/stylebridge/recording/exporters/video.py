"""A plane of a recording as pictures for a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.recording.export import frames_ahead, planes_in
from stylebridge.recording.exporters.pictures import Scales, picture_from_plane, scales_from_frames

if TYPE_CHECKING:
    from stylebridge.recording import Recording

SAMPLED = 16  # frames that a recording's colour scales are made from


def plane_pictures(recording: Recording, numbers: Sequence[int], plane: str) -> Iterator[Frame]:
    """Each frame showing one plane; one that lacks it is black, so that the video keeps its time."""
    planes_in(recording, numbers, (plane,))
    streams = dict.fromkeys(recording.stream_of(number).channel for number in numbers)
    if len(streams) > 1:
        labels = ", ".join(dict.fromkeys(recording.stream_of(number).label for number in numbers))
        raise InputError(
            f"{len(streams)} streams",
            expected="one for one video",
            do=f"pass --stream, of {labels}",
            where=recording.path,
        )
    scales = recording_scales(recording, numbers, (plane,))
    for _, frame in frames_ahead(recording, numbers, (plane,)):
        picture = picture_from_plane(frame, plane, scales)
        yield Frame(color=_black(frame) if picture is None else picture, clock=frame.clock)


def recording_scales(recording: Recording, numbers: Sequence[int], planes: Sequence[str]) -> Scales:
    """Scales that fit frames spread over the whole."""
    measured = [plane for plane in planes if plane in ("depth", "motion")]
    if not measured:
        return Scales()
    chosen = evenly(numbers, SAMPLED)
    return scales_from_frames([recording.read(number, measured) for number in chosen])


def evenly(numbers: Sequence[int], count: int) -> list[int]:
    """So many of them, spread evenly, the first and the last among them."""
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers)))
    return [numbers[round(float(place))] for place in places]


def _black(frame: Frame) -> ColorPlane:
    return np.zeros((frame.height, frame.width, 3), np.uint8)
