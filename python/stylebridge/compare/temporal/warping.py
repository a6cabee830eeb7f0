"""Pictures carried along by motion: the one before as this frame sees it, and paths over several frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import FloatPlane, Frame, MaskPlane
from stylebridge.imaging import opencv

How = Literal["nearest", "linear", "cubic"]
FORTH_ROUNDS = 1  # a second one mends nothing that can be measured, as things move on much as they moved before
MAX_MISS = 0.7  # pixels
DEPTH_SHARE = 0.1  # of the distance; what comes nearer faster than that from frame to frame is taken for hidden
TORN_PX = 0.5  # vectors side by side that differ by twice as much belong to different things
PATIENCE = 3  # frames without motion after which a stream is taken to have none at all
HOW_TO_GET_MOTION = "estimate it: add ?motion=dis to the source, or record with stylebridge capture --flow dis"


def grid(height: int, width: int) -> FloatPlane:
    """The position of each pixel, [H,W,2] as (x, y); shared, so not to be written to."""
    return _grid(height, width)


@lru_cache(maxsize=8)
def _grid(height: int, width: int) -> FloatPlane:
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    positions = np.stack(np.meshgrid(columns, rows), axis=2)
    positions.setflags(write=False)
    return positions


def sample(plane: NDArray[Any], positions: FloatPlane, how: How = "linear") -> NDArray[Any]:
    """The plane at these positions, [H,W,2] as (x, y); beyond its edge, what the edge shows."""
    cv2 = opencv()
    ways = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}
    seen = plane.view(np.uint8) if plane.dtype == np.bool_ else plane
    found = cv2.remap(seen, positions, None, ways[how], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found.view(np.bool_) if plane.dtype == np.bool_ and how == "nearest" else found)


def inside(positions: FloatPlane) -> MaskPlane:
    """Where positions lie within the picture; NaN doesn't."""
    height, width = positions.shape[:2]
    return _within(positions, (-0.5, -0.5), (width - 0.5, height - 0.5))


