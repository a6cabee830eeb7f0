"""`stylebridge stylize`: put a style on a picture, a folder, a video or a camera."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylebridge.cli.output import print_json, progress_bar


def command(
    model: Annotated[Path, typer.Argument(help="The model: .onnx, or a checkpoint.")],
    source: Annotated[
        str, typer.Argument(help="A picture, a folder, a video, camera:0, zmq://HOST:PORT; ?size=WxH works")
    ],
    out: Annotated[
        str, typer.Option("--out", "-o", help="A picture, a folder, a video, window:, or reply: to the game")
    ],
    engine: Annotated[str, typer.Option(help="torch, onnxruntime, or auto.")] = "auto",
    contract: Annotated[str, typer.Option(help="Contract to use instead of the model's own.")] = "",
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; all by default.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 …")] = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many frames.")] = None,
    free_size: Annotated[bool, typer.Option(help="Ignore the picture size that an .onnx file declares.")] = False,
    force: Annotated[bool, typer.Option(help="Replace existing output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Stylise frames and write them; nothing half-written is left when it fails."""
    import time
    from contextlib import nullcontext, suppress
    from itertools import islice

    from stylebridge.engines.stylizer import open_stylizer
    from stylebridge.sinks import open_sink
    from stylebridge.sources import open_source

    options = {"threads": threads, "device": device, **({"free_size": True} if free_size else {})}
    with (
        open_source(source) as frames,
        open_stylizer(model, engine, contract, **options) as stylizer,
        open_sink(out, fps=frames.fps, force=force, reply=frames.reply) as sink,
        progress_bar(quiet=as_json) as bar,
    ):
        total = min(filter(None, (frames.frame_count, limit)), default=None)
        task = bar.add_task("stylising", total=total, note="")
        started = time.perf_counter()
        with (
            suppress(KeyboardInterrupt) if frames.frame_count is None else nullcontext()
        ):  # a camera only ends by Ctrl-C
            for frame in islice(frames, limit):
                sink.write(stylizer(frame), frames.label)
                pace = sink.frame_count / (time.perf_counter() - started)
                bar.update(task, completed=sink.frame_count, note=f"{pace:.1f} frames/s")
                if sink.stopped:
                    break
        seconds = time.perf_counter() - started
        shown = f"{sink.frame_count} frame{'s' if sink.frame_count != 1 else ''}"
    if as_json:
        print_json(
            {"frames": sink.frame_count, "seconds": round(seconds, 3), "out": out}
            | {"engine": stylizer.engine.name, "contract": stylizer.contract.as_dict()}
            | {"problems": [*frames.problems, *sink.problems]}
        )
        return
    for problem in (*frames.problems, *sink.problems):
        typer.echo(f"note: {problem}", err=True)
    print(f"{out.removesuffix(':')}: {shown} in {seconds:.1f} s by {stylizer.engine.name}")
