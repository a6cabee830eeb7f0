"""How fast frames of a game, and of the embedded scene, are recorded."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from stylebridge.errors import StylebridgeError
from stylebridge.sources import open_source
from stylebridge.wire import Sender

from capturebench.game import PATIENCE_S, PLANES, free_port, game_frames, numbered, recorder, say, wait_for_line

SIZE = (640, 360)
SCENE = f"scene:plaza?size={SIZE[0]}x{SIZE[1]}"
WARM = 20  # frames of the scene that aren't counted


def measure_rate(rounds: int, count: int) -> None:
    """Counting and recording take turns; then a game that doesn't wait."""
    fps: dict[str, list[float]] = {"count": [], "record": []}
    paced: list[dict[str, Any]] = []
    for _ in range(rounds):
        fps["count"].append(play_to("listen", count)["fps"])
        fps["record"].append(play_to("capture", count)["fps"])
        paced.append(play_to("capture", count, pace=30.0))
    say(
        "rate", size=f"{SIZE[0]}x{SIZE[1]}", planes="+".join(PLANES), frames=count, rounds=rounds,
        count_fps=round(statistics.median(fps["count"]), 1), record_fps=round(statistics.median(fps["record"]), 1),
        mb_per_frame=paced[0]["mb_per_frame"],
    )  # fmt: skip
    share = statistics.median(round_["frames"] / count for round_ in paced)
    say("at 30 frames/s, live", frames=count, recorded=round(share, 4), limit=0.9, within=share >= 0.9)


def play_to(command: str, count: int, pace: float | None = None) -> dict[str, Any]:
    """A game in a process of its own plays to a command; frames per second between the first and the last."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        if command == "listen":
            words = ["listen", "--bind", f"127.0.0.1:{port}", "--planes", "+".join(PLANES), "--frames", str(count)]
        else:
            words = ["capture", f"zmq://127.0.0.1:{port}", str(Path(folder, "a.mcap")), "--json"]
        with recorder(*words) as process:
            wait_for_line(process, process.stdout if command == "listen" else process.stderr)
            play = [sys.executable, sys.argv[0], "--play", str(port), str(count), str(pace or 0)]
            done = subprocess.run(play, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
            said, _ = process.communicate(timeout=PATIENCE_S)
        report = json.loads(said) if command == "capture" else {}
        return {"fps": json.loads(done.stdout)["fps"]} | {k: v for k, v in report.items() if k != "fps"}


def play(port: int, count: int, pace: float) -> None:
    """The game: sends frames and prints how fast they got safe."""
    pictures = game_frames(SIZE)
    with Sender(f"127.0.0.1:{port}", flow="live" if pace else "lossless", planes=PLANES) as sender:
        sender.connect(30)
        began = time.perf_counter()
        for number in range(1, count + 1):
            if pace:
                while (left := began + number / pace - time.perf_counter()) > 0:
                    sender.pump()
                    time.sleep(min(left, 0.005))
            sender.send(numbered(pictures, number), PATIENCE_S)
        sender.flush(PATIENCE_S)
        print(json.dumps({"fps": round(count / (time.perf_counter() - began), 2)}))


def measure_scene(rounds: int, count: int) -> None:
    """The scene drawn for nobody, and recorded both ways; they take turns."""
    drawn: list[float] = []
    recorded: dict[str, list[dict[str, Any]]] = {"packed at once": [], "--fast": []}
    try:
        for _ in range(rounds):
            drawn.append(draw(count))
            recorded["packed at once"].append(record_scene(count))
            recorded["--fast"].append(record_scene(count, "--fast"))
    except (StylebridgeError, ImportError) as error:
        say("scene", skipped=str(error))
        return
    for how, reports in recorded.items():
        ratio = statistics.median(report["fps"] / fps for fps, report in zip(drawn, reports, strict=True))
        limit = {"limit": 0.9, "within": ratio >= 0.9}
        say(
            "scene", how=how, source=SCENE, frames=count, rounds=rounds,
            planes="+".join(reports[0]["streams"][0]["planes"]), drawn_fps=round(statistics.median(drawn), 1),
            recorded_fps=statistics.median(report["fps"] for report in reports), ratio=round(ratio, 3), **limit,
            mb_per_frame=reports[0]["mb_per_frame"],
        )  # fmt: skip


def record_scene(count: int, *options: str) -> dict[str, Any]:
    """What `stylebridge capture` reports of so many frames."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["capture", SCENE, str(Path(folder, "a.mcap")), "--frames", str(count), "--json", *options]
        with recorder(*words) as process:
            said, error = process.communicate(timeout=PATIENCE_S)
        if process.returncode:
            raise StylebridgeError(error)
        report: dict[str, Any] = json.loads(said)
        return report


def draw(count: int) -> float:
    """Frames per second of the scene alone."""
    with open_source(SCENE) as source:
        for _ in range(WARM):
            next(source)
        began = time.perf_counter()
        for _ in range(count):
            next(source)
        return count / (time.perf_counter() - began)
