"""`stylebridge contract`: find, show and set the rule by which a frame becomes a network's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar

if TYPE_CHECKING:
    from stylebridge.compare.contract_search import Finding

app = typer.Typer(no_args_is_help=True, help="The pixel contract: find it, show it, put it into a model.")
Model = Annotated[Path, typer.Argument(help="The model: .onnx, or a checkpoint.")]


@app.command("find")
def find(
    model: Model,
    frames: Annotated[str, typer.Option("--frames", help="Folder (or file) of frames that went in.")],
    reference: Annotated[str, typer.Option("--reference", help="Folder (or file) of what training made of them.")],
    engine: Annotated[str, typer.Option(help="torch, onnxruntime, or auto.")] = "auto",
    limit: Annotated[int, typer.Option(min=1, help="How many frame pairs to use.")] = 8,
    top: Annotated[int, typer.Option(min=1, help="How many contracts to list.")] = 8,
    save: Annotated[Path | None, typer.Option(help="Write the winner as JSON, for --contract FILE.")] = None,
    force: Annotated[bool, typer.Option(help="Replace an existing file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Rank all sensible contracts by how well they explain what training produced."""
    from stylebridge.compare.contract_search import search
    from stylebridge.compare.pairs import find_pairs
    from stylebridge.engines import engine_for, open_engine
    from stylebridge.files import check_output, write_bytes

    if save:
        check_output(save, force)
    pairs = find_pairs(frames, reference, limit)
    name = engine_for(model) if engine == "auto" else engine
    options = {"free_size": True} if name == "onnxruntime" else {}
    with open_engine(name, model, **options) as opened, progress_bar(quiet=as_json) as bar:
        task = bar.add_task("trying contracts", total=None, note="")
        finding = search(opened, pairs, lambda done, total: bar.update(task, completed=done, total=total))
    if save and finding.verdict != "none fits":
        write_bytes(save, finding.best.contract.to_json().encode() + b"\n")
    if as_json:
        print_json(_as_json(model, finding, top, [pair.name for pair in pairs]))
    else:
        _print(finding, top, len(pairs))
    if finding.verdict == "none fits":
        raise typer.Exit(1)


@app.command("show")
def show(
    model: Model,
    as_json: Annotated[bool, typer.Option("--json", help="Print the contract's JSON.")] = False,
) -> None:
    """Print the contract that a model carries."""
    from stylebridge.engines.stylizer import open_stylizer

    with open_stylizer(model) as stylizer:
        print(stylizer.contract.to_json() if as_json else stylizer.contract)


@app.command("set")
def set_contract(
    model: Annotated[Path, typer.Argument(help="An .onnx model from anywhere.")],
    contract: Annotated[str, typer.Argument(help="unit, byte, signed, imagenet, bgr-byte … or a JSON file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the labelled copy goes.")],
    force: Annotated[bool, typer.Option(help="Replace an existing file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
) -> None:
    """Copy an ONNX model with a contract inside, and write its card."""
    from stylebridge.engines.stylizer import parse_contract
    from stylebridge.onnxfile import relabel

    card = relabel(model, parse_contract(contract), out, force=force)
    if as_json:
        print_json({"file": str(out), "card": card.as_dict()})
    else:
        print(f"{out}: {card.contract}")


def _as_json(model: Path, finding: Finding, top: int, frames: list[str]) -> dict[str, object]:
    margin = finding.margin_db
    return {
        "model": str(model),
        "frames": frames,
        "verdict": finding.verdict,
        "margin_db": round(margin, 3) if margin != float("inf") else None,
        "closer_in": finding.won,
        "best": finding.best.as_json(),
        "ranked": [ranked.as_json() for ranked in finding.ranked[:top]],
        "tried": finding.tried,
    }


def _print(finding: Finding, top: int, frames: int) -> None:
    rows = [
        (
            r.contract,
            f"{r.difference.psnr_db:.2f}",
            f"{r.difference.mean_levels:.3f}",
            f"{r.difference.max_levels:.0f}",
            "=" if r.twin and r is not finding.best else "",
        )
        for r in finding.ranked[:top]
    ]
    print_table(("contract", "PSNR dB", "mean |d|", "max |d|", ""), rows)
    best, ahead = finding.best, _ahead(finding)
    print(f"\n{finding.tried} contracts tried on {frames} frame{'s' if frames > 1 else ''}.")
    if finding.verdict == "fits":
        exact = best.difference.max_levels == 0
        close = "equal in every pixel" if exact else f"{best.difference.psnr_db:.2f} dB"
        print(f"It is {best.contract}: {close}, {ahead}.")
        if finding.twins:
            print("Those marked = show the same picture: this network can't tell them apart.")
    elif finding.verdict == "ambiguous":
        print(f"Likeliest is {best.contract} ({best.difference.psnr_db:.2f} dB), but only {ahead}.")
        print("The network hardly tells them apart; more frames, or lossless references, decide.")
    else:
        print(
            f"None fits: the best gives {best.difference.psnr_db:.2f} dB. Other weights, or not this kind of network?"
        )


def _ahead(finding: Finding) -> str:
    if finding.margin_db == float("inf"):
        return "and no other comes near"
    closer = f", and closer in {finding.won:.0%} of the picture" if finding.won is not None else ""
    return f"{finding.margin_db:.2f} dB ahead of the next that shows another one{closer}"
