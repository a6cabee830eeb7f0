"""One frame as one picture file."""

from __future__ import annotations

from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.files import check_output
from stylebridge.frame import Frame
from stylebridge.imaging import write_image
from stylebridge.sinks.base import Sink


class Image(Sink):
    """Holds its one frame until it is closed, so that a second one can still be refused without a trace."""

    def __init__(self, path: Path, force: bool) -> None:
        super().__init__(str(path))
        check_output(path, force)
        self._path = path
        self._force = force
        self._frame: Frame | None = None

    def _write(self, frame: Frame, name: str | None) -> None:
        if self._frame is not None:
            raise InputError(
                "a second frame came",
                expected="one frame for one picture",
                do="give a folder or a video as the output, or add ?stop=1 to the source",
                where=self._path,
            )
        self._frame = frame

    def _finish(self) -> None:
        if self._frame is not None:
            write_image(self._path, self._frame.rgb, self._force)

    def _discard(self) -> None:
        self._frame = None
