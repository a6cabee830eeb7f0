"""Planes as pictures that people can read: depth and motion in colours, ids apart from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import ColorPlane, FloatPlane, Frame, IdPlane
from stylebridge.imaging import opencv

_LEAST_SPAN_M = 1e-3
_LEAST_MOTION_PX = 0.5  # below, noise would look like motion
_PERCENT = 98.0  # of the values fit the scale; a few far outliers may not darken all others


@dataclass(frozen=True, slots=True)
class Scales:
    """What the ends of the colour scales stand for; one for a whole recording, so that its frames compare."""

    near_m: float = 0.1
    far_m: float = 100.0
    motion_px: float = 10.0

    def __str__(self) -> str:
        return f"{self.near_m:.3g} to {self.far_m:.3g} m, {self.motion_px:.3g} px"


def scales_from_frames(frames: Sequence[Frame]) -> Scales:
    """Scales that fit these frames."""
    plain = Scales()
    depths = [_sample(frame.depth) for frame in frames if frame.depth is not None]
    lengths = [_sample(np.hypot(*np.moveaxis(frame.motion, 2, 0))) for frame in frames if frame.motion is not None]
    depth = np.concatenate([np.zeros(0), *depths])
    depth = depth[np.isfinite(depth) & (depth > 0)]
    near, far = np.percentile(depth, (100 - _PERCENT, _PERCENT)) if depth.size else (plain.near_m, plain.far_m)
    length = np.concatenate([np.zeros(0), *lengths])
    length = length[np.isfinite(length)]
    motion = float(np.percentile(length, _PERCENT)) if length.size else plain.motion_px
    return Scales(float(near), float(max(far, near + _LEAST_SPAN_M)), max(motion, _LEAST_MOTION_PX))


def picture_from_plane(frame: Frame, plane: str, scales: Scales) -> ColorPlane | None:
    """One plane as [H,W,3] RGB bytes; None when the frame doesn't have it."""
    if getattr(frame, plane) is None:
        return None
    if frame.depth is not None and plane == "depth":
        return color_from_depth(frame.depth, scales)
    if frame.motion is not None and plane == "motion":
        return color_from_motion(frame.motion, scales.motion_px)
    if frame.normals is not None and plane == "normals":
        return np.asarray(np.clip(np.nan_to_num(frame.normals) * 127.5 + 128, 0, 255), dtype=np.uint8)
    if frame.ids is not None and plane == "ids":
        return color_from_ids(frame.ids)
    if frame.occlusion is not None and plane == "occlusion":
        return np.repeat(frame.occlusion[:, :, None].astype(np.uint8) * 255, 3, axis=2)
    return np.ascontiguousarray(frame.rgb)


def color_from_depth(depth_m: FloatPlane, scales: Scales) -> ColorPlane:
    """Near is bright; equal steps of colour are equal ratios of depth. What has no depth is black."""
    cv2 = opencv()
    near, far = np.log(max(scales.near_m, 1e-6)), np.log(max(scales.far_m, 2e-6))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (far - np.log(depth_m)) / (far - near)
    levels = np.clip(np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=0.0) * 239 + 16, 16, 255).astype(np.uint8)
    picture = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_MAGMA), cv2.COLOR_BGR2RGB)
    picture[~(np.isfinite(depth_m) & (depth_m > 0))] = 0
    return np.asarray(picture, dtype=np.uint8)


def color_from_motion(motion: FloatPlane, full_px: float) -> ColorPlane:
    """Hue is direction, as on a colour wheel with red to the right; strength is length, white stands still."""
    x, y = np.nan_to_num(motion[:, :, 0]), np.nan_to_num(motion[:, :, 1])
    hsv = np.empty((*x.shape, 3), np.float32)
    hsv[:, :, 0] = np.degrees(np.arctan2(y, x)) % 360
    hsv[:, :, 1] = np.minimum(np.hypot(x, y) / max(full_px, 1e-6), 1)
    hsv[:, :, 2] = 1
    cv2 = opencv()
    return np.asarray(np.rint(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255), dtype=np.uint8)


def color_from_ids(ids: IdPlane) -> ColorPlane:
    """Every id its own colour, always the same one; 0 is black."""
    mixed = ids * np.uint32(0x9E3779B1)  # neighbours come out far apart
    mixed ^= mixed >> np.uint32(15)
    hsv = np.empty((*ids.shape, 3), np.float32)
    hsv[:, :, 0] = (mixed & np.uint32(0xFFFF)).astype(np.float32) * (360 / 65536)
    hsv[:, :, 1] = 0.45 + (mixed >> np.uint32(16) & np.uint32(0xFF)).astype(np.float32) * (0.4 / 255)
    hsv[:, :, 2] = (0.6 + (mixed >> np.uint32(24)).astype(np.float32) * (0.4 / 255)) * (ids != 0)
    cv2 = opencv()
    return np.asarray(np.rint(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255), dtype=np.uint8)


def _sample(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Some thousands of the values, spread evenly."""
    flat = values.ravel()
    return flat[:: max(1, flat.size // 5000)]
