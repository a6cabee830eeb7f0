"""Performance: a script acted out by the skeleton, hips and arms in time with the planned footsteps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.clips.footsteps import Track, plan_steps, track_foot
from stylebridge.scene.characters.clips.paths import FINE_HZ, GRAVITY, Path, path_of, soften
from stylebridge.scene.characters.clips.posture import Posture, posture_of
from stylebridge.scene.characters.clips.scripts import Script
from stylebridge.scene.characters.legs import lift_heel, solve_leg
from stylebridge.scene.characters.rotations import (
    Array,
    Flags,
    about,
    matrix_from_quaternion,
    multiply,
    quaternion_from_matrix,
    turn_plane,
    wrap,
)
from stylebridge.scene.characters.skeleton import INDEX, JOINTS, OFFSETS, SHIN_M, THIGH_M

CLIP_HZ = 30
_HIP_JOINT_M = OFFSETS[INDEX["left_thigh"]]
_REACH_M = (THIGH_M + SHIN_M) * 0.994


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """A take over its frames [F] at CLIP_HZ, lead and tail included."""

    script: Script
    time_s: Array
    root: Array  # [F,2]
    heading: Array  # [F]
    hips: Array  # [F,3] from the root, turned with its heading
    turns: Array  # [F,J,4] local quaternions
    planted: Flags  # [F,2]
    flight: tuple[float, float] | None


def perform(script: Script) -> Performance:
    """Act a script out."""
    path = path_of(script)
    fine = slice(0, None, FINE_HZ // CLIP_HZ)
    time_s = path.time_s[fine]
    tracks = [track_foot(plan_steps(path, script, side), path, time_s) for side in (0, 1)]
    posture = posture_of(script, path, time_s)
    heading = path.heading[fine]
    hips = _hips_place(path, posture, tracks, time_s)
    turns = np.zeros((len(time_s), len(JOINTS), 4))
    turns[..., 0] = 1.0
    for joint, turn in posture.turns.items():
        turns[:, INDEX[joint]] = turn
    hips_turn = multiply(about(2, heading), turns[:, INDEX["hips"]])
    for side, track in zip(("left", "right"), tracks, strict=True):
        _place_leg(turns, side, track, hips, hips_turn, heading)
    root = path.places[fine]
    local = np.concatenate([turn_plane(hips[:, :2] - root, -heading), hips[:, 2:]], axis=-1)
    planted = np.stack([track.planted for track in tracks], axis=-1)
    return Performance(script, time_s, root, heading, local, turns, planted, path.flight)


def _hips_place(path: Path, posture: Posture, tracks: list[Track], time_s: Array) -> Array:
    """Over the root, as high as the posture wants and the legs allow."""
    heading = path.at(time_s, path.heading)
    flat = path.at(time_s, path.places) + turn_plane(posture.sway, heading)
    height = posture.height
    hips_turn = matrix_from_quaternion(multiply(about(2, heading), posture.turns["hips"]))
    for side, track in zip((1.0, -1.0), tracks, strict=True):
        socket = (hips_turn @ (_HIP_JOINT_M * [1.0, side, 1.0])[:, None])[..., 0]
        apart = np.sum((flat + socket[:, :2] - track.ankle[:, :2]) ** 2, axis=-1)
        reach = np.sqrt(np.maximum(_REACH_M**2 - apart, 0.30**2))
        height = np.minimum(height, track.ankle[:, 2] + reach - socket[:, 2])
    height = soften(height, 0.05 * CLIP_HZ)
    return np.concatenate([flat, (height + _flight_height(path, time_s))[:, None]], axis=-1)


def _flight_height(path: Path, time_s: Array) -> Array:
    if path.flight is None:
        return np.zeros_like(time_s)
    lift, land = path.flight
    since = np.clip(time_s - lift, 0.0, land - lift)
    return 0.5 * GRAVITY * since * (land - lift - since)


def _place_leg(turns: Array, side: str, track: Track, hips: Array, hips_turn: Array, heading: Array) -> None:
    thigh = INDEX[f"{side}_thigh"]
    hips_matrix = matrix_from_quaternion(hips_turn)
    socket = hips + (hips_matrix @ OFFSETS[thigh][:, None])[..., 0]
    toes = matrix_from_quaternion(multiply(about(2, track.heading), about(1, track.pitch + track.toes)))
    foot = matrix_from_quaternion(multiply(about(2, track.heading), about(1, track.pitch)))
    ball = track.ankle + (foot @ OFFSETS[thigh + 3][:, None])[..., 0]
    ankle, lifted = lift_heel(socket, ball, track.ankle, np.array(THIGH_M + SHIN_M))
    facing = heading + 0.5 * wrap(track.heading - heading)
    forward = np.stack([np.cos(facing), np.sin(facing), np.zeros_like(facing)], axis=-1)
    thigh_turn, shin_turn, _ = solve_leg(socket, ankle, forward, np.array(THIGH_M), np.array(SHIN_M))
    world = [hips_matrix, thigh_turn, shin_turn, lifted @ foot, toes]
    for step in range(4):
        turns[:, thigh + step] = quaternion_from_matrix(np.swapaxes(world[step], -1, -2) @ world[step + 1])
