"""Frames as numbered PNG files in a folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.files import check_folder, missing_folders, remove_empty, unwritable
from stylebridge.frame import Frame
from stylebridge.imaging import write_image
from stylebridge.sinks.base import Sink


class Folder(Sink):
    """Gathers the pictures in a hidden folder inside and moves them out on success.

    With force a folder may hold other files already: those of the same name are replaced, the others stay.
    """

    def __init__(self, folder: Path, force: bool) -> None:
        super().__init__(str(folder))
        check_folder(folder, force=force)
        self._folder = folder
        self._staging = folder / f".stylebridge-{os.getpid()}.part"
        self._made = missing_folders(folder)
        self._names: set[str] = set()

    def _write(self, frame: Frame, name: str | None) -> None:
        file_name = self._file_name(name)
        try:
            # force: what lies in the staging folder under this name is left from a process that was killed
            write_image(self._staging / file_name, frame.rgb, force=True)
        except InputError as error:  # which names the hidden folder
            where = self._folder / file_name
            raise InputError(error.found, expected=error.expected, do=error.do, where=where) from error

    def _file_name(self, name: str | None) -> str:
        """The source's own name as a PNG, or a number; two sources of one name both get a file."""
        stem = Path(name).stem if name else f"frame_{self.frame_count:06d}"
        free, copy = stem, 2
        while free.casefold() in self._names:  # some file systems don't tell A.png from a.png
            free, copy = f"{stem}-{copy}", copy + 1
        self._names.add(free.casefold())
        return f"{free}.png"

    def _finish(self) -> None:
        try:
            for picture in sorted(self._staging.iterdir()):
                picture.replace(self._folder / picture.name)
            self._staging.rmdir()
        except OSError as error:
            raise unwritable(self._folder, error) from error

    def _discard(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        remove_empty(self._made)
