"""`stylebridge recording keyframes | export | view`: recordings as what people and other tools look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylebridge.cli.output import print_json, print_table
from stylebridge.cli.recording_common import (
    AsJson,
    Every,
    File,
    Force,
    Start,
    Stop,
    StreamName,
    check_positive,
    frame_row,
    frames_bar,
)
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stylebridge.recording import Recording
    from stylebridge.recording.export import Choice

FORMATS = ("auto", "folder", "webdataset", "video")
OPTIONS = {  # that mean something to one form only
    "folder": ("--planes", "--exr"),
    "webdataset": ("--planes", "--pairs", "--half", "--full", "--shard-mb"),
    "video": ("--plane", "--fps"),
}
SHARD_MB = 256.0
VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv", ".avi")


def keyframes(
    file: File,
    count: Annotated[int, typer.Option("--count", "-k", min=1, help="How many.")] = 8,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write them here as PNG, to be painted; with masks of the ids.")
    ] = None,
    stream: StreamName = "",
    start: Start = 0,
    stop: Stop = None,
    every: Every = 1,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Propose the frames that cover a recording best, for few-shot training.

    Distances have no unit: 1 is how far two frames of the recording lie apart on average.
    """
    from stylebridge.files import check_folder
    from stylebridge.recording import Recording
    from stylebridge.recording.export import Choice, numbers_of
    from stylebridge.recording.keyframes import MAX_CANDIDATES, find_keyframes, write_keyframes

    if out is not None:
        check_folder(out, force=force)
    with Recording(file) as recording:
        numbers = numbers_of(recording, Choice(stream, start, stop, every))
        with frames_bar("looking", min(len(numbers), MAX_CANDIDATES), quiet=as_json) as progress:
            found = find_keyframes(recording, numbers, count, progress)
        written = [] if out is None else write_keyframes(recording, found, out, force=force)
        rows = [(frame_row(recording, n, None), share) for n, share in zip(found.numbers, found.shares, strict=True)]
    if as_json:
        print_json(found.as_dict() | {"file": str(file), "written": [str(path) for path in written]})
        return
    print_table(
        ("frame", "stream", "game s", "stands for"),
        [(row["number"], row["stream"], f"{row['simulation_s']:.2f}", f"{share:.1%}") for row, share in rows],
    )
    print(
        f"distance of a frame to its nearest keyframe: {found.mean_distance:.3f} on average, {found.max_distance:.3f}"
        f" at most (frames spread evenly: {found.even_mean_distance:.3f}, {found.even_max_distance:.3f})"
    )
    if out is not None:
        print(f"{out}: {len(written)} files")


