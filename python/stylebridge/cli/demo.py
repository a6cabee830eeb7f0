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
    """Record the embedded game, export the shipped style for Barracuda, run it in two engines, write a page."""
    from stylebridge.assets import shipped_model
    from stylebridge.compare.demo import parity_table, record_play, run_demo, speed_table
    from stylebridge.export import contract_of, export
    from stylebridge.files import check_output
    from stylebridge.nets.checkpoint import load_network
    from stylebridge.recording import Recording
    from stylebridge.targets import find_target

    checkpoint = shipped_model("strokes.pt")
    page, play, onnx = out / "index.html", out / "play.mcap", out / "strokes.onnx"
    for path in (page, play, onnx):
        check_output(path, force)
    network = load_network(checkpoint)
    with progress_bar(quiet=as_json) as bar:
        task = bar.add_task("", note="")

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        source = record_play(play, frames, show)
        with Recording(play) as recording:
            clip = [recording[number] for number in range(min(frames, len(recording)))]
        contract = contract_of(network, checkpoint)
        card = export(network, contract, onnx, find_target("barracuda"), frames=clip[:1], force=force)
        report = run_demo(checkpoint, onnx, clip, page, show)
    if as_json:
        files = {"page": str(page), "model": str(onnx), "recording": str(play), "source": source}
        print_json(report.as_json() | files)
        return
    print(f"{play}: {report.frames} frames of {source}")
    print(f"{onnx}: opset {card.opset} for {card.target}, {card.contract}\n")
    print_table(*parity_table(report))
    print()
    print_table(*speed_table(report))
    print(f"\nOpen {page.resolve()} to see it.")
