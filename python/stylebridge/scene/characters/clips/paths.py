"""Paths: where a script takes the actor's root, and at which moments of the stride."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.clips.scripts import Keys, Script
from stylebridge.scene.characters.rotations import Array

FINE_HZ = 120
LEAD_S, TAIL_S = 1.8, 1.6  # performed before and after a take, so that it begins and ends in full motion
GRAVITY = 9.81
FLIGHT_S = {"standing": 0.50, "running": 0.46}
_REST_PHASE = 0.10  # after a landing: both feet are down here at any speed without a flight
_SETTLE_HZ = 1.0  # strides per second while the feet come together


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The root's way, [T] at FINE_HZ; the left foot lands at whole phases, the right one halfway."""

    time_s: Array
    speed: Array
    heading: Array
    places: Array  # [T,2]
    phase: Array
    activity: Array  # 0 standing, 1 stepping
    flight: tuple[float, float] | None  # seconds when the feet leave the ground and land again

    def at(self, time_s: Array, values: Array) -> Array:
        """One of the path's arrays at other times; beyond its ends it stays."""
        if values.ndim == 1:
            return np.interp(time_s, self.time_s, values)
        return np.stack([np.interp(time_s, self.time_s, values[:, i]) for i in range(values.shape[1])], axis=-1)

    def when(self, phase: float) -> float:
        """The first moment at which a phase is reached; infinite if never."""
        index = int(np.searchsorted(self.phase, phase))
        if index >= len(self.phase):
            return float("inf")
        return float(self.time_s[index])


def strides_hz(speed: Array) -> Array:
    """Strides per second: a walker lengthens the steps and quickens them, a runner mostly lengthens them."""
    walking = 0.62 + 0.28 * speed
    running = 1.18 + 0.065 * speed
    return walking + (running - walking) * run_share(speed)


def run_share(speed: Array) -> Array:
    """0 for a walk, 1 for a run, and a short change between."""
    return smooth((np.asarray(speed, np.float64) - 2.0) / 0.3)


def duty(speed: Array) -> Array:
    """The share of a stride that a foot stays on the ground."""
    running = 0.44 - 0.03 * speed
    walking = 0.665 - 0.035 * speed
    share = run_share(speed)
    return walking + (running - walking) * share


def smooth(share: Array) -> Array:
    """From 0 to 1 with no corner at either end."""
    inside: Array = np.clip(share, 0.0, 1.0)
    return inside * inside * (3.0 - 2.0 * inside)


def soften(values: Array, sigma: float) -> Array:
    """A Gaussian blur along the first axis, the ends held."""
    reach = max(1, int(3.0 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    flat = values.reshape(len(values), -1)
    padded = np.pad(flat, ((reach, reach), (0, 0)), mode="edge")
    blurred = np.stack([np.convolve(padded[:, i], kernel, mode="valid") for i in range(flat.shape[1])], axis=-1)
    soft: Array = blurred.reshape(values.shape)
    return soft


def path_of(script: Script) -> Path:
    """Walk a script's way."""
    time_s = np.arange(round((LEAD_S + script.seconds + TAIL_S) * FINE_HZ)) / FINE_HZ - LEAD_S
    speed = soften(_keyed(script.speed_mps, time_s), 0.07 * FINE_HZ)
    heading = soften(_keyed(script.heading_rad, time_s), 0.07 * FINE_HZ)
    course = heading + script.course_rad
    velocity = speed[:, None] * np.stack([np.cos(course), np.sin(course)], axis=-1)
    places = np.cumsum(velocity, axis=0) / FINE_HZ
    turn = np.abs(np.gradient(heading, 1.0 / FINE_HZ))
    active = (speed > 0.12) | (turn > 0.15)
    if script.jump == "standing":  # both feet push together, no step
        active &= np.abs(time_s - script.jump_s - 0.5 * FLIGHT_S["standing"]) > 0.5 * FLIGHT_S["standing"] + 0.25
    phase, flight = _stride_phase(script, time_s, speed, turn, active)
    stepping = np.gradient(phase, 1.0 / FINE_HZ) > 1e-3
    activity = soften(stepping.astype(np.float64), 0.10 * FINE_HZ)
    return Path(time_s, speed, heading, places, phase, activity, flight)


def _keyed(keys: Keys, time_s: Array) -> Array:
    times, values = np.array(keys, np.float64).T
    keyed: Array = np.interp(time_s, times, values)
    return keyed


def _stride_phase(
    script: Script, time_s: Array, speed: Array, turn: Array, active: Array
) -> tuple[Array, tuple[float, float] | None]:
    rates = np.maximum(strides_hz(speed), np.where(turn > 0.15, 1.05, 0.0))
    rates = np.where(active, rates, _SETTLE_HZ)
    phase = np.empty_like(time_s)
    now, stop_at = _REST_PHASE, _REST_PHASE
    was_active = False
    flight: tuple[float, float] | None = None
    leap_to = -1.0
    for index, rate in enumerate(rates):
        if active[index]:
            stop_at = np.inf
        elif was_active:  # both feet still come home
            stop_at = (np.floor((now - 0.02) * 2.0) + 2.0) / 2.0 + _REST_PHASE
        was_active = bool(active[index])
        if script.jump == "running" and flight is None and time_s[index] >= script.jump_s:
            lift = float(duty(speed[index]))
            if now % 1.0 >= lift - 0.01 and now % 1.0 < lift + 0.02:
                leap_to = np.floor(now) + 0.5
                flight = (float(time_s[index]), float(time_s[index]) + FLIGHT_S["running"])
        if flight is not None and time_s[index] < flight[1] - 1e-9:
            left_s = flight[1] - float(time_s[index])
            rate = (leap_to - now) / max(left_s, 1.0 / FINE_HZ)
        now = min(now + rate / FINE_HZ, stop_at)
        phase[index] = now
    if script.jump == "standing":
        flight = (script.jump_s, script.jump_s + FLIGHT_S["standing"])
    return phase, flight
