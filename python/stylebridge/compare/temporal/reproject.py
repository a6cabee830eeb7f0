"""Temporal upsampling: every Nth frame is stylised, those between are carried there from both sides by their motion."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.temporal.filling import HALO_PX, before_holes, surroundings
from stylebridge.compare.temporal.stylizing import PictureStylizer, shown_by
from stylebridge.compare.temporal.trust import agreement, grey
from stylebridge.compare.temporal.warping import Continuity, Step, depth_around, same_place, step_back, step_forth
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, FloatPlane, Frame, MaskPlane
from stylebridge.imaging import opencv

MAX_EVERY = 16
HALO_WEIGHT = 0.02
_SCALE = 2.0**20  # blendLinear adds 1e-5 to the sum of the weights, which would darken what has little of both
_FILL_WEIGHT = 1.0  # of the surroundings, beside a key that shows something just as far away

Render = Callable[[], Frame]


@dataclass(frozen=True, slots=True)
class Key:
    """A frame that was stylised."""

    frame: Frame
    picture: ColorPlane
    grey: NDArray[np.uint8]  # of the frame
    depths: tuple[FloatPlane, FloatPlane] | None  # the nearest and the farthest about each pixel

    @classmethod
    def of(cls, frame: Frame, picture: ColorPlane) -> Key:
        """What was made of a frame."""
        return cls(frame, picture, grey(frame), depth_around(frame))


@dataclass(slots=True)
class Between:
    """A frame that waits for the next key."""

    frame: Frame
    back: Step  # to the key before
    forth: Step | None = None  # to the next frame, and once that is there, to the next key


class Reprojected:
    """Wraps a stylizer so that it works on every Nth frame only; what is shown is N frames old.

    A frame between two keys is looked up in both, along the composed motion, and crossfaded. What only one of them saw
    is taken from that one, and so is where only one of them shows the light, the water or the sign that the game itself
    shows now; what neither saw comes from what fits its depth and from what surrounds it. After a cut, a gap or a
    change of size the next frame is a key, and so is the last one before; where the inner stylizer fails, frames that
    wait for a key are let go and the next one begins anew.
    """

    def __init__(self, inner: PictureStylizer, every: int = 4) -> None:
        if not 1 <= every <= MAX_EVERY:
            raise InputError(f"every {every} frames", expected=f"1 to {MAX_EVERY}")
        self.inner = inner
        self.every = every
        self.latency_frames = every if every > 1 else 0
        self.name = f"{inner.name} every {every}" if every > 1 else inner.name
        self.keys = 0  # how often the inner stylizer worked
        self.reset()

    def reset(self) -> None:
        """Forget everything, as before the first frame."""
        self._continuity = Continuity()
        self._key: Key | None = None
        self._between: list[Between] = []
        self._waiting: deque[Render] = deque()
        self._calls = 0
        self._held: Frame | None = None

    def __call__(self, frame: Frame) -> Frame:
        """What is shown now: the moment N frames ago, at the start the first one."""
        self._waiting.extend(self._taken(frame))
        self._calls += 1
        if self._held is None or self._calls > self.latency_frames + 1:
            self._held = self._waiting.popleft()()
        return self._held

    def feed(self, frame: Frame) -> Iterator[Frame]:
        """The moments that this frame completes, in order."""
        for render in self._taken(frame):
            yield render()

    def finish(self) -> Iterator[Frame]:
        """The moments that are still missing when no frame comes any more."""
        try:
            renders = [*self._waiting, *self._close()]
        finally:
            self.reset()
        for render in renders:
            yield render()

    def _taken(self, frame: Frame) -> list[Render]:
        try:
            return list(self._take(frame))
        except BaseException:
            self.reset()  # the next frame's motion leads to this one, which nothing is known of
            raise

    def _take(self, frame: Frame) -> Iterator[Render]:
        if not self._continuity.follows(frame) or self._key is None:
            yield from self._close()
            self._key = self._stylise(frame)
            yield _still(self._key)
            return
        before = self._between[-1].frame if self._between else self._key.frame
        if self._between:
            self._between[-1].forth = step_forth(before, frame)
        if len(self._between) + 1 == self.every:
            yield from self._fill_up(self._stylise(frame))
            return
        step = step_back(frame, before)
        self._between.append(Between(frame, step.after(self._between[-1].back) if self._between else step))

    def _close(self) -> Iterator[Render]:
        """Nothing leads on from the last frame: it becomes a key itself."""
        if self._between:
            yield from self._fill_up(self._stylise(self._between.pop().frame))
        self._key = None

    def _fill_up(self, key: Key) -> Iterator[Render]:
        """Everything up to a new key, which takes the place of the old one."""
        before, between = self._key, self._between
        self._key, self._between = key, []
        path: Step | None = None
        for each in reversed(between):
            step = each.forth
            path = step if path is None or step is None else step.after(path)
            each.forth = path
        for number, each in enumerate(between, start=1):
            if before is not None and each.forth is not None:
                yield _mixed(each.frame, (before, each.back), (key, each.forth), number / (len(between) + 1))
        yield _still(key)

    def _stylise(self, frame: Frame) -> Key:
        self.keys += 1
        return Key.of(frame, shown_by(self.inner, frame))


def _still(key: Key) -> Render:
    return lambda: key.frame.with_color(key.picture)


def _mixed(frame: Frame, before: tuple[Key, Step], after: tuple[Key, Step], progress: float) -> Render:
    return lambda: frame.with_color(crossfade(frame, before, after, progress))


def crossfade(frame: Frame, before: tuple[Key, Step], after: tuple[Key, Step], progress: float) -> ColorPlane:
    """The picture of a frame between two keys, `progress` of the way from one to the other."""
    cv2 = opencv()
    pictures = [step.warp(key.picture) for key, step in (before, after)]
    now = grey(frame)
    weights = [
        _weight(step, share) * agreement(now, key.grey, step)
        for (key, step), share in ((before, 1 - progress), (after, progress))
    ]
    mixed = np.asarray(cv2.blendLinear(*pictures, *weights), dtype=np.uint8)
    known = before[1].seen | after[1].seen
    if not known.all():
        _complete(mixed, known, frame, (before, after), (pictures[0], pictures[1]))
    return mixed


def _weight(step: Step, share: float) -> NDArray[np.float32]:
    """How much of a key is shown where; beside what it hid, its pixels have the colour of what hid it in them.

    Such a halo would stay behind as a thin line when the near thing moves on, so it is shown only where the other key
    has nothing better.
    """
    cv2 = opencv()
    seen = step.seen.view(np.uint8)
    # Single pixels, of which outlines are full, hide nothing that would leave a line.
    whole = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    clear = seen & cv2.erode(whole, np.ones((2 * HALO_PX + 1, 2 * HALO_PX + 1), np.uint8))
    levels = np.array((0, HALO_WEIGHT * share, share), dtype=np.float32) * np.float32(_SCALE)
    return np.asarray(levels[seen + clear])


def _complete(
    mixed: ColorPlane,
    known: MaskPlane,
    frame: Frame,
    sides: tuple[tuple[Key, Step], tuple[Key, Step]],
    pictures: tuple[ColorPlane, ColorPlane],
) -> None:
    """What neither key saw: each key by how well the depth fits there, and what surrounds the hole as far away."""
    holes = ~known
    around = known & ~before_holes(frame.depth, holes)
    total = np.full((int(holes.sum()), 1), _FILL_WEIGHT, dtype=np.float32)
    color = surroundings(mixed, around)[holes] * total
    for (key, step), picture in zip(sides, pictures, strict=True):
        fits = same_place(frame, key.depths, step.positions, holes)[:, None]
        color += picture[holes] * fits
        total += fits
    mixed[holes] = np.rint(color / total).astype(np.uint8)
