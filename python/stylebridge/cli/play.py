"""`stylebridge play`: run the embedded game, in a window or as a peer of the bridge."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylebridge.cli.ending import terminable
from stylebridge.cli.output import print_json, progress_bar
from stylebridge.cli.send import FLOWS, give, last_reply, report
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from stylebridge.frame import Frame
    from stylebridge.scene.stage import Mode, Stage
    from stylebridge.sinks import Sink
    from stylebridge.wire import Hold, Sender

HOLD_S = 0.005  # between two looks for a control, while paused
PAUSE_KEY = "p"
AWAY_S = 1.0  # without a collector, after which that is said
KEYS = (
    "WASD or arrows go, Q and E look around, shift runs, space jumps, P pauses, Escape or closing the window ends the"
    " game"
)


def command(
    level: Annotated[str, typer.Argument(help="Where to play: plaza, ruins, or harbour.")] = "plaza",
    to: Annotated[
        str, typer.Option("--connect", "--to", "-t", help="The collector: HOST:PORT. Without --window: 127.0.0.1:5570.")
    ] = "",
    window: Annotated[bool, typer.Option("--window", "-w", help="Play it yourself: " + KEYS + ".")] = False,
    flow: Annotated[str, typer.Option(help="lockstep, lossless, or live.")] = "lossless",
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds play equally.")] = 7,
    weather: Annotated[str, typer.Option(help="clear, cloudy, fog, wet, or storm.")] = "clear",
    hour: Annotated[float, typer.Option(min=0, max=24, help="Time of day.")] = 10.0,
    day: Annotated[float, typer.Option(min=0, help="Seconds that a whole day takes; 0 stops the sun.")] = 0.0,
    camera: Annotated[str, typer.Option(help="follow, a shot such as tour, path:FILE; several with +.")] = "follow",
    characters: Annotated[int, typer.Option(min=1, help="How many people, the hero among them.")] = 6,
    size: Annotated[str, typer.Option(help="Size of the picture, WIDTHxHEIGHT.")] = "640x360",
    fps: Annotated[float, typer.Option(min=1, max=240, help="Frames per second of the game's clock.")] = 30.0,
    frames: Annotated[int | None, typer.Option(min=1, help="Stop after this many moments.")] = None,
    pace: Annotated[bool, typer.Option("--pace", help="Keep to the wall's clock, as live and --window do.")] = False,
    quality: Annotated[str, typer.Option(help="fine, plain, or auto: plain where the processor draws.")] = "auto",
    software: Annotated[bool, typer.Option("--software", help="Draw without OpenGL; colour only.")] = False,
    name: Annotated[str, typer.Option(help="What this game is called; else as its level.")] = "",
    replies: Annotated[str, typer.Option("--replies", "-o", help="Where to put frames that come back.")] = "",
    save_path: Annotated[Path | None, typer.Option(help="Keep the camera's path in this file, for path:FILE.")] = None,
    key: Annotated[Path | None, typer.Option(help="The secret key of this end; needed beyond this machine.")] = None,
    peer: Annotated[Path | None, typer.Option(help="The collector's public key.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the collector.")] = 10.0,
    force: Annotated[bool, typer.Option("--force", help="Replace existing output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run the embedded game; to a collector it sends every plane that is asked for."""
    from stylebridge.files import check_output
    from stylebridge.frame import PLANES
    from stylebridge.scene.game import Setup
    from stylebridge.scene.stage import Stage
    from stylebridge.sinks import open_sink
    from stylebridge.sources.address import parse_size
    from stylebridge.wire import Hold, Sender

    if flow not in FLOWS:
        raise InputError(f"flow {flow!r}", expected=" or ".join(FLOWS))
    if window and software:
        raise InputError("--window with --software", expected="one of them")
    if save_path is not None:
        check_output(save_path, force)
    setup = Setup(level, seed, characters, weather, hour, day, tuple(camera.split("+")), quality)
    linked = bool(to) or not window
    to = to or "127.0.0.1:5570"
    with ExitStack() as stack:
        stack.enter_context(terminable())
        mode: Mode = "window" if window else "software" if software else "auto"
        planes = tuple(PLANES) if linked else ("color",)
        stage = stack.enter_context(closing(Stage(setup, size=parse_size(size), planes=planes, fps=fps, mode=mode)))
        if stage.renderer.note:
            typer.echo(f"note: {stage.renderer.note}", err=True)
        if save_path is not None:
            stack.enter_context(_path_kept(stage, save_path))
        sink = stack.enter_context(open_sink(replies, fps=fps, force=force)) if replies else None
        link = None
        if linked:
            sender = Sender(to, name=name or level, engine=f"stylebridge scene {level}", flow=FLOWS[flow],
                            planes=stage.renderer.planes, replies=bool(replies), key=key, peer=peer)  # fmt: skip
            link = Link(stack.enter_context(sender), Hold(sender), sink, flow)
            link.open(stage, wait)
        bar = stack.enter_context(progress_bar(quiet=as_json))
        task = bar.add_task("playing", total=frames, note="")
        run = Run(stage, link, window, frames, 1 / fps if pace or window or flow == "live" else 0.0)
        try:
            run.play(lambda count, per_s: bar.update(task, completed=count, note=f"{per_s:.1f} frames/s"))
        except KeyboardInterrupt:
            typer.echo("stopped", err=True)
        if link is not None:
            link.finish(wait)
    if link is not None:
        report(to, link.sender.counters(), run.seconds, as_json=as_json)
    elif as_json:
        print_json({"frames": run.count, "seconds": round(run.seconds, 3)})


