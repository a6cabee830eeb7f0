"""The C# core under Mono as the game: the harness of tests/csharp and its command `wire-stream`."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from wirebench.children import Crew
from wirebench.pictures import Shape, WrongFrame
from wirebench.streams import WARM_UP_S
from wirebench.ways import free_port

LANES = {"mono tcp": "inline", "mono shared": "ring"}
PATIENCE_S = 60.0
BYTES_PER_S = 1.5e9  # the harness takes a number of frames, not a time; about as many as it sends then
FEWEST = 100
_REPO = Path(__file__).resolve().parent.parent.parent
_CORE = _REPO / "unity_project" / "Packages" / "com.stylebridge.unity" / "Runtime" / "Core"
_HARNESS = _REPO / "tests" / "csharp"
_OUT = _REPO / "out" / "bench-mono"
_COMPILE = ("mcs", "-langversion:7.2", "-unsafe", "-optimize")  # as in tests/csharp/conftest.py
_PR_SET_PDEATHSIG = 1


def find_harness() -> Path | None:
    """The harness, compiled; None, and why on stderr, where it can't be had."""
    missing = [tool for tool in ("mcs", "mono") if not shutil.which(tool)]
    if missing:
        return _without(f"{' and '.join(missing)} not found (Debian: apt install mono-mcs)")
    if not any('"wire-stream"' in source.read_text(encoding="utf-8") for source in _HARNESS.rglob("*.cs")):
        return _without("the harness in tests/csharp has no command wire-stream")
    _OUT.mkdir(parents=True, exist_ok=True)
    library, program = _OUT / "Stylebridge.Core.dll", _OUT / "harness.exe"
    reason = _compile(_CORE, "-target:library", f"-out:{library}")
    reason = reason or _compile(_HARNESS, f"-r:{library}", f"-out:{program}")
    return _without(reason) if reason else program


def measure(harness: Path, name: str, shape: Shape, seconds: float) -> dict[str, float]:
    """One round: the reader and the game under Mono, in two new processes."""
    port, frames = free_port(), max(FEWEST, round((seconds + WARM_UP_S) * BYTES_PER_S / shape.bytes))
    with Crew() as crew:
        reader = crew.start(f"{name}, reader", drain, port, shape, frames, LANES[name])
        game = crew.start(f"{name}, sender", run_harness, harness, port, shape, frames, LANES[name])
        got = crew.hear(reader, seconds + PATIENCE_S)
        return {**got, **crew.hear(game, PATIENCE_S)}


def run_harness(harness: Path, port: int, shape: Shape, frames: int, lane: str) -> dict[str, float]:
    """The game's task; Mono is killed when this process is."""
    options = ["--flow", "lossless", "--lane", lane, "--frames", str(frames), "--size", str(shape)]
    done = subprocess.run(
        ["mono", str(harness), "wire-stream", "--to", f"tcp://127.0.0.1:{port}", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
        env={**os.environ, "MONO_DISABLE_SHARED_AREA": "1"},  # a file in /dev/shm that a killed one leaves behind
        preexec_fn=_die_with_parent,
    )
    if done.returncode:
        raise RuntimeError(f"wire-stream ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-500:]}")
    report = json.loads(done.stdout.strip().splitlines()[-1])
    return {"send_p50_us": 1e3 * report["timing"]["p50_ms"], "garbage_collections": report["collections"]}


def drain(port: int, shape: Shape, frames: int, lane: str) -> dict[str, float]:
    """The reader's task: every frame, in order and whole."""
    from stylebridge.wire import Collector

    middle = shape.bytes // 2
    start = warm = now = 0.0
    counted = 0
    with Collector(f"tcp://127.0.0.1:{port}", shared_memory=lane == "ring") as collector:
        for due in range(frames):
            delivery = collector.receive(PATIENCE_S)
            if delivery is None:
                raise WrongFrame(f"frame {due} didn't come in {PATIENCE_S:g} s")
            color, number = delivery.frame.color, delivery.frame.clock.frame_id
            pixel = int(color.reshape(-1)[middle]) if color.shape == shape else -1
            if number != due or pixel != (7 * middle + 13 * number) & 255:
                raise WrongFrame(f"frame {number} {color.shape} with {pixel} in its middle came where {due} was due")
            now = time.perf_counter()
            warm = warm or now + WARM_UP_S
            if now >= warm:
                start, counted = start or now, counted + 1
            if not start and due == frames // 2:
                warm = now  # faster than expected: half of them have to do for warming up
        delivery.done()
        taken = collector.peers()[0].lane
        while any(peer.connected for peer in collector.peers()):
            time.sleep(0.01)  # until the game has said goodbye
    if taken != lane:
        raise RuntimeError(f"frames came {taken}, not {lane}")
    return {"fps": (counted - 1) / (now - start)}


def _compile(folder: Path, *options: str) -> str:
    """Compile what is in a folder; what is wrong with it, if anything."""
    sources = [str(source) for source in sorted(folder.rglob("*.cs"))]
    done = subprocess.run([*_COMPILE, *options, *sources], capture_output=True, text=True, check=False)
    errors = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line]
    return f"mcs refuses {folder.name}: {errors[0] if errors else 'no reason given'}" if done.returncode else ""


def _without(reason: str) -> None:
    print(f"bench_wire: no figures for Mono: {reason}", file=sys.stderr)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
