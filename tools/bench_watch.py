"""How fast the live page is, and what it costs the game: python tools/bench_watch.py [--quick] [--only page game]

One JSON line per figure. `page`: a 640x360 recording beside three engines in Chromium; the first frame after opening,
and the pictures drawn per second while they are made and once they are. `game`: a 60 Hz game that works 6 ms a frame
and sends 640x360 with depth and motion, watched by nobody's page (a bare reader), by a page without viewers, with two
that read and with Chromium; the ways take turns and figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from stylebridge.assets import CLIP

REPO = Path(__file__).resolve().parent.parent
WATCH = "import typer; from stylebridge.cli.watch import command; typer.run(command)"
SIZE = (360, 640)
HZ, WORK_S = 60, 0.006
CHROMIUM = "/usr/bin/chromium" if Path("/usr/bin/chromium").is_file() else shutil.which("chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
COLUMNS = 4
DRAWS_HERE = "page, Chromium"
LEAST_FPS = 0.97  # of what the game reaches beside a bare reader
DRAWN = (
    """() => [...document.querySelectorAll('section')].map(s => parseFloat(s.querySelector('.figures').textContent))"""
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["page", "game"], nargs="+", default=["page", "game"])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter")
    parser.add_argument("--play", nargs=2, metavar=("ADDRESS", "SECONDS"), help=argparse.SUPPRESS)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.play:
        print(json.dumps(play(options.play[0], float(options.play[1]))))
    elif options.read:
        read()
    else:
        with tempfile.TemporaryDirectory() as folder:
            for name in options.only:
                {"page": bench_page, "game": bench_game}[name](Path(folder), quick=options.quick)


def say(figure: str, value: float | None, unit: str, **more: object) -> None:
    print(json.dumps({"bench": "watch", "figure": figure, "value": value, "unit": unit, **more}), flush=True)


def bench_page(folder: Path, *, quick: bool) -> None:
    clip = folder / "clip.mcap"
    record(clip, 12 if quick else None)
    with watching(str(clip)) as where, browser() as chromium:
        faults: list[str] = []
        firsts = []
        for _ in range(2 if quick else 5):
            page, seconds = first_frame(chromium, where["url"], faults)
            firsts.append(seconds)
            page.close()
        limit = {"limit": 1.0, "within": statistics.median(firsts) < 1.0}
        say("first frame", round(statistics.median(firsts), 3), "s", worst=round(max(firsts), 3), **limit)
        page, _ = first_frame(chromium, where["url"], faults)
        making = settled_fps(page, 3)
        say("drawn while being made, slowest column", min(making), "fps", columns=len(making))
        made = until_made(page, 25 if quick else 90)
        shown = settled_fps(page, 4 if quick else 8)
        say(
            "drawn once made, slowest column",
            min(shown),
            "fps",
            columns=len(shown),
            size="640x360",
            recorded_fps=30,
            limit=20,
            within=min(shown) >= 20 and len(shown) == COLUMNS,
            made_after_s=round(made, 1),
        )
        say("console errors", len(faults), "", first=faults[:1])
        page.close()


def record(path: Path, limit: int | None) -> None:
    """The shipped clip with estimated motion as a 30 Hz recording."""
    from dataclasses import replace

    from stylebridge.frame import Clock
    from stylebridge.recording import Details, Writer
    from stylebridge.sources import open_source

    with open_source(f"images:{CLIP}?motion=dis") as source, Writer(path, Details("clip", engine="bench")) as writer:
        for number, frame in enumerate(islice(source, limit)):
            timed = replace(frame, clock=Clock(number, number / 30, time.time_ns()), session="cd" * 16)
            writer.write(timed, game="clip", sequence=number + 1)


@contextmanager
def watching(source: str, *options: str) -> Iterator[dict[str, str]]:
    """A page in a process of its own; gives where it is."""
    command = [sys.executable, "-c", WATCH, source, "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPO)
    try:
        text = ""
        while not text.rstrip().endswith("}"):
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise SystemExit(f"bench_watch: the page didn't start: {text}")
            text += line
        yield json.loads(text)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def first_frame(chromium: Any, url: str, faults: list[str]) -> tuple[Any, float]:
    """A page, and the seconds from opening it to the game's first picture on it."""
    page = chromium.new_page(viewport={"width": 1500, "height": 860})
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    while not page.evaluate("document.querySelector('section canvas')?.width === 640"):
        time.sleep(0.005)
    return page, time.perf_counter() - start


def settled_fps(page: Any, seconds: float) -> list[float]:
    """What the page itself says it draws, column by column, after so long."""
    time.sleep(seconds)
    return [float(value) for value in page.evaluate(DRAWN)]


def until_made(page: Any, patience_s: float) -> float:
    """Wait until a whole round was made: the recording then plays at its own pace."""
    start = time.perf_counter()
    while min(settled_fps(page, 1)) < 20 and time.perf_counter() - start < patience_s:
        continue
    return time.perf_counter() - start


