"""Library: every clip performed once, laid end to end as frames, and described by what the search compares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.characters.clips.performance import CLIP_HZ, Performance, perform
from stylebridge.scene.characters.clips.scripts import scripts
from stylebridge.scene.characters.rotations import (
    Array,
    Flags,
    Indices,
    about,
    matrix_from_quaternion,
    multiply,
    turn_plane,
)
from stylebridge.scene.characters.skeleton import FEET, forward, mirror

AHEAD_S = (1.0 / 3.0, 2.0 / 3.0, 1.0)  # where the trajectory is compared
POSE_WIDTH = 15  # feet's places and velocities, the hips' velocity; the trajectory follows
_GROUPS = (  # name, width, weight
    ("feet places", 6, 0.85),
    ("feet velocities", 6, 1.0),
    ("hips velocity", 3, 1.0),
    ("trajectory places", 6, 1.15),
    ("trajectory directions", 6, 1.35),
)
_ENTRY_S = (0.46, 0.14)  # before the feet leave the ground: where a jump can be joined
_LANDED_S = 0.22


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Frames [F] of all clips at CLIP_HZ."""

    names: tuple[str, ...]
    label: Indices  # [F] which name fits: a start's end is a walk like any other
    left: Indices  # [F] frames until the clip's last one
    turns: Array  # [F,J,4] local quaternions
    hips: Array  # [F,3] from the root, along its heading
    velocity: Array  # [F,2] of the root, along its heading
    spin: Array  # [F] rad/s
    planted: Flags  # [F,2]
    leaping: Flags  # [F] belongs to a jump that must be played to its end
    airborne: Flags  # [F] both feet off the ground in a jump
    entry: Flags  # [F] a jump may begin here
    raw: Array  # [F,27] features in metres and metres per second
    features: Array  # [F,27] normalised and weighted
    center: Array  # [27]
    scale: Array  # [27] raw to normalised

    def normalized(self, raw: Array) -> Array:
        """Features that can be compared with `features`."""
        return (raw - self.center) * self.scale

    def rests(self) -> Indices:
        """The first frames of the clips that show somebody who has nothing to do, the liveliest first."""
        names = [name for name in self.names if name.startswith("idle")]
        firsts = np.flatnonzero(np.diff(self.left, prepend=0) > 0)
        found = [firsts[self.label[firsts] == self.names.index(name)] for name in sorted(names, reverse=True)]
        return np.concatenate([each[self.left[each] > 5 * CLIP_HZ] for each in found])


@cache
def library() -> Library:
    """The library; it takes about a second to perform, once a process."""
    parts: dict[str, list[NDArray[Any]]] = {}
    labels: list[str] = []
    for script in scripts():
        performance = perform(script)
        for take in (performance, _flipped(performance)):
            keep = _kept(take)
            labels += [label for label, kept in zip(_labels(take), keep, strict=True) if kept]
            for name, frames in _frames_of(take).items():
                parts.setdefault(name, []).append(frames[keep])
            parts.setdefault("left", []).append(np.arange(keep.sum())[::-1])
    names = tuple(sorted(set(labels)))
    whole: dict[str, NDArray[Any]] = {name: np.concatenate(frames) for name, frames in parts.items()}
    whole["label"] = np.array([names.index(label) for label in labels])
    raw = whole["raw"]
    center = raw.mean(axis=0)
    scale = np.empty(raw.shape[1])
    first = 0
    for _, width, weight in _GROUPS:
        group = slice(first, first + width)
        scale[group] = weight / np.sqrt(np.mean(raw[:, group].var(axis=0)))
        first += width
    return Library(names, **whole, features=(raw - center) * scale, center=center, scale=scale)


def _flipped(take: Performance) -> Performance:
    side = np.array([1.0, -1.0, 1.0])
    return Performance(
        script=take.script,
        time_s=take.time_s,
        root=take.root * side[:2],
        heading=-take.heading,
        hips=take.hips * side,
        turns=mirror(take.turns),
        planted=take.planted[:, ::-1],
        flight=take.flight,
    )


