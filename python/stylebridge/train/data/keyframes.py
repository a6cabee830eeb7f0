"""Key frames: frames that somebody painted over, each led back by its name to the frame it was painted on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, MaskPlane
from stylebridge.imaging import IMAGE_EXTENSIONS, read_image
from stylebridge.train.data.stills import Folder, Stills

MOST_PIXELS = 1 << 28  # of all key frames together: they stay in memory
PAINTED, MASK = "frame_", "mask_"  # how `stylebridge recording keyframes` begins the names
BESIDE = (MASK, "ids_")  # what it writes beside the frames
NUMBER = re.compile(r"(?:.*\D)?(\d{1,9})")
HOW_TO_NAME = "stylebridge recording keyframes PLAY.mcap -o FOLDER writes frames to paint over, named as they should be"


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A frame of the data, and what was painted over it; with a mask, only what is true in it counts."""

    number: int
    frame: ColorPlane
    painted: ColorPlane
    mask: MaskPlane | None
    path: Path


def read_keyframes(stills: Stills, folder: str, masks: str = "") -> list[KeyFrame]:
    """The key frames of a folder in the data's order, checked one by one; masks may lie in the same folder."""
    if not folder:
        raise InputError("no key frames", do=f"pass --set keyframes=FOLDER; {HOW_TO_NAME}")
    places = _numbered(stills, Path(folder))
    if not places:
        expected = f"painted frames ({', '.join(IMAGE_EXTENSIONS)})"
        raise InputError("no key frames", expected=expected, do=HOW_TO_NAME, where=folder)
    covers = _numbered(stills, Path(masks), masks=True) if masks else {}
    keys, pixels = [], 0
    for number in sorted(places):
        key = _read(stills, number, places[number], covers, masks)
        pixels += key.painted.shape[0] * key.painted.shape[1]
        if pixels > MOST_PIXELS:
            found = f"{len(places)} key frames of more than {MOST_PIXELS >> 20} megapixels together"
            raise InputError(found, expected="a handful", do="keep the most different ones", where=folder)
        keys.append(key)
    return keys


def _read(stills: Stills, number: int, path: Path, covers: dict[int, Path], masks: str) -> KeyFrame:
    frame, painted = stills.read(number).rgb, read_image(path)
    _check_size(painted, frame, path)
    if np.array_equal(painted, frame):
        found = f"it shows frame {number} as the game drew it"
        raise InputError(found, expected="a painted one", do="paint over it, or take it out", where=path)
    mask = None
    if masks:
        if number not in covers:
            expected = f"one mask per key frame, such as {MASK}{number:06d}.png"
            raise InputError(f"no mask for {path.name}", expected=expected, where=masks)
        shades = read_image(covers[number])
        _check_size(shades, frame, covers[number])
        mask = np.asarray(shades.max(axis=2) > 127)
        if not mask.any():
            raise InputError("the mask is empty", expected="white where the painting counts", where=covers[number])
    return KeyFrame(number, np.ascontiguousarray(frame), painted, mask, path)


def _check_size(picture: ColorPlane, frame: ColorPlane, path: Path) -> None:
    if picture.shape[:2] != frame.shape[:2]:
        found, expected = (f"{shape[1]}x{shape[0]}" for shape in (picture.shape, frame.shape))
        raise InputError(f"a picture of {found}", expected=f"{expected} like its frame", where=path)


def _numbered(stills: Stills, folder: Path, *, masks: bool = False) -> dict[int, Path]:
    """The pictures of a folder by the frames that they belong to."""
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "no such folder"
        raise InputError(found, expected="a folder of pictures", do=HOW_TO_NAME, where=folder)
    names = _namesakes(stills) if isinstance(stills, Folder) else {}
    places: dict[int, Path] = {}
    for path in _pictures(folder, masks=masks):
        number = _number_of_namesake(path, names, stills.place) if names else _number_in_name(path, len(stills))
        if number in places:
            raise InputError(f"{places[number].name} and {path.name} are both of frame {number}", where=folder)
        places[number] = path
    return places


def _pictures(folder: Path, *, masks: bool) -> Iterator[Path]:
    """The painted frames of a folder, or its masks; where some say that they are masks, only these."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_EXTENSIONS)
    named = [path for path in paths if path.stem.startswith(MASK)]
    if masks and named:
        return iter(named)
    return (path for path in paths if not path.stem.startswith(BESIDE))


def _number_in_name(path: Path, count: int) -> int:
    """The number that the name ends in, of a frame of the recording."""
    found = NUMBER.fullmatch(path.stem)
    if not found:
        expected = f"the frame's number in the recording, such as {PAINTED}000123.png"
        raise InputError("the name has no number at its end", expected=expected, where=path)
    if int(found[1]) >= count:
        missing = f"the recording has no frame {int(found[1])}"
        raise InputError(missing, expected=f"a number from 0 to {count - 1}", do=HOW_TO_NAME, where=path)
    return int(found[1])


def _number_of_namesake(path: Path, numbers: dict[str, list[int]], data: Path) -> int:
    """The picture of the data that is called the same, whatever its extension."""
    names = (path.stem, path.stem.removeprefix(PAINTED).removeprefix(MASK))
    found = next((numbers[name] for name in names if name in numbers), [])
    if len(found) != 1:
        many = f"{len(found)} pictures of the data are called so" if found else "no picture of the data is called so"
        raise InputError(many, expected=f"the name of one picture in {data}", where=path)
    return found[0]


def _namesakes(folder: Folder) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for number, path in enumerate(folder.paths):
        numbers.setdefault(path.stem, []).append(number)
    return numbers
