"""Columns: what stands side by side, a model in an engine each, or what an engine showed and somebody recorded.

One that can't be opened says why, and the others go on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from stylebridge.compare.diagnosis.lanes import GameIds, Lane, SourceLane, has_ids
from stylebridge.compare.plans import Plan
from stylebridge.compare.temporal.stylizing import PictureStylizer, TemporalStylizer
from stylebridge.compare.temporal.warping import HOW_TO_GET_MOTION
from stylebridge.contract import PixelContract
from stylebridge.engines.stylizer import Stylizer, open_stylizer
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import ColorPlane, Frame

PATIENCE = 3  # failures in a row after which a column is given up
Shown = list[ColorPlane | None]


class Column:
    """A plan at work. What goes wrong is kept, by the number of the frame; nothing is shown for that frame.

    One that fills frames between two others shows each only some frames after it was given.
    """

    def __init__(self, plan: Plan, stylizer: PictureStylizer | None, failure: str = "") -> None:
        self.plan = plan
        self.stylizer = stylizer
        self.failures: list[tuple[int, str]] = [(0, failure)] if failure else []
        self.shown = 0
        self.lost = 0  # frames that waited for one that failed
        self.given_up = stylizer is None
        self.seconds = 0.0  # in all frames, with everything that belongs to them
        self._owed: deque[int] = deque()  # frames that were given and not shown yet
        self._in_a_row = 0

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.plan.title

    @property
    def contract(self) -> PixelContract | None:
        """How its frames become numbers, where that is known."""
        inner = getattr(self.stylizer, "inner", self.stylizer)
        return inner.contract if isinstance(inner, Stylizer) else None

    @property
    def frame_ms(self) -> float | None:
        """How long a shown frame took on average, with all that belongs to it."""
        return 1e3 * self.seconds / self.shown if self.shown else None

    def take(self, frame: Frame, number: int) -> Shown:
        """Give it the next frame; returns the pictures that are due now, oldest first, None for one that failed."""
        self._owed.append(number)
        if self.stylizer is None or self.given_up:
            return self._nothing()
        stylizer = self.stylizer
        if isinstance(stylizer, TemporalStylizer):
            return self._made(lambda: stylizer.feed(frame), number)
        return self._made(lambda: [stylizer(frame)], number)

    def finish(self) -> Shown:
        """No frame comes any more; what is still owed."""
        if not self._owed or not isinstance(self.stylizer, TemporalStylizer):
            return self._nothing()
        return [*self._made(self.stylizer.finish, self._owed[-1]), *self._nothing()]

    @property
    def trouble(self) -> str:
        """What a person is told where it didn't show every frame; empty where it did."""
        if not self.failures:
            return ""
        number, words = self.failures[0]
        if not self.shown:
            return words
        count = len(self.failures)
        end = ", and was given up then" if self.given_up else ""
        many = f"{count} frames" if count > 1 else "one frame"
        waited = f" ({self.lost} that waited for it to be filled in are missing, too)" if self.lost > 0 else ""
        return f"{many} failed, the first of them number {number + 1}{waited}{end}: {words}"

    def _made(self, make: Callable[[], Iterable[Frame]], number: int) -> Shown:
        """The pictures of what is made; after a failure, nothing for those that waited for the one that failed."""
        start, shown = time.perf_counter(), Shown()
        try:
            for frame in make():
                shown.append(frame.rgb)
                self._owed.popleft()
                self.shown += 1
                self._in_a_row = 0
        except Exception as error:  # it must not take the others down, whatever it is
            self.failures.append((number, explained(error)))
            self._in_a_row += 1
            # Frames without motion don't come to have any; every one of them would be stylised as if it were a key.
            lacks_motion = isinstance(error, StylebridgeError) and error.do == HOW_TO_GET_MOTION
            self.given_up = lacks_motion or self._in_a_row >= PATIENCE
            if isinstance(self.stylizer, TemporalStylizer):
                self.stylizer.reset()
                self.lost += len(self._owed) - 1
            shown += self._nothing()
        self.seconds += time.perf_counter() - start
        return shown

    def _nothing(self) -> Shown:
        """Nothing for all that is owed."""
        count = len(self._owed)
        self._owed.clear()
        return [None] * count


class Recorded:
    """What an engine showed, found by the ids that its game gave the frames, or else in turn."""

    def __init__(self, lane: Lane, frames: str) -> None:
        self.name = lane.name
        self._ids = GameIds(frames)
        self._lane = lane
        self._count = 0

    def __call__(self, frame: Frame) -> Frame:
        """The picture that was shown for this frame."""
        self._count += 1
        shown = self._lane.answer(self._ids.applied(frame), self._count - 1).shown
        if shown is None:
            raise InputError("no picture", where=self.name)
        return frame.with_color(shown)

    def close(self) -> None:
        """Close the source."""
        self._lane.close()


@contextmanager
def open_columns(
    plans: Sequence[Plan], contract: str = "", frames: str = "", shown: dict[str, Lane] | None = None
) -> Iterator[list[Column]]:
    """Open them all; where not a single one opens, the first reason is the error.

    `frames` names the source of the frames, whose ids recorded pictures are found by; `shown` holds those of the
    sources of pictures that are open already.
    """
    columns: list[Column] = []
    opened: list[Stylizer | Recorded] = []
    first: Exception | None = None
    try:
        for plan in plans:
            stylizer: PictureStylizer | None = None
            failure = plan.failure
            if not failure:
                try:
                    found = _opened(plan, contract, frames, shown or {})
                    opened.append(found)
                    stylizer = plan.smoothing.around(found) if plan.smoothing else found
                except (StylebridgeError, ModuleNotFoundError) as error:
                    first, failure = first or error, explained(error)
            columns.append(Column(plan, stylizer, failure))
        if not opened:
            raise first or InputError(columns[0].trouble)
        yield columns
    finally:
        for each in opened:
            if isinstance(each, Stylizer):
                each.engine.close()
            else:
                each.close()


def explained(error: Exception) -> str:
    """One line about it; what isn't an error of ours is named by its kind."""
    if isinstance(error, StylebridgeError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}".removesuffix(": ")


def _opened(plan: Plan, contract: str, frames: str, shown: dict[str, Lane]) -> Stylizer | Recorded:
    if plan.shows:
        return Recorded(shown.get(plan.shows) or SourceLane(plan.shows, by_id=has_ids(frames)), frames)
    return open_stylizer(plan.file, plan.engine, contract)
