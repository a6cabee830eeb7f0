"""`stylebridge recording`: look into recordings, mend them, and turn them into what other tools read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylebridge.cli import recording_export
from stylebridge.cli.output import print_json, print_table
from stylebridge.cli.recording_common import (
    AsJson,
    Every,
    File,
    Force,
    Start,
    Stop,
    StreamName,
    bytes_bar,
    frame_row,
    frames_bar,
)
from stylebridge.errors import StylebridgeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stylebridge.recording import Recording, Report

app = typer.Typer(no_args_is_help=True, help="Look into recordings, mend them, export them.")


@app.command("info")
def info(file: File, as_json: AsJson = False) -> None:
    """What is in a recording: streams, sizes, where it came from, and what its planes take."""
    from stylebridge.recording import Recording

    with Recording(file) as recording:
        summary = recording.summary() | {"plane_bytes": _plane_bytes(recording)}
    if as_json:
        print_json(summary)
        return
    rows = [
        (
            "/".join(filter(None, (stream["game"], stream["camera"]))),
            stream["frames"],
            "{}x{}".format(*stream["size"]),
            f"{stream['duration_s']:.1f} s",
            "-" if stream["fps"] is None else f"{stream['fps']:g}",
            _planes_text(stream),
        )
        for stream in summary["streams"]
    ]
    print_table(("stream", "frames", "size", "length", "per s", "planes"), rows)
    print()
    planes = [
        (name, f"{plane['bytes'] / 1e6:,.1f}", f"{plane['bytes_per_frame'] / 1e3:,.1f}", f"{plane['ratio']:.1f}")
        for name, plane in summary["plane_bytes"].items()
    ]
    print_table(("plane", "MB", "kB a frame", "packed by"), planes)
    print()
    for name, value in _about(summary):
        print(f"{name:<9} {value}")


@app.command("frames")
def frames(
    file: File, stream: StreamName = "", start: Start = 0, stop: Stop = None, every: Every = 1, as_json: AsJson = False
) -> None:
    """List frames: number, stream, the game's id, times and planes."""
    from stylebridge.recording import Recording
    from stylebridge.recording.export import Choice, frames_before, numbers_of

    with Recording(file) as recording:
        numbers, before = numbers_of(recording, Choice(stream, start, stop, every)), frames_before(recording)
        listed = [frame_row(recording, number, before.get(number)) for number in numbers]
    if as_json:
        print_json({"file": str(file), "frames": listed})
        return
    print_table(
        ("frame", "stream", "id", "game s", "sequence", "after", "kB", "planes"),
        [
            (
                row["number"], row["stream"], row["frame_id"], f"{row['simulation_s']:.3f}", row["sequence"],
                "-" if row["before"] is None else row["before"], f"{row['bytes'] / 1e3:,.1f}", "+".join(row["planes"]),
            )
            for row in listed
        ],
    )  # fmt: skip


@app.command("verify")
def verify(file: File, as_json: AsJson = False) -> None:
    """Read everything: checksums, every plane, clocks and the index; exits 1 when something is wrong."""
    from stylebridge.recording import verify as check

    with bytes_bar("verifying", quiet=as_json) as progress:
        report = check(file, progress)
    _print_report(report, as_json=as_json)
    if not report.ok:
        do = f"run: stylebridge recording repair {file}"
        count = len(report.problems) + report.unlisted
        raise StylebridgeError(f"{count} problem{'' if count == 1 else 's'}", do=do, where=file)


