"""`stylebridge bisect`: the first layer in which two engines part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar
from stylebridge.cli.parity import shipped_clip

if TYPE_CHECKING:
    from stylebridge.compare.diagnosis.bisect import Bisection
    from stylebridge.compare.diagnosis.steps import Step
    from stylebridge.frame import Frame

AROUND = 2  # layers that are listed before and after the first that differs


def command(
    model: Annotated[Path, typer.Argument(help="The model: .onnx, or a checkpoint; its other form lies beside it.")],
    engines: Annotated[
        str,
        typer.Option(
            "--engines",
            "-e",
            help="Two: torch, onnxruntime, barracuda-3.0.1 …, ENGINE=FILE, an .npz of layers, or zmq://HOST:PORT for"
            " a game that sends them.",
        ),
    ] = "onnxruntime,barracuda-3.0.1",
    frame: Annotated[
        str,
        typer.Option(
            "--input",
            "-i",
            help="A picture, or another source's first frame; else the game's own, or the shipped clip's.",
        ),
    ] = "",
    contract: Annotated[str, typer.Option(help="Contract to use instead of the models' own.")] = "",
    tolerance: Annotated[
        float, typer.Option(min=0, help="How far apart a layer may be, as a share of its own size.")
    ] = 1e-3,
    every: Annotated[bool, typer.Option("--all", help="List every layer.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find the first layer in which two engines part, and why. Exits 0 when they don't."""
    from stylebridge.compare.diagnosis.bisect import bisect
    from stylebridge.compare.diagnosis.live import is_live

    words = [word.strip() for word in engines.split(",") if word.strip()]
    comes_with_layers = not frame and any(is_live(word) for word in words)
    given = None if comes_with_layers else _first(frame or f"{shipped_clip()}?size=320x180")
    with progress_bar(quiet=as_json) as bar:
        task = bar.add_task("comparing layers", total=None, note="")
        found = bisect(
            model,
            words,
            given,
            contract=contract,
            tolerance=tolerance,
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None),
        )
    if as_json:
        print_json(found.as_json())
    else:
        _print(found, every=every)
    raise typer.Exit(0 if found.first is None else 1)


def _first(source: str) -> Frame:
    from stylebridge.compare.diagnosis.parity import Feed
    from stylebridge.errors import InputError

    given = next(iter(Feed(source, 1)), None)
    if given is None:
        raise InputError("no frames", expected="a picture", where=source)
    return given


def _print(found: Bisection, *, every: bool) -> None:
    at = found.index
    low, high = (0, len(found.steps)) if every else (0, 0) if at is None else (max(0, at - AROUND), at + AROUND + 1)
    if high > low:
        headings = ("layer", "operator", "shape", "max |d|", "apart", "")
        print_table(headings, [_cells(index, step) for index, step in enumerate(found.steps) if low <= index < high])
        print()
    for note in found.notes:
        print(f"note: {note}")
    print(found.words)
    if found.finding is not None and found.finding.remedy:
        print(f"{found.finding.remedy[:1].upper()}{found.finding.remedy[1:]}.")


def _cells(index: int, step: Step) -> tuple[str, ...]:
    name = step.name if step.other == step.name else f"{step.name} = {step.other}"
    apart = "-" if step.apart is None else f"{step.apart:.2g}"
    largest = "-" if step.max_abs is None else f"{step.max_abs:.4g}"
    shape = "x".join(map(str, step.shape))
    return f"{index + 1} {name}", step.op, shape, largest, apart, "" if step.status == "equal" else step.status
