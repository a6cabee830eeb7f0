"""Verifying a recording: every checksum, every plane decoded, clocks, gaps, and whether the index tells the truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from stylebridge.errors import InputError
from stylebridge.recording.chunk import check_chunk, read_chunk
from stylebridge.recording.closing import read_closing
from stylebridge.recording.index import Channel, Rows
from stylebridge.recording.message import decode_frame, plane_places
from stylebridge.recording.reader import open_for_reading
from stylebridge.recording.records import Malformed, read_at
from stylebridge.recording.report import Report
from stylebridge.recording.scan import Contents, Progress, later_frames, scan
from stylebridge.recording.streams import streams_from_rows

__all__ = ["Report", "verify"]


def verify(path: Path | str, progress: Progress | None = None) -> Report:
    """Read all of a recording and say what is wrong with it; `progress` gets bytes done and bytes in all.

    A file that is no recording at all is refused; a damaged or unfinished one is reported.
    """
    path = Path(path)
    with open_for_reading(path) as file:
        contents = scan(file, path, checked_bytes=0)
        report = Report(path, len(contents.rows), contents.size)
        report.streams = streams_from_rows(contents.rows, contents.channels)
        _check_structure(file, path, contents, report)
        for number, row in enumerate(contents.rows):
            try:
                _check_frame(file, int(row["offset"]), contents)
            except Malformed as error:
                report.problem(f"frame {number}: {error}")
            if progress is not None:
                progress(int(row["offset"]) + int(row["length"]), contents.size)
    for look in (clock_problems, repeats):
        for line in look(contents.rows, contents.channels):
            report.problem(line)
    for line in gaps(contents.rows, contents.channels):
        report.note(line)
    if len(contents.runs) > 1:
        again = len(contents.runs) - 1
        report.note(f"taken up again {'once' if again == 1 else f'{again} times'}")
    report.how = "sound" if report.ok else "damaged"
    return report


def clock_problems(rows: Rows, channels: dict[int, Channel]) -> Iterator[str]:
    """Where a stream's time or frame id went backwards within one run."""
    for numbers, label in _by_stream(rows, channels):
        own = rows[numbers]
        same_run = own["run"][1:] == own["run"][:-1]
        for name, words in (("simulation_s", "game time"), ("frame_id", "frame id")):
            back = np.flatnonzero((np.diff(own[name]) < 0) & same_run)
            for at in back:
                before, after = own[name][at].item(), own[name][at + 1].item()
                yield f"{label}: {words} goes back from {before} to {after} at frame {numbers[at + 1]}"


def repeats(rows: Rows, channels: dict[int, Channel]) -> Iterator[str]:
    """Where a frame of a session comes again."""
    sessions: dict[str, list[int]] = {}
    for number, channel in channels.items():
        if channel.session:
            sessions.setdefault(channel.session, []).append(number)
    for session, numbers in sessions.items():
        own = np.flatnonzero(np.isin(rows["channel"], numbers) & (rows["sequence"] > 0))
        _, first = np.unique(rows["sequence"][own], return_index=True)
        for at in np.setdiff1d(own, own[first]):
            yield f"frame {at}: number {rows['sequence'][at]} of session {session} is there already"


def gaps(rows: Rows, channels: dict[int, Channel]) -> Iterator[str]:
    """How many frames a stream's ids leave out."""
    for numbers, label in _by_stream(rows, channels):
        steps = np.diff(rows["frame_id"][numbers])
        steps = steps[steps > 0]
        usual = int(steps.min()) if len(steps) else 0
        wide = steps[steps > usual]
        if len(wide):
            yield f"{label}: {int((wide // usual - 1).sum())} frame ids are left out in {len(wide)} places"


def _check_structure(file: BinaryIO, path: Path, contents: Contents, report: Report) -> None:
    if contents.problem:
        report.problem(contents.problem)
    later = sum(1 for _ in later_frames(file, contents.end, contents.size))
    if later:
        report.problem(f"{later} whole frames lie behind the damaged place at {contents.end}")
    if not contents.finished:
        report.problem(f"the index is missing; the frames end at {contents.end} of {contents.size} bytes")
        return
    try:
        rows = read_closing(file, path).rows
    except InputError as error:
        report.problem(error.found)
        return
    if not np.array_equal(rows, contents.rows):
        report.problem("the index doesn't tell what the file holds")


def _check_frame(file: BinaryIO, offset: int, contents: Contents) -> None:
    chunk = read_chunk(file, offset, contents.end)
    check_chunk(file, chunk)
    channel = contents.channels[chunk.stamp.channel]
    if (chunk.header.width, chunk.header.height) != (channel.width, channel.height):
        raise Malformed("its size is not its stream's")
    places = plane_places(chunk.header, chunk.header_bytes)
    lengths = {entry.name: entry.length for entry in chunk.header.planes}
    decode_frame(chunk.header, lambda name: read_at(file, chunk.message_at + places[name], lengths[name]))


def _by_stream(rows: Rows, channels: dict[int, Channel]) -> Iterator[tuple[np.ndarray, str]]:
    for number in np.unique(rows["channel"]):
        channel = channels[int(number)]
        yield np.flatnonzero(rows["channel"] == number), channel.topic
