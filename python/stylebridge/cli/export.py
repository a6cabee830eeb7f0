"""`stylebridge export`: a checkpoint becomes an ONNX file that a target engine takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylebridge.cli.output import print_json


def command(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint: .pt, .pth or .model.")],
    out: Annotated[Path, typer.Argument(help="The .onnx file to write; its card goes beside it.")],
    target: Annotated[str, typer.Option(help="barracuda, sentis-2.1, inference-engine, onnxruntime …")],
    size: Annotated[str, typer.Option(help="HxW (height first) or dynamic.")] = "dynamic",
    bake: Annotated[bool, typer.Option(help="Put the contract inside: the engine feeds and shows [0,1].")] = False,
    contract: Annotated[str, typer.Option(help="Contract to use instead of the checkpoint's own.")] = "",
    frames: Annotated[str, typer.Option(help="Frames to verify on; the shipped clip by default.")] = "",
    style: Annotated[Path | None, typer.Option(help="For arbitrary-style networks: freeze this style.")] = None,
    predictor: Annotated[
        bool, typer.Option(help="Of an arbitrary-style network, export what reads the style.")
    ] = False,
    force: Annotated[bool, typer.Option(help="Replace existing files.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
) -> None:
    """Export a checkpoint to ONNX, verify it against torch, and label it with its contract."""
    from itertools import islice

    from stylebridge import export as exporter
    from stylebridge.assets import CLIP
    from stylebridge.card import card_path
    from stylebridge.engines.stylizer import parse_contract
    from stylebridge.nets.checkpoint import load_network
    from stylebridge.sources import open_source
    from stylebridge.targets import find_target

    release = find_target(target)
    shape = exporter.Size.parse(size)
    network = load_network(checkpoint)
    if style:
        network = exporter.freeze_style(network, style)
    if predictor:
        network = exporter.predictor_of(network)
    pixels = parse_contract(contract, network.contract) if contract else exporter.contract_of(network, checkpoint)
    with open_source(frames or f"images:{CLIP}") as source:
        pictures = list(islice(source, 0, None, 12))[:2] if not frames else list(islice(source, 4))
    card = exporter.export(network, pixels, out, release, size=shape, bake=bake, frames=pictures, force=force)
    if as_json:
        print_json({"file": str(out), "card": card.as_dict()})
        return
    worst = max(value for name, value in card.figures.items() if name.startswith("max_levels_from_torch"))
    print(f"{out}: {out.stat().st_size / 1e3:.0f} kB, opset {card.opset} for {card.target}")
    print(f"contract: {card.contract}")
    print(f"within {worst:.2g} of 255 levels of torch; card: {card_path(out)}")
