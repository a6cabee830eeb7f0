"""Repairing a recording: completed in place where only its end is missing, written anew where more is damaged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.files import check_output, replacing
from stylebridge.recording.chunk import read_chunk
from stylebridge.recording.closing import ends_well
from stylebridge.recording.copying import Copy
from stylebridge.recording.growing import lock, open_for_writing, write_all
from stylebridge.recording.reader import open_for_reading
from stylebridge.recording.records import HEAD, read_at
from stylebridge.recording.repacked import Salvaged, more_frames, rest_of_frames, salvaged
from stylebridge.recording.report import Report
from stylebridge.recording.scan import Contents, Progress, scan, scan_unopened
from stylebridge.recording.streams import streams_from_rows
from stylebridge.recording.tail import encode_tail


def repair(path: Path | str, out: Path | str | None = None, progress: Progress | None = None) -> Report:
    """Make a recording readable again with every whole frame that it holds; one that is sound isn't touched.

    In place, an incomplete end is cut off and the index written: no frame is copied. An end that is whole but wrong is
    kept as NAME.broken.bin. Damage before whole frames makes a new file, and the damaged one stays beside it as
    NAME.broken.mcap. With `out` the repaired recording goes there and the file itself isn't touched. `progress` gets
    bytes done and bytes in all.
    """
    path = Path(path)
    open_for_reading(path).close()  # says what is wrong with the name in a reader's words
    if out is not None:
        check_output(Path(out), force=False)
        with open_for_reading(path) as file:
            lock(file, path)
            return _rewritten(file, path, Path(out), _scanned(file, path, None), progress)
    with open_for_writing(path) as file:
        contents = _scanned(file, path, progress)
        if not contents.problem and ends_well(file, path, contents.rows):
            streams = streams_from_rows(contents.rows, contents.channels)
            return Report(path, len(contents.rows), contents.size, streams=streams)
        if contents.begins_well and not more_frames(file, contents):
            return _completed(file, path, contents)
        return _rewritten(file, path, path, contents, progress)


def _scanned(file: BinaryIO, path: Path, progress: Progress | None) -> Contents:
    """What is in the file, even if its first bytes are damaged."""
    try:
        contents = scan(file, path, progress=progress)
    except InputError as error:
        found = scan_unopened(file, error.found, progress)
        if found is None:
            raise
        return found
    if contents.problem and not contents.runs:
        return scan_unopened(file, contents.problem, progress) or contents
    return contents


def _completed(file: BinaryIO, path: Path, contents: Contents) -> Report:
    if not len(contents.rows):
        raise StylebridgeError("no whole frame is in it", where=path)
    tail = encode_tail(contents.end, contents.rows, contents.channels, contents.runs)
    kept = _keep_end(file, path, contents)
    try:
        file.truncate(contents.end)
        write_all(file, contents.end, tail)
        os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            file.truncate(contents.end)
        reason = (error.strerror or str(error)).lower()
        found = f"the index can't be written: {reason}"
        raise StylebridgeError(found, do="make room and run it again: the frames are safe", where=path) from error
    report = Report(path, len(contents.rows), contents.end + len(tail), how="completed")
    report.streams = streams_from_rows(contents.rows, contents.channels)
    report.dropped_bytes = 0 if contents.finished else contents.size - contents.end
    report.original = kept
    return report


def _keep_end(file: BinaryIO, path: Path, contents: Contents) -> Path | None:
    """Copy what will be cut off, unless it only stops too early."""
    if contents.finished or contents.size - contents.end < HEAD.size:
        return None
    _, length = HEAD.unpack(read_at(file, contents.end, HEAD.size))
    if contents.end + HEAD.size + length > contents.size:
        return None
    kept = _broken_name(path, ".bin")
    file.seek(contents.end)
    with replacing(kept) as place, place.open("wb") as target:
        shutil.copyfileobj(file, target, 1 << 20)
    return kept


def _rewritten(file: BinaryIO, path: Path, out: Path, contents: Contents, progress: Progress | None) -> Report:
    """Every whole frame in a new file."""
    report = Report(out, how="rewritten")
    with replacing(out) as place, place.open("wb") as target:
        copy = Copy(target, contents.details)
        for frame in _frames(file, contents):
            copy.add(frame)
            if progress is not None:
                progress(min(copy.end, contents.size), contents.size)
        rows, end = copy.rows, copy.end
        if not len(rows):
            raise StylebridgeError("no whole frame is in it", where=path)
        copy.finish()
        target.flush()
        os.fsync(target.fileno())
        report.frames, report.bytes = len(rows), target.tell()
        report.streams = streams_from_rows(rows, copy.channels)
        if contents.problem:
            report.note(contents.problem)
            report.dropped_bytes = max(0, contents.size - end)
        if out == path:
            report.original = _broken_name(path, path.suffix)
            file.close()  # some systems rename no open file
            path.rename(report.original)
    return report


def _frames(file: BinaryIO, contents: Contents) -> Iterator[Salvaged]:
    for row in contents.rows:
        yield salvaged(file, read_chunk(file, int(row["offset"]), contents.end))
    yield from rest_of_frames(file, contents)


def _broken_name(path: Path, suffix: str) -> Path:
    """A free name beside the file."""
    for count in range(1, 1000):
        name = path.with_name(f"{path.stem}.broken{'' if count == 1 else count}{suffix}")
        if not name.exists():
            return name
    raise StylebridgeError("too many damaged copies lie there", do="delete some", where=path)
