"""Posture: how hips, spine, head and arms are carried through a stride, a stop or a jump."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.clips.paths import GRAVITY, Path, duty, run_share, smooth, soften
from stylebridge.scene.characters.clips.scripts import Script
from stylebridge.scene.characters.rotations import (
    Array,
    about,
    conjugate,
    multiply,
    quaternion_from_vector,
    vector_from_quaternion,
)
from stylebridge.scene.characters.skeleton import ARM_SPREAD_RAD

HEIGHT_M = 0.958  # of the hips when standing
_TURN = 2.0 * np.pi


@dataclass(frozen=True, slots=True, eq=False)
class Posture:
    """What the feet don't decide, over the frames [F]."""

    sway: Array  # [F,2] of the hips from the root
    height: Array  # [F] that the hips would like
    turns: Mapping[str, Array]  # joint -> [F,4] local quaternions


@dataclass(frozen=True, slots=True, eq=False)
class _Beat:
    """The stride at each frame [F], and how strongly it is felt."""

    time_s: Array
    angle: Array  # phase as an angle; 0 when the left foot lands
    middle: Array  # angle from the middle of the left stance
    speed: Array
    walk: Array  # 0 to 1
    run: Array
    calm: Array  # 1 when standing
    rate: Array  # of turning, rad/s
    push: Array  # forward acceleration
    akimbo: Array  # 0 to 1
    jump: Mapping[str, Array]  # crouch, flight, landing: 0 to 1


def posture_of(script: Script, path: Path, time_s: Array) -> Posture:
    """The posture for a script."""
    beat = _beat_of(script, path, time_s)
    turns: dict[str, Array] = {}
    bank = -0.75 * np.arctan2(beat.speed * beat.rate, GRAVITY)
    shift = _weight_shift(script, beat)
    _carry_trunk(turns, script, path, beat, bank, shift)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _carry_arm(turns, beat, side, sign)
    lateral = (0.024 * beat.walk + 0.012 * beat.run) * np.cos(beat.middle) + shift
    sway = np.stack([0.012 * beat.speed * beat.run + 0.02 * beat.push, lateral - np.sin(bank) * 0.8], axis=-1)
    sway[:, 0] -= 0.06 * beat.jump["crouch"]
    bob = -0.016 * beat.walk * np.cos(2.0 * (beat.angle - 0.3)) - 0.034 * beat.run * np.cos(2.0 * beat.middle)
    height = HEIGHT_M - 0.008 * beat.walk - (0.035 + 0.006 * beat.speed) * beat.run + bob - 0.25 * shift**2
    height -= 0.27 * beat.jump["crouch"] + 0.20 * beat.jump["landing"] + 0.02 * beat.jump["flight"]
    height -= 0.02 * np.clip(np.abs(beat.rate) - 0.5, 0.0, 2.0) * (1.0 - beat.calm)
    return Posture(sway, height, turns)


def _beat_of(script: Script, path: Path, time_s: Array) -> _Beat:
    speed, phase = path.at(time_s, path.speed), path.at(time_s, path.phase)
    activity = path.at(time_s, path.activity)
    vigour = np.clip(speed / 1.3, 0.25, 1.15) * activity
    run = run_share(soften(speed, 3.0)) * activity
    rate = np.gradient(path.at(time_s, path.heading), time_s)
    jump = {name: np.zeros_like(time_s) for name in ("crouch", "flight", "landing", "reach")}
    if path.flight is not None:
        lift, land = path.flight
        deep = 1.0 if script.jump == "standing" else 0.35
        before, after = time_s - lift, time_s - land
        jump["crouch"] = deep * smooth((before + 0.44) / 0.26) * (1.0 - smooth((before + 0.19) / 0.18))
        jump["flight"] = smooth((before + 0.03) / 0.12) * (1.0 - smooth((after + 0.08) / 0.14))
        jump["landing"] = (0.35 + 0.65 * deep) * smooth((after + 0.02) / 0.13) * (1.0 - smooth((after - 0.14) / 0.38))
        jump["reach"] = smooth((before + 0.16) / 0.22) * (1.0 - smooth((after + 0.16) / 0.42))
    return _Beat(
        time_s=time_s,
        angle=_TURN * phase,
        middle=_TURN * (phase - 0.5 * duty(speed)),
        speed=speed,
        walk=vigour * (1.0 - run_share(speed)),
        run=run,
        calm=1.0 - activity,
        rate=soften(rate, 3.0),
        push=np.clip(soften(np.gradient(speed, time_s), 2.0), -4.0, 4.0) * np.cos(script.course_rad),
        akimbo=smooth((time_s - 0.8) / 0.7) * (1.0 - smooth((time_s - 6.3) / 0.7)) * float(script.mood == 2),
        jump=jump,
    )


def _weight_shift(script: Script, beat: _Beat) -> Array:
    """Metres to the left that a standing person's hips wander."""
    lean_m, period_s, reach_m = ((0.022, 5.1, 0.010), (-0.018, 6.7, 0.014), (0.0, 7.3, 0.042))[script.mood]
    wave = np.sin(_TURN * beat.time_s / period_s)
    return beat.calm * (lean_m + reach_m * (wave if script.mood < 2 else np.tanh(2.5 * wave)))


