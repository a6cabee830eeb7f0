"""Stills: the frames of a recording or the pictures of a folder, each to be read by its number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import IMAGE_EXTENSIONS, read_image

FEWEST = 2  # frames that flicker can be told from
EXPECTED = f"a recording (.mcap) or a folder of pictures ({', '.join(IMAGE_EXTENSIONS)})"


class Stills(Protocol):
    """Frames in any order, and where each run of consecutive ones begins and ends."""

    place: Path

    def __len__(self) -> int: ...

    def read(self, number: int, planes: Collection[str] = ("color",)) -> Frame:
        """One frame with these planes as far as it has them."""
        ...

    def runs(self) -> Sequence[Sequence[int]]:
        """The numbers of each stream's frames, in their order."""
        ...


class Folder:
    """The pictures of a folder and the folders in it, in the order of their names; or one picture."""

    def __init__(self, place: Path) -> None:
        self.place = place
        found = [place] if place.is_file() else place.rglob("*")
        self.paths = sorted(path for path in found if path.suffix.lower() in IMAGE_EXTENSIONS)
        if not self.paths:
            raise InputError("no pictures", expected=EXPECTED, where=place)

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, number: int, planes: Collection[str] = ("color",)) -> Frame:
        """One picture; a folder has no other planes."""
        return Frame(color=read_image(self.paths[number]))

    def runs(self) -> Sequence[Sequence[int]]:
        """One run of all pictures."""
        return [range(len(self))]


class Recorded:
    """The frames of a recording."""

    def __init__(self, place: Path) -> None:
        from stylebridge.recording import Recording

        self.place = place
        self.recording = Recording(place)
        if not len(self.recording):
            raise InputError("no frames", do="record some with stylebridge capture", where=place)

    def __len__(self) -> int:
        return len(self.recording)

    def read(self, number: int, planes: Collection[str] = ("color",)) -> Frame:
        """One frame with these planes."""
        return self.recording.read(number, planes)

    def runs(self) -> Sequence[Sequence[int]]:
        """One run per camera, session and size."""
        return [self.recording.index(stream) for stream in self.recording.streams]


def open_stills(place: str) -> Stills:
    """The recording or folder of pictures called so."""
    if not place:
        raise InputError("no data to learn on", do=f"pass --data: {EXPECTED}")
    path = Path(place.removeprefix("recording:").removeprefix("images:"))
    if path.is_dir() or (path.is_file() and path.suffix.lower() in IMAGE_EXTENSIONS):
        return Folder(path)
    if path.suffix.lower() == ".mcap" or path.is_file():
        return Recorded(path)
    raise InputError("not there", expected=EXPECTED, do="record a game with stylebridge capture", where=place)


def parted(stills: Stills, held_out: float) -> tuple[list[int], list[list[int]]]:
    """The frames to learn on, and the last share of each run long enough, which is only judged on."""
    learnt, kept = [], []
    for run in stills.runs():
        count = int(len(run) * held_out)
        count = count if count >= FEWEST else 0
        cut = len(run) - count
        learnt += list(run[:cut])
        if count:
            kept.append(list(run[cut:]))
    return learnt, kept
