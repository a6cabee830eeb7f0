"""Motion: the clips that the characters play, joined without a jolt, and the way their roots take."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.clips.library import library
from stylebridge.scene.characters.clips.performance import CLIP_HZ
from stylebridge.scene.characters.matching import (
    Search,
    foresee,
    foresee_heading,
    haste,
    query_of,
    turning_haste,
)
from stylebridge.scene.characters.rotations import (
    Array,
    Flags,
    Indices,
    blend,
    conjugate,
    dot,
    multiply,
    normalize,
    quaternion_from_vector,
    turn_plane,
    vector_from_quaternion,
    wrap,
)
from stylebridge.scene.characters.springs import chase, decay, limit, share_in

SEARCH_S = 0.13
_BLEND_HALF_LIFE_S = 0.085
_SHARP_MPS, _SHARP_RAD = 0.6, 0.5  # changes of mind that don't wait for the next search
_STAND_S, _REST_S = 1.5, 60.0  # standing still for so long, one takes up one of the ways to rest; until its clip ends
_LEASH_M = 0.35  # between where a character should be and where its steps took it


class Motion:
    """The state of N characters; positions are in the world, heading 0 looks along x."""

    def __init__(self, places: Array, headings: Array, sizes: Array) -> None:
        self.library = library()
        self._search = Search(self.library)
        count = len(places)
        self.sizes = sizes  # [N] leg length over the library's
        self.root = np.array(places, np.float64)
        self.heading = np.array(headings, np.float64)
        self.velocity = np.zeros((count, 2))  # that the root really had in the last step
        self._rests = self.library.rests()
        self._next_rest = np.arange(count)
        self._still_s = np.zeros(count)
        self.frame = self._rests[self._next_rest % len(self._rests)].astype(np.float64)
        self._goal_place = self.root.copy()
        self._goal_velocity = np.zeros((count, 2))
        self._goal_push = np.zeros((count, 2))
        self._facing = self.heading.copy()
        self._facing_spin = np.zeros(count)
        self._until_search = SEARCH_S * np.arange(count) / max(count, 1)
        self._last_wish = np.zeros((count, 2))
        self._last_facing = self.heading.copy()
        frame = self.frame.astype(np.int64)
        self.turns = self.library.turns[frame].copy()  # [N,J,4] as shown, the hips' turn from the root's heading
        self.hips = self.library.hips[frame].copy()
        self._turn_speed = np.zeros((*self.turns.shape[:2], 3))
        self._hips_speed = np.zeros((count, 3))
        self._turn_offset, self._turn_offset_speed = self._turn_speed.copy(), self._turn_speed.copy()
        self._hips_offset, self._hips_offset_speed = self._hips_speed.copy(), self._hips_speed.copy()

    @property
    def leaping(self) -> Flags:
        """[N] in a jump that is played to its end."""
        return self.library.leaping[self.frame.astype(np.int64)]

    @property
    def airborne(self) -> Flags:
        """[N] off the ground."""
        return self.library.airborne[self.frame.astype(np.int64)]

    @property
    def planted(self) -> Flags:
        """[N,2] the feet that rest on the ground in the clip."""
        return self.library.planted[self.frame.astype(np.int64)] > 0.5

    def clip(self, character: int) -> str:
        """The name of the clip that a character plays."""
        return self.library.names[int(self.library.label[int(self.frame[character])])]

    def step(self, dt: float, wish: Array, facing: Array, jump: Flags) -> None:
        """Move on by dt towards wished velocities [N,2] and headings [N]."""
        leaping = self.leaping
        wish = np.where(leaping[:, None], self.velocity, wish)
        facing = np.where(leaping, self.heading, facing)
        self._follow_wish(dt, wish, facing)
        self._switch(dt, wish, facing, jump & ~leaping)
        self._play(dt)
        self._walk(dt)

    def displace(self, root: Array) -> None:
        """Put the roots elsewhere, as walls do."""
        moved = root - self.root
        self._goal_place += moved
        self.root = root

    def _follow_wish(self, dt: float, wish: Array, facing: Array) -> None:
        moved, self._goal_velocity, self._goal_push = chase(
            self._goal_velocity, self._goal_push, wish, haste(wish - self._goal_velocity), dt
        )
        self._goal_place = self._goal_place + moved
        turn = wrap(self._facing - facing)
        off, self._facing_spin = decay(turn, self._facing_spin, turning_haste(turn), dt)
        self._facing = facing + off

    def _switch(self, dt: float, wish: Array, facing: Array, jump: Flags) -> None:
        self._until_search -= dt
        frame = self.frame.astype(np.int64)
        ending = self.library.left[frame] <= 2 + int(dt * CLIP_HZ)
        still = (dot(wish, wish) < 0.01) & (dot(self.velocity, self.velocity) < 0.0025) & ~jump
        still &= np.abs(wrap(facing - self.heading)) < 0.3
        self._still_s = np.where(still, self._still_s + dt, 0.0)
        sharp = np.sqrt(dot(wish - self._last_wish, wish - self._last_wish)) > _SHARP_MPS
        sharp |= np.abs(wrap(facing - self._last_facing)) > _SHARP_RAD
        due = (self._until_search <= 0.0) | sharp | jump | ending
        due &= ~self.leaping | ending
        rows = np.flatnonzero(due)
        if not rows.size:
            return
        self._until_search[rows] = SEARCH_S
        self._last_wish[rows], self._last_facing[rows] = wish[rows], facing[rows]
        query = self._query(rows, frame[rows], wish[rows], facing[rows])
        chosen = self._search.best(query, np.where(ending[rows], -1, frame[rows]), jump[rows])
        bored = still[rows] & (ending[rows] | (self._still_s[rows] > _STAND_S))
        self._next_rest[rows] += bored
        chosen = np.where(bored, self._rests[self._next_rest[rows] % len(self._rests)], chosen)
        self._still_s[rows] = np.where(bored, -_REST_S, self._still_s[rows])
        switched = chosen != frame[rows]
        self._join(rows[switched], chosen[switched])

    def _query(self, rows: Indices, frame: Indices, wish: Array, facing: Array) -> Array:
        size = self.sizes[rows, None]
        behind = limit(self._goal_place[rows] - self.root[rows], _LEASH_M)
        trail = foresee(self._goal_velocity[rows], self._goal_push[rows], wish) + behind[:, None]
        directions = foresee_heading(wrap(self._facing[rows] - facing), self._facing_spin[rows], facing)
        return query_of(self.library, frame, self.heading[rows], trail / size[..., None], directions)

    def _join(self, rows: Indices, frames: Indices) -> None:
        """Go on from other frames; what is different now fades out with the speed it had."""
        clips = self.library
        turns, hips = clips.turns[frames], clips.hips[frames]
        turn_speed = vector_from_quaternion(multiply(clips.turns[frames + 1], conjugate(turns))) * CLIP_HZ
        hips_speed = (clips.hips[frames + 1] - hips) * CLIP_HZ
        self._turn_offset[rows] = vector_from_quaternion(multiply(self.turns[rows], conjugate(turns)))
        self._turn_offset_speed[rows] = self._turn_speed[rows] - turn_speed
        self._hips_offset[rows] = self.hips[rows] - hips
        self._hips_offset_speed[rows] = self._hips_speed[rows] - hips_speed
        self.frame[rows] = frames

    def _play(self, dt: float) -> None:
        clips = self.library
        before = self.frame.astype(np.int64)
        size = self.sizes[:, None]
        self._stride = turn_plane(clips.velocity[before] * size, self.heading) * dt
        self._spin = clips.spin[before] * dt
        self.frame = np.minimum(self.frame + dt * CLIP_HZ, before + clips.left[before])
        now = self.frame.astype(np.int64)
        after = now + np.minimum(clips.left[now], 1)
        share = (self.frame - now)[:, None]
        turns = blend(clips.turns[now], clips.turns[after], share[..., None])
        hips = clips.hips[now] * (1.0 - share) + clips.hips[after] * share
        self._turn_offset, self._turn_offset_speed = decay(
            self._turn_offset, self._turn_offset_speed, _BLEND_HALF_LIFE_S, dt
        )
        self._hips_offset, self._hips_offset_speed = decay(
            self._hips_offset, self._hips_offset_speed, _BLEND_HALF_LIFE_S, dt
        )
        turns = normalize(multiply(quaternion_from_vector(self._turn_offset), turns))
        hips = hips + self._hips_offset
        self._turn_speed = vector_from_quaternion(multiply(turns, conjugate(self.turns))) / dt
        self._hips_speed = (hips - self.hips) / dt
        self.turns, self.hips = turns, hips

    def _walk(self, dt: float) -> None:
        """Take the clip's step, bent towards where the wish would be by as much as the feet can hide."""
        pace = np.sqrt(dot(self._stride, self._stride))
        behind = self._goal_place - self.root - self._stride
        bent = limit(behind * share_in(0.18, dt), 0.30 * pace)
        root = self.root + self._stride + np.where(self.airborne[:, None], 0.0, bent)
        self.velocity = (root - self.root) / dt
        self.root = root
        self._goal_place = root + limit(self._goal_place - root, _LEASH_M)
        resting = dot(self._goal_velocity, self._goal_velocity) < 0.05**2
        self._goal_place = np.where(resting[:, None], root, self._goal_place)
        self._goal_place = np.where(self.leaping[:, None], root, self._goal_place)
        turn = wrap(self._facing - self.heading - self._spin) * share_in(0.16, dt)
        most = np.minimum(0.10 + 1.2 * pace / dt, 1.6) * dt + 0.35 * np.abs(self._spin)
        self.heading = wrap(self.heading + self._spin + np.clip(turn, -most, most))
