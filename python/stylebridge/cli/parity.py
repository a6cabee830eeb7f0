"""`stylebridge parity`: one model in several engines, on the same frames, and why they differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.output import print_json, print_table, progress_bar

if TYPE_CHECKING:
    from stylebridge.compare.diagnosis.rows import Parity, Row

INTERRUPTED = 130
LISTED = 3  # causes below the first, in the text
WORTH = 0.05  # of the difference, explained: what is less isn't told


def command(
    model: Annotated[Path, typer.Argument(help="The model: .onnx, or a checkpoint; its other form lies beside it.")],
    engines: Annotated[
        str,
        typer.Option(
            "--engines",
            "-e",
            help="Two or more: torch, onnxruntime, barracuda-3.0.1 …, ENGINE=FILE, what an engine showed such as"
            " recording:unity.mcap or zmq://HOST:PORT, or an .npz of its input and output.",
        ),
    ] = "torch,onnxruntime,barracuda-3.0.1",
    frames: Annotated[
        str,
        typer.Option("--frames", help="A source of frames; by default a live engine's own game, or the shipped clip."),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many frames.")] = 4,
    contract: Annotated[str, typer.Option(help="Contract to use instead of the models' own.")] = "",
    suspect: Annotated[
        list[Path] | None, typer.Option("--suspect", help="Another model whose weights may be there instead.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare what engines make of the same frames, and name the cause. Exits 0 only when all agree."""
    from stylebridge.compare.diagnosis.lanes import without_camera
    from stylebridge.compare.diagnosis.live import is_live
    from stylebridge.compare.diagnosis.parity import Feed, parity

    words = [word.strip() for word in engines.split(",") if word.strip()]
    playing = next((without_camera(word)[0] for word in words if is_live(word)), "")
    given = Feed(frames or playing or shipped_clip(), limit)
    with progress_bar(quiet=as_json) as bar:
        task = bar.add_task("running", total=limit, note="")

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        found = parity(model, words, given, contract=contract, suspects=suspect or (), progress=tell)
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    raise typer.Exit(INTERRUPTED if found.interrupted else 0 if found.verdict == "equal" else 1)


def shipped_clip() -> str:
    """The clip that ships with the package, as a source."""
    from stylebridge.assets import CLIP

    return f"images:{CLIP}"


def title(word: str) -> str:
    """An engine as a table names it: of a file only the name."""
    name, equals, file = word.partition("=")
    return f"{name}={Path(file).name}" if equals and "://" not in word and "?" not in word else word


def _print(found: Parity) -> None:
    print_table(
        ("engine", "", "max |d|", "mean |d|", "PSNR dB", "SSIM", "ΔE2000", "worst pixel"),
        [_cells(row) for row in found.rows],
    )
    for row in found.rows:
        for line in _said(row, title(found.reference)):
            print(f"{title(row.name)}: {line}")
    reference = title(found.reference)
    frames = f"{found.frames} frame{'s' if found.frames != 1 else ''}"
    frames += ", then Ctrl-C" if found.interrupted else ""
    words = {"equal": "they agree", "differs": "they differ", "failed": "not all could be compared"}
    print(f"\n{words[found.verdict]} ({frames}, against {reference}; levels of 255)")


def _cells(row: Row) -> tuple[str, ...]:
    found = row.measures
    if found is None:
        return title(row.name), row.status, *("-",) * 6
    psnr = "equal" if found.psnr_db == float("inf") else f"{found.psnr_db:.2f}"
    worst = f"{found.worst.x},{found.worst.y} of frame {row.worst_frame}" if found.max_levels else "-"
    numbers = f"{found.max_levels:.0f}", f"{found.mean_levels:.4f}", psnr, f"{found.ssim:.4f}", f"{found.delta_e:.3f}"
    return title(row.name), row.status, *numbers, worst


def _said(row: Row, reference: str) -> list[str]:
    """What a person needs beside the figures: the input, the channels, the cause, what went wrong."""
    lines = []
    if row.problem:
        lines.append(
            f"{'after ' + str(row.frames) + ' frames ' if row.frames and row.status == 'failed' else ''}{row.problem}"
        )
    lines += row.notes
    if row.input is not None and row.input.verdict not in ("equal", "unknown"):
        lines.append(f"its input: {row.input.words}")
    if row.diagnosis is not None and row.measures is not None:
        colors = ", ".join(f"{name} {each.mean_levels:.2f}" for name, each in row.measures.channels.items())
        shown = row.measures.worst
        lines.append(f"mean |d| by channel: {colors}; at the worst pixel {reference} shows {shown.a}, it {shown.b}")
        first, *others = row.diagnosis.causes
        sure = {"explained": "the cause", "partly": "part of the cause", "unexplained": "likeliest"}
        left = "shows the same" if first.left_db == float("inf") else f"is {first.left_db:.1f} dB from this"
        told = f" (with it, the reference {left})" if row.diagnosis.verdict != "unexplained" else ""
        lines.append(f"{sure[row.diagnosis.verdict]}: {first.words}{told}")
        if row.diagnosis.alike:
            lines.append(f"which these pictures can't tell from: {row.diagnosis.alike[0]}")
        if row.diagnosis.verdict != "explained":
            near = [f"{each.words} ({each.explained:.0%})" for each in others[:LISTED] if each.explained >= WORTH]
            lines += [f"tried, explains only a part: {'; '.join(near)}"] if near else []
    return lines
