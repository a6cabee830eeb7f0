"""Scripts: what the imaginary actor is asked to do, one short take per clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Keys = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Script:
    """One take: speed and heading over time, and how the body is carried."""

    name: str
    seconds: float
    speed_mps: Keys = ((0.0, 0.0),)
    heading_rad: Keys = ((0.0, 0.0),)
    course_rad: float = 0.0  # direction of travel from the heading: half a turn walks backwards
    jump_s: float = -1.0  # when the feet should leave the ground; below 0 for never
    jump: str = ""  # "standing" or "running"
    mood: int = 0  # which way of standing around


def scripts() -> Iterator[Script]:
    """Every take; each is also performed with left and right exchanged."""
    yield from _standing()
    yield from _straight()
    yield from _starts_and_stops()
    yield from _turns_on_the_spot()
    yield from _turns_on_the_way()
    yield from _arcs()
    yield from _sideways()
    yield from _jumps()


def _standing() -> Iterator[Script]:
    yield Script("idle", 7.0, mood=0)
    yield Script("idle-look", 8.0, mood=1)
    yield Script("idle-shift", 8.0, mood=2)


def _straight() -> Iterator[Script]:
    for name, speed in (("walk", 0.75), ("walk", 1.1), ("walk", 1.4), ("walk", 1.75), ("walk", 2.0)):
        yield Script(name, 3.2, ((0.0, speed),))
    for name, speed in (("jog", 2.2), ("jog", 2.5), ("jog", 2.9), ("run", 3.5), ("run", 4.2), ("run", 4.9)):
        yield Script(name, 2.6, ((0.0, speed),))
    yield Script("walk", 4.0, ((0.5, 0.8), (3.5, 1.8)))
    yield Script("walk", 4.0, ((0.5, 1.8), (3.5, 0.8)))
    yield Script("run", 3.6, ((0.3, 1.6), (1.5, 4.4), (2.6, 4.4)))
    yield Script("run", 3.6, ((0.4, 4.4), (1.9, 1.5), (2.6, 1.5)))


def _starts_and_stops() -> Iterator[Script]:
    for name, speed, ramp in (("walk", 1.1, 0.5), ("walk", 1.5, 0.6), ("jog", 2.7, 0.8), ("run", 4.4, 1.1)):
        yield Script(f"{name}-start", 2.0, ((0.25, 0.0), (0.25 + ramp, speed)))
    for name, speed, ramp in (("walk", 1.0, 0.5), ("walk", 1.5, 0.6), ("jog", 2.7, 0.8), ("run", 4.4, 1.1)):
        for lead in (0.30, 0.55, 0.80):  # at other moments of the stride
            yield Script(f"{name}-stop", 2.9, ((lead, speed), (lead + ramp, 0.0)))
    for angle in (0.5 * np.pi, np.pi):
        yield Script("walk-start-turn", 2.2, ((0.3, 0.0), (1.1, 1.4)), ((0.2, 0.0), (1.1, angle)))
        yield Script("run-start-turn", 2.2, ((0.3, 0.0), (1.4, 4.0)), ((0.2, 0.0), (1.0, angle)))


def _turns_on_the_spot() -> Iterator[Script]:
    for degrees, seconds in ((45, 0.45), (90, 0.65), (135, 0.85), (180, 1.05)):
        yield Script("turn", seconds + 1.3, heading_rad=((0.2, 0.0), (0.2 + seconds, np.radians(degrees))))


def _turns_on_the_way() -> Iterator[Script]:
    for degrees, seconds in ((45, 0.5), (90, 0.7), (135, 0.9), (180, 1.1)):
        turn: Keys = ((0.6, 0.0), (0.6 + seconds, np.radians(degrees)))
        slow: Keys = ((0.4, 1.4), (0.6 + 0.5 * seconds, 1.4 - 0.005 * degrees), (0.9 + seconds, 1.4))
        yield Script("walk-turn", 2.4 + seconds, slow, turn)
        fast: Keys = ((0.2, 4.2), (0.6 + 0.5 * seconds, 4.0 - 0.0175 * degrees), (1.3 + seconds, 4.2))
        yield Script("run-turn", 2.6 + seconds, fast, turn)


def _arcs() -> Iterator[Script]:
    for radius, speed in ((0.8, 0.9), (1.5, 1.3), (3.0, 1.5)):
        yield Script("walk-arc", 4.0, ((0.0, speed),), ((-4.0, -4.0 * speed / radius), (8.0, 8.0 * speed / radius)))
    for name, radius, speed in (("jog", 2.5, 2.6), ("jog", 5.0, 2.9), ("run", 4.0, 3.9), ("run", 8.0, 4.4)):
        rate = speed / radius
        yield Script(f"{name}-arc", 3.0, ((0.0, speed),), ((-4.0, -4.0 * rate), (8.0, 8.0 * rate)))


def _sideways() -> Iterator[Script]:
    yield Script("walk-back", 3.2, ((0.3, 0.0), (0.9, 1.0), (2.2, 1.0), (2.8, 0.0)), course_rad=np.pi)
    yield Script("walk-side", 3.2, ((0.3, 0.0), (0.9, 0.9), (2.2, 0.9), (2.8, 0.0)), course_rad=0.5 * np.pi)
    yield Script("walk-slant", 3.2, ((0.3, 0.0), (0.9, 1.2), (2.2, 1.2), (2.8, 0.0)), course_rad=0.25 * np.pi)


def _jumps() -> Iterator[Script]:
    yield Script("jump", 2.4, jump="standing", jump_s=0.7)
    forward: Keys = ((0.5, 0.0), (0.85, 1.5), (1.2, 1.4), (1.5, 0.0))
    yield Script("jump-forward", 2.6, forward, jump="standing", jump_s=0.75)
    stroll: Keys = ((0.2, 1.5), (0.7, 2.4), (1.3, 2.4), (1.8, 1.5))
    yield Script("jump-walking", 2.6, stroll, jump="running", jump_s=0.8)
    for speed, name in ((2.7, "jump-jogging"), (3.5, "jump-running"), (4.3, "jump-running")):
        yield Script(name, 2.6, ((0.0, speed),), jump="running", jump_s=0.8)
