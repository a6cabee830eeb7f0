"""A game with an engine of its own, in a process of its own: python enginegame.py ADDRESS PLAY.npz [FLOW]

Of the file's arrays `ID|CAMERA` are pictures, sent in the file's order, and `layer|NAME` tensors, sent behind them as
those of the last picture's id.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from stylebridge.engines.remote import send_layers
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.wire import Sender

PATIENCE_S = 60.0
CALL = "waiting for a game at "


def play(address: str, arrays: Mapping[str, np.ndarray[Any, Any]], flow: str = "lossless") -> None:
    """Send everything and say goodbye."""
    number = 0
    with Sender(address, name="unity", flow=flow, planes=("color", "depth")) as sender:  # type: ignore[arg-type]
        for name, color in arrays.items():
            place, _, camera = name.partition("|")
            if place == "layer":
                continue
            number = int(place)
            sender.send(Frame(color, camera=Camera(camera), clock=Clock(number, number / 30, number)), PATIENCE_S)
        layers = {name.partition("|")[2]: array for name, array in arrays.items() if name.startswith("layer|")}
        if layers:
            send_layers(sender, layers, number, PATIENCE_S)


@contextmanager
def played(file: Path, flow: str = "lossless") -> Iterator[Callable[[str, int, int], None]]:
    """A progress callback that starts the game as soon as somebody waits for one."""
    games: list[subprocess.Popen[bytes]] = []

    def tell(what: str, done: int, total: int) -> None:
        if what.startswith(CALL) and not games:
            games.append(subprocess.Popen([sys.executable, __file__, what.removeprefix(CALL), str(file), flow]))

    try:
        yield tell
        assert games, "nobody waited for a game"
    finally:
        for game in games:
            game.wait(PATIENCE_S)


if __name__ == "__main__":
    with np.load(sys.argv[2], allow_pickle=False) as stored:
        play(sys.argv[1], dict(stored), *sys.argv[3:])
