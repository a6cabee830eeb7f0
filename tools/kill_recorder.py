"""Kill a recorder at random moments and look what is left: python tools/kill_recorder.py --kills 50 [--seed 1]

A child records without end, closing its file and taking it up again now and then, and tells which frames are safe. It
is killed with SIGKILL; every second time its file is repaired, else the next child takes it up as it is. Prints one
line of JSON, and fails when a frame that was said to be safe is missing, changed, or there twice.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
from stylebridge.frame import Clock, Frame
from stylebridge.recording import Details, Recording, Writer, repair, verify

SIZE = (180, 320)
SESSION = "5a" * 16
LONGEST_S = 0.4


def moment(number: int) -> Frame:
    """Frame `number`, known again by its bits."""
    random = np.random.default_rng(3)
    noise = random.integers(0, 256, (*SIZE, 3), np.uint8)
    depth = random.random(SIZE, np.float32)
    return Frame(
        color=np.roll(noise, number * 7, axis=1),
        depth=np.roll(depth, number, axis=0),
        clock=Clock(number, number / 30, 1 + number),
        session=SESSION,
    )


def child(path: Path, seed: int) -> None:
    """Record for ever; write the number of each safe frame to standard output."""
    random = np.random.default_rng(seed)
    while True:
        with Writer(path, Details("kill_recorder"), floats="f32", resume=True, fsync_s=0.05) as writer:
            first = writer.frame_count
            for number in range(first, first + int(random.integers(1, 40))):
                writer.write(moment(number), sequence=number + 1, on_safe=lambda number=number: tell(number))


def tell(number: int) -> None:
    os.write(1, f"{number}\n".encode())


def killed_run(path: Path, seed: int) -> int:
    """Start a recorder and kill it; the last frame that it said was safe, -1 for none."""
    random = np.random.default_rng(seed)
    command = [sys.executable, __file__, "--child", str(path), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        last, lines = -1, iter(process.stdout or ())
        if random.random() < 0.9:  # else perhaps before the first frame
            last = int(next(lines, -1))
        timer = threading.Timer(float(random.uniform(0, LONGEST_S)), process.send_signal, [signal.SIGKILL])
        timer.start()
        for line in lines:
            last = int(line) if line.endswith(b"\n") else last
        timer.join()
        if process.wait() != -signal.SIGKILL:
            raise SystemExit("kill_recorder: the recorder ended by itself")
    return last


def check(path: Path, safe: int) -> tuple[int, int]:
    """How many frames the file holds, and how many safe ones are missing; fails when one has changed or comes twice."""
    with Recording(path) as recording:
        ids = recording.rows["frame_id"].tolist()
        if ids != list(range(len(ids))):
            raise SystemExit(f"kill_recorder: frames {ids}")
        for number in {0, safe - 1, safe, len(ids) - 1} & set(ids):
            frame, wanted = recording[number], moment(number)
            if frame.color.tobytes() != wanted.color.tobytes() or frame.depth.tobytes() != wanted.depth.tobytes():
                raise SystemExit(f"kill_recorder: frame {number} has changed")
    return len(ids), max(0, safe + 1 - len(ids))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.seed)
    counts = {"kills": options.kills, "unfinished": 0, "torn": 0, "repaired": 0, "acknowledged": 0, "lost": 0}
    with tempfile.TemporaryDirectory() as folder:
        path, copy = Path(folder) / "play.mcap", Path(folder) / "copy.mcap"
        safe = frames = -1
        for kill in range(options.kills):
            safe = max(safe, killed_run(path, options.seed * 1000 + kill))
            if not path.exists():
                continue
            shutil.copyfile(path, copy)
            report = repair(copy if kill % 2 else path)
            counts["unfinished"] += report.how == "completed"
            counts["torn"] += report.dropped_bytes > 0
            frames, lost = check(copy if kill % 2 else path, safe)
            counts["lost"] += lost
            counts["repaired"] += 1
        counts["acknowledged"] = safe + 1
        repair(path)
        if problems := verify(path).problems:
            raise SystemExit(f"kill_recorder: {problems}")
        print(json.dumps({"bench": "recording kills", **counts, "frames": frames, "bytes": path.stat().st_size}))
    if counts["lost"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
