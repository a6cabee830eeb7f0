"""How fast frames come out of a game over ML-Agents: python tools/bench_mlagents.py [--quick]

The game is the test peer, a process of its own that speaks the gRPC protocol from Unity's side with pictures that it
has made before. The source and mlagents-envs' own UnityEnvironment, each with a game of its own, take turns in blocks
of steps; figures are medians of the blocks. Every picture is compared bit by bit, outside the time that is measured,
and one that is wrong fails the run. One JSON line per size and form.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stylebridge.sources import open_source
from stylebridge.sources.mlagents.library import load

REPO = Path(__file__).resolve().parent.parent
PEER = REPO / "tests" / "sources" / "mlagents"
sys.path.insert(0, str(PEER))

from pattern import CYCLE, picture  # noqa: E402
from play import Eye, Play, encode  # noqa: E402

SIZES = ((84, 84), (256, 256), (640, 360))
WARM_STEPS = 2 * CYCLE  # in which the game makes its pictures and its messages
Pictures = Callable[[], NDArray[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter blocks")
    options = parser.parse_args()
    blocks, steps = (4, 48) if options.quick else (12, 96)
    load()
    for size in SIZES:
        for form in ("png", "float"):
            print(json.dumps(measure(size, form, blocks, steps)), flush=True)


def measure(size: tuple[int, int], form: Any, blocks: int, steps: int) -> dict[str, Any]:
    """Both ways in turn, each going first as often as the other."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        game = player(Path(folder), Play(eyes=(Eye(width=size[0], height=size[1], form=form),), replay=True))
        ways = {"stylebridge": stack.enter_context(ours(game)), "mlagents-envs": stack.enter_context(theirs(game))}
        positions = dict.fromkeys(ways, 0)
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for name, read in ways.items():
            positions[name] += len(timed(read, WARM_STEPS, positions[name], size)[1])
        for block in range(blocks):
            for name in sorted(ways, reverse=bool(block % 2)):
                seconds, seen = timed(ways[name], steps, positions[name], size)
                positions[name] += len(seen)
                rates[name].append(steps / seconds)
    medians = {name: round(statistics.median(values), 1) for name, values in rates.items()}
    ratios = [mine / other for mine, other in zip(rates["stylebridge"], rates["mlagents-envs"], strict=True)]
    return {
        "bench": "mlagents",
        "size": f"{size[0]}x{size[1]}",
        "form": "png" if form == "png" else "uncompressed",
        "steps_per_s": medians["stylebridge"],
        "mlagents_envs_steps_per_s": medians["mlagents-envs"],
        "ratio": round(statistics.median(ratios), 2),
        "frames": sum(positions.values()),
        "wrong": 0,  # or this line would not be written
    }


def timed(read: Pictures, steps: int, first: int, size: tuple[int, int]) -> tuple[float, list[NDArray[Any]]]:
    """The seconds that some steps take, and what was seen, which must be what was shown."""
    seconds, seen = 0.0, []
    for _ in range(steps):
        began = time.perf_counter()
        seen.append(read())
        seconds += time.perf_counter() - began
    for number, shown in enumerate(seen, start=first):
        levels = shown if shown.dtype == np.uint8 else np.rint(shown * np.float32(255)).astype(np.uint8)
        if not np.array_equal(levels, picture(number, *size)):
            raise SystemExit(f"bench_mlagents: picture {number} at {size[0]}x{size[1]} is not the one that was shown")
    return seconds, seen


@contextmanager
def ours(game: Path) -> Iterator[Pictures]:
    """The source: [H,W,3] bytes."""
    with open_source(f"mlagents:{game}") as source:
        yield lambda: next(source).color


@contextmanager
def theirs(game: Path) -> Iterator[Pictures]:
    """UnityEnvironment: [H,W,3] floats."""
    from mlagents_envs.environment import UnityEnvironment

    with closing(UnityEnvironment(str(game), worker_id=7, timeout_wait=60)) as environment:
        environment.reset()
        (behavior,) = environment.behavior_specs
        waiting = [environment.get_steps(behavior)[0]]

        def read() -> NDArray[Any]:
            if not waiting:
                environment.step()
                waiting.append(environment.get_steps(behavior)[0])
            return np.asarray(waiting.pop().obs[1][0])  # [agents,H,W,3] -> [H,W,3]; 0 is the vector observation

        yield read


def player(folder: Path, play: Play) -> Path:
    """The test peer as a player build."""
    program = folder / "game"
    words = shlex.join([sys.executable, str(PEER / "peer.py"), "--play", encode(play)])
    program.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(REPO / "python"))} exec {words} "$@"\n')
    program.chmod(0o755)
    return program


if __name__ == "__main__":
    main()
