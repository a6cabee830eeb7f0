"""`stylebridge check`: what an engine will do with a model, found out before it is imported there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.matrix import STYLES, print_matrix, target_words
from stylebridge.cli.output import PIPED_WIDTH, print_json, progress_bar
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from stylebridge.opcheck import Report
    from stylebridge.targets import Target

MANY = 8  # pairs of model and target from which on a progress bar shows
LISTED = 3  # files that a refusal of a folder names


def command(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="The .onnx files.", show_default=False)],
    target: Annotated[
        str,
        typer.Option(
            "--target",
            help="barracuda-3.0.1, sentis-2.1, inference-engine+gpupixel …; several with commas; or all.",
        ),
    ],
    allow: Annotated[str, typer.Option(help="altered: models that run and compute something else pass too.")] = "",
    size: Annotated[
        list[str] | None,
        typer.Option(
            "--size", help="An input's size where the file leaves it open: input=1x3x540x720, or 1x3x540x720."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per model and target.")] = False,
) -> None:
    """Say what an engine will refuse, fail on or compute differently. Exits 0 only when all is well."""
    from stylebridge.opcheck.sizes import size_from_text

    if allow not in ("", "altered"):
        raise InputError(f"--allow {allow}", expected="--allow altered: what throws or is rejected never passes")
    targets = _targets(target)
    sizes = [size_from_text(text) for text in size or ()]
    for path in models:
        _refuse_folder(path)
    reports, broken = _check_all(models, targets, sizes, as_json=as_json)
    if not as_json:
        _print(reports)
    for error in broken[:-1]:
        typer.echo(f"stylebridge: {error}", err=True)
    if broken:
        raise broken[-1]
    passing = {"ok", allow}
    raise typer.Exit(0 if all(report.verdict in passing for report in reports) else 1)


def _check_all(
    models: Sequence[Path], targets: Sequence[Target], sizes: Sequence[tuple[str, tuple[int, ...]]], *, as_json: bool
) -> tuple[list[Report], list[InputError]]:
    """Every model on every target; a file that can't be read doesn't keep the others from being looked at."""
    from stylebridge.opcheck import check
    from stylebridge.opcheck.graph import load_model
    from stylebridge.opcheck.sizes import sizes_for

    reports: list[Report] = []
    broken: list[InputError] = []
    pairs = len(models) * len(targets)
    with progress_bar(quiet=as_json or pairs < MANY) as bar:
        task = bar.add_task("checking", total=pairs, note="")
        for path in models:
            bar.update(task, note=path.name)
            try:
                model = load_model(path)
                given = sizes_for(model, sizes, path)
                for one in targets:
                    reports.append(check(model, one, sizes=given, name=str(path), folder=path.parent))
                    bar.advance(task)
                    if as_json:
                        print_json(reports[-1].to_dict())
            except InputError as error:
                broken.append(error)
    return reports, broken


def _targets(text: str) -> list[Target]:
    """The targets of a list with commas, each once; `all` stands for every Unity release that was measured."""
    from stylebridge.targets import TARGETS, find_target

    found: list[Target] = []
    for name in text.split(","):
        if name.strip().lower() == "all":
            found += [one for one in TARGETS if one.measured and one.family != "onnxruntime"]
        else:
            found.append(find_target(name))
    return list(dict.fromkeys(found))


def _refuse_folder(path: Path) -> None:
    if not path.is_dir():
        return
    files = sorted(path.glob("*.onnx")) or sorted(path.glob("*/*.onnx"))
    if not files:
        raise InputError("a folder without .onnx files", expected="an .onnx model", where=path)
    names = " ".join(map(str, files[:LISTED])) + (f" and {len(files) - LISTED} more" if len(files) > LISTED else "")
    raise InputError("a folder", expected="an .onnx model", do=f"name its files: {names}", where=path)


def _print(reports: Sequence[Report]) -> None:
    """Findings first, then, where several models or targets were asked for, the matrix."""
    from rich.console import Console

    from stylebridge.opcheck.report import unmeasured_words

    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=True)
    groups: dict[tuple[str, ...], list[Report]] = {}
    for report in reports:
        told = (report.model, report.verdict, unmeasured_words(report.target), *map(str, report.lines()))
        groups.setdefault(told, []).append(report)
    for alike in groups.values():
        if alike[0].findings or len(reports) == 1:
            _print_findings(console, alike)
    if len(reports) > 1:
        print_matrix(console, reports)


def _print_findings(console: Console, alike: Sequence[Report]) -> None:
    """What was found, once for all targets on which it is the same."""
    from rich.text import Text

    from stylebridge.opcheck.report import plain, unmeasured_words

    report = alike[0]
    names = target_words([each.target for each in alike])
    heading = Text.assemble(
        (f"{plain(report.model)} on {names}: ", "bold"),
        (report.verdict, STYLES[report.verdict]),
        (unmeasured_words(report.target), "dim"),
    )
    console.print(heading)
    for line in report.lines():
        text = Text.assemble(
            (f"  {line.word:8}  ", STYLES.get(line.word, "cyan")),
            (line.where + (": " if line.where else ""), "bold"),
            line.text,
        )
        console.print(text)
