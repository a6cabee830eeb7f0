"""How far apart two pictures are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError


@dataclass(frozen=True)
class Difference:
    """Two pictures on a 0–255 scale, compared value by value."""

    psnr_db: float  # infinite for equal pictures
    mean_levels: float
    max_levels: float

    def as_json(self) -> dict[str, float | None]:
        """Plain numbers; an infinite PSNR is null."""
        psnr = round(self.psnr_db, 3) if np.isfinite(self.psnr_db) else None
        return {"psnr_db": psnr, "mean_levels": round(self.mean_levels, 5), "max_levels": round(self.max_levels, 5)}


def difference(a: NDArray[Any], b: NDArray[Any]) -> Difference:
    """Compare two arrays of one shape, bytes or floats on a 0–255 scale."""
    if a.shape != b.shape:
        raise InputError(f"pictures of shape {list(a.shape)} and {list(b.shape)}", expected="one shape")
    apart = np.abs(a.astype(np.float32) - b.astype(np.float32))
    mean_square = float(np.mean(np.square(apart), dtype=np.float64))
    return Difference(psnr_from_mean_square(mean_square), float(apart.mean()), float(apart.max()))


def psnr_from_mean_square(mean_square: float) -> float:
    """Peak signal-to-noise ratio in dB for a mean squared error on a 0–255 scale."""
    return float(10 * np.log10(255**2 / mean_square)) if mean_square > 0 else float("inf")
