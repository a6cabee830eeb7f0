"""The demo: the embedded game played over the bridge into a recording, which is then stylised, checked and reported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stylebridge.assets import SHIPPED_PLAY
from stylebridge.compare.plans import Smoothing
from stylebridge.errors import StylebridgeError
from stylebridge.files import write_bytes
from stylebridge.recording import Details, Recording, Writer
from stylebridge.recording.capture import Capture, Feed, Wish
from stylebridge.sources import open_source

LISTEN = "zmq://127.0.0.1:*?wait=60"
LEVEL = "plaza"
# Ten frames a second of the game's clock: in two seconds the hero gets somewhere.
GAME = ("play", LEVEL, "--hour", "11", "--fps", "10", "--wait", "30")
PLANES = ("color", "depth", "motion", "occlusion")
ENGINES = ("torch", "onnxruntime", "barracuda-3.0.1")
TARGETS = ("barracuda-1.0.4", "sentis-2.1.3", "inference-engine-2.4.0")
SMOOTHINGS = (Smoothing(every=4),)
LEAVE_S = 10.0
LOOK_S = 0.1
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Played:
    """Where the recording comes from."""

    frames: int
    words: str
    bridged: bool  # whether the game was really played


def record_play(path: Path, frames: int, progress: Progress, game: Sequence[str] = GAME) -> Played:
    """Play the embedded game, in a process of its own, over the wire into a recording.

    Where that can't be, for want of OpenGL say, the recording that ships with the package takes its place.
    """
    try:
        why_not = _bridge(path, frames, progress, game)
    except (StylebridgeError, ModuleNotFoundError) as error:
        why_not = str(error)
    if not why_not:
        with Recording(path) as recording:
            return Played(len(recording), f"scene:{LEVEL}, played over the bridge", bridged=True)
    write_bytes(path, SHIPPED_PLAY.read_bytes())
    with Recording(path) as recording:
        words = f"the recording that ships with the package, because the game can't be played here ({why_not})"
        return Played(min(frames, len(recording)), words, bridged=False)


def _bridge(path: Path, frames: int, progress: Progress, game: Sequence[str]) -> str:
    """Listen, start the game, record; gives the reason where what came is of no use."""
    feed = Feed(lambda: open_source(LISTEN), LEVEL, "", "0" * 32)
    capture = Capture([feed], Wish(planes=PLANES, frames=frames))
    with _finished(capture):
        source = capture.open()[0]
        writer = Writer(path, Details(f"scene:{LEVEL}", engine="stylebridge scene over the wire"), force=True)
        capture.start(writer)
        with _game(source.listens_at, frames, game) as player:
            while not capture.wait(LOOK_S):
                progress("playing over the bridge", capture.frames, frames)
                if player.poll() not in (None, 0) and not capture.frames:
                    capture.stop()
            progress("playing over the bridge", capture.frames, frames)
            complaint = _complaint(player)
    if not capture.frames:
        return complaint or "no frame came"
    with Recording(path) as recording:
        if not any("motion" in stream.planes for stream in recording.streams):
            return complaint or "it was drawn without motion"
    return ""


@contextmanager
def _finished(capture: Capture) -> Iterator[None]:
    try:
        yield
    finally:
        capture.finish()


@contextmanager
def _game(address: str, frames: int, game: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """The game as a person would start it in another terminal; it is gone afterwards."""
    to = address.removeprefix("tcp://")
    words = [sys.executable, "-m", "stylebridge.cli.main", *game, "--frames", str(frames), "--connect", to, "--json"]
    player = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield player
    finally:
        if player.poll() is None:
            player.kill()
        player.communicate()


def _complaint(player: subprocess.Popen[str]) -> str:
    """The last thing that the game said on standard error."""
    try:
        _, said = player.communicate(timeout=LEAVE_S)
    except subprocess.TimeoutExpired:
        player.kill()
        _, said = player.communicate()
    lines = [line.removeprefix("stylebridge: ").removeprefix("note: ") for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else ""
