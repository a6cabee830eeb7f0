"""The live flow with a reader that takes three frames' time for each: fresh frames, no wait, no growth, all counted."""

from __future__ import annotations

from typing import Any

from wirebench.children import Crew
from wirebench.figures import Effort, percentile, say, say_limit
from wirebench.paced import FPS, PATIENCE_S
from wirebench.pictures import GAME
from wirebench.streams import play, spin, watch
from wirebench.ways import LIVE_SHARED, LIVE_TCP, PUB_SUB, Place, Way, free_port

HOLD_S = 0.05
LIMITS = {
    "age_p50_ms": "<= 20",
    "age_p99_ms": "<= 40",
    "send_max_ms": "<= 4",
    "sender_growth_mb": "< 16",
    "reader_growth_mb": "< 16",
}


class Miscounted(Exception):
    """Frames were offered and neither handed out nor counted as dropped."""


def run(effort: Effort, peers: set[str]) -> None:
    """Measure both lanes, and imagezmq for comparison, for a shorter time since it keeps every frame in memory."""
    seconds = effort.of(30, 10)
    say("slow reader", way="nothing but 1 ms of work", send_max_ms=round(max(_spin(seconds)), 3))
    for way in (LIVE_SHARED, LIVE_TCP):
        result = measure(way, seconds)
        figures = _figures(result)
        for name, limit in LIMITS.items():
            say_limit("slow reader", name, figures.pop(name), limit, way=way.name, size=str(GAME))
        say("slow reader", way=way.name, size=str(GAME), **figures)
        _check_counts(way, *result)
    if PUB_SUB.needs in peers:
        say("slow reader", way=PUB_SUB.name, size=str(GAME), **_figures(measure(PUB_SUB, effort.of(8, 6))))


def measure(way: Way, seconds: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the game's process and the reader's say."""
    place, settle_s = Place(free_port(), GAME), min(3.0, seconds / 3)
    with Crew() as crew:
        reader = crew.start(f"{way.name}, reader", watch, way, place, FPS * settle_s, settle_s, HOLD_S)
        game = crew.start(f"{way.name}, sender", play, way, place, FPS, seconds, settle_s)
        spent = crew.hear(game, seconds + PATIENCE_S)
        return spent, crew.hear(reader, seconds * FPS * HOLD_S + PATIENCE_S)


def _spin(seconds: float) -> list[float]:
    """What a game's thread waits for on this machine anyway; a longest time above says nothing about the wire."""
    with Crew() as crew:
        took_ms: list[float] = crew.hear(crew.start("spin", spin, FPS, seconds, 1e-3), seconds + PATIENCE_S)
    return took_ms


def _figures(result: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, float]:
    spent, got = result
    worst = spent["blocked_ms"].index(max(spent["blocked_ms"]))
    figures = {
        "age_p50_ms": percentile(got["ages_ms"], 50),
        "age_p99_ms": percentile(got["ages_ms"], 99),
        "send_p50_ms": percentile(spent["blocked_ms"], 50),
        "send_max_ms": spent["blocked_ms"][worst],
        "sends_over_4_ms": sum(ms > 4 for ms in spent["blocked_ms"]),
        "send_max_without_core_ms": spent["queued_ms"][worst],
        "send_max_cpu_ms": spent["cpu_ms"][worst],
        "sender_growth_mb": spent["growth_mb"],
        "reader_growth_mb": got["growth_mb"],
        "pace": spent["pace"],
    }
    return {name: round(value, 3) for name, value in figures.items()}


def _check_counts(way: Way, spent: dict[str, Any], got: dict[str, Any]) -> None:
    offered, counts = spent["counts"]["offered"], got["counts"]
    parts = {name: counts[name] for name in ("handed_out", "dropped_by_game", "dropped_here", "lost")}
    missing = offered - sum(parts.values())
    say_limit("slow reader", "frames not accounted for", missing, "== 0", way=way.name, offered=offered, **parts)
    by_game = spent["counts"].get("dropped", 0)
    if missing or by_game != counts["dropped_by_game"]:
        raise Miscounted(f"{way.name}: {offered} frames offered, {parts}, and the game says it dropped {by_game}")
