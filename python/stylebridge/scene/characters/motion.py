"""Motion: the clips that the characters play, when they change them, and the way their roots take."""

from __future__ import annotations

import numpy as np

from stylebridge.scene.characters.blending import Blend
from stylebridge.scene.characters.clips.library import library
from stylebridge.scene.characters.clips.performance import CLIP_HZ
from stylebridge.scene.characters.intent import Intent
from stylebridge.scene.characters.matching import Search, query_of
from stylebridge.scene.characters.rotations import Array, Flags, Indices, blend, dot, turn_plane, wrap
from stylebridge.scene.characters.springs import limit, share_in

_SEARCH_S = 0.13
_SHARP_MPS, _SHARP_RAD = 0.6, 0.5  # changes of mind that don't wait for the next search
_STAND_S = 1.5  # after which somebody who stands takes up one of the ways to rest, and plays it to its end
_BEND = 0.30  # of a step's length, by which it may be bent towards the intent


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
        self._intent = Intent(self.root, self.heading)
        self._until_search = _SEARCH_S * np.arange(count) / max(count, 1)  # not all in one step
        self._searched_wish, self._searched_facing = np.zeros((count, 2)), self.heading.copy()
        self._rests = self.library.rests()
        self._next_rest = np.arange(count)
        self._still_s = np.zeros(count)
        self.frame = self._rests[self._next_rest % len(self._rests)].astype(np.float64)
        self.pose = Blend(self.library.turns[self._now], self.library.hips[self._now])

    @property
    def leaping(self) -> Flags:
        """[N] in a jump that is played to its end."""
        return self.library.leaping[self._now]

    @property
    def airborne(self) -> Flags:
        """[N] off the ground."""
        return self.library.airborne[self._now]

    @property
    def planted(self) -> Flags:
        """[N,2] the feet that rest on the ground in the clip."""
        return self.library.planted[self._now]

    def clip(self, character: int) -> str:
        """The name of the clip that a character plays."""
        return self.library.names[int(self.library.label[int(self.frame[character])])]

    def step(self, dt: float, wish: Array, facing: Array, jump: Flags) -> None:
        """Move on by dt towards wished velocities [N,2] and headings [N]."""
        leaping = self.leaping
        wish = np.where(leaping[:, None], self.velocity, wish)
        facing = np.where(leaping, self.heading, facing)
        self._intent.follow(dt, wish, facing)
        self._switch(dt, wish, facing, jump & ~leaping)
        stride, spin = self._play(dt)
        self._walk(dt, stride, spin)

    def displace(self, root: Array, dt: float) -> None:
        """Put the roots elsewhere within a step, as walls do."""
        moved = root - self.root
        self._intent.place = self._intent.place + moved
        self.velocity = self.velocity + moved / dt
        self.root = root

    @property
    def _now(self) -> Indices:
        return self.frame.astype(np.int64)

    def _switch(self, dt: float, wish: Array, facing: Array, jump: Flags) -> None:
        """Search for those whose turn it is, who changed their mind, or whose clip ends; join what is found."""
        self._until_search -= dt
        frame = self._now
        ending = self.library.left[frame] <= 2 + int(dt * CLIP_HZ)
        still = self._still(wish, facing) & ~jump
        self._still_s = np.where(still, self._still_s + dt, 0.0)
        changed = wish - self._searched_wish
        sharp = dot(changed, changed) > _SHARP_MPS**2
        sharp |= np.abs(wrap(facing - self._searched_facing)) > _SHARP_RAD
        due = (((self._until_search <= 0.0) | sharp | jump) & ~self.leaping) | ending
        rows = np.flatnonzero(due)
        if not rows.size:
            return
        self._until_search[rows] = _SEARCH_S
        self._searched_wish[rows], self._searched_facing[rows] = wish[rows], facing[rows]
        trail = self._intent.trail(rows, self.root[rows], wish[rows]) / self.sizes[rows, None, None]
        directions = self._intent.directions(rows, facing[rows])
        query = query_of(self.library, frame[rows], self.heading[rows], trail, directions)
        chosen = self._search.best(query, np.where(ending[rows], -1, frame[rows]), jump[rows])
        chosen = self._rest(rows, chosen, still[rows] & (ending[rows] | (self._still_s[rows] > _STAND_S)))
        self._join(rows[chosen != frame[rows]], chosen[chosen != frame[rows]])

    def _still(self, wish: Array, facing: Array) -> Flags:
        still: Flags = (dot(wish, wish) < 0.1**2) & (dot(self.velocity, self.velocity) < 0.05**2)
        still &= np.abs(wrap(facing - self.heading)) < 0.3
        return still

    def _rest(self, rows: Indices, chosen: Indices, bored: Flags) -> Indices:
        """Another way to stand around for those who are bored, in turn."""
        self._next_rest[rows] += bored
        self._still_s[rows] = np.where(bored, -np.inf, self._still_s[rows])  # until they move, or the clip ends
        return np.where(bored, self._rests[self._next_rest[rows] % len(self._rests)], chosen)

    def _join(self, rows: Indices, frames: Indices) -> None:
        clips = self.library
        pose, next_pose = ((clips.turns[at], clips.hips[at]) for at in (frames, frames + 1))
        self.pose.join(rows, pose, next_pose, 1.0 / CLIP_HZ)
        self.frame[rows] = frames

    def _play(self, dt: float) -> tuple[Array, Array]:
        """Go on in the clips; returns the steps [N,2] and turns [N] that their roots take."""
        clips, before = self.library, self._now
        stride = turn_plane(clips.velocity[before] * self.sizes[:, None], self.heading) * dt
        spin = clips.spin[before] * dt
        self.frame = np.minimum(self.frame + dt * CLIP_HZ, before + clips.left[before])
        now = self._now
        after = now + np.minimum(clips.left[now], 1)
        share = (self.frame - now)[:, None]
        turns = blend(clips.turns[now], clips.turns[after], share[..., None])
        self.pose.show(dt, turns, clips.hips[now] * (1.0 - share) + clips.hips[after] * share)
        return stride, spin

    def _walk(self, dt: float, stride: Array, spin: Array) -> None:
        """Take the clip's step, bent towards the intent by as much as the feet can hide."""
        pace = np.sqrt(dot(stride, stride))
        bent = limit((self._intent.place - self.root - stride) * share_in(0.18, dt), _BEND * pace)
        moved = stride + np.where(self.airborne[:, None], 0.0, bent)
        self.root = self.root + moved
        self.velocity = moved / dt
        self._intent.tether(self.root, self.leaping)
        turn = wrap(self._intent.facing - self.heading - spin) * share_in(0.16, dt)
        most = np.minimum(0.10 + 1.2 * pace / dt, 1.6) * dt + 0.35 * np.abs(spin)
        self.heading = wrap(self.heading + spin + np.clip(turn, -most, most))