def _kept(take: Performance) -> Flags:
    """The take without lead and tail; a jump begins where it can be joined, or walks would run into it."""
    first = -1e-6 if take.flight is None else take.flight[0] - _ENTRY_S[0]
    return (take.time_s > first) & (take.time_s < take.script.seconds - 1e-6)


def _frames_of(take: Performance) -> dict[str, NDArray[Any]]:
    time_s = take.time_s
    velocity = turn_plane(np.diff(take.root, axis=0, append=take.root[-1:]), -take.heading) * CLIP_HZ
    spin = np.diff(take.heading, append=take.heading[-1:]) * CLIP_HZ
    lift, land = take.flight or (np.inf, np.inf)
    leaping = (time_s > lift - _ENTRY_S[0]) & (time_s < land + _LANDED_S)
    return {
        "turns": take.turns,
        "hips": take.hips,
        "velocity": velocity,
        "spin": spin,
        "planted": take.planted,
        "leaping": leaping,
        "airborne": (time_s > lift) & (time_s < land),
        "entry": leaping & (time_s < lift - _ENTRY_S[1]),
        "raw": _features(take),
    }


def _labels(take: Performance) -> list[str]:
    """What each frame shows: the script's name, or plain walking or standing before and after what it is about."""
    speed = np.sqrt(np.sum(np.gradient(take.root, take.time_s, axis=0) ** 2, axis=-1))
    steady = np.abs(np.gradient(speed, take.time_s)) < 0.4
    straight = np.abs(np.gradient(take.heading, take.time_s)) < 0.15
    still = take.planted.all(axis=-1) & (speed < 0.05) & straight
    begun = np.cumsum((take.time_s > 0.0) & ~(still & straight)) > 0
    whole = not take.script.name.endswith(("-start", "-stop", "-turn", "turn")) and take.flight is None
    land = take.flight[1] + _LANDED_S if take.flight else -np.inf
    gait = take.script.name in ("walk", "jog", "run")
    labels = []
    for index, moment in enumerate(take.time_s):
        plain = gait or (not whole and moment >= land and steady[index] and straight[index])
        if plain and still[index] and begun[index]:
            labels.append("idle")
        elif plain and speed[index] > 0.5:
            labels.append("walk" if speed[index] < 2.1 else "jog" if speed[index] < 3.2 else "run")
        else:
            labels.append(take.script.name)
    return labels


def _features(take: Performance) -> Array:
    """[F,27] for all frames, lead and tail included; those near the end of the tail see its last moment."""
    turns = matrix_from_quaternion(take.turns)
    turns[:, 0] = matrix_from_quaternion(multiply(about(2, take.heading), take.turns[:, 0]))
    place = np.concatenate([take.root + turn_plane(take.hips[:, :2], take.heading), take.hips[:, 2:]], axis=-1)
    _, joints = forward(turns, place)
    feet = joints[:, FEET]  # [F,2,3]
    from_root = feet - np.concatenate([take.root, np.zeros((len(take.root), 1))], axis=-1)[:, None]
    columns = [_local(from_root, take.heading[:, None]).reshape(-1, 6)]
    columns.append(_local(np.gradient(feet, 1.0 / CLIP_HZ, axis=0), take.heading[:, None]).reshape(-1, 6))
    columns.append(_local(np.gradient(place, 1.0 / CLIP_HZ, axis=0), take.heading))
    later = [np.minimum(np.arange(len(place)) + round(s * CLIP_HZ), len(place) - 1) for s in AHEAD_S]
    columns += [turn_plane(take.root[index] - take.root, -take.heading) for index in later]
    angles = [take.heading[index] - take.heading for index in later]
    columns += [np.stack([np.cos(angle), np.sin(angle)], axis=-1) for angle in angles]
    return np.concatenate(columns, axis=-1)


def _local(vectors: Array, heading: Array) -> Array:
    return np.concatenate([turn_plane(vectors[..., :2], -heading), vectors[..., 2:]], axis=-1)
