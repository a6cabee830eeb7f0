"""`stylebridge fix`: a model rewritten so that an engine takes it, every step proven equal by running it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.output import PIPED_WIDTH, print_json

if TYPE_CHECKING:
    from stylebridge.opcheck.fix import Outcome

_STYLES = {"fixed": "green", "left": "red"}


def command(
    model: Annotated[Path, typer.Argument(help="The .onnx file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .onnx file to write; a card goes beside it.")],
    target: Annotated[str, typer.Option("--target", help="barracuda-3.0.1, sentis-2.1, inference-engine …")],
    size: Annotated[
        list[str] | None,
        typer.Option("--size", help="Fix the size of an input for good: input=1x3x540x720, or 1x3x540x720."),
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace existing files.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Rewrite what an engine refuses or computes differently. Exits 0 when the result is ok there, 1 when not."""
    from stylebridge.opcheck.fix import fix
    from stylebridge.opcheck.fix.files import check_place, read_card, write
    from stylebridge.opcheck.graph import load_model
    from stylebridge.opcheck.sizes import size_from_text, sizes_for
    from stylebridge.targets import find_target

    chosen = find_target(target)
    check_place(model, out, force)
    loaded = load_model(model)
    former = read_card(model, loaded)
    given = sizes_for(loaded, [size_from_text(text) for text in size or ()], model)
    outcome = fix(model, chosen, sizes=given)
    write(outcome, model, out, former)
    if as_json:
        print_json({**outcome.to_dict(), "out": str(out)})
    else:
        _print(outcome, out)
    raise typer.Exit(0 if outcome.ok else 1)


def _print(outcome: Outcome, out: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=True)
    for line in [*outcome.lines(), f"written: {out}" + ("" if outcome.changed else ", the same model")]:
        word = line.split()[0] if line.startswith("  ") else ""
        text = Text(line)
        if word in _STYLES:
            text.stylize(_STYLES[word], 2, 2 + len(word))
        console.print(text)
