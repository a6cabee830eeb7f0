"""`stylebridge train METHOD`: train a style network into a run folder, or go on with an interrupted run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from stylebridge.cli.output import print_json, progress_bar
from stylebridge.errors import Interrupted, MissingExtra

SHOWN = ("loss", "style", "content", "output_temporal", "held_out_score", "held_out_flicker")


def command(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="johnson or reconet.")],
    data: Annotated[str, typer.Option(help="A recording (.mcap) or a folder of pictures to learn on.")] = "",
    style: Annotated[list[str] | None, typer.Option(help="The style picture.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run's folder.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings as TOML.")] = None,
    change: Annotated[list[str] | None, typer.Option("--set", help="key=value, such as weights.style=8.")] = None,
    settings: Annotated[bool, typer.Option("--settings", help="Print every setting with its meaning; do nothing.")] = (
        False
    ),
    resume: Annotated[bool, typer.Option(help="Go on with the run in --out.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 …")] = "auto",
    force: Annotated[bool, typer.Option(help="Begin anew in a folder that holds a run.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The outcome as one JSON object.")] = False,
) -> None:
    """Train a style network on frames of your game. Interrupt it freely: --resume goes on where it stopped."""
    try:
        from stylebridge.train.folder import RunFolder
        from stylebridge.train.methods import method_called
        from stylebridge.train.settings import read_settings, table_of_changes, toml_from_settings
        from stylebridge.train.start import run
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "torch") from error
    kind = method_called(method).settings
    given = {"data": data, "style": style or []}
    if settings:
        print(toml_from_settings(read_settings(kind, config, change or [], given), explained=True), end="")
        return
    if out is None:
        raise typer.BadParameter("a run needs a folder: --out RUN")
    folder = RunFolder(out)
    if resume:
        chosen = folder.take_up(method, kind, table_of_changes(config, change or [], given))
    else:
        chosen = read_settings(kind, config, change or [], given)
        folder.check(force=force)
    with progress_bar(quiet=json) as bar:
        task = bar.add_task("training", total=chosen.steps, note="")

        def report(step: int, figures: Mapping[str, float]) -> None:
            note = " ".join(f"{name} {figures[name]:.3f}" for name in SHOWN if name in figures)
            bar.update(task, completed=step, note=note)
            if bar.disable and not json and (step % 50 == 0 or "held_out_score" in figures):
                print(f"step {step}/{chosen.steps} {note}", flush=True)

        try:
            progress = run(method, chosen, folder, report, resume=resume, device=device)
        except KeyboardInterrupt:
            raise Interrupted("interrupted", do="add --resume to the command to go on", where=out) from None
    outcome: dict[str, Any] = {"model": str(folder.model), "steps": progress.step, **progress.figures}
    if json:
        print_json(outcome)
    else:
        command = f"stylebridge export {folder.model} {folder.model.with_suffix('.onnx')}"
        print(f"{folder.model}: trained; export it with: {command} --target barracuda")
