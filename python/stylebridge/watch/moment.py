"""What flows through the live page: moments of the game, and the pictures that columns show of them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import encode_jpeg

JPEG_QUALITY = 85
PACE_S = 2.0  # how far back frames per second look


class Moment:
    """One frame on its way through the columns; read only if somebody has to work on it."""

    def __init__(self, number: int, load: Callable[[], Frame], captured_ns: int = 0) -> None:
        self.number = number
        self.captured_ns = captured_ns or time.time_ns()
        self._load = load
        self._frame: Frame | None = None
        self._lock = threading.Lock()

    @property
    def frame(self) -> Frame:
        """The frame, read once for all who ask."""
        with self._lock:
            if self._frame is None:
                self._frame = self._load()
            return self._frame


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How much a picture differs from the one before it, carried to its place, in levels of 255."""

    shown: float
    game: float  # the game's own, over the same way


@dataclass(slots=True, eq=False, weakref_slot=True)
class Picture:
    """What a column shows of a moment; the JPEG is made once, when a viewer first wants it."""

    rgb: ColorPlane
    number: int
    steadiness: Steadiness | None = None
    work_ms: float = 0.0
    _jpeg: bytes = b""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_encoded(self) -> bool:
        """Whether `jpeg` costs nothing any more."""
        return bool(self._jpeg)

    def jpeg(self) -> bytes:
        """The picture as a JPEG file's bytes; from any thread."""
        with self._lock:
            if not self._jpeg:
                self._jpeg = encode_jpeg(self.rgb, JPEG_QUALITY)
            return self._jpeg

    @property
    def bytes(self) -> int:
        """What it takes in memory, a JPEG included whether it is there yet or not."""
        return self.rgb.nbytes + self.rgb.nbytes // 6


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture as it was shown this time; one from the cache is shown again and again."""

    picture: Picture
    captured_ns: int
    serial: int  # counts everything that is shown, in all columns


class Pace:
    """Events per second over the last few seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=512)

    def tick(self) -> None:
        """Note one event."""
        self._times.append(time.monotonic())

    @property
    def per_second(self) -> float:
        """The pace; it falls to 0 when nothing comes."""
        now = time.monotonic()
        recent = [at for at in list(self._times) if now - at <= PACE_S]
        if len(recent) < 2:
            return 0.0
        return round((len(recent) - 1) / max(1e-3, now - recent[0]), 1)