@contextmanager
def _path_kept(stage: Stage, file: Path) -> Iterator[None]:
    """Write the camera's path whatever ends the game, as far as it went."""
    from stylebridge.scene.camerapath import CameraPath

    path = stage.path = CameraPath()
    try:
        yield
    finally:
        if path.keys:
            path.save(file)


@dataclass
class Link:
    """The way to the collector."""

    sender: Sender
    hold: Hold
    sink: Sink | None
    flow: str
    _away_since_s: float | None = None
    _said_away: bool = False

    def open(self, stage: Stage, wait_s: float) -> None:
        """Wait for the collector, which may then ask the game for things."""
        for word, handler in stage.controls().items():
            self.sender.on_control(word, handler)
        self.sender.connect(wait_s)

    def may_go(self) -> bool:
        """Whether the game may go on; one that loses no frame waits for a collector that is away, and says so once."""
        if self.flow != "live" and not self.sender.connected:
            self.sender.pump()
        if self.flow == "live" or self.sender.connected:
            if self._said_away:
                typer.echo("note: the collector is back", err=True)
            self._away_since_s, self._said_away = None, False
            return self.hold.may_go()
        now = time.monotonic()
        self._away_since_s = self._away_since_s or now
        if not self._said_away and now - self._away_since_s > AWAY_S:
            self._said_away = True
            typer.echo("note: the collector is away; the game waits for it, and loses nothing; Ctrl-C ends", err=True)
        return False

    def give(self, frame: Frame) -> None:
        """Send a frame; keep what comes back."""
        give(self.sender, frame, self.sink, lockstep=self.flow == "lockstep")

    def finish(self, wait_s: float) -> None:
        """Let the last frames arrive; a live game doesn't wait for a collector that has left."""
        if self.flow == "live" and not self.sender.connected:
            return
        self.sender.flush(wait_s)
        if self.sink is not None:
            last_reply(self.sender, self.sink, wait_s=0.0 if self.flow == "lockstep" else 1.0)


class Pause:
    """What P does: each touch begins a pause or ends it."""

    def __init__(self) -> None:
        self.on = False
        self._was_held = False

    def look(self, keys: Collection[str]) -> None:
        """See what is held down now."""
        held = PAUSE_KEY in keys
        self.on ^= held and not self._was_held
        self._was_held = held


class Run:
    """One game from its first moment to its last."""

    def __init__(self, stage: Stage, link: Link | None, window: bool, limit: int | None, period_s: float) -> None:
        self.stage = stage
        self.count = 0
        self.seconds = 0.0
        self._link = link
        self._window = window
        self._limit = limit
        self._period_s = period_s

    def play(self, show: Callable[[int, float], None]) -> None:
        """Draw, send, advance, until somebody has had enough."""
        from stylebridge.scene.game import pad_from_keys

        began = due = time.monotonic()
        pause = Pause()
        while self._limit is None or self.count < self._limit:
            pad = None
            if self._window:
                keys, closed = self.stage.renderer.events()
                if closed:
                    break
                pad = pad_from_keys(keys)
                pause.look(keys)
            if pause.on or (self._link is not None and not self._link.may_go()):
                if pause.on and self._link is not None:
                    self._link.sender.pump()
                time.sleep(HOLD_S)
                continue
            if self.count:
                self.stage.ahead(1, pad)
            self._show_moment()
            self.count += 1
            due = max(due + self._period_s, time.monotonic() - self._period_s)
            time.sleep(max(0.0, due - time.monotonic()))
            self.seconds = time.monotonic() - began
            show(self.count, self.count / self.seconds)

    def _show_moment(self) -> None:
        link = self._link
        if link is not None:
            self.stage.want(link.sender.wanted_planes)
        for frame in self.stage.draw(held=self._window):
            if link is not None:
                link.give(frame)
