"""At a game's pace: how old frames are when a reader has them, and what sending costs the game's thread."""

from __future__ import annotations

from collections import defaultdict

from wirebench.children import Crew
from wirebench.figures import Effort, median, percentile, say
from wirebench.pictures import GAME
from wirebench.streams import play, watch
from wirebench.ways import LIVE_SHARED, LIVE_TCP, PUB_SUB, PYZMQ_2, REQ_REP, Place, Way, free_port

WAYS = (LIVE_SHARED, LIVE_TCP, PYZMQ_2, REQ_REP, PUB_SUB)
FPS = 60.0
SETTLE_S = 1.0
PATIENCE_S = 60


def run(effort: Effort, peers: set[str]) -> None:
    """Measure every way in turn and print what came out."""
    rounds, seconds = int(effort.of(3, 1)), effort.of(6, 3)
    chosen = [way for way in WAYS if not way.needs or way.needs in peers]
    figures: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number in range(rounds):
        for way in chosen if number % 2 == 0 else chosen[::-1]:
            figures[way.name].append(measure(way, seconds))
    for name, of_rounds in figures.items():
        middle = {key: median((one[key] for one in of_rounds), 3) for key in of_rounds[0]}
        say("paced", way=name, size=str(GAME), pace=FPS, **middle, rounds=rounds)


def measure(way: Way, seconds: float) -> dict[str, float]:
    """One round of one way, in two new processes."""
    place = Place(free_port(), GAME)
    with Crew() as crew:
        reader = crew.start(f"{way.name}, reader", watch, way, place, FPS * SETTLE_S, SETTLE_S, 0.0)
        game = crew.start(f"{way.name}, sender", play, way, place, FPS, seconds, SETTLE_S)
        got, spent = crew.hear(reader, seconds + PATIENCE_S), crew.hear(game, PATIENCE_S)
    return {
        "age_p50_ms": percentile(got["ages_ms"], 50),
        "age_p99_ms": percentile(got["ages_ms"], 99),
        "send_p50_ms": percentile(spent["blocked_ms"], 50),
        "send_p99_ms": percentile(spent["blocked_ms"], 99),
        "send_max_ms": max(spent["blocked_ms"]),
        "send_max_without_core_ms": spent["queued_ms"][spent["blocked_ms"].index(max(spent["blocked_ms"]))],
        "send_cpu_ms": sum(spent["cpu_ms"]) / len(spent["cpu_ms"]),
        "arrived": len(got["ages_ms"]) / len(spent["blocked_ms"]),
    }
