"""Footsteps: where and when each foot stands, and how it gets from one place to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.clips.paths import Path, duty, run_share, smooth
from stylebridge.scene.characters.clips.scripts import Script
from stylebridge.scene.characters.legs import roll_foot
from stylebridge.scene.characters.rotations import Array, Flags, Indices, turn_plane, wrap
from stylebridge.scene.characters.skeleton import ANKLE_M

STRIKE_S = 0.11  # from the heel's touch to a flat foot
_PUSH_SHARE = 0.55  # of a stance, at its end, in which the heel rises
_PUSH_MAX_S = 0.42
_REST_WIDTH_M = 0.105


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """One foot's stands [K], in order."""

    land_s: Array
    lift_s: Array
    places: Array  # [K,2] under the ankle, the foot flat
    heading: Array
    strike: Array  # pitch at landing, not positive
    push: Array  # pitch at lift-off


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One foot over the frames [F]."""

    ankle: Array  # [F,3]
    heading: Array
    pitch: Array
    toes: Array  # pitch of the toes from the foot's
    planted: Flags  # the ball of the foot rests on the ground


def plan_steps(path: Path, script: Script, side: int) -> Steps:
    """All stands of the left (0) or right (1) foot along a path."""
    outward = 1.0 if side == 0 else -1.0
    first = np.floor(path.phase[0]) - 0.5 * side
    rows = []
    for landing in np.arange(first, path.phase[-1] + 1.0):
        land = path.when(landing) if landing > path.phase[0] else -np.inf
        if not np.isfinite(land) and land > 0:
            break
        share = float(duty(path.at(np.array(max(land, path.time_s[0])), path.speed)))
        lift = path.when(landing + share)
        middle = min(path.when(landing + 0.5 * share), path.time_s[-1])
        rows.append((land, lift, middle))
    if path.flight is not None and script.jump == "standing":
        rows = _split(rows, path.flight)
    land_s, lift_s, middle_s = (np.array(column) for column in zip(*rows, strict=True))
    speed = path.at(middle_s, path.speed)
    activity = path.at(middle_s, path.activity)
    running = run_share(speed)
    width = _REST_WIDTH_M + (0.085 - 0.045 * running - _REST_WIDTH_M) * activity
    ahead = -(0.03 + 0.035 * np.minimum(speed, 2.0) + 0.02 * running) * activity * np.cos(script.course_rad)
    heading = path.at(middle_s, path.heading)
    aside = np.stack([ahead, outward * width], axis=-1)
    places = path.at(middle_s, path.places) + turn_plane(aside, heading)
    toes_out = (0.20 - 0.12 * activity - 0.05 * running) * outward
    land_speed = path.at(land_s, path.speed) * max(0.0, np.cos(script.course_rad))
    lift_speed = path.at(lift_s, path.speed) * (0.6 + 0.4 * np.cos(script.course_rad))
    strike = -(0.32 - 0.20 * run_share(land_speed)) * np.clip(land_speed / 1.3, 0.0, 1.0)
    push = 0.22 + 0.58 * np.clip(lift_speed / 1.4, 0.0, 1.0) + 0.15 * run_share(lift_speed)
    if path.flight is not None:
        push = np.where(np.abs(lift_s - path.flight[0]) < 0.02, 0.95, push)
        strike = np.where(np.abs(land_s - path.flight[1]) < 0.02, 0.0, strike)
    return Steps(land_s, lift_s, places, heading + toes_out, strike, push)


def _split(rows: list[tuple[float, float, float]], flight: tuple[float, float]) -> list[tuple[float, float, float]]:
    """The stand that a jump interrupts becomes two."""
    split = []
    for land, lift, middle in rows:
        if land < flight[0] < lift:
            split.append((land, flight[0], min(middle, flight[0] - 0.3)))
            split.append((flight[1], lift, flight[1] + 0.2))
        else:
            split.append((land, lift, middle))
    return split


def track_foot(steps: Steps, path: Path, time_s: Array) -> Track:
    """The foot's way through its stands, rolling on the ground and swinging between them."""
    stand: Indices = np.clip(np.searchsorted(steps.land_s, time_s, side="right") - 1, 0, len(steps.land_s) - 1).astype(
        np.int64
    )
    after: Indices = np.minimum(stand + 1, len(steps.land_s) - 1)
    swinging = (time_s >= steps.lift_s[stand]) & (after > stand)
    share = np.zeros_like(time_s)
    with np.errstate(invalid="ignore"):
        length = steps.land_s[after] - steps.lift_s[stand]
        share[swinging] = ((time_s - steps.lift_s[stand]) / np.maximum(length, 1e-3))[swinging]
    share = np.clip(share, 0.0, 1.0)
    pitch = np.where(swinging, _swing_pitch(steps, stand, after, share), _stand_pitch(steps, stand, time_s))
    ankle = np.where(
        swinging[:, None],
        _swing_ankle(steps, path, stand, after, share),
        _rolled(steps.places[stand], steps.heading[stand], pitch),
    )
    turn = wrap(steps.heading[after] - steps.heading[stand])
    heading = steps.heading[stand] + np.where(swinging, turn * smooth(share), 0.0)
    toes = -np.maximum(pitch, 0.0) * np.where(swinging, np.clip(1.0 - share / 0.35, 0.0, 1.0) ** 2, 1.0)
    planted = ~swinging & (time_s >= steps.land_s[stand] + 0.5 * STRIKE_S)
    return Track(ankle, heading, pitch, toes, planted)


