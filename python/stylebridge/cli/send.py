"""`stylebridge send`: play the game's part with any source, so that the wire can be tried with no game."""

from __future__ import annotations

import time
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stylebridge.cli.output import print_json, progress_bar
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stylebridge.frame import Frame
    from stylebridge.sinks import Sink
    from stylebridge.sources import Source
    from stylebridge.wire import Sender

FLOWS: dict[str, Literal["lockstep", "lossless", "live"]] = {
    "lockstep": "lockstep",
    "lossless": "lossless",
    "live": "live",
}


def command(
    source: Annotated[str, typer.Argument(help="What to send: a picture, a folder, a video, camera:0 …")],
    to: Annotated[str, typer.Option("--to", "-t", help="The collector: HOST:PORT.")] = "127.0.0.1:5570",
    flow: Annotated[str, typer.Option(help="lockstep, lossless, or live.")] = "lossless",
    fps: Annotated[
        float | None, typer.Option(min=0.01, help="Pace; else as fast as it goes, or as the source says.")
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Send the whole source this many times.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many frames.")] = None,
    name: Annotated[str, typer.Option(help="What this game is called.")] = "send",
    replies: Annotated[str, typer.Option("--replies", "-o", help="Where to put frames that come back.")] = "",
    key: Annotated[Path | None, typer.Option(help="The secret key of this end; needed beyond this machine.")] = None,
    peer: Annotated[Path | None, typer.Option(help="The collector's public key.")] = None,
    shared_memory: Annotated[bool, typer.Option(help="Through memory to a collector on this machine.")] = True,
    deflate: Annotated[bool, typer.Option("--deflate", help="Pack the pixels, for slow networks.")] = False,
    checksum: Annotated[bool, typer.Option("--checksum", help="Guard each plane by a CRC-32.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the collector.")] = 10.0,
    force: Annotated[bool, typer.Option("--force", help="Replace existing output of --replies.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Send frames to a collector, and keep what it sends back."""
    from stylebridge.frame import PLANES
    from stylebridge.sinks import open_sink
    from stylebridge.sources import open_source
    from stylebridge.wire import Hold, Sender

    if flow not in FLOWS:
        raise InputError(f"flow {flow!r}", expected=" or ".join(FLOWS))
    options: dict[str, Any] = {"shared_memory": shared_memory, "deflate": deflate, "checksum": checksum}
    with ExitStack() as stack:
        frames = stack.enter_context(open_source(source))
        total = min(filter(None, (frames.frame_count and frames.frame_count * repeat, limit)), default=None)
        pace = fps or (frames.fps if flow == "live" else None)
        sink = stack.enter_context(open_sink(replies, fps=pace, force=force)) if replies else None
        sender = Sender(
            to, name=name, flow=FLOWS[flow], planes=(*PLANES,), replies=bool(replies), key=key, peer=peer, **options
        )
        stack.enter_context(sender)
        bar = stack.enter_context(progress_bar(quiet=as_json))
        hold = Hold(sender)
        sender.connect(wait)
        task = bar.add_task("sending", total=total, note="")
        started = time.monotonic()
        try:
            for count, frame in enumerate(_paced(frames, source, repeat, limit, pace), start=1):
                hold.wait()
                give(sender, stamped(frame), sink, lockstep=flow == "lockstep")
                bar.update(task, completed=count, note=f"{count / (time.monotonic() - started):.1f} frames/s")
        except KeyboardInterrupt:
            typer.echo("stopped; waiting for what is under way", err=True)
        sender.flush(wait)
        seconds = time.monotonic() - started
        if sink is not None:
            last_reply(sender, sink, wait_s=1.0 if flow != "lockstep" else 0.0)
    report(to, sender.counters(), seconds, as_json=as_json)


def stamped(frame: Frame) -> Frame:
    """The frame as made now."""
    from dataclasses import replace

    return replace(frame, clock=replace(frame.clock, wall_ns=time.time_ns()))


def _paced(first: Source, source: str, repeat: int, limit: int | None, fps: float | None) -> Iterator[Frame]:
    """The source's frames, numbered through, each when it is its turn."""
    from dataclasses import replace

    from stylebridge.sources import open_source

    began, count = time.monotonic(), 0
    for turn in range(repeat):
        with open_source(source) if turn else nullcontext(first) as frames:
            for frame in frames:
                if limit is not None and count >= limit:
                    return
                if fps is not None:
                    time.sleep(max(0.0, began + count / fps - time.monotonic()))
                simulation_s = count / (fps or frames.fps or 30.0)
                yield replace(frame, clock=replace(frame.clock, frame_id=count, simulation_s=simulation_s))
                count += 1


def give(sender: Sender, frame: Frame, sink: Sink | None, *, lockstep: bool) -> None:
    """Send a frame; keep what has come back."""
    if sink is not None and lockstep:
        sink.write(sender.exchange(frame))
        return
    sender.send(frame)
    reply = sender.take_reply() if sink is not None else None
    if sink is not None and reply is not None:
        sink.write(reply)


def last_reply(sender: Sender, sink: Sink, wait_s: float) -> None:
    """What comes back after the last frame has gone."""
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        reply = sender.take_reply()
        if reply is not None:
            sink.write(reply)
        time.sleep(0.01)


def report(to: str, counters: dict[str, Any], seconds: float, *, as_json: bool) -> None:
    """Say what was sent, and how."""
    if as_json:
        print_json({"to": to, "seconds": round(seconds, 3), **counters})
        return
    offered, sent = counters.get("offered", 0), counters.get("sent", 0)
    dropped, replies = counters.get("dropped", 0), counters.get("replies", 0)
    words = [f"{offered} frames in {seconds:.1f} s ({offered / max(seconds, 1e-9):.1f} frames/s)", f"{sent} sent"]
    words += [f"{dropped} dropped for newer ones"] if dropped else []
    words += [f"{counters['resent']} sent again"] if counters.get("resent") else []
    words += [f"{replies} came back"] if replies else []
    why = f": {counters['inline_because']}" if counters.get("inline_because") else ""
    ring = counters.get("sent_by_ring", 0)
    lane = f"{ring} through shared memory" if ring else f"over TCP{why}"
    print(f"{to}: {', '.join(words)}, {lane}")
