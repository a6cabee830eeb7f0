"""A plane in any form that the wire knows, written by the plainest means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stylebridge.wire.layout import ColorSpace, Dtype, Layout, Order, Plane, PlaneFields, Rows
from stylebridge.wire.planetable import lay_out

NUMBERS = {"u8": "|u1", "u16": "<u2", "u32": "<u4", "f16": "<f2", "f32": "<f4"}
_WORDS = {np.dtype(number).str: word for word, number in NUMBERS.items()}


@dataclass(frozen=True)
class WireForm:
    """An array, [H,W] or [H,W,C], top row first, R first, and how it is to be sent."""

    array: NDArray[Any]
    plane: str = "color"
    layout: str = "hwc"
    rows: str = "top"
    order: str = "rgb"
    color_space: str = ""
    padding: int = 0  # values behind each row
    scale: tuple[float, float] = (1.0, 1.0)

    def data(self) -> bytes:
        """The bytes, row by row; the padding is 0xAB so that it is seen where it doesn't belong."""
        pixels = self.array if self.array.ndim == 3 else self.array[:, :, None]  # [H,W] -> [H,W,1]
        if self.rows == "bottom":
            pixels = pixels[::-1]
        if self.order == "bgr":
            pixels = np.dstack(
                [pixels[:, :, 2], pixels[:, :, 1], pixels[:, :, 0], *np.moveaxis(pixels[:, :, 3:], 2, 0)]
            )
        filler = b"\xab" * (self.padding * self.array.itemsize)
        sheets = [pixels] if self.layout == "hwc" else [pixels[:, :, c] for c in range(pixels.shape[2])]
        return b"".join(np.ascontiguousarray(row).tobytes() + filler for sheet in sheets for row in sheet)

    def fields(self) -> PlaneFields:
        channels = self.array.shape[2] if self.array.ndim == 3 else 1
        width, item = self.array.shape[1], self.array.itemsize
        space = self.color_space or ("srgb" if self.plane == "color" else "data")
        return PlaneFields(
            plane=Plane[self.plane.upper()],
            dtype=Dtype[_WORDS[self.array.dtype.str].upper()],
            channels=channels,
            layout=Layout[self.layout.upper()],
            rows=Rows[self.rows.upper()],
            color_space=ColorSpace[space.upper()],
            order=Order[self.order.upper()],
            codec=0,
            checksum_kind=0,
            stride=width * item * (channels if self.layout == "hwc" else 1) + self.padding * item,
            offset=0,
            length=len(self.data()),
            checksum=0,
            scale_x=self.scale[0],
            scale_y=self.scale[1],
            reserved=0,
        )


def planes_of(forms: Sequence[WireForm]) -> tuple[tuple[PlaneFields, ...], list[NDArray[np.uint8]]]:
    """The planes' entries and their bytes."""
    parts = [np.frombuffer(form.data(), np.uint8) for form in forms]
    return lay_out([form.fields() for form in forms]), parts
