"""The renderer: a snapshot goes in, a Frame with exact planes comes out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.scene.snapshot import Snapshot


class Renderer(Protocol):
    """What draws snapshots."""

    @property
    def planes(self) -> tuple[str, ...]:
        """The planes that can be had here."""

    @property
    def note(self) -> str:
        """Empty, or one line about why that is less than all."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is drawn."""

    def draw(
        self, snapshot: Snapshot, planes: Collection[str] = ("color",), following: Snapshot | None = None
    ) -> Frame:
        """The picture of this moment with the wanted planes; `following` may already be begun, and dropped later."""

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on."""

    def events(self) -> tuple[frozenset[str], bool]:
        """The keys that are held down, and whether somebody closed the window."""

    def close(self) -> None:
        """Give everything back."""


def checked_size(size: Sequence[int], limit: int) -> tuple[int, int]:
    """(width, height) within what can be drawn."""
    width, height = (int(side) for side in size)
    if not (0 < width <= limit and 0 < height <= limit):
        raise InputError(f"a picture of {width}x{height}", expected=f"1 to {limit} pixels a side")
    return width, height


def checked_planes(planes: Collection[str], known: Sequence[str]) -> frozenset[str]:
    """The wanted planes, when they can be had."""
    strangers = sorted(set(planes) - set(known))
    if strangers:
        why = "" if strangers[0] in PLANES else "no such plane"
        raise InputError(f"plane {strangers[0]!r} is not drawn here", expected=", ".join(known), do=why)
    return frozenset(planes)
