"""What the commands on recordings share: options, rows and progress bars."""

from __future__ import annotations

import math
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylebridge.cli.output import progress_bar
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stylebridge.recording import Recording

File = Annotated[Path, typer.Argument(metavar="FILE", help="The recording, .mcap.", show_default=False)]
StreamName = Annotated[str, typer.Option(help="Only this stream: GAME/CAMERA, GAME or CAMERA; all by default.")]
Start = Annotated[int, typer.Option(min=0, help="From this frame of the stream on.")]
Stop = Annotated[int | None, typer.Option(min=1, help="Up to this frame, without it.")]
Every = Annotated[int, typer.Option(min=1, help="Every so many frames.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def check_positive(option: str, number: float | None) -> None:
    """Refuse what typer's own bounds let through."""
    if number is not None and not 0 < number < math.inf:
        raise InputError(f"{option} {number:g}", expected="a number above 0")


def frame_row(recording: Recording, number: int, before: int | None) -> dict[str, Any]:
    """One frame as plain values."""
    row = recording.rows[number]
    return {
        "number": number,
        "stream": recording.stream_of(number).label,
        "frame_id": int(row["frame_id"]),
        "simulation_s": float(row["simulation_s"]),
        "wall_ns": int(row["wall_ns"]),
        "sequence": int(row["sequence"]),
        "before": before,
        "bytes": int(row["length"]),
        "planes": list(recording.planes_of(number)),
    }


@contextmanager
def frames_bar(what: str, total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Progress in frames."""
    with progress_bar(quiet=quiet) as bar:
        task = bar.add_task(what, total=total, note="frames")
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def bytes_bar(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Progress in bytes."""
    with progress_bar(quiet=quiet) as bar:
        task = bar.add_task(what, total=None, note="MB")
        yield lambda done, total: bar.update(task, completed=done // 1_000_000, total=total // 1_000_000)