def export(
    file: File,
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder, or a video such as out.mp4.", show_default=False)],
    format_: Annotated[
        str, typer.Option("--format", "-f", help="folder, webdataset or video; by OUT's name.")
    ] = "auto",
    stream: StreamName = "",
    start: Start = 0,
    stop: Stop = None,
    every: Every = 1,
    planes: Annotated[str, typer.Option(help="folder, webdataset: such as color+motion; all by default.")] = "",
    exr: Annotated[bool, typer.Option("--exr", help="folder: depth and normals as EXR, not as 16-bit PNG.")] = False,
    shard_mb: Annotated[float, typer.Option(min=0.1, help="webdataset: the size of a shard in MB.")] = SHARD_MB,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="webdataset: only frames that follow another one, which comes along.")
    ] = False,
    half: Annotated[
        bool | None, typer.Option("--half/--full", help="webdataset: float16 or float32; as the recording by default.")
    ] = None,
    plane: Annotated[str, typer.Option(help="video: the plane to show.")] = "color",
    fps: Annotated[
        float | None, typer.Option(min=0.01, help="video: frames per second; the stream's by default.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Turn a recording into a folder of files, WebDataset shards, or a video.

    A folder has PNG for colour, ids and occlusion, .flo for motion, 16-bit PNG or EXR for depth and normals, and
    frames.jsonl with cameras and times; export.json says what the levels of the PNGs mean.
    """
    from stylebridge.recording import Recording
    from stylebridge.recording.export import Choice

    if format_ not in FORMATS:
        raise InputError(f"format {format_!r}", expected=" or ".join(FORMATS))
    check_positive("--shard-mb", shard_mb)
    form = format_ if format_ != "auto" else "video" if out.suffix.lower() in VIDEO_SUFFIXES else "folder"
    given = {"--planes": planes, "--exr": exr, "--pairs": pairs, "--half": half, "--full": half is False}
    given |= {"--shard-mb": shard_mb != SHARD_MB, "--plane": plane != "color", "--fps": fps}
    _check_options(form, [name for name, value in given.items() if value])
    choice = Choice(stream, start, stop, every, tuple(planes.split("+")) if planes else ())
    with Recording(file) as recording:
        if form == "video":
            report = _export_video(recording, choice, out, plane, fps, force=force, quiet=as_json)
        elif form == "webdataset":
            half = recording.details.floats == "f16" if half is None else half
            options: dict[str, Any] = {"pairs": pairs, "half": half}
            options |= {"shard_bytes": int(shard_mb * 1e6), "force": force}
            report = _export_shards(recording, choice, out, options, quiet=as_json)
        else:
            report = _export_folder(recording, choice, out, exr=exr, force=force, quiet=as_json)
    if as_json:
        print_json({"out": str(out), "format": form} | report)
        return
    for problem in report.get("problems", ()):
        typer.echo(f"note: {problem}", err=True)
    shards = f" in {len(report['shards'])} shards" if "shards" in report else ""
    print(f"{out}: {report['frames']} frames{shards}, {'+'.join(report['planes'])}")


def view(
    file: File,
    out: Annotated[Path, typer.Option("--out", "-o", help="The picture to write.")] = Path("sheet.png"),
    columns: Annotated[int, typer.Option(min=1, max=48, help="Frames to show, spread evenly.")] = 6,
    width: Annotated[int, typer.Option(min=16, max=2048, help="Of one tile, in pixels.")] = 240,
    planes: Annotated[str, typer.Option(help="Such as color+depth; all by default.")] = "",
    stream: StreamName = "",
    start: Start = 0,
    stop: Stop = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Draw a contact sheet: a row per plane, a column per frame."""
    from stylebridge.files import check_output
    from stylebridge.imaging import check_image_name, write_image
    from stylebridge.recording import Recording
    from stylebridge.recording.export import Choice, numbers_of
    from stylebridge.recording.sheet import contact_sheet

    check_image_name(out)
    check_output(out, force)
    with Recording(file) as recording:
        numbers = numbers_of(recording, Choice(stream, start, stop))
        wanted = tuple(planes.split("+")) if planes else ()
        sheet = contact_sheet(recording, numbers, columns=columns, tile_width=width, planes=wanted)
    write_image(out, sheet, force)
    if as_json:
        print_json({"out": str(out), "width": sheet.shape[1], "height": sheet.shape[0]})
        return
    print(f"{out}: {sheet.shape[1]}x{sheet.shape[0]}")


def _check_options(form: str, given: Sequence[str]) -> None:
    for name in given:
        if name not in OPTIONS[form]:
            raise InputError(f"{name} for a {form}", expected=", ".join(OPTIONS[form]))


def _export_folder(
    recording: Recording, choice: Choice, out: Path, *, exr: bool, force: bool, quiet: bool
) -> dict[str, Any]:
    from stylebridge.files import check_folder
    from stylebridge.recording.export import numbers_of
    from stylebridge.recording.exporters.folder import export_folder

    check_folder(out, force=force)
    numbers = numbers_of(recording, choice)
    with frames_bar("exporting", len(numbers), quiet=quiet) as progress:
        return export_folder(
            recording,
            numbers,
            out,
            planes=choice.planes,
            floats="exr" if exr else "png",
            force=force,
            progress=progress,
        )


def _export_shards(
    recording: Recording, choice: Choice, out: Path, options: dict[str, Any], *, quiet: bool
) -> dict[str, Any]:
    from stylebridge.recording.export import numbers_of
    from stylebridge.recording.exporters.webdataset import export_shards

    numbers = numbers_of(recording, choice)
    with frames_bar("exporting", len(numbers), quiet=quiet) as progress:
        return export_shards(recording, numbers, out, planes=choice.planes, progress=progress, **options)


def _export_video(
    recording: Recording, choice: Choice, out: Path, plane: str, fps: float | None, *, force: bool, quiet: bool
) -> dict[str, Any]:
    from stylebridge.recording.export import numbers_of
    from stylebridge.recording.exporters.video import plane_pictures
    from stylebridge.sinks import open_sink

    numbers = numbers_of(recording, choice)
    rate = fps or (recording.stream_of(numbers[0]).fps or 30.0) / choice.every
    with frames_bar("exporting", len(numbers), quiet=quiet) as progress:
        with open_sink(f"video:{out}", fps=rate, force=force) as sink:
            for frame in plane_pictures(recording, numbers, plane):
                sink.write(frame)
                progress(sink.frame_count)
        return {"frames": sink.frame_count, "planes": [plane], "fps": round(rate, 3), "problems": sink.problems}