def _carry_trunk(turns: dict[str, Array], script: Script, path: Path, beat: _Beat, bank: Array, shift: Array) -> None:
    breath = np.sin(_TURN * beat.time_s / 3.7)
    swing = np.cos(beat.angle)
    yaw = -(0.09 * beat.walk + 0.13 * beat.run) * swing
    chest_yaw = (0.08 * beat.walk + 0.17 * beat.run) * swing
    roll = (0.045 * beat.walk + 0.05 * beat.run) * np.cos(beat.middle) + 0.9 * shift + bank
    ahead = max(0.0, float(np.cos(script.course_rad)))
    lean = (0.02 * beat.speed + 0.10 * beat.run) * ahead + 0.028 * beat.push + 0.012
    lean = lean + 0.50 * beat.jump["crouch"] + 0.28 * beat.jump["landing"] + 0.03 * beat.jump["flight"]
    tilt = 0.45 * lean + 0.02 * beat.run * np.cos(2.0 * beat.middle)
    hips = _yaw_pitch_roll(yaw, tilt, roll)
    turns["hips"] = hips
    chest = _yaw_pitch_roll(chest_yaw, lean + 0.012 * breath * beat.calm, 0.55 * bank - 0.25 * shift)
    between = vector_from_quaternion(multiply(conjugate(hips), chest))
    for joint, share in (("waist", 0.3), ("ribs", 0.38), ("chest", 0.32)):
        turns[joint] = quaternion_from_vector(between * share)
    gaze, nod = _gaze(script, path, beat)
    head = _yaw_pitch_roll(gaze, nod + 0.12 * lean, 0.2 * bank)
    between = vector_from_quaternion(multiply(conjugate(chest), head))
    turns["neck"], turns["head"] = quaternion_from_vector(between * 0.42), quaternion_from_vector(between * 0.58)


def _gaze(script: Script, path: Path, beat: _Beat) -> tuple[Array, Array]:
    """Where the head points from the root's heading: into the coming turn, or around when there is time."""
    coming = path.at(beat.time_s + 0.35, path.heading) - path.at(beat.time_s, path.heading)
    gaze = np.clip(soften(coming, 4.0), -0.8, 0.8) * 0.75
    nod = 0.05 * beat.run + 0.02
    t = beat.time_s
    if script.mood == 1:
        when_s, where = (0.0, 1.0, 1.6, 3.0, 3.8, 5.4, 6.2, 7.0), (0.0, 0.0, 0.75, 0.65, -0.6, -0.7, 0.1, 0.0)
        gaze = gaze + soften(np.interp(t, when_s, where), 4.0)
        nod = nod + 0.10 * soften(np.interp(t, (3.6, 4.2, 5.2, 5.8), (0.0, 1.0, 1.0, 0.0)), 3.0)
    drift = 0.05 * np.sin(0.9 * t + script.mood) * beat.calm
    return gaze + drift, nod + 0.15 * beat.jump["crouch"] - 0.10 * beat.jump["flight"]


def _carry_arm(turns: dict[str, Array], beat: _Beat, side: str, sign: float) -> None:
    """`sign` is 1 for the left arm; it swings against its own leg, and all angles mean the same on both sides."""
    breath = np.sin(_TURN * beat.time_s / 3.7)
    swing = -sign * np.cos(beat.angle + 0.12)
    crouch, reach, landing = beat.jump["crouch"], beat.jump["reach"], beat.jump["landing"]
    stride = 0.42 * beat.walk * swing + beat.run * (0.72 * swing - 0.18)
    quiet = 1.0 - np.clip(reach + crouch, 0.0, 1.0)
    forward = stride * quiet + 0.04 - 0.75 * crouch + (1.5 - 0.35 * beat.run) * reach + 0.35 * landing
    aside = 0.13 + 0.05 * beat.run + 0.45 * reach + 0.22 * landing + 0.10 * crouch + 0.01 * breath * beat.calm
    inward = beat.run * (0.10 + 0.12 * swing) * quiet + 0.12
    elbow = 0.22 + 0.10 * beat.calm + 0.14 * beat.walk * (1.0 + swing) + beat.run * (1.25 + 0.28 * swing)
    elbow = elbow * (1.0 - 0.45 * reach) + 0.30 * landing + 0.06 * np.sin(0.7 * beat.time_s + sign) * beat.calm
    if beat.akimbo.any() and sign > 0.0:  # the left hand on the hip
        aside, inward = aside + 0.72 * beat.akimbo, inward + 1.40 * beat.akimbo
        forward, elbow = forward - 0.12 * beat.akimbo, elbow + 1.35 * beat.akimbo
    lift = 0.02 * breath * beat.calm + 0.22 * reach
    turns[f"{side}_clavicle"] = multiply(about(2, -sign * 0.10 * stride), about(0, sign * lift))
    hang = about(0, sign * (aside - ARM_SPREAD_RAD))  # from the bind pose to hanging
    down, out = np.cos(ARM_SPREAD_RAD), np.sin(ARM_SPREAD_RAD)
    twist = quaternion_from_vector((sign * inward)[:, None] * np.array([0.0, sign * out, -down]))
    turns[f"{side}_upper_arm"] = multiply(about(1, -forward), multiply(hang, twist))
    hinge = np.array([0.0, -down, -sign * out])
    turns[f"{side}_forearm"] = quaternion_from_vector(elbow[:, None] * hinge)
    turns[f"{side}_hand"] = quaternion_from_vector((0.10 + 0.08 * beat.run)[:, None] * hinge)


def _yaw_pitch_roll(yaw: Array, pitch: Array, roll: Array) -> Array:
    return multiply(about(2, yaw), multiply(about(1, pitch), about(0, roll)))
