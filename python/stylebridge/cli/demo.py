"""`stylebridge demo`: the whole way on embedded defaults, no game and no GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar


def command(
    out: Annotated[Path, typer.Option(help="Folder for the exported model and the page.")] = Path("stylebridge-demo"),
    frames: Annotated[int, typer.Option(min=1, max=24, help="How many frames of the shipped clip.")] = 24,
    force: Annotated[bool, typer.Option(help="Replace what an earlier demo left.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Export the shipped style for Barracuda, stylise the shipped clip in two engines, write a page."""
    from stylebridge.assets import clip_frames, shipped_model
    from stylebridge.compare.demo import parity_table, run_demo, speed_table
    from stylebridge.export import contract_of, export
    from stylebridge.files import check_output
    from stylebridge.frame import Frame
    from stylebridge.imaging import read_image
    from stylebridge.nets.checkpoint import load_network
    from stylebridge.targets import find_target

    checkpoint = shipped_model("strokes.pt")
    page = out / "index.html"
    check_output(page, force)
    onnx = out / "strokes.onnx"
    clip = [Frame(color=read_image(path)) for path in clip_frames()[:frames]]
    network = load_network(checkpoint)
    card = export(
        network, contract_of(network, checkpoint), onnx, find_target("barracuda"), frames=clip[:1], force=force
    )
    with progress_bar(quiet=as_json) as bar:
        task = bar.add_task("", note="")
        report = run_demo(
            checkpoint, onnx, clip, page,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )  # fmt: skip
    if as_json:
        print_json(report.as_json() | {"page": str(page), "model": str(onnx)})
        return
    print(f"{onnx}: opset {card.opset} for {card.target}, {card.contract}\n")
    print_table(*parity_table(report))
    print()
    print_table(*speed_table(report))
    print(f"\nOpen {page.resolve()} to see it.")
