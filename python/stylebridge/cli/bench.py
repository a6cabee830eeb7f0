"""`stylebridge bench`: how fast models are, how much memory they take, and how old a picture is when it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar
from stylebridge.errors import InputError, Interrupted, StylebridgeError

if TYPE_CHECKING:
    from stylebridge.compare.speed.benchmark import Pace, Speed, Subject
    from stylebridge.compare.speed.latency import Budget, Capture


def command(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="The models: .onnx files or checkpoints.")],
    engines: Annotated[str, typer.Option(help="torch, onnxruntime, with commas; each model's own when left out.")] = "",
    sizes: Annotated[str, typer.Option(help="Picture sizes, with commas: 256x256,1280x720 (width first).")] = "",
    threads: Annotated[
        str, typer.Option(help="Thread counts, with commas: 1,2. The engine decides when left out.")
    ] = "",
    source: Annotated[
        str, typer.Option(help="Measure the latency budget with this: camera:0, video:FILE, a recording …")
    ] = "",
    refresh: Annotated[float, typer.Option(min=1, max=1000, help="The display's frames per second.")] = 60.0,
    chart: Annotated[Path | None, typer.Option(help="Draw the figures into this picture.")] = None,
    memory: Annotated[bool, typer.Option("--memory/--no-memory", help="Weigh each in a process of its own.")] = True,
    quick: Annotated[bool, typer.Option("--quick", help="Small pictures only, and few runs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing chart.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Time models by engine, size and threads, runs alternated, and add up the way from camera to eye."""
    from tempfile import TemporaryDirectory

    from stylebridge.compare.page.tables import budget_tables, speed_tables
    from stylebridge.compare.running import stop_on_interrupt
    from stylebridge.compare.speed.benchmark import QUICK, SIZES, SMALL, Pace, measure_speed, parse_sizes, parse_threads
    from stylebridge.files import check_output
    from stylebridge.imaging import check_image_name

    if chart is not None:
        check_image_name(chart)
        check_output(chart, force)
    wanted = parse_sizes(sizes) if sizes else list(SMALL if quick else SIZES)
    counts = parse_threads(threads)
    with TemporaryDirectory(prefix="stylebridge-") as folder, progress_bar(quiet=as_json) as bar:
        task = bar.add_task("", note="")

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        subjects = _subjects(
            models, [word.strip() for word in engines.split(",") if word.strip()], counts, Path(folder)
        )
        capture = _capture(source, wanted)
        pace: Pace = QUICK if quick else Pace()
        with stop_on_interrupt() as stop:
            speeds = measure_speed(subjects, wanted, pace=pace, memory=memory, progress=show, stop=stop)
            if all(speed.timing is None for speed in speeds):
                raise _nothing(speeds, interrupted=stop.asked)
            budgets = [] if stop.asked else _budgets(subjects, capture, refresh)
    if chart is not None:
        _draw(chart, speeds, budgets, force)
    if as_json:
        report = {"speed": [speed.as_json() for speed in speeds], "latency": [one.as_json() for one in budgets]}
        print_json(report | {"interrupted": stop.asked, "chart": str(chart) if chart else None})
        return
    for table in (*speed_tables(speeds), *budget_tables(budgets)):
        print(table.title)
        print_table(table.headings, table.rows)
        print(f"{table.text}\n" if table.text else "")
    if chart is not None:
        print(f"{chart}: drawn")


def _nothing(speeds: Sequence[Speed], *, interrupted: bool) -> StylebridgeError:
    """Why there isn't a single figure."""
    if interrupted:
        return Interrupted("stopped before anything was timed")
    failure = next((speed.failure for speed in speeds if speed.failure), "")
    if failure:
        return InputError(failure)
    return StylebridgeError(f"nothing was timed: {speeds[0].skipped}", do="try --sizes 128x128")


def _subjects(
    models: Sequence[Path], engines: Sequence[str], threads: Sequence[int | None], folder: Path
) -> list[Subject]:
    from stylebridge.compare.plans import plan_columns
    from stylebridge.compare.speed.benchmark import Subject, is_timed
    from stylebridge.engines import engine_for

    for engine in engines:
        if not is_timed(engine.partition("=")[0]):
            raise InputError(
                f"{engine} can't be timed here",
                expected="torch or onnxruntime",
                do="its emulation says nothing of its speed",
            )
    chosen = list(dict.fromkeys(engines or [engine_for(model) for model in models]))
    plans = plan_columns(models, chosen, folder)
    if not engines:
        plans = [plan for plan in plans if plan.engine == engine_for(plan.model)]
    for plan in plans:
        if plan.failure:
            raise InputError(plan.failure)
    return [Subject(plan.title, plan.file, plan.engine, count) for plan in plans for count in threads]


def _capture(source: str, sizes: Sequence[tuple[int, int]]) -> Capture:
    """Frames to measure with: the source's, or else one of the size nearest to 640x360."""
    from stylebridge.compare.speed.benchmark import picture_frame
    from stylebridge.compare.speed.latency import assumed_camera, capture_from

    nearest = min(sizes, key=lambda size: abs(size[0] * size[1] - 640 * 360))
    return capture_from(source) if source else assumed_camera(picture_frame(nearest))


def _budgets(subjects: Sequence[Subject], capture: Capture, refresh_hz: float) -> list[Budget]:
    """The way from camera to eye with each subject."""
    from stylebridge.compare.speed.benchmark import open_subject
    from stylebridge.compare.speed.latency import budget

    found = []
    for subject in subjects:
        try:
            with open_subject(subject) as stylizer:
                found.append(budget(subject.name, stylizer, capture, refresh_hz=refresh_hz))
        except StylebridgeError as error:
            typer.echo(f"note: no latency budget for {subject.name}: {error}", err=True)
    return found


def _draw(path: Path, speeds: Sequence[Speed], budgets: Sequence[Budget], force: bool) -> None:
    from stylebridge.compare.page.chart import Bar, Panel, draw
    from stylebridge.imaging import write_image

    panels = []
    for size in dict.fromkeys(speed.size for speed in speeds):
        timed = [(speed, speed.timing) for speed in speeds if speed.size == size and speed.timing is not None]
        bars = [
            Bar(s.subject.name, [("median", t.median_ms)], f"{t.median_ms:.1f} ms, {s.fps or 0:.1f} frames/s")
            for s, t in timed
        ]
        panels.append(Panel(f"The network alone at {size[0]}x{size[1]}, ms", bars))
    stacked = [Bar(one.title, [(stage.label, stage.median_ms) for stage in one.stages]) for one in budgets]
    if budgets:
        panels.append(
            Panel(f"How old a picture is when it is seen, {budgets[0].size[0]}x{budgets[0].size[1]}, ms", stacked)
        )
    write_image(path, draw(panels), force)
