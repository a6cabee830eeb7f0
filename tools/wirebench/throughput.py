"""Frames per second from one process to another on one host, and their CPU time: ours, the peers', and a bare copy."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator

from wirebench import bare, mono, ways
from wirebench.children import Crew
from wirebench.figures import Effort, median, say, say_limit
from wirebench.pictures import GAME, SHAPES, Shape
from wirebench.streams import drain, pour
from wirebench.ways import BARE, BARE_OUT, NETGEAR, PYZMQ, REQ_REP, SHARED, TCP, Place, Way

WAYS = (SHARED, BARE, BARE_OUT, TCP, PYZMQ, REQ_REP, NETGEAR)
PATIENCE_S = 60
Rounds = dict[str, list[dict[str, float]]]
# the faster one by way of the slower one's frames per second; None: at every size
LIMITS: tuple[tuple[str, str, str, Shape | None], ...] = (
    (SHARED.name, REQ_REP.name, ">= 4", GAME),
    (SHARED.name, NETGEAR.name, ">= 6", GAME),
    (BARE.name, SHARED.name, "<= 1.3", GAME),
    (BARE_OUT.name, SHARED.name, "<= 1.3", GAME),
    (TCP.name, PYZMQ.name, ">= 0.8", None),
    ("mono tcp", PYZMQ.name, ">= 0.5", None),
)


def run(effort: Effort, peers: set[str]) -> None:
    """Measure every way at every size, in turn, and print what came out."""
    seconds = effort.of(1.0, 0.4)
    chosen = [way for way in WAYS if not way.needs or way.needs in peers]
    harness = mono.find_harness()
    for shape in (GAME,) if effort.quick else SHAPES:
        figures: Rounds = defaultdict(list)
        rounds = int(effort.of(5 if shape == GAME else 3, 2))
        for number in range(rounds):
            for way in chosen if number % 2 == 0 else chosen[::-1]:
                figures[way.name].append(measure(way, shape, seconds))
            for name in mono.LANES if harness is not None else ():
                figures[name].append(mono.measure(harness, name, shape, seconds))
        _print(figures, shape)


def measure(way: Way, shape: Shape, seconds: float) -> dict[str, float]:
    """One round of one way, in two new processes."""
    with _place(way, shape) as place, Crew() as crew:
        reader = crew.start(f"{way.name}, reader", drain, way, place)
        game = crew.start(f"{way.name}, sender", pour, way, place, seconds)
        got, spent = crew.hear(reader, seconds + PATIENCE_S), crew.hear(game, PATIENCE_S)
    return {
        "fps": got["fps"],
        "sender_thread_us": spent["thread_us"],
        "sender_process_us": spent["process_us"],
        "reader_process_us": got["process_us"],
    }


@contextlib.contextmanager
def _place(way: Way, shape: Shape) -> Iterator[Place]:
    if way.module == "bare":
        with bare.open_block(shape) as block:
            yield Place(0, shape, block)
    else:
        yield Place(ways.free_port(), shape)


def _print(figures: Rounds, shape: Shape) -> None:
    for name, rounds in figures.items():
        middle = {key: median((one[key] for one in rounds), 1) for key in rounds[0]}
        rate = round(middle["fps"] * shape.bytes / 1e6)
        say("throughput", way=name, size=str(shape), mb_per_s=rate, **middle, rounds=len(rounds))
    for faster, slower, limit, only in LIMITS:
        if faster in figures and slower in figures and only in (None, shape):
            ratio = median((a["fps"] / b["fps"] for a, b in zip(figures[faster], figures[slower], strict=True)), 3)
            say_limit("throughput", f"{faster} / {slower}", ratio, limit, size=str(shape))
