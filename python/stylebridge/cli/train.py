"""`stylebridge train`: one command per method."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylebridge.cli.output import progress_bar

app = typer.Typer(no_args_is_help=True, help="Train a style network.")


@app.callback()
def _group() -> None:
    """Train a style network."""


@app.command("johnson")
def johnson(
    style: Annotated[Path, typer.Argument(help="The style picture.")],
    content: Annotated[Path, typer.Option(help="Folder of pictures to learn on: frames of your game.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The checkpoint to write.")],
    vgg: Annotated[Path | None, typer.Option(help="VGG weights; else $STYLEBRIDGE_WEIGHTS or torch's cache.")] = None,
    widths: Annotated[str, typer.Option(help="Channels of the three encoder stages.")] = "16,32,64",
    blocks: Annotated[int, typer.Option(min=1, max=16, help="Residual blocks.")] = 5,
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 4000,
    batch: Annotated[int, typer.Option(min=1, max=64)] = 4,
    size: Annotated[int, typer.Option(min=64, max=1024, help="Side of the training crops.")] = 256,
    style_size: Annotated[int, typer.Option(min=64, max=2048, help="Shorter side of the style picture.")] = 512,
    style_weight: Annotated[float, typer.Option(min=0)] = 4.0,
    content_weight: Annotated[float, typer.Option(min=0)] = 1.0,
    tv_weight: Annotated[float, typer.Option(min=0, help="Smoothness of brightness.")] = 0.3,
    chroma_weight: Annotated[float, typer.Option(min=0, help="Smoothness of colour.")] = 3.0,
    init: Annotated[Path | None, typer.Option(help="Start from this checkpoint's weights.")] = None,
    learning_rate: Annotated[float, typer.Option(min=0)] = 1e-3,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    force: Annotated[bool, typer.Option(help="Replace an existing checkpoint.")] = False,
) -> None:
    """Johnson's feed-forward style network. Interrupt it freely: the same command goes on where it stopped."""
    from stylebridge.errors import InputError, Interrupted
    from stylebridge.train.johnson import Options, train

    numbers = widths.split(",")
    if len(numbers) != 3 or not all(n.strip().isdecimal() and len(n) < 9 and int(n) > 0 for n in numbers):
        raise InputError(f"--widths {widths!r}", expected="three channel counts such as 8,16,32")
    options = Options(
        content=content,
        style=style,
        out=out,
        vgg=vgg,
        widths=(int(numbers[0]), int(numbers[1]), int(numbers[2])),
        blocks=blocks,
        steps=steps,
        batch=batch,
        size=size,
        style_size=style_size,
        learning_rate=learning_rate,
        content_weight=content_weight,
        style_weight=style_weight,
        tv_weight=tv_weight,
        chroma_weight=chroma_weight,
        init=init,
        seed=seed,
    )
    with progress_bar() as bar:
        task = bar.add_task("training", total=steps, note="")

        def report(step: int, figures: dict[str, float]) -> None:
            note = " ".join(f"{name} {value:.3f}" for name, value in figures.items())
            bar.update(task, completed=step, note=note)
            if bar.disable and step % 50 == 0:
                print(f"step {step}/{steps} {note}", flush=True)

        try:
            train(options, report, force=force)
        except KeyboardInterrupt:
            raise Interrupted("interrupted", do="repeat the command to go on", where=out) from None
    print(f"{out}: trained; export it with: stylebridge export {out} {out.with_suffix('.onnx')} --target barracuda")
