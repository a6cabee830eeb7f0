"""`stylebridge flicker`: how steady styles are, measured with the game's own motion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from stylebridge.compare.temporal.flicker import Flicker
    from stylebridge.compare.temporal.stylizing import PictureStylizer
    from stylebridge.frame import Frame
    from stylebridge.sources import Source

INTERRUPTED = 130  # as a shell has it


def command(
    recording: Annotated[
        str, typer.Argument(help="A recording, or another source with motion; ?motion=dis estimates it.")
    ],
    models: Annotated[
        list[str] | None, typer.Option("--models", "-m", help="Models, several with commas: .onnx, or a checkpoint.")
    ] = None,
    pictures: Annotated[
        list[str] | None,
        typer.Option("--pictures", "-p", help="What something else showed of these frames: a folder, a video …"),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", "-e", help="torch, onnxruntime, …; auto goes by the name.")
    ] = "auto",
    reproject: Annotated[
        list[int] | None,
        typer.Option(
            "--every", "--reproject", min=2, max=16, help="Also with every Nth frame stylised, the rest reprojected."
        ),
    ] = None,
    causal: Annotated[
        bool, typer.Option("--steady", "--causal", help="Also steadied by what was shown before.")
    ] = False,
    span: Annotated[int, typer.Option(min=2, max=64, help="Frames apart for the long-range figure.")] = 8,
    limit: Annotated[int | None, typer.Option(min=2, help="Stop after this many frames.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Write the curves as a picture.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; all by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing picture.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how much shown pictures change where the game says that nothing changed but the place.

    After Ctrl-C, what was measured up to there is told.
    """
    from itertools import islice

    from stylebridge.compare.temporal.flicker import FlickerMeter
    from stylebridge.compare.temporal.streams import open_moving
    from stylebridge.compare.temporal.stylizing import side_by_side
    from stylebridge.files import check_output
    from stylebridge.imaging import check_image_name

    if plot is not None:
        check_image_name(plot)
        check_output(plot, force)
    with ExitStack() as stack:
        source = stack.enter_context(open_moving(recording))
        if source.turns > 1 or (source.interleaves and not source.listens_at):
            raise _several_cameras(recording)
        shown = _shown(stack, models or [], pictures or [], engine, threads, reproject or [], causal=causal)
        meter = FlickerMeter([stylizer.name for stylizer in shown], span)
        bar = stack.enter_context(progress_bar(quiet=as_json))
        total = min(filter(None, (source.frame_count, limit)), default=None)
        task = bar.add_task("measuring", total=total, note="")
        stopped = False
        try:
            for frame, results in side_by_side(shown, islice(_of_one_camera(source, recording), limit)):
                meter.add(frame, *(result.rgb for result in results))
                bar.advance(task)
        except KeyboardInterrupt:
            stopped = source.frame_count is not None  # what has no end of its own ends well by Ctrl-C
        measured = {name: meter.result(name) for name in meter.names}
    if stopped and all(each.mean is None for each in measured.values()):
        raise KeyboardInterrupt
    _refuse_nothing(measured, recording)
    if plot is not None:
        _draw(measured, plot, recording, force=force)
    if as_json:
        print_json(_as_json(measured, recording, plot, source.problems) | {"stopped": stopped})
    else:
        for problem in source.problems:
            typer.echo(f"note: {problem}", err=True)
        _print(measured)
        if plot is not None:
            print(f"curves: {plot}")
        if stopped:
            typer.echo(f"stopped by Ctrl-C; the source has {source.frame_count} frames", err=True)
    if stopped:
        raise typer.Exit(INTERRUPTED)


