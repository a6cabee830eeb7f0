"""Pictures as a source: a folder, one file, or a pattern; in the order a person would count them."""

from __future__ import annotations

import glob
import re
import time
from collections.abc import Sequence
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import IMAGE_EXTENSIONS, read_image
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source

SUFFIXES = IMAGE_EXTENSIONS


class Images(Source):
    """Picture files, one frame each; their sizes may differ."""

    def __init__(self, name: str, paths: Sequence[Path], fps: float | None = None) -> None:
        super().__init__(name)
        self.paths = tuple(paths)
        self.frame_count = len(self.paths)
        self.fps = fps
        self._next = 0

    def read(self) -> Frame | None:
        """Decode the next file; one that can't be read stops the source with its name."""
        if self._next >= len(self.paths):
            return None
        path, index = self.paths[self._next], self._next
        self._next += 1
        color = read_image(path)
        self.label = path.name
        return Frame(color=color, clock=Clock(index, index / self.fps if self.fps else 0.0, time.time_ns()))

    def skip(self, count: int) -> None:
        """Pass over files without opening them."""
        self._next += count


def open_images(where: str, options: Options) -> Source:
    """Open a folder, a file or a pattern such as `shots/*.png`; `**` crosses folders."""
    path = Path(where)
    try:
        if path.is_dir():
            paths = _pictures(list(path.iterdir()))
        elif path.is_file():
            paths = [path]
        elif glob.has_magic(where):
            found = glob.glob(where, recursive=True)  # noqa: PTH207 - unlike Path.glob, takes absolute patterns
            paths = _pictures([Path(path) for path in found])
        else:
            raise InputError("no such file or folder", expected="a folder, a picture or a pattern", where=where)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=where) from error
    if not paths:
        raise InputError("no pictures there", expected=f"at least one {', '.join(SUFFIXES)}", where=where)
    return Images(f"images:{where}", paths, options.number("fps"))


def natural_key(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts frame_2 before frame_10, whatever the case of the letters."""
    parts = re.findall(r"[0-9]+|[^0-9]+", str(path).casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], str(path)


def _pictures(paths: list[Path]) -> list[Path]:
    """The picture files among these, counted upwards; hidden ones are an operating system's, not a person's."""
    wanted = (p for p in paths if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file())
    return sorted(wanted, key=natural_key)
