"""`capture` killed again and again while a game streams to it: the recording has every frame once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from stylebridge.frame import Camera, Clock, Frame
from wire.patience import until
from wire.test_kills import free_port

pytest.importorskip("zmq")
pytest.importorskip("zstandard")
from stylebridge.recording import Recording, verify
from stylebridge.wire import Sender

PACKAGE = Path(__file__).resolve().parents[2] / "python"
PATIENCE_S = 30
PLANES = ("color", "depth", "motion")
COURSES = [((12, 20), 600, 3), ((160, 200), 300, 2)]  # the second one goes through shared memory


def picture(number: int, size: tuple[int, int], camera: str = "main") -> Frame:
    return Frame(
        color=np.full((*size, 3), number % 251, np.uint8),
        depth=np.full(size, number % 100 + 1, np.float32),
        motion=np.full((*size, 2), number % 50, np.float32),
        camera=Camera(camera),
        clock=Clock(number, number / 60, time.time_ns()),
    )


def is_picture(frame: Frame, number: int) -> bool:
    assert frame.depth is not None
    assert frame.motion is not None
    levels = frame.color == number % 251, frame.depth == number % 100 + 1, frame.motion == number % 50
    return all(bool(level.all()) for level in levels)


@contextmanager
def capture(port: int, out: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a process of its own; it listens when this returns."""
    command = [sys.executable, "-m", "stylebridge.cli.main", "capture", f"zmq://127.0.0.1:{port}", str(out), *words]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        assert line.startswith("listening at"), line + process.stderr.read()
        yield process
    finally:
        process.kill()
        process.communicate()


def stream(sender: Sender, count: int, size: tuple[int, int], failures: list[BaseException]) -> threading.Thread:
    """Send everything from a thread, until all of it is safe and the game has said goodbye."""

    def run() -> None:
        try:
            for number in range(1, count + 1):
                sender.send(picture(number, size), PATIENCE_S)
            sender.close(PATIENCE_S)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
@pytest.mark.parametrize(("size", "count", "kills"), COURSES)
def test_no_frame_is_lost_and_none_comes_twice(tmp_path: Path, size: tuple[int, int], count: int, kills: int) -> None:
    port, out, chance = free_port(), tmp_path / "play.mcap", random.Random(size[0])
    sender = Sender(f"127.0.0.1:{port}", name="kestrel", planes=PLANES)
    failures: list[BaseException] = []
    thread = stream(sender, count, size, failures)
    acknowledged = 0
    for kill in range(1, kills + 1):
        with capture(port, out, "--resume") as process:
            wanted = kill * count // (kills + 1) + chance.randrange(20)
            until(lambda: failures or sender.counters()["acknowledged"] >= wanted, PATIENCE_S)  # noqa: B023
            acknowledged = sender.counters()["acknowledged"]
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert failures == []
    assert acknowledged < count, "killed amid the stream, not after it"
    with capture(port, out, "--resume", "--json") as process:
        said, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    thread.join(PATIENCE_S)
    assert failures == []
    assert json.loads(said)["frames_before"] >= acknowledged > 0
    with Recording(out) as recording:
        assert recording.rows["sequence"].tolist() == list(range(1, count + 1))
        assert all(is_picture(recording[number - 1], number) for number in range(1, count + 1))
        (played,) = recording.streams
        assert (played.game, played.planes) == ("kestrel", PLANES)
        assert len(recording.pairs()) == count - 1
    assert verify(out).ok
