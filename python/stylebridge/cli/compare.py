"""`stylebridge compare`: models and engines side by side on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar
from stylebridge.errors import InputError

DEFAULT_ENGINES = "torch,onnxruntime,barracuda-3.0.1"


def command(
    source: Annotated[
        str, typer.Argument(help="A recording, or any source: a folder, a video, camera:0, scene:plaza …")
    ],
    models: Annotated[str, typer.Option(help="The models, with commas: .onnx files or checkpoints.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The page to write.")],
    engines: Annotated[
        str,
        typer.Option(
            help="With commas: torch, onnxruntime, a release such as barracuda-3.0.1 (emulated), ENGINE=FILE, or"
            " recording:FILE.mcap with what an engine showed."
        ),
    ] = DEFAULT_ENGINES,
    frames: Annotated[int, typer.Option(min=1, max=1000, help="How many frames at most.")] = 60,
    video: Annotated[Path | None, typer.Option(help="Write the columns side by side as a video, too.")] = None,
    targets: Annotated[str, typer.Option(help="More releases to check the models for, with commas.")] = "",
    contract: Annotated[str, typer.Option(help="Contract to use instead of the models' own.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Time small pictures only, and few runs.")] = False,
    speed: Annotated[bool, typer.Option("--speed/--no-speed", help="Whether to time the engines.")] = True,
    every: Annotated[
        str,
        typer.Option(help="One more column for each, with commas: every Nth frame stylised, the others reprojected."),
    ] = "",
    steady: Annotated[
        bool, typer.Option("--steady", help="One more column: blended with what was shown before, without delay.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show models and engines side by side: wipe, differences, flicker, speed, operators, contract, on one page."""
    from tempfile import TemporaryDirectory

    from stylebridge.compare.comparison import Wish, compare
    from stylebridge.compare.feeding import open_feed
    from stylebridge.compare.plans import Smoothing, plan_columns, with_smoothing
    from stylebridge.compare.running import stop_on_interrupt
    from stylebridge.compare.speed.benchmark import QUICK, SIZES, SMALL, Pace
    from stylebridge.files import check_output

    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"output {out.name!r}", expected="a name that ends in .html", where=out)
    for path in filter(None, (out, video)):
        check_output(path, force)
    smoothings = [Smoothing(every=number) for number in _steps(every)] + [Smoothing(steady=True)] * steady
    with TemporaryDirectory(prefix="stylebridge-") as folder, progress_bar(quiet=as_json) as bar:
        task = bar.add_task("", note="")

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        plans = plan_columns([Path(name) for name in _list(models)], _list(engines), Path(folder))
        plans = with_smoothing(plans, smoothings)
        with open_feed(source, plans, frames) as feed, stop_on_interrupt(feed.interrupt) as stop:
            if feed.listens_at:
                typer.echo(f"listening at {feed.listens_at}; Ctrl-C ends it and writes the page", err=True)
            wish = Wish(
                frames=frames if feed.count is None else max(1, min(frames, feed.count)),
                fps=feed.fps,
                contract=contract,
                targets=_list(targets),
                sizes=() if not speed else SMALL if quick else SIZES,
                pace=QUICK if quick else Pace(),
                video=video,
                force=force,
                title=f"{', '.join(dict.fromkeys(plan.model.name for plan in plans))} side by side",
            )
            found = compare(
                *(feed.frames, source, plans, out, wish, show, feed.problems),
                shown=feed.shown,
                stop=stop,
                leave=feed.close,
            )
    if as_json:
        print_json(found.as_json() | {"page": str(out), "video": str(video) if video else None})
        return
    for problem in found.problems:
        typer.echo(f"note: {problem}", err=True)
    for table in found.tables():
        print(table.title)
        print_table(table.headings, table.rows)
        print()
    if found.flickering.why_not():
        print(found.flickering.why_not() + "\n")
    print(f"{out.resolve()}: {found.frames} frames, {len(found.columns)} columns, {out.stat().st_size / 1e6:.1f} MB")
    if video:
        print(f"{video}: the columns side by side")


def _steps(text: str) -> list[int]:
    """How many frames lie from one that is stylised to the next."""
    from stylebridge.compare.temporal.reproject import MAX_EVERY

    words = _list(text)
    for word in words:
        if not (word.isdecimal() and 2 <= int(word) <= MAX_EVERY):
            raise InputError(f"--every {word}", expected=f"whole numbers from 2 to {MAX_EVERY}, several with commas")
    return list(dict.fromkeys(map(int, words)))


def _list(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
