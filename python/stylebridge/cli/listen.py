"""`stylebridge listen`: take games in and show what comes from them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylebridge.cli.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from stylebridge.wire import Collector, PeerReport

HEADINGS = ("game", "state", "flow", "lane", "size", "frames", "per s", "drops", "age p50/p99 ms", "MB", "faults")
REFRESH_S = 0.25


def command(
    bind: Annotated[str, typer.Option("--bind", "-b", help="Where to listen: HOST:PORT.")] = "127.0.0.1:5570",
    frames: Annotated[int | None, typer.Option(min=1, help="Stop after this many frames.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after this long.")] = None,
    planes: Annotated[str, typer.Option(help="Planes to ask for, such as color+depth+motion.")] = "color",
    echo: Annotated[bool, typer.Option("--echo", help="Send every frame back, as a stylised one would be.")] = False,
    key: Annotated[Path | None, typer.Option(help="The secret key of this end; needed beyond this machine.")] = None,
    allow: Annotated[Path | None, typer.Option(help="The public keys that may call: a file or a folder.")] = None,
    shared_memory: Annotated[bool, typer.Option(help="Take frames of games on this machine through memory.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Listen for games until Ctrl-C; frames are counted and let go."""
    from stylebridge.wire import Collector

    collector = Collector(
        bind, key=key, allow=allow, planes=tuple(planes.split("+")), shared_memory=shared_memory, name="listen"
    )
    with collector:
        if not as_json:
            print(f"listening at {collector.address}; Ctrl-C ends it", flush=True)
        started = time.monotonic()
        show = _nothing if as_json or not sys.stdout.isatty() else _live(collector)
        try:
            count = _run(collector, frames, seconds, echo=echo, show=show)
        except KeyboardInterrupt:
            count = sum(peer.handed_out for peer in collector.peers())
        finally:
            show(True)
        peers, counts, elapsed = collector.peers(), collector.counts(), time.monotonic() - started
    if as_json:
        report: dict[str, Any] = {"address": collector.address, "seconds": round(elapsed, 3), "frames": count}
        print_json(report | {"peers": [peer.as_dict() for peer in peers], "counts": counts})
        return
    if not sys.stdout.isatty():
        print_table(HEADINGS, [row(peer) for peer in peers])
    shown = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in counts.items())
    print(f"{count} frames in {elapsed:.1f} s" + (f"; {shown}" if shown else ""))


def _run(
    collector: Collector, frames: int | None, seconds: float | None, *, echo: bool, show: Callable[[bool], None]
) -> int:
    deadline = None if seconds is None else time.monotonic() + seconds
    count = 0
    while (frames is None or count < frames) and (deadline is None or time.monotonic() < deadline):
        left = REFRESH_S if deadline is None else min(REFRESH_S, deadline - time.monotonic())
        delivery = collector.receive(max(0.0, left))
        if delivery is not None:
            count += 1
            if echo:
                delivery.reply(delivery.frame)
            delivery.done()
            delivery = None  # lets its place in the ring go before the next one is waited for
        show(False)
    return count


def row(peer: PeerReport) -> tuple[object, ...]:
    """One line of the table."""
    state = "here" if peer.connected else "left" if peer.left else "lost"
    ages = "-" if peer.age_p50_ms is None else f"{peer.age_p50_ms:.1f}/{peer.age_p99_ms:.1f}"
    dropped = peer.dropped_by_game + peer.dropped_here + peer.lost
    faults = ", ".join(f"{name} {number}" for name, number in peer.faults.items()) or "none"
    pace = f"{peer.fps:.1f}" if peer.connected else "-"
    megabytes = f"{peer.bytes / 1e6:,.0f}"
    return (peer.name, state, peer.flow, peer.lane, peer.size, peer.frames, pace, dropped, ages, megabytes, faults)


def _nothing(last: bool) -> None:
    """Where nobody watches."""


def _live(collector: Collector) -> Callable[[bool], None]:
    """A table that is drawn anew a few times per second."""
    from rich.live import Live
    from rich.table import Table

    def table() -> Table:
        drawn = Table(box=None, pad_edge=False, header_style="bold")
        for index, heading in enumerate(HEADINGS):
            drawn.add_column(heading, justify="left" if index < 5 else "right")
        for peer in collector.peers():
            drawn.add_row(*(str(cell) for cell in row(peer)))
        return drawn

    live = Live(table(), auto_refresh=False)
    live.start()
    shown = 0.0

    def show(last: bool) -> None:
        nonlocal shown
        if last or time.monotonic() - shown >= REFRESH_S:
            shown = time.monotonic()
            live.update(table(), refresh=True)
        if last:
            live.stop()

    return show
