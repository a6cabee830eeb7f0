"""A recorder that is killed again and again while a lossless game streams to it."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from stylebridge.errors import StylebridgeError
from stylebridge.frame import Frame
from stylebridge.recording import Recording, repair, verify
from stylebridge.wire import Sender

from capturebench.game import PATIENCE_S, PLANES, Unsafe, free_port, game_frames, numbered, recorder, say, wait_for_line

SIZE = (160, 90)  # large enough for shared memory, small enough for thousands
FRAMES_PER_KILL = 80


def measure_kills(kills: int) -> None:
    """Kill the recorder again and again; look into what each kill leaves, and into the whole at the end."""
    chance, port = random.Random(1), free_port()
    pictures = game_frames(SIZE)
    total = kills * FRAMES_PER_KILL
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "play.mcap")
        sender = Sender(f"127.0.0.1:{port}", name="bench", planes=PLANES)
        thread, failures = stream(sender, pictures, total)
        began, left, short, unlistened = time.monotonic(), [], 0, 0
        for kill in range(1, kills + 1):
            with recorder("capture", f"zmq://127.0.0.1:{port}", str(out), "--resume") as process:
                if kill % 10 == 0:  # some before it listens
                    time.sleep(chance.uniform(0, 0.9))
                    unlistened += 1
                else:
                    wait_for_line(process)
                    wait_for(sender, kill * total // (kills + 1) + chance.randrange(40), failures)
                    time.sleep(chance.uniform(0, 0.02))
                process.send_signal(signal.SIGKILL)
                process.wait()
            acknowledged = sender.counters()["acknowledged"]
            left.append(repaired_frames(out))
            short += left[-1] < acknowledged
        with recorder("capture", f"zmq://127.0.0.1:{port}", str(out), "--resume", "--json") as process:
            said, err = process.communicate(timeout=PATIENCE_S)
        thread.join(PATIENCE_S)
        if failures or process.returncode:
            raise Unsafe(f"{failures} {err}")
        before = json.loads(said)["frames_before"]
        sequences, sound, wrong = contents(out, pictures)
    lost, twice = total - len(set(sequences)), len(sequences) - len(set(sequences))
    say(
        "kills", kills=kills, before_listening=unlistened, frames=total, lost=lost, twice=twice, changed=wrong,
        files_short_of_what_was_acknowledged=short, files_that_did_not_repair=left.count(-1), sound=sound,
        frames_before_the_last_run=before, resent=sender.counters().get("resent", 0),
        seconds=round(time.monotonic() - began, 1),
    )  # fmt: skip
    if lost or twice or wrong or short or -1 in left or not sound or sequences != sorted(sequences):
        raise Unsafe("see the figures")


def repaired_frames(out: Path) -> int:
    """How many frames a repaired copy holds, the last of which can be read; -1 when it can't be repaired."""
    if not out.exists():
        return 0
    copy = out.with_name("copy.mcap")
    shutil.copyfile(out, copy)
    try:
        if not repair(copy).ok:
            return -1
        with Recording(copy) as recording:
            recording.read(len(recording) - 1)
            return len(recording)
    except StylebridgeError as error:
        print(f"bench_capture: {error}", file=sys.stderr)
        return -1


def contents(out: Path, pictures: list[Frame]) -> tuple[list[int], bool, int]:
    """The sequences in a recording, whether it verifies, and how many of its frames were changed."""
    sound = verify(out).ok
    with Recording(out) as recording:
        sequences = [int(number) for number in recording.rows["sequence"]]
        wrong = 0
        for place, sequence in enumerate(sequences):
            found, sent = recording[place], pictures[(sequence - 1) % len(pictures)]
            same = np.array_equal(found.color, sent.color) and np.array_equal(found.ids, sent.ids)  # type: ignore[arg-type]
            wrong += not (same and found.clock.frame_id == sequence)
    return sequences, sound, wrong


def stream(sender: Sender, pictures: list[Frame], count: int) -> tuple[threading.Thread, list[BaseException]]:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for number in range(1, count + 1):
                sender.send(numbered(pictures, number), PATIENCE_S)
            sender.close(PATIENCE_S)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, failures


def wait_for(sender: Sender, acknowledged: int, failures: list[BaseException]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while sender.counters()["acknowledged"] < acknowledged:
        if failures or time.monotonic() > deadline:
            raise Unsafe(f"the game hangs: {failures}")
        time.sleep(0.002)
