"""`stylebridge train METHOD`: train a style network into a run folder, or go on with an interrupted run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from stylebridge.cli.output import print_json, progress_bar
from stylebridge.errors import Interrupted, MissingExtra

SHOWN = ("loss", "network_loss", "style", "content", "pixel", "painted", "cycle", "output_temporal")
JUDGED = ("held_out_score", "held_out_flicker", "held_out_psnr_db")


def command(
    method: Annotated[
        str, typer.Argument(metavar="METHOD", help="gatys, johnson, reconet, fewshot, arbitrary, distill or cyclegan.")
    ],
    data: Annotated[
        str, typer.Option(help="A recording (.mcap), a folder of pictures, or for gatys one picture.")
    ] = "",
    style: Annotated[
        list[str] | None, typer.Option(help="The style picture; some methods take several, or folders.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run's folder.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings as TOML.")] = None,
    change: Annotated[list[str] | None, typer.Option("--set", help="key=value, such as weights.style=8.")] = None,
    settings: Annotated[bool, typer.Option("--settings", help="Print every setting with its meaning; do nothing.")] = (
        False
    ),
    resume: Annotated[bool, typer.Option(help="Go on with the run in --out.")] = False,
    search: Annotated[
        Path | None, typer.Option("--sweep", help="Try many settings: a TOML file with [search].")
    ] = None,
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
        folder.check(force=force or bool(search))  # a sweep goes on in its folder
    if search:
        _sweep(method, chosen, search, out, device, json)
        return
    with progress_bar(quiet=json) as bar:
        task = bar.add_task("training", total=chosen.steps, note="")

        def report(step: int, figures: Mapping[str, float]) -> None:
            note = " ".join(f"{name} {figures[name]:.3f}" for name in (*SHOWN, *JUDGED) if name in figures)
            steps = int(figures.get("steps_in_all", chosen.steps))
            bar.update(task, completed=step, total=steps, note=note)
            if bar.disable and not json and (step % 50 == 0 or "held_out_score" in figures):
                print(f"step {step}/{steps} {note}", flush=True)

        try:
            progress = run(method, chosen, folder, report, resume=resume, device=device)
        except KeyboardInterrupt:
            raise Interrupted("interrupted", do="add --resume to the command to go on", where=out) from None
    if int(os.environ.get("RANK", "0")):
        return  # torchrun started several; the first one speaks
    left = {"pictures": str(folder.styled)} if method == "gatys" else {"model": str(folder.model)}
    outcome: dict[str, Any] = {**left, "steps": progress.step, **progress.figures}
    if json:
        print_json(outcome)
    elif "pictures" in left:
        print(f"{folder.styled}: painted")
    else:
        command = f"stylebridge export {folder.model} {folder.model.with_suffix('.onnx')}"
        print(f"{folder.model}: trained; export it with: {command} --target barracuda")


def _sweep(method: str, settings: Any, plan_file: Path, out: Path, device: str, json: bool) -> None:
    """Run a sweep; print its best settings and where the page is."""
    from stylebridge.train.sweep import read_plan, sweep
    from stylebridge.train.sweeppage import write_sweep_page

    plan = read_plan(plan_file, type(settings))
    with progress_bar(quiet=json) as bar:
        task = bar.add_task("sweep", total=plan.trials * settings.steps, note="")

        def report(trial: int, trials: int) -> Any:
            def show(step: int, figures: Mapping[str, float]) -> None:
                note = f"run {trial + 1} of {trials}, loss {figures.get('loss', 0.0):.3f}"
                bar.update(task, completed=trial * settings.steps + step, note=note)

            return show

        try:
            found = sweep(method, settings, plan, out, report, device=device)
        except KeyboardInterrupt:
            raise Interrupted("interrupted", do="repeat the command to go on", where=out) from None
    page = write_sweep_page(out, f"{method}: {len(found['trials'])} runs", found["trials"])
    if json:
        print_json({**found, "page": str(page)})
    else:
        best = found["best"]
        words = " ".join(f"--set {name}={value}" for name, value in best["settings"].items())
        print(f"{page}: the best run is {best['run']} with score {best['score']:.4f}: {words}")
