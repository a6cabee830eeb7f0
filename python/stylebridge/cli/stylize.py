"""`stylebridge stylize`: put a style on a picture, a folder, a video or a camera."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.output import print_json, progress_bar
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.progress import Progress

    from stylebridge.compare.temporal.stylizing import PictureStylizer, TemporalStylizer
    from stylebridge.frame import Frame
    from stylebridge.sinks.base import Sink
    from stylebridge.sources import Source

INTERRUPTED = 130  # as a shell has it


def command(
    model: Annotated[Path, typer.Argument(help="The model: .onnx, or a checkpoint.")],
    source: Annotated[
        str, typer.Argument(help="A picture, a folder, a video, camera:0, zmq://HOST:PORT; ?size=WxH works")
    ],
    out: Annotated[
        str, typer.Option("--out", "-o", help="A picture, a folder, a video, window:, or reply: to the game")
    ],
    every: Annotated[
        int, typer.Option(min=1, max=16, help="Stylise every Nth frame only; motion fills the others, N frames late.")
    ] = 1,
    steady: Annotated[
        bool, typer.Option("--steady", help="Flicker less: blend in what was shown before. With --every, nothing late.")
    ] = False,
    strength: Annotated[
        float | None, typer.Option(min=0, max=0.99, help="For --steady: the share of the past, 0.8 by default.")
    ] = None,
    engine: Annotated[str, typer.Option(help="torch, onnxruntime, or auto.")] = "auto",
    contract: Annotated[str, typer.Option(help="Contract to use instead of the model's own.")] = "",
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; all by default.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 …")] = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many frames.")] = None,
    free_size: Annotated[bool, typer.Option(help="Ignore the picture size that an .onnx file declares.")] = False,
    force: Annotated[bool, typer.Option(help="Replace existing output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Stylise frames and write them; nothing half-written is left when it fails, and Ctrl-C keeps what is done.

    --every and --steady need frames with motion: a recording's, a game's, or estimated, as in clip.mp4?motion=dis.
    """
    from stylebridge.engines.stylizer import open_stylizer
    from stylebridge.sinks import open_sink

    wrap = _wrapping(out, every, strength, steady=steady)
    options = {"threads": threads, "device": device, **({"free_size": True} if free_size else {})}
    with (
        _opened(source, moving=steady or every > 1) as frames,
        open_stylizer(model, engine, contract, **options) as stylizer,
        open_sink(out, fps=frames.fps, force=force, reply=frames.reply) as sink,
        progress_bar(quiet=as_json) as bar,
    ):
        seconds, stopped = _run(wrap(stylizer), frames, sink, limit, bar)
    stopped = stopped and frames.frame_count is not None  # what has no end of its own ends well by Ctrl-C
    problems = [*frames.problems, *sink.problems]
    if as_json:
        print_json(
            {"frames": sink.frame_count, "seconds": round(seconds, 3), "out": out, "stopped": stopped}
            | {"engine": stylizer.engine.name, "contract": stylizer.contract.as_dict()}
            | {"every": every, "steady": steady, "problems": problems}
        )
    else:
        for problem in problems:
            typer.echo(f"note: {problem}", err=True)
        shown = f"{sink.frame_count} frame{'s' if sink.frame_count != 1 else ''}"
        print(f"{out.removesuffix(':')}: {shown} in {seconds:.1f} s by {stylizer.engine.name}")
        if stopped:
            typer.echo(f"stopped by Ctrl-C; the source has {frames.frame_count} frames", err=True)
    if stopped:
        raise typer.Exit(INTERRUPTED)


def _wrapping(
    out: str, every: int, strength: float | None, *, steady: bool
) -> Callable[[PictureStylizer], TemporalStylizer]:
    """What follows a stylizer's frames over time, if that is wanted; each camera by itself."""
    from stylebridge.compare.temporal.causal import STRENGTH, Causal
    from stylebridge.compare.temporal.reproject import Reprojected
    from stylebridge.compare.temporal.streams import PerCamera
    from stylebridge.compare.temporal.stylizing import Alone

    if strength is not None and not steady:
        raise InputError("--strength without --steady", expected="both, or neither")
    if steady:
        share = STRENGTH if strength is None else strength
        return lambda inner: PerCamera(lambda: Causal(inner, share, every))
    if every == 1:
        return Alone
    if out.startswith("reply:"):
        do = "add --steady, which shows each frame at once"
        raise InputError("--every with reply:", expected="no late frames, as the game has gone on", do=do)
    return lambda inner: PerCamera(lambda: Reprojected(inner, every))


def _opened(source: str, *, moving: bool) -> Source:
    from stylebridge.compare.temporal.streams import open_moving
    from stylebridge.sources import open_source

    return open_moving(source) if moving else open_source(source)


def _run(style: TemporalStylizer, frames: Source, sink: Sink, limit: int | None, bar: Progress) -> tuple[float, bool]:
    """Everything through; the seconds that took, and whether Ctrl-C ended it after at least one frame."""
    from collections import deque
    from itertools import islice
    from time import perf_counter

    task = bar.add_task("stylising", total=min(filter(None, (frames.frame_count, limit)), default=None), note="")
    labels: deque[str | None] = deque()  # of the frames that weren't shown yet
    started, stopped = perf_counter(), False

    def write(shown: Iterable[Frame]) -> None:
        for frame in shown:
            sink.write(frame, labels.popleft())
            pace = sink.frame_count / (perf_counter() - started)
            bar.update(task, completed=sink.frame_count, note=f"{pace:.1f} frames/s")

    try:
        for frame in islice(frames, limit):
            labels.append(frames.label)
            write(style.feed(frame))
            if sink.stopped:
                return perf_counter() - started, False
    except KeyboardInterrupt:
        stopped = True
    write(style.finish())
    if stopped and not sink.frame_count and frames.frame_count is not None:
        raise KeyboardInterrupt
    return perf_counter() - started, stopped
