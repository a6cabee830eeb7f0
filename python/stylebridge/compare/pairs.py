"""Frames with the pictures that training, or its author, made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import read_image
from stylebridge.sources import open_source


@dataclass(frozen=True)
class Pair:
    """A frame and the picture that training made of it."""

    name: str
    frame: Frame
    reference: Frame


def find_pairs(frames: str, reference: str, limit: int = 8) -> list[Pair]:
    """Frames with their references: the same stem, else a reference named stem-something, else one of each."""
    given, wanted = _pictures(frames), _pictures(reference)
    if len(given) == len(wanted) == 1:
        matches = [(given[0], wanted[0])]
    else:
        matches = [(path, found) for path in given if (found := _reference_of(path, wanted)) is not None]
    if not matches:
        raise InputError(
            f"none of {len(given)} frames has a reference among {len(wanted)} pictures",
            expected="a reference with the frame's name, such as 011.png or 011-candy.png for 011.png",
            where=reference,
        )
    return [_pair(frame, found) for frame, found in matches[:limit]]


def _pictures(where: str) -> list[Path]:
    with open_source(where if ":" in where else f"images:{where}") as source:
        if not source.paths:
            raise InputError(f"{source.name} has no picture files", expected="a folder of pictures or one picture")
        return list(source.paths)


def _reference_of(path: Path, wanted: Sequence[Path]) -> Path | None:
    exact = [other for other in wanted if other.stem == path.stem]
    longer = [other for other in wanted if re.match(re.escape(path.stem) + r"[\W_]", other.stem)]
    found = exact or longer
    return found[0] if len(found) == 1 else None


def _pair(path: Path, found: Path) -> Pair:
    frame, reference = Frame(color=read_image(path)), Frame(color=read_image(found))
    if (frame.width, frame.height) != (reference.width, reference.height):
        raise InputError(
            f"{reference.width}x{reference.height}",
            expected=f"{frame.width}x{frame.height} like its frame {path.name}",
            where=found,
        )
    return Pair(path.name, frame, reference)
