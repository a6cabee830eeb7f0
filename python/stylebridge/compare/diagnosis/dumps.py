"""Dumps: an .npz of one frame's numbers, written by whoever ran a network."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.diagnosis.lanes import Answer, Lane
from stylebridge.contract import FloatArray, PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import Frame

MAX_DUMP_BYTES = 2 << 30


class DumpLane(Lane):
    """An .npz of one frame, written by whoever ran the network: `input` and `output` as numbers, `shown` as bytes."""

    def __init__(self, path: Path, contract: PixelContract | None) -> None:
        self.name = path.name
        self.contract = contract
        self.arrays = read_dump(path)
        if not {"input", "output", "shown"} & set(self.arrays):
            names = ", ".join(list(self.arrays)[:6]) or "nothing"
            raise InputError(f"it holds {names}", expected="input, output or shown", where=path)

    def answer(self, frame: Frame, position: int) -> Answer:
        """Its arrays, for the first frame alone."""
        if position:
            raise InputError("a dump holds one frame", expected="one frame", do="use --limit 1", where=self.name)
        given, made = (self._numbers(name) for name in ("input", "output"))
        shown = self.arrays.get("shown")
        if shown is not None and (shown.dtype != np.uint8 or shown.ndim != 3 or shown.shape[2] not in (3, 4)):
            raise InputError(f"shown is {shown.dtype} {list(shown.shape)}", expected="uint8 [H,W,3]", where=self.name)
        picture = None if shown is None else shown[:, :, :3]
        if picture is None and made is not None and self.contract is not None:
            picture = self.contract.to_frame(made, frame).rgb
        return Answer(picture, given, made)

    def _numbers(self, name: str) -> FloatArray | None:
        found = self.arrays.get(name)
        if found is None:
            return None
        found = found[None] if found.ndim == 3 else found
        if found.ndim != 4 or found.dtype.kind != "f" or found.shape[0] != 1:
            wanted = "floats [1,3,H,W] or [1,H,W,3]"
            raise InputError(f"{name} is {found.dtype} {list(found.shape)}", expected=wanted, where=self.name)
        return found.astype(np.float32)


def read_dump(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz; nothing in it is ever unpickled, and nothing larger than a dump is unpacked."""
    if not path.is_file():
        raise InputError("no such file", expected="an .npz file", where=path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_DUMP_BYTES:
            raise InputError(f"unpacks to {size} bytes", expected=f"at most {MAX_DUMP_BYTES}", where=path)
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"not a readable .npz: {reason}", expected="plain arrays", where=path) from error
    return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}
