"""A recording as folders of files, one per plane: PNG, .flo, EXR, and what is known of each frame as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stylebridge.frame import Frame
from stylebridge.recording.export import Progress, about_frame, folders_of, frames_ahead, frames_before, planes_in
from stylebridge.recording.exporters.floatfiles import (
    FAR,
    NO_DEPTH,
    depth_unit_m,
    flo_from_motion,
    levels_from_depth,
    levels_from_ids,
    levels_from_normals,
    openexr,
    png,
    write_exr,
)
from stylebridge.recording.exporters.staging import filling

if TYPE_CHECKING:
    from stylebridge.recording import Recording

FloatsAs = Literal["png", "exr"]
FLOW = "flow"  # the folder of the motion plane, as data sets call it
NARROW_IDS = 1 << 16


@dataclass(frozen=True, slots=True)
class Form:
    """How the planes are stored; one for the whole export."""

    floats: FloatsAs
    unit_m: float  # of depth PNGs
    wide_ids: bool  # ids beyond 16 bits

    def as_dict(self, planes: Sequence[str]) -> dict[str, Any]:
        """What a reader needs to know, by folder."""
        exr = self.floats == "exr"
        forms: dict[str, dict[str, Any]] = {
            "color": {"file": "png", "channels": "RGB or RGBA, 8 bits, sRGB"},
            "depth": {"file": "exr", "channels": "Z: metres"}
            if exr
            else {
                "file": "png",
                "channels": "16 bits",
                "metres_per_level": self.unit_m,
                "none": NO_DEPTH,
                "farther": FAR,
            },
            "motion": {"file": "flo", "channels": "x, y: pixels from this frame back to the one before"},
            "normals": {"file": "exr", "channels": "X, Y, Z"}
            if exr
            else {"file": "png", "channels": "RGB, 16 bits: 0 is -1, 65535 is 1"},
            "ids": {"file": "png", "channels": "RGBA, 8 bits: R + 256 G + 65536 B + 16777216 A"}
            if self.wide_ids
            else {"file": "png", "channels": "16 bits"},
            "occlusion": {"file": "png", "channels": "8 bits: 255 where the frame before doesn't show it"},
        }
        return {FLOW if name == "motion" else name: forms[name] for name in planes}


def export_folder(
    recording: Recording,
    numbers: Sequence[int],
    out: Path,
    *,
    planes: Sequence[str] = (),
    floats: FloatsAs = "png",
    force: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the frames; the folder is filled whole or not at all. Gives what was written, as plain values."""
    planes = planes_in(recording, numbers, planes)
    if floats == "exr" and {"depth", "normals"} & set(planes):
        openexr()
    with filling(out, force=force) as staging:
        form = _form(recording, numbers, planes, floats)
        folders, before = folders_of(recording, numbers), frames_before(recording)
        lines: dict[str, list[str]] = {folder: [] for folder in folders.values()}
        for done, (number, frame) in enumerate(frames_ahead(recording, numbers, planes), start=1):
            folder = folders[recording.stream_of(number).channel]
            _write_planes(staging / folder, f"{number:06d}", frame, planes, form)
            lines[folder].append(json.dumps(about_frame(recording, number, frame, before.get(number))))
            if progress is not None:
                progress(done)
        for folder, about in lines.items():
            (staging / folder / "frames.jsonl").write_text("\n".join(about) + "\n", encoding="utf-8")
        report = {
            "recording": recording.path.name,
            "frames": len(numbers),
            "planes": form.as_dict(planes),
            "folders": {folder or ".": len(about) for folder, about in lines.items()},
        }
        (staging / "export.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return report


def _form(recording: Recording, numbers: Sequence[int], planes: Sequence[str], floats: FloatsAs) -> Form:
    """What holds every frame's depth and ids; reads these two planes of all frames."""
    measured = [name for name in planes if name == "ids" or (name == "depth" and floats == "png")]
    farthest, most = 0.0, 0
    for _, frame in frames_ahead(recording, numbers if measured else (), measured):
        if frame.depth is not None:
            finite = frame.depth[np.isfinite(frame.depth)]
            farthest = max(farthest, float(finite.max(initial=0)))
        if frame.ids is not None:
            most = max(most, int(frame.ids.max()))
    return Form(floats, depth_unit_m(farthest), most >= NARROW_IDS)


def _write_planes(folder: Path, name: str, frame: Frame, planes: Sequence[str], form: Form) -> None:
    for plane in planes:
        if getattr(frame, plane) is None:
            continue
        place = folder / (FLOW if plane == "motion" else plane)
        place.mkdir(parents=True, exist_ok=True)
        if form.floats == "exr" and plane in ("depth", "normals"):
            write_exr(place / f"{name}.exr", _channels(frame, plane))
        elif plane == "motion" and frame.motion is not None:
            (place / f"{name}.flo").write_bytes(flo_from_motion(frame.motion))
        else:
            (place / f"{name}.png").write_bytes(png(_pixels(frame, plane, form)))


def _pixels(frame: Frame, plane: str, form: Form) -> np.ndarray:
    if plane == "depth" and frame.depth is not None:
        return levels_from_depth(frame.depth, form.unit_m)
    if plane == "normals" and frame.normals is not None:
        return levels_from_normals(frame.normals)
    if plane == "ids" and frame.ids is not None:
        return levels_from_ids(frame.ids, wide=form.wide_ids)
    if plane == "occlusion" and frame.occlusion is not None:
        return frame.occlusion.astype(np.uint8) * np.uint8(255)
    return frame.color


def _channels(frame: Frame, plane: str) -> dict[str, np.ndarray]:
    if plane == "normals" and frame.normals is not None:
        return {axis: frame.normals[:, :, index] for index, axis in enumerate("XYZ")}
    return {"Z": frame.depth} if frame.depth is not None else {}
