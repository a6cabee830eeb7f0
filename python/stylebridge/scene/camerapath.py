"""Camera paths: where a camera was while somebody played, kept as JSON lines and played back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from stylebridge.errors import InputError
from stylebridge.files import write_bytes
from stylebridge.scene.cameras import FOV_Y_DEG, Hero
from stylebridge.scene.snapshot import Matrix
from stylebridge.scene.viewing import look_at

MAX_PATH_BYTES, MAX_PATH_KEYS = 1 << 26, 1 << 18


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One moment of a recorded path."""

    t: float
    view: Annotated[list[float], msgspec.Meta(min_length=12, max_length=12)]  # first three rows, row by row
    fov: Annotated[float, msgspec.Meta(gt=1, lt=170)] = FOV_Y_DEG


@dataclass(slots=True)
class CameraPath:
    """A camera path as a list of keys with rising times."""

    keys: list[Key] = field(default_factory=list)

    def add(self, simulation_s: float, view: Matrix, fov_y_deg: float) -> None:
        """Remember where a camera is; while the game's clock stands, only once."""
        if self.keys and round(simulation_s, 6) <= self.keys[-1].t:
            return
        if len(self.keys) >= MAX_PATH_KEYS:
            self.keys = self.keys[::2]  # half as fine, and still the whole way
        rows = [round(float(number), 6) for number in view[:3].reshape(-1)]  # [3,4] -> [12]
        self.keys.append(Key(t=round(simulation_s, 6), view=rows, fov=fov_y_deg))

    def save(self, path: Path) -> None:
        """Write the path as JSON lines."""
        write_bytes(path, b"\n".join(msgspec.json.encode(key) for key in self.keys) + b"\n")


def read_path(path: Path) -> CameraPath:
    """Read a recorded path; every line is checked."""
    try:
        if path.stat().st_size > MAX_PATH_BYTES:
            raise InputError(f"{path.stat().st_size} bytes", expected=f"at most {MAX_PATH_BYTES}", where=path)
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", expected="a camera path", where=path) from error
    if not 1 <= len(lines) <= MAX_PATH_KEYS:
        raise InputError(f"{len(lines)} lines", expected=f"1 to {MAX_PATH_KEYS}", where=path)
    decoder = msgspec.json.Decoder(Key)
    keys: list[Key] = []
    for number, line in enumerate(lines, start=1):
        try:
            keys.append(decoder.decode(line))
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            do = "record one with: stylebridge play --save-path FILE"
            raise InputError(str(error), expected="a camera's key", do=do, where=f"{path}:{number}") from error
        if len(keys) > 1 and keys[-1].t <= keys[-2].t:
            found = f"time {keys[-1].t} after {keys[-2].t}"
            raise InputError(found, expected="rising times", where=f"{path}:{number}")
        if not _is_view(keys[-1].view):
            raise InputError("a view that isn't a turn and a shift", where=f"{path}:{number}")
    return CameraPath(keys)


class Recorded:
    """A recorded path by the clock alone; it starts over at its end."""

    def __init__(self, path: CameraPath) -> None:
        self._times = np.array([key.t for key in path.keys]) - path.keys[0].t
        rows = np.array([key.view for key in path.keys]).reshape(-1, 3, 4)  # [K,12] -> [K,3,4]
        self._turns = rows[:, :, :3]
        self._eyes = -np.einsum("kij,ki->kj", self._turns, rows[:, :, 3])  # eye = -R^T t
        self._fovs = np.array([key.fov for key in path.keys])
        self._at_s = 0.0

    def advance(self, dt: float, hero: Hero, simulation_s: float) -> None:
        """Take the clock over."""
        length = float(self._times[-1])
        self._at_s = simulation_s % length if length > 0 else 0.0

    def view(self) -> tuple[Matrix, float]:
        """Between the two keys around now."""
        after = int(np.clip(np.searchsorted(self._times, self._at_s, side="right"), 1, max(1, len(self._times) - 1)))
        before, after = after - 1, min(after, len(self._times) - 1)
        span = float(self._times[after] - self._times[before])
        share = (self._at_s - float(self._times[before])) / span if span else 0.0
        eye = self._eyes[before] * (1 - share) + self._eyes[after] * share
        _, up, back = self._turns[before] * (1 - share) + self._turns[after] * share
        fov = float(self._fovs[before] * (1 - share) + self._fovs[after] * share)
        return look_at(eye, eye - back, up), fov


def _is_view(numbers: Sequence[float]) -> bool:
    rows = np.array(numbers).reshape(3, 4)  # [12] -> [3,4]
    turn = rows[:, :3]
    finite = bool(np.isfinite(rows).all()) and float(np.abs(rows[:, 3]).max()) < 1e6
    return finite and bool(np.allclose(turn @ turn.T, np.eye(3), atol=1e-3)) and float(np.linalg.det(turn)) > 0