def _stand_pitch(steps: Steps, stand: Indices, time_s: Array) -> Array:
    since = time_s - steps.land_s[stand]
    until = steps.lift_s[stand] - time_s
    with np.errstate(invalid="ignore"):
        push_s = np.minimum(_PUSH_SHARE * (steps.lift_s[stand] - steps.land_s[stand]), _PUSH_MAX_S)
    strike = steps.strike[stand] * (1.0 - smooth(np.minimum(since, 1e3) / STRIKE_S))
    push = steps.push[stand] * np.clip(1.0 - until / push_s, 0.0, 1.0) ** 1.7
    pitch: Array = strike + push
    return pitch


def _swing_pitch(steps: Steps, stand: Indices, after: Indices, share: Array) -> Array:
    start, end = steps.push[stand], steps.strike[after]
    kick = 0.35 * start * _bump(share, 0.22)
    toes_up = -0.10 * _bump(share, 0.6)
    pitch: Array = start + (end - start) * smooth(share / 0.92) + kick + toes_up
    return pitch


def _swing_ankle(steps: Steps, path: Path, stand: Indices, after: Indices, share: Array) -> Array:
    start = _rolled(steps.places[stand], steps.heading[stand], steps.push[stand])
    end = _rolled(steps.places[after], steps.heading[after], steps.strike[after])
    along = _eased(share)
    ankle = start + (end - start) * along[:, None]
    moved = np.sqrt(np.sum((end - start)[:, :2] ** 2, axis=-1))
    speed = path.at(steps.lift_s[stand], path.speed)
    running = run_share(speed)
    lift = 0.035 + 0.05 * np.clip(moved / 1.2, 0.0, 1.0) + running * (0.06 + 0.055 * speed)
    hop = np.zeros_like(share)
    if path.flight is not None:
        hop = np.where(np.abs(steps.lift_s[stand] - path.flight[0]) < 0.02, 1.0, 0.0)
    ankle[:, 2] += lift * _bump(share, 0.38 + 0.04 * running) + hop * 0.19 * 4.0 * share * (1.0 - share)
    return ankle


def _rolled(places: Array, heading: Array, pitch: Array) -> Array:
    forward, up = roll_foot(pitch)
    flat = places + turn_plane(np.stack([forward, np.zeros_like(forward)], axis=-1), heading)
    return np.concatenate([flat, (ANKLE_M + up)[..., None]], axis=-1)


def _eased(share: Array) -> Array:
    """From 0 to 1, leaving at some speed (the ankle already moves when the toes leave) and arriving slowly."""
    s = share
    return (s**3 - 2.0 * s**2 + s) * 0.55 + (3.0 - 2.0 * s) * s * s + (s**3 - s**2) * 0.12


def _bump(share: Array, peak: Array | float) -> Array:
    """0 at both ends and 1 at `peak`; it starts with a slope and ends without one."""
    power = (1.0 - np.asarray(peak)) / np.asarray(peak)
    s = np.clip(share, 0.0, 1.0)
    height = np.asarray(peak) * (1.0 - np.asarray(peak)) ** power
    bump: Array = s * (1.0 - s) ** power / height
    return bump