def _within(vectors: FloatPlane, low: tuple[float, float], high: tuple[float, float]) -> MaskPlane:
    return np.asarray(opencv().inRange(vectors, low, high), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Step:
    """From a frame back to another: where each pixel was, and whether it was seen there."""

    positions: FloatPlane  # [H,W,2] in the other frame
    seen: MaskPlane

    def warp(self, plane: NDArray[Any], how: How = "linear") -> NDArray[Any]:
        """The other frame's plane as this frame sees it."""
        return sample(plane, self.positions, how)

    def after(self, earlier: Step) -> Step:
        """This step and then another one from where it ends: a path over both."""
        height, width = self.seen.shape
        here = grid(height, width)
        # The displacement is looked up, not the position, which doesn't end at the edge of the picture.
        away = earlier.positions - here
        further = sample(away, self.positions)
        # At an outline a mean of what a thing does and what is behind it does would lead astray.
        nearest = sample(away, self.positions, "nearest")
        torn = ~_within(opencv().absdiff(further, nearest), (0.0, 0.0), (TORN_PX, TORN_PX))
        further[torn] = nearest[torn]
        seen = self.seen & sample(earlier.seen, self.positions, "nearest")
        positions = self.positions + further
        return Step(positions, seen & inside(positions))


def step_back(frame: Frame, before: Frame | None = None) -> Step:
    """From a frame that has motion to the one before it.

    Where the game doesn't say what was hidden, the depth of the frame before does, if both have one; where it was only
    estimated, the depth has a say as well.
    """
    if frame.motion is None:
        raise InputError("the frame has no motion", do=HOW_TO_GET_MOTION, where=f"frame {frame.clock.frame_id}")
    positions = grid(frame.height, frame.width) + frame.motion
    seen = inside(positions)
    if not np.isfinite(positions).all():
        positions = np.where(np.isfinite(positions), positions, np.float32(0))
    if frame.occlusion is not None:
        seen &= ~frame.occlusion
    if before is not None and (frame.occlusion is None or "occlusion" in frame.estimated):
        seen &= _same_depth(frame, before, positions)
    return Step(positions, seen)


def step_forth(frame: Frame, after: Frame) -> Step:
    """From a frame to the one after it, which says where its pixels came from and not where they went to.

    Looked for by going ahead, seeing from where that place came, and mending the miss; the first guess is that things
    move on as they moved before.
    """
    if after.motion is None:
        raise InputError("the frame has no motion", do=HOW_TO_GET_MOTION, where=f"frame {after.clock.frame_id}")
    here = grid(frame.height, frame.width)
    motion = finite(after.motion)
    positions = here - (motion if frame.motion is None else finite(frame.motion))
    for _ in range(FORTH_ROUNDS):
        positions = here - sample(motion, positions)
    miss = positions + sample(motion, positions) - here
    seen = (_squared(miss) < MAX_MISS**2) & inside(positions)
    if after.occlusion is not None:
        seen &= ~sample(after.occlusion, positions, "nearest")
    # What comes slowly before something else is missed by less than MAX_MISS; its depth gives it away.
    return Step(positions, seen & _same_depth(frame, after, positions))


def finite(motion: FloatPlane) -> FloatPlane:
    """Motion that leads somewhere: what isn't a number stands still."""
    return motion if np.isfinite(motion).all() else np.nan_to_num(motion, nan=0.0, posinf=0.0, neginf=0.0)


def _squared(vectors: FloatPlane) -> FloatPlane:
    x, y = vectors[:, :, 0], vectors[:, :, 1]
    return np.asarray(x * x + y * y, dtype=np.float32)


def _same_depth(frame: Frame, other: Frame, positions: FloatPlane) -> MaskPlane | bool:
    """Where the other frame shows something about as far away; everywhere if depth isn't known."""
    if frame.depth is None or other.depth is None:
        return True
    there = sample(other.depth, positions, "nearest")  # between a thing and the sky there is no depth
    with np.errstate(invalid="ignore"):  # the sky may be infinitely far
        near = np.abs(there - frame.depth) <= DEPTH_SHARE * frame.depth
    return np.asarray(near | (np.isinf(there) & np.isinf(frame.depth)), dtype=np.bool_)


def depth_around(frame: Frame) -> tuple[FloatPlane, FloatPlane] | None:
    """The nearest and the farthest depth about each pixel, if the frame has any."""
    if frame.depth is None:
        return None
    cv2, around = opencv(), np.ones((5, 5), np.uint8)
    return np.asarray(cv2.erode(frame.depth, around)), np.asarray(cv2.dilate(frame.depth, around))


def same_place(
    frame: Frame,
    around: tuple[FloatPlane, FloatPlane] | None,
    positions: FloatPlane,
    where: MaskPlane,
) -> NDArray[np.float32]:
    """How well a depth `around` there in the other frame fits, 0 to 1, for the pixels in `where`.

    At an outline either side fits: it may have moved by a pixel. Outside the picture nothing does.
    """
    within = inside(positions)[where].astype(np.float32)
    if frame.depth is None or around is None:
        return within
    last = np.array((frame.width - 1, frame.height - 1), dtype=np.float32)
    x, y = np.clip(np.rint(positions[where]), 0, last).astype(np.intp).T
    depth = frame.depth[where]
    nearest, farthest = (plane[y, x] for plane in around)
    with np.errstate(invalid="ignore", divide="ignore"):
        miss = np.maximum(np.maximum(nearest - depth, depth - farthest), 0) / (DEPTH_SHARE * depth)
    miss = np.where((depth >= nearest) & (depth <= farthest), 0, np.nan_to_num(miss, nan=9.0, posinf=9.0, neginf=9.0))
    return np.asarray(within * np.exp(-np.square(miss)), dtype=np.float32)


class Continuity:
    """Tells whether a frame follows the one before it, so that its motion leads there.

    It doesn't after a cut, a gap in the frame ids, a change of size, game or camera, or where the source left the
    motion out. A stream without any motion is refused once that is clear.
    """

    def __init__(self) -> None:
        self._before: Frame | None = None
        self._without = 0
        self.had_motion = False
        self.cuts = 0

    def follows(self, frame: Frame) -> bool:
        """Whether this frame's motion leads to the frame that was asked about last."""
        before, self._before = self._before, frame
        self.had_motion |= frame.motion is not None
        self._without += not self.had_motion
        if self._without >= PATIENCE:
            raise InputError("the frames have no motion", do=HOW_TO_GET_MOTION, where=f"frame {frame.clock.frame_id}")
        follows = before is not None and frame.motion is not None and _next_to(before, frame)
        self.cuts += before is not None and not follows
        return follows

    def reset(self) -> None:
        """The next frame follows nothing."""
        self._before = None


def _next_to(before: Frame, frame: Frame) -> bool:
    same = (before.session, before.camera.name, before.width, before.height) == (
        frame.session,
        frame.camera.name,
        frame.width,
        frame.height,
    )
    gap = frame.clock.frame_id - before.clock.frame_id not in (0, 1)  # 0: frames that nobody numbered
    cut = frame.occlusion is not None and bool(frame.occlusion.all())
    return same and not gap and not cut
