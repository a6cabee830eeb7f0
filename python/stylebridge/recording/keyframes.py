"""Keyframes: the few frames of a recording that stand for all of it, to be painted for few-shot training.

Every frame is described by how its colours and edges lie, by its depths and by what is seen in it. The frames chosen
are those from which no frame is far: first each the farthest from those before it, then moved to the middle of what
they stand for as long as the mean distance shrinks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import opencv, resize_image
from stylebridge.recording.export import frames_ahead
from stylebridge.recording.exporters.floatfiles import png
from stylebridge.recording.exporters.pictures import color_from_ids
from stylebridge.recording.exporters.staging import filling
from stylebridge.recording.exporters.video import evenly

if TYPE_CHECKING:
    from stylebridge.recording import Recording

Vectors = NDArray[np.float32]

MAX_CANDIDATES = 600
GRID, SMALL = 8, (128, 96)  # cells a side of the colour layout; the size in which edges are looked for
EDGE_GRID, DIRECTIONS = 4, 8
DEPTH_BINS, ID_BINS = 24, 64
WEIGHTS = {"color": 1.0, "edges": 0.7, "depth": 0.5, "ids": 0.7, "time": 0.15}
CLEAR = {"color": 0.7, "edges": 0.5, "depth": 0.25, "ids": 0.25}  # a distance that is a real difference, per part
FLAT = 3.0  # standard deviation of grey below which a frame shows nothing: a loading screen, a fade
ROUNDS = 50
_NEAR_M, _FAR_M = 0.1, 1000.0


@dataclass(frozen=True, slots=True)
class Keyframes:
    """The frames chosen, in the order of the recording, and how well they stand for it.

    Distances have no unit: 1 is how far two frames of this recording lie apart on average. `even` are the figures of
    as many frames spread evenly. `largest_gap` is the largest part of the recording between two chosen frames.
    """

    numbers: tuple[int, ...]
    shares: tuple[float, ...]  # of the recording, that each one stands for
    mean_distance: float
    max_distance: float
    even_mean_distance: float
    even_max_distance: float
    largest_gap: float
    candidates: int

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "keyframes": [{"number": n, "share": s} for n, s in zip(self.numbers, self.shares, strict=True)],
            "mean_distance": self.mean_distance,
            "max_distance": self.max_distance,
            "even": {"mean_distance": self.even_mean_distance, "max_distance": self.even_max_distance},
            "largest_gap": self.largest_gap,
            "candidates": self.candidates,
        }


def find_keyframes(
    recording: Recording, numbers: Sequence[int], count: int, progress: Callable[[int], None] | None = None
) -> Keyframes:
    """The `count` frames that cover the chosen ones best; of a long recording, every so many frames are looked at."""
    looked_at = evenly(numbers, MAX_CANDIDATES)
    if count > len(looked_at):
        raise InputError(f"{count} keyframes", expected=f"at most the {len(looked_at)} frames", where=recording.path)
    planes = ("color", "depth", "ids")
    parts: dict[str, list[Vectors]] = {name: [] for name in ("color", "edges", "depth", "ids")}
    flat = np.zeros(len(looked_at), np.bool_)
    for place, (_, frame) in enumerate(frames_ahead(recording, looked_at, planes)):
        for name, vector in describe(frame).items():
            parts[name].append(vector)
        flat[place] = float(frame.rgb.std()) < FLAT
        if progress is not None:
            progress(place + 1)
    vectors = joined({name: np.stack(rows) for name, rows in parts.items()})
    return _keyframes(looked_at, vectors, flat, count)


def describe(frame: Frame) -> dict[str, Vectors]:
    """What a frame looks like, as vectors that are near where frames are alike."""
    cv2 = opencv()
    lab = cv2.cvtColor(resize_image(np.ascontiguousarray(frame.rgb), (GRID, GRID)), cv2.COLOR_RGB2LAB)
    return {
        "color": lab.astype(np.float32).ravel() / 255,
        "edges": _edges(frame),
        "depth": _depths(frame),
        "ids": _ids(frame),
    }


def joined(parts: dict[str, Vectors]) -> Vectors:
    """One row per frame, [N,D]; each part matters as its weight says, or less where it hardly ever changes."""
    count = len(next(iter(parts.values())))
    columns = [np.linspace(0, 1, count, dtype=np.float32)[:, None] * np.sqrt(6) * WEIGHTS["time"]]
    for name, rows in parts.items():
        spread = float(np.sqrt(2 * rows.var(axis=0).sum()))  # the root mean square distance of two rows
        columns.append(rows * np.float32(WEIGHTS[name] / max(spread, CLEAR[name])))
    vectors = np.concatenate(columns, axis=1)
    whole = float(np.sqrt(2 * vectors.var(axis=0).sum()))
    return np.asarray(vectors / (whole or 1.0), dtype=np.float32)


def choose(distances: NDArray[np.float32], count: int, eligible: NDArray[np.bool_]) -> list[int]:
    """The rows that cover all rows best, by [N,N] distances; only eligible ones are taken."""
    allowed = np.flatnonzero(eligible)
    chosen = [int(allowed[distances[:, allowed].mean(axis=0).argmin()])]
    while len(chosen) < count:
        nearest = distances[:, chosen].min(axis=1)
        nearest[~eligible] = -1
        nearest[chosen] = -1
        chosen.append(int(nearest.argmax()))
    for _ in range(ROUNDS):
        owner = np.asarray(chosen)[distances[:, chosen].argmin(axis=1)]
        moved = [_middle(distances, np.flatnonzero(owner == center), eligible, center) for center in chosen]
        if moved == chosen or len(set(moved)) < count or _cost(distances, moved) >= _cost(distances, chosen):
            break
        chosen = moved
    return sorted(chosen)


def _middle(distances: NDArray[np.float32], members: NDArray[np.intp], eligible: NDArray[np.bool_], center: int) -> int:
    allowed = members[eligible[members]]
    return int(allowed[distances[np.ix_(members, allowed)].mean(axis=0).argmin()]) if len(allowed) else center


def _cost(distances: NDArray[np.float32], chosen: Sequence[int]) -> float:
    return float(distances[:, list(chosen)].min(axis=1).mean())


def _keyframes(looked_at: Sequence[int], vectors: Vectors, flat: NDArray[np.bool_], count: int) -> Keyframes:
    squares = np.square(vectors).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * vectors @ vectors.T, 0))
    np.fill_diagonal(distances, 0)
    eligible = ~flat if (~flat).sum() >= count else np.ones_like(flat)
    chosen = choose(distances, count, eligible)
    even = evenly(range(len(looked_at)), count) if count > 1 else [len(looked_at) // 2]
    owner = distances[:, chosen].argmin(axis=1)
    places = np.concatenate([[0], chosen, [len(looked_at) - 1]])
    whole = max(1, len(looked_at) - 1)
    return Keyframes(
        numbers=tuple(looked_at[place] for place in chosen),
        shares=tuple(round(float((owner == index).mean()), 4) for index in range(count)),
        mean_distance=round(_cost(distances, chosen), 4),
        max_distance=round(float(distances[:, chosen].min(axis=1).max()), 4),
        even_mean_distance=round(_cost(distances, even), 4),
        even_max_distance=round(float(distances[:, even].min(axis=1).max()), 4),
        largest_gap=round(float(np.diff(places).max()) / whole, 4),
        candidates=len(looked_at),
    )


def _edges(frame: Frame) -> Vectors:
    """How strong edges of each direction are in each cell."""
    cv2 = opencv()
    grey = cv2.cvtColor(resize_image(np.ascontiguousarray(frame.rgb), SMALL), cv2.COLOR_RGB2GRAY).astype(np.float32)
    x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    direction = (np.degrees(np.arctan2(y, x)) % 180 / 180 * DIRECTIONS).astype(np.intp) % DIRECTIONS
    rows, columns = (np.arange(side) * EDGE_GRID // side for side in grey.shape)
    cell = rows[:, None] * EDGE_GRID + columns
    found = np.bincount((cell * DIRECTIONS + direction).ravel(), np.hypot(x, y).ravel(), EDGE_GRID**2 * DIRECTIONS)
    return np.asarray(np.sqrt(found / grey.size), dtype=np.float32)


def _depths(frame: Frame) -> Vectors:
    """How much lies at which distance, near ones told apart more finely."""
    if frame.depth is None:
        return np.zeros(DEPTH_BINS, np.float32)
    depth = np.clip(np.nan_to_num(frame.depth[::2, ::2], nan=_FAR_M, posinf=_FAR_M), _NEAR_M, _FAR_M)
    found, _ = np.histogram(np.log(depth), DEPTH_BINS, (np.log(_NEAR_M), np.log(_FAR_M)))
    return np.asarray(np.sqrt(found / depth.size), dtype=np.float32)


def _ids(frame: Frame) -> Vectors:
    """How much each thing covers; what there are more of than bins share one."""
    if frame.ids is None:
        return np.zeros(ID_BINS, np.float32)
    ids = frame.ids[::2, ::2]
    mixed = (ids * np.uint32(0x9E3779B1)) >> np.uint32(26)  # six bits: ID_BINS
    return np.asarray(np.sqrt(np.bincount(mixed.ravel(), minlength=ID_BINS) / ids.size), dtype=np.float32)


def write_keyframes(recording: Recording, keyframes: Keyframes, out: Path, *, force: bool = False) -> list[Path]:
    """The keyframes as PNG; where the game tells things apart, also a colour for each and a mask of all but the sky."""
    written: list[Path] = []
    with filling(out, force=force) as staging:
        for number in keyframes.numbers:
            frame = recording.read(number, ("color", "ids"))
            pictures: dict[str, NDArray[np.uint8]] = {"frame": frame.rgb}
            if frame.ids is not None:
                pictures["ids"] = color_from_ids(frame.ids)
                pictures["mask"] = (frame.ids != 0).astype(np.uint8) * np.uint8(255)
            for kind, picture in pictures.items():
                name = f"{kind}_{number:06d}.png"
                (staging / name).write_bytes(png(picture))
                written.append(out / name)
        (staging / "keyframes.json").write_text(json.dumps(keyframes.as_dict(), indent=2) + "\n", encoding="utf-8")
    return [*written, out / "keyframes.json"]
