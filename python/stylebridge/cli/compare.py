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
    force: Annotated[bool, typer.Option("--force", help="Replace existing output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show models and engines side by side: wipe, differences, flicker, speed, operators, contract, on one page."""
    from tempfile import TemporaryDirectory

    from stylebridge.compare.columns import plan_columns
    from stylebridge.compare.comparison import Wish, compare
    from stylebridge.compare.speed.benchmark import QUICK, SIZES, SMALL, Pace
    from stylebridge.files import check_output
    from stylebridge.sources import open_source

    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"output {out.name!r}", expected="a name that ends in .html", where=out)
    for path in filter(None, (out, video)):
        check_output(path, force)
    sizes = () if not speed else SMALL if quick else SIZES
    with (
        TemporaryDirectory(prefix="stylebridge-") as folder,
        open_source(source) as opened,
        progress_bar(quiet=as_json) as bar,
    ):
        task = bar.add_task("", note="")

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        plans = plan_columns([Path(name) for name in _list(models)], _list(engines), Path(folder))
        known = opened.frame_count
        wish = Wish(
            frames=frames if known is None else max(1, min(frames, known)),
            fps=opened.fps,
            contract=contract,
            targets=_list(targets),
            sizes=sizes,
            pace=QUICK if quick else Pace(),
            video=video,
            force=force,
            title=f"{', '.join(dict.fromkeys(plan.model.name for plan in plans))} side by side",
        )
        found = compare(opened, source, plans, out, wish, show, opened.problems)
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


def _list(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