def _shown(
    stack: ExitStack,
    models: Sequence[str],
    pictures: Sequence[str],
    engine: str,
    threads: int | None,
    reproject: Sequence[int],
    *,
    causal: bool,
) -> list[PictureStylizer]:
    """What is measured: each model, alone and wrapped, and what was shown elsewhere."""
    from stylebridge.compare.temporal.causal import Causal
    from stylebridge.compare.temporal.reproject import Reprojected
    from stylebridge.compare.temporal.stylizing import Once
    from stylebridge.engines.stylizer import open_stylizer
    from stylebridge.sources import open_source

    paths = [Path(name) for names in models for name in names.split(",") if name]
    if not paths and not pictures:
        raise InputError("nothing to measure", do="name models with --models, or pictures with --pictures")
    shown: list[PictureStylizer] = []
    for path in paths:
        stylizer = stack.enter_context(open_stylizer(path, engine, threads=threads))
        if [other.name for other in paths].count(path.name) > 1:
            stylizer.name = str(path)
        once = Once(stylizer)
        shown += [once, *(Reprojected(once, every) for every in reproject), *([Causal(once)] if causal else [])]
    shown += [Pictures(name, stack.enter_context(open_source(name))) for name in pictures]
    names = [stylizer.name for stylizer in shown]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} is named twice", expected="each model, number and folder once")
    return shown


class Pictures:
    """What something else showed: the next picture for each frame."""

    def __init__(self, name: str, source: Iterator[Frame]) -> None:
        self.name = name
        self._source = source
        self._count = 0

    def __call__(self, frame: Frame) -> Frame:
        """The next picture."""
        picture = next(self._source, None)
        if picture is None:
            raise InputError(
                f"only {self._count} pictures", expected="one for each frame", do="pass --limit", where=self.name
            )
        self._count += 1
        return frame.with_color(picture.color)


def _of_one_camera(source: Source, where: str) -> Iterator[Frame]:
    """The frames; games that call tell only by what they send whether they take turns."""
    left: set[tuple[str, str]] = set()
    now: tuple[str, str] | None = None
    for frame in source:
        stream = (frame.session, frame.camera.name)
        if stream in left:
            raise _several_cameras(where)
        if now not in (None, stream):
            left.add(now)
        now = stream
        yield frame


def _several_cameras(where: str) -> InputError:
    return InputError(
        "frames of several games or cameras",
        expected="one, so that each frame follows the one before",
        do="choose one: add ?camera=NAME or ?game=NAME",
        where=where,
    )


def _refuse_nothing(measured: dict[str, Flicker], where: str) -> None:
    if all(each.mean is None for each in measured.values()):
        raise InputError(
            "no frame shows anything of the one before it",
            expected="two frames that follow each other, and motion between them",
            where=where,
        )


def _print(measured: dict[str, Flicker]) -> None:
    first = next(iter(measured.values()))
    rows = [("the game itself", _number(first.source_near.mean), "", "", _number(first.source_far.mean), "")]
    rows += [
        (
            name,
            _number(each.mean),
            _number(each.relative),
            _number(each.near.mean_compensated),
            _number(each.long_range),
            "" if each.worst is None else str(each.worst),
        )
        for name, each in measured.items()
    ]
    headings = ("", "flicker", "× the game's", "less brightness", f"over {first.span} frames", "worst frame")
    print_table(headings, rows)
    cuts = f", {first.cuts} cut{'s' if first.cuts != 1 else ''}" if first.cuts else ""
    print(f"levels of 255 between {len(first.per_frame)} frames{cuts}, where the game says the same is seen")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _draw(measured: dict[str, Flicker], path: Path, where: str, *, force: bool) -> None:
    from stylebridge.compare.page.curves import chart
    from stylebridge.imaging import write_image

    source = next(iter(measured.values())).source_near.plain
    curves = {"the game itself": source, **{name: each.per_frame for name, each in measured.items()}}
    picture = chart(curves, f"Flicker: {where}", "levels of 255 against the frame before, by frame")
    write_image(path, picture, force)


def _as_json(
    measured: dict[str, Flicker], recording: str, plot: Path | None, problems: Sequence[str]
) -> dict[str, object]:
    first = next(iter(measured.values()))
    return {
        "recording": recording,
        "frames": len(first.per_frame),
        "shown": {name: each.as_json() for name, each in measured.items()},
        "plot": None if plot is None else str(plot),
        "problems": list(problems),
    }
