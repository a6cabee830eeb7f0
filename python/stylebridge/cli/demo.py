"""`stylebridge demo`: the whole way on embedded defaults, no game and no GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar


def command(
    out: Annotated[Path, typer.Option(help="Folder for recording, model and page.")] = Path("stylebridge-demo"),
    frames: Annotated[int, typer.Option(min=1, max=24, help="How many frames to play.")] = 24,
    force: Annotated[bool, typer.Option(help="Replace what an earlier demo left.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Play the embedded game over the bridge, record, stylise in three engines, check for others, write a page."""
    from itertools import islice

    from stylebridge.assets import shipped_model
    from stylebridge.compare.comparison import Wish, compare
    from stylebridge.compare.demo import ENGINES, SMOOTHINGS, TARGETS, record_play
    from stylebridge.compare.plans import Plan, title_of, with_smoothing
    from stylebridge.compare.running import stop_on_interrupt
    from stylebridge.export import contract_of, export
    from stylebridge.files import check_output
    from stylebridge.nets.checkpoint import load_network
    from stylebridge.recording import Recording
    from stylebridge.sources import open_source
    from stylebridge.targets import find_target

    checkpoint = shipped_model("strokes.pt")
    page, play, onnx = out / "index.html", out / "play.mcap", out / "strokes.onnx"
    for path in (page, play, onnx):
        check_output(path, force)
    network = load_network(checkpoint)
    contract = contract_of(network, checkpoint)
    with progress_bar(quiet=as_json) as bar:
        task = bar.add_task("", note="")

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        played = record_play(play, frames, show)
        with Recording(play) as recording:
            first = recording[0]
        show("exporting", 0, 1)
        card = export(network, contract, onnx, find_target("barracuda"), frames=[first], force=force)
        plans = [
            Plan(title_of(engine), checkpoint, engine, checkpoint if engine == "torch" else onnx) for engine in ENGINES
        ]
        plans = with_smoothing(plans, SMOOTHINGS)
        wish = Wish.quick(
            frames=played.frames, fps=10.0, targets=TARGETS, title="A style in the game", described=played.words
        )
        with open_source(f"recording:{play}") as source, stop_on_interrupt(source.interrupt) as stop:
            found = compare(islice(source, frames), source.name, plans, page, wish, show, stop=stop)
    if as_json:
        files = {"page": str(page), "model": str(onnx), "recording": str(play)}
        print_json(found.as_json() | files | {"bridged": played.bridged})
        return
    for problem in found.problems:
        typer.echo(f"note: {problem}", err=True)
    print(f"{play}: {found.frames} frames of {played.words}")
    print(f"{onnx}: opset {card.opset} for {card.target}, {card.contract}\n")
    for table in found.tables():
        print(table.title)
        print_table(table.headings, table.rows)
        print()
    print(f"Open {page.resolve()} to see it.")