@app.command("repair")
def repair(
    file: File,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the repaired recording here and leave FILE as it is.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a recording back that was cut off or damaged, with every whole frame in it.

    In place, what is whole stays untouched and only the end is mended; if the damage lies deeper, the file is written
    anew and the damaged one stays beside it.
    """
    from stylebridge.recording import repair as mend

    with bytes_bar("repairing", quiet=as_json) as progress:
        report = mend(file, out, progress)
    _print_report(report, as_json=as_json)


@app.command("pack")
def pack(
    file: File,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write here and leave FILE as it is.")] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads that pack frames.")] = 2,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Make a recording of `capture --fast` small: every frame stays what it is, bit for bit."""
    from stylebridge.recording import Recording
    from stylebridge.recording import pack as make_small

    with Recording(file) as recording:
        count = len(recording)
    with frames_bar("packing", count, quiet=as_json) as progress:
        packing = make_small(file, out, force=force, threads=threads, progress=progress)
    if as_json:
        print_json(packing.as_dict())
        return
    sizes = f"{packing.bytes_before / 1e6:,.1f} MB"
    if packing.how == "packed":
        sizes += f" became {packing.bytes / 1e6:,.1f} MB"
    print(f"{packing.path}: {packing.frames} frames, {packing.how}, {sizes}")


app.command("keyframes")(recording_export.keyframes)
app.command("export")(recording_export.export)
app.command("view")(recording_export.view)


def _plane_bytes(recording: Recording) -> dict[str, dict[str, Any]]:
    """What each plane takes in the file, by the headers of some frames spread over it."""
    import numpy as np

    from stylebridge.frame import PLANES
    from stylebridge.recording.exporters.video import evenly

    if not len(recording):
        return {}
    looked_at = evenly(range(len(recording)), 200)
    packed, plain = dict.fromkeys(PLANES, 0), dict.fromkeys(PLANES, 0)
    for number in looked_at:
        header = recording.header(number)
        for entry in header.planes:
            packed[entry.name] += entry.length
            channels = PLANES[entry.name][1]
            each = np.dtype(PLANES[entry.name][0]).itemsize * (channels[0] if channels else 1)
            plain[entry.name] += header.width * header.height * each
    return {
        name: {
            "bytes": round(packed[name] * len(recording) / len(looked_at)),
            "bytes_per_frame": round(packed[name] / len(looked_at)),
            "ratio": round(plain[name] / packed[name], 2),
        }
        for name in PLANES
        if packed[name]
    }


def _planes_text(stream: dict[str, Any]) -> str:
    marked = [f"{name}*" if name in stream["estimated"] else name for name in stream["planes"]]
    return "+".join(marked) + "".join(f" ({name})" for name in stream["some_planes"])


def _about(summary: dict[str, Any]) -> Iterator[tuple[str, object]]:
    import time

    details = summary["details"]
    megabytes = summary["bytes"] / 1e6
    each = f", {summary['bytes_per_frame'] / 1e6:.3f} MB a frame" if summary["frames"] else ""
    yield "frames", f"{summary['frames']}, {summary['pairs']} of them directly after another one"
    yield "size", f"{megabytes:,.1f} MB{each}; depth, motion, normals as {details['floats']}"
    yield "source", details["source"]
    if details["created_ns"]:
        with suppress(OverflowError, OSError, ValueError):  # a number that is no time
            yield "made", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(details["created_ns"] / 1e9))
    for name in ("engine", "seed", "note"):
        if details[name] not in ("", None):
            yield name, details[name]
    for name, value in details["extra"].items():
        yield name.removeprefix("capture."), value
    if summary["runs"] > 1:
        yield "runs", f"{summary['runs']}: it was interrupted and taken up again"
    if any(stream["estimated"] for stream in summary["streams"]):
        yield "*", "computed from the pictures, not given by the game"
    if any(stream["some_planes"] for stream in summary["streams"]):
        yield "( )", "only part of the frames have it"


def _print_report(report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json(report.as_dict())
        return
    for line in report.problems:
        typer.echo(f"problem: {line}", err=True)
    for line in report.notes:
        typer.echo(f"note: {line}", err=True)
    words = [f"{report.frames} frames", f"{report.bytes / 1e6:,.1f} MB", report.how]
    words += [f"{report.dropped_bytes} bytes of incomplete frames left out"] if report.dropped_bytes else []
    words += [f"the damaged file is {report.original}"] if report.original else []
    print(f"{report.path}: {', '.join(words)}")
