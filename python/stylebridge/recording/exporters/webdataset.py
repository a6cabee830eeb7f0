"""A recording as WebDataset shards: tar files whose neighbouring members belong to one frame."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.recording.export import Progress, about_frame, frames_ahead, frames_before, planes_in
from stylebridge.recording.exporters.floatfiles import png
from stylebridge.recording.exporters.staging import filling

if TYPE_CHECKING:
    from stylebridge.recording import Recording

SHARD_BYTES = 256 << 20
LEAST_SHARD_BYTES = 1 << 16
_BLOCK = 512  # of a tar file
_MODE = 0o644


def export_shards(
    recording: Recording,
    numbers: Sequence[int],
    out: Path,
    *,
    planes: Sequence[str] = (),
    name: str = "",
    shard_bytes: int = SHARD_BYTES,
    pairs: bool = False,
    half: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write NAME-000000.tar … into a folder; the same recording always makes the same bytes.

    A sample is NUMBER.json, NUMBER.png and NUMBER.depth.npy, .motion.npy, .normals.npy, .ids.npy, .occlusion.npy.
    Occlusion is bool, ids are uint32, the others float32, or float16 with `half`. With `pairs` there are only frames
    that directly follow another one, whose colour is NUMBER.before.png.
    """
    if shard_bytes < LEAST_SHARD_BYTES:
        raise InputError(f"shards of {shard_bytes} bytes", expected=f"at least {LEAST_SHARD_BYTES}")
    planes, before = planes_in(recording, numbers, planes), frames_before(recording)
    numbers = [number for number in numbers if number in before] if pairs else list(numbers)
    if not numbers:
        raise InputError("no two frames follow each other", expected="pairs", where=recording.path)
    name = name or recording.path.stem
    with filling(out, force=force) as staging:
        shards = Shards(staging, name, shard_bytes)
        for done, (number, frame) in enumerate(frames_ahead(recording, numbers, planes), start=1):
            about = about_frame(recording, number, frame, before.get(number))
            earlier = recording.read(before[number], ("color",)) if pairs else None
            shards.add(list(_members(number, frame, about, planes, earlier, half=half)))
            if progress is not None:
                progress(done)
        shards.close()
        report = {
            "recording": recording.path.name,
            "frames": len(numbers),
            "planes": list(planes),
            "pairs": pairs,
            "floats": "float16" if half else "float32",
            "shards": {f"{path.name}": count for path, count in shards.counts.items()},
        }
        (staging / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return report


class Shards:
    """Tar files that are begun anew before they would outgrow their size; a sample never lies in two."""

    def __init__(self, folder: Path, name: str, most_bytes: int) -> None:
        self.counts: dict[Path, int] = {}
        self._folder, self._name, self._most_bytes = folder, name, most_bytes
        self._tar: tarfile.TarFile | None = None
        self._path = folder
        self._bytes = 0

    def add(self, members: Sequence[tuple[str, bytes]]) -> None:
        """Append one sample."""
        size = sum(_BLOCK + -(-len(data) // _BLOCK) * _BLOCK for _, data in members)
        if self._tar is None or self._bytes + size > self._most_bytes:
            self._begin()
        for name, data in members:
            entry = tarfile.TarInfo(name)  # its time and owner stay 0, so that the bytes depend on the frames alone
            entry.size, entry.mode = len(data), _MODE
            assert self._tar is not None  # noqa: S101 - just begun
            self._tar.addfile(entry, io.BytesIO(data))
        self._bytes += size
        self.counts[self._path] += 1

    def close(self) -> None:
        """Finish the last one."""
        if self._tar is not None:
            self._tar.close()

    def _begin(self) -> None:
        self.close()
        self._path, self._bytes = self._folder / f"{self._name}-{len(self.counts):06d}.tar", 0
        self._tar = tarfile.open(self._path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115 - lives as long as the shard
        self.counts[self._path] = 0


def _members(
    number: int, frame: Frame, about: dict[str, Any], planes: Sequence[str], earlier: Frame | None, *, half: bool
) -> Iterator[tuple[str, bytes]]:
    key = f"{number:08d}"
    yield f"{key}.json", json.dumps(about, sort_keys=True).encode()
    yield f"{key}.png", png(frame.color)
    if earlier is not None:
        yield f"{key}.before.png", png(earlier.color)
    for plane in planes:
        pixels = getattr(frame, plane)
        if plane != "color" and pixels is not None:
            yield (
                f"{key}.{plane}.npy",
                _npy(pixels.astype(np.float16) if half and pixels.dtype == np.float32 else pixels),
            )


def _npy(array: NDArray[Any]) -> bytes:
    data = io.BytesIO()
    np.lib.format.write_array(data, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return data.getvalue()
