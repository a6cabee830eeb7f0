"""The pictures of a page: every column, heat picture and plane, frame by frame, within a bound of bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from stylebridge.compare.agreement import Agreement
from stylebridge.compare.columns import Column
from stylebridge.compare.moments import Moment
from stylebridge.frame import ColorPlane
from stylebridge.imaging import encode_jpeg, opencv, resize_image
from stylebridge.recording.exporters.pictures import Scales, picture_from_plane, scales_from_frames

MAX_BYTES = 13 << 20  # of base64; a page that opens in a second and can be sent by mail
MAX_WIDTH = 1280
QUALITIES = (90, 84, 78, 72, 66, 60, 54, 48, 42)
SLACK = 1.05
PNG_COST = 1.5  # times the JPEG that would do instead
PLANES = {"depth": "Depth", "motion": "Motion"}


@dataclass
class Reel:
    """One choice of the page's menus: a picture for every frame, by its number in the pool."""

    title: str
    kind: str  # game, column, heat or plane
    indices: list[int] = field(default_factory=list)  # -1 where there is none
    trouble: str = ""


class Album:
    """Keeps the pictures in a pool, equal ones once; heat pictures sharp where that costs little."""

    def __init__(
        self, columns: Sequence[Column], agreement: Agreement, frames: int, max_bytes: int = MAX_BYTES
    ) -> None:
        self.pool: list[str] = []
        self.game = Reel("Game", "game")
        self.columns = [Reel(column.title, "column") for column in columns]
        self.heats = [Reel(f"Difference: {pair.title}", "heat") for pair in agreement.pairs]
        self.planes = {plane: Reel(title, "plane") for plane, title in PLANES.items()}
        self.quality = QUALITIES[0]
        self.shrunk = ""
        self._scale = 1.0
        self._agreement = agreement
        self._frames, self._max_bytes = frames, max_bytes
        self._scales: Scales | None = None
        self._bytes = 0
        self._known: dict[bytes, int] = {}

    def look(self, moment: Moment) -> None:
        """Keep this moment's pictures."""
        pictures = self._pictures(moment)
        if not moment.number:
            self._choose(list(pictures), (moment.frame.width, moment.frame.height))
        for reel, picture in pictures:
            reel.indices.append(-1 if picture is None else self._add(picture, reel))
        if self._bytes > SLACK * self._max_bytes * (moment.number + 1) / self._frames:
            self.quality = max(min(QUALITIES), self.quality - 6)

    def reels(self) -> list[Reel]:
        """What can be looked at, in the menus' order; planes that no frame has are left out."""
        found = [self.game, *self.columns, *self.heats, *self.planes.values()]
        return [reel for reel in found if reel.kind == "column" or any(index >= 0 for index in reel.indices)]

    def _pictures(self, moment: Moment) -> list[tuple[Reel, ColorPlane | None]]:
        frame = moment.frame
        self._scales = self._scales or scales_from_frames([frame])
        found: list[tuple[Reel, ColorPlane | None]] = [(self.game, frame.rgb)]
        found += zip(self.columns, moment.pictures, strict=True)
        found += zip(self.heats, self._agreement.heats, strict=True)
        for plane, reel in self.planes.items():
            picture = picture_from_plane(frame, plane, self._scales)
            half = (max(1, frame.width // 2), max(1, frame.height // 2))
            found.append((reel, None if picture is None else resize_image(picture, half)))
        return found

    def _choose(self, pictures: Sequence[tuple[Reel, ColorPlane | None]], size: tuple[int, int]) -> None:
        """The quality, and where that isn't enough the size, with which all frames fit, judged by the first."""
        self._scale = min(1.0, MAX_WIDTH / size[0])
        allowed = self._max_bytes / self._frames
        while True:
            for self.quality in QUALITIES:
                if self._total(pictures) <= allowed:
                    break
            else:
                if self._scale > 0.25:
                    self._scale *= 0.75
                    continue
            break
        if self._scale < 1:
            self.shrunk = f"pictures are shown at {round(size[0] * self._scale)}x{round(size[1] * self._scale)}"

    def _total(self, pictures: Sequence[tuple[Reel, ColorPlane | None]]) -> int:
        unique = {self._encoded(picture, reel) for reel, picture in pictures if picture is not None}
        return sum(len(data) for data in unique) * 4 // 3

    def _add(self, picture: ColorPlane, reel: Reel) -> int:
        data = self._encoded(picture, reel)
        key = hashlib.blake2b(data, digest_size=16).digest()
        if key not in self._known:
            kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
            text = f"data:image/{kind};base64," + base64.b64encode(data).decode()
            self._bytes += len(text)
            self._known[key] = len(self.pool)
            self.pool.append(text)
        return self._known[key]

    def _encoded(self, picture: ColorPlane, reel: Reel) -> bytes:
        if self._scale < 1 and reel.kind in ("game", "column"):
            height, width = picture.shape[:2]
            picture = resize_image(picture, (max(1, round(width * self._scale)), max(1, round(height * self._scale))))
        jpeg = encode_jpeg(picture, self.quality)
        if reel.kind == "heat":
            png = _png(picture)
            return png if len(png) < PNG_COST * len(jpeg) else jpeg
        return jpeg


def _png(picture: ColorPlane) -> bytes:
    """Without loss: single pixels keep their colour."""
    cv2 = opencv()
    return bytes(cv2.imencode(".png", cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR))[1])