def bench_game(folder: Path, *, quick: bool) -> None:
    ways = {"bare reader": None, "page, no viewer": 0, "page, 2 viewers": 2, DRAWS_HERE: -1}
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    order = list(ways)
    for _ in range(1 if quick else 3):
        for name in order:
            rounds[name].append(one_way(ways[name], 3.0 if quick else 6.0, folder))
        order.reverse()
    bare = rounds["bare reader"]
    for name, results in rounds.items():
        for figure, unit in (("fps", "fps"), ("send_p50_ms", "ms"), ("send_p99_ms", "ms"), ("work_p50_ms", "ms")):
            values = [result[figure] for result in results]
            ratios = [result[figure] / max(1e-9, base[figure]) for result, base in zip(results, bare, strict=True)]
            ratio = round(statistics.median(ratios), 3)
            is_limited = figure == "fps" and name != DRAWS_HERE  # its drawing takes the same processors
            limit = {"limit": LEAST_FPS, "within": ratio >= LEAST_FPS} if is_limited else {}
            value = round(statistics.median(values), 3)
            say(f"game {figure}", value, unit, watched_by=name, to_bare_reader=ratio, **limit)
        frames = sum(result["frames"] for result in results)
        dropped = sum(result["dropped"] for result in results)
        say("frames the game dropped", dropped, "frames", watched_by=name, of=frames)


def one_way(viewers: int | None, seconds: float, folder: Path) -> dict[str, float]:
    """One run of the game, watched in one way."""
    with ExitStack() as stack:
        if viewers is None:
            reader = stack.enter_context(reading())
            return played(reader, seconds)
        captures = ("--captures", str(folder))
        where = stack.enter_context(watching("zmq://127.0.0.1:0", *captures))
        if viewers < 0:
            page = stack.enter_context(browser()).new_page(viewport={"width": 1500, "height": 860})
            page.goto(where["url"])
        else:
            stack.enter_context(viewing(where["url"], viewers))
        return played(where["listens_at"], seconds)


def played(address: str, seconds: float) -> dict[str, float]:
    command = [sys.executable, __file__, "--play", address, str(seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=REPO)
    return dict(json.loads(done.stdout))


@contextmanager
def reading() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, __file__, "--read"], stdout=subprocess.PIPE, text=True, cwd=REPO)
    try:
        yield process.stdout.readline().strip() if process.stdout else ""
    finally:
        process.terminate()
        process.wait(20)


def read() -> None:
    """Take frames and do nothing with them."""
    from stylebridge.wire import Collector

    with Collector("tcp://127.0.0.1:0", planes=("color", "depth", "motion", "occlusion")) as collector:
        print(collector.address, flush=True)
        for _ in collector:
            pass


@contextmanager
def viewing(url: str, count: int) -> Iterator[None]:
    """Viewers that take every bundle at once and draw nothing."""
    from websockets.sync.client import connect

    over = threading.Event()

    def view() -> None:
        with connect(url.replace("http", "ws") + "live") as link:
            while not over.is_set():
                data = link.recv()
                if isinstance(data, bytes):
                    head = json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])
                    link.send(json.dumps({"type": "drawn", "bundle": head["bundle"]}))

    threads = [threading.Thread(target=view, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join(5)


def play(address: str, seconds: float) -> dict[str, float]:
    """The game: works, sends, waits for its next turn; the first two seconds, while engines are opened, don't count."""
    import numpy as np
    from stylebridge.frame import Clock, Frame
    from stylebridge.wire import Sender

    noise = np.random.default_rng(4)
    colors = [noise.integers(0, 255, (*SIZE, 3), dtype=np.uint8) for _ in range(4)]
    depth, motion = np.ones(SIZE, np.float32), np.zeros((*SIZE, 2), np.float32)
    occlusion = np.zeros(SIZE, np.bool_)
    sends, works, dropped, frames = [], [], 0, 0
    with Sender(address, name="bench", flow="live", planes=("color", "depth", "motion", "occlusion")) as sender:
        while not sender.connected:
            sender.pump()
        begin = due = time.perf_counter()
        began = begin + 2
        while (now := time.perf_counter()) < begin + 2 + seconds:
            work_s = work(now)
            clock = Clock(frames, frames / HZ, time.time_ns())
            frame = Frame(colors[frames % 4], depth, motion, None, None, occlusion, clock=clock)
            start = time.perf_counter()
            kept = sender.send(frame)
            if now >= began:
                sends.append(time.perf_counter() - start)
                works.append(work_s)
                dropped += not kept
            frames += 1
            due = max(due + 1 / HZ, time.perf_counter() - 1 / HZ)
            time.sleep(max(0.0, due - time.perf_counter()))
    p50, p99 = (float(value) * 1e3 for value in np.percentile(sends, (50, 99)))
    fps = len(sends) / seconds
    return {
        "fps": fps,
        "send_p50_ms": p50,
        "send_p99_ms": p99,
        "work_p50_ms": float(np.median(works)) * 1e3,
        "frames": len(sends),
        "dropped": dropped,
    }


def work(start: float) -> float:
    """A fixed amount of work, about WORK_S where nobody disturbs; the seconds that it took."""
    total = 0
    for number in range(int(WORK_S * 2.5e7)):
        total += number
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
