"""Styled columns: what one engine makes of the game, in a thread of its own, newest moment first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from stylebridge.compare.temporal.warping import HOW_TO_GET_MOTION, PATIENCE
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.watch.cache import Cache
from stylebridge.watch.choice import Choice, Opened, Opener
from stylebridge.watch.column import KEPT, Column
from stylebridge.watch.faults import explained
from stylebridge.watch.meter import Meter
from stylebridge.watch.moment import Moment, Picture, Steadiness
from stylebridge.watch.partner import AbsentError, SkippedError
from stylebridge.watch.passing import MAX_PASSED, spanning
from stylebridge.watch.priority import give_way

MEASURE_EVERY_S = 0.2  # flicker of what comes quickly


@dataclass(frozen=True, slots=True)
class _Order:
    """What the thread is to do next."""

    chain: tuple[Moment, ...]  # those that were passed over, then the one to show
    choice: Choice


class StyledColumn(Column):
    """Shows what an engine makes of the newest moment. Whatever goes wrong is said in the column and nowhere else."""

    def __init__(
        self,
        name: str,
        label: str,
        opener: Opener,
        choice: Choice,
        cache: Cache | None,
        count: Callable[[], int],
        on_shown: Callable[[], None],
    ) -> None:
        super().__init__(name, label, count, on_shown)
        self._opener, self._cache = opener, cache
        self._opened: Opened | None = None
        self._choice: Choice | None = None  # what is open, or couldn't be opened
        self._wanted = choice
        self._wake = threading.Condition()
        self._pending: list[Moment] = []
        self._busy = self._closing = self._is_opening = self._is_absent = False
        self._before: tuple[int, Frame] | None = None  # the moment worked on last
        self._given = self._shown_as = 0  # how frames are numbered: two that don't follow each other are two apart
        self._under_way: OrderedDict[int, tuple[Moment, Frame]] = OrderedDict()
        self._meter = Meter()
        self._measure_at = 0.0
        self._without_motion = 0
        self._thread = threading.Thread(target=self._run, name=f"stylebridge-{name}", daemon=True)
        self._thread.start()

    def offer(self, *moments: Moment) -> None:
        """New moments, the last of which is to be shown; never waits. Those nobody has time for are passed over."""
        with self._wake:
            self._pending.extend(moments)
            surplus = max(0, len(self._pending) - MAX_PASSED - 2)
            self.passed_over += surplus
            del self._pending[:surplus]
            self._wake.notify_all()

    def choose(self, choice: Choice) -> None:
        """From the next moment on, this is what is shown; the same choice again tries anew what couldn't be opened."""
        with self._wake:
            self._wanted = choice
            self._pending.clear()
            self._choice = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing left to do."""
        with self._wake:
            return not self._pending and not self._busy

    @property
    def status(self) -> str:
        """In one word."""
        return "opening" if self._is_opening else "absent" if self._is_absent else super().status

    def end(self) -> None:
        """Begin nothing more; comes back at once."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()

    def close(self, wait_s: float = 5.0) -> bool:
        """Stop after the picture under way; says whether that was done in time."""
        self.end()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        give_way()
        while (order := self._next()) is not None:
            try:
                self._work(order)
            except SkippedError:
                self._skip()
            except Exception as error:  # it must not take the others down; the page shows it
                self._fail(error)
            with self._wake:
                self._busy = False
            self._on_shown()
        self._let_go()

    def _next(self) -> _Order | None:
        with self._wake:
            self._wake.wait_for(lambda: self._pending or self._closing)
            if self._closing:
                return None
            chain = tuple(self._pending)
            self._pending.clear()
            self._busy = True
            self.passed_over += len(chain) - 1
            return _Order(chain, self._wanted)

    def _work(self, order: _Order) -> None:
        moment = order.chain[-1]
        kept = self._cache.get(self.name, order.choice, moment.number) if self._cache else None
        if kept is not None:
            self._recovered()
            self.show(kept, moment.captured_ns)
            return
        if self._choice != order.choice:
            self._open(order.choice)
        if self._opened is None:
            return
        if self._opened.remembers:
            self._check_motion(moment.frame)
        numbered = self._along(order.chain)
        start = time.perf_counter()
        shown = self._opened.paint(numbered if self._opened.remembers else moment.frame)
        work_ms = (time.perf_counter() - start) * 1e3
        self._recovered()
        given = shown.clock.frame_id if self._opened.remembers else self._given
        if given == self._shown_as or given not in self._under_way:
            return  # what fills frames from both sides shows its first one until it has the next key frame
        self._shown_as = given
        then, frame = self._under_way[given]
        steadiness = self._measured(frame, shown.rgb)
        self.note = self._meter.note
        picture = Picture(shown.rgb, then.number, steadiness, work_ms)
        if self._cache:
            self._cache.put(self.name, order.choice, then.number, picture)
        if order.choice == self._wanted:
            self.show(picture, then.captured_ns)

    def _check_motion(self, frame: Frame) -> None:
        """What fills frames gives up after a few without motion, and begins anew; the page says so until one has it."""
        self._without_motion = 0 if frame.motion is not None else self._without_motion + 1
        if self._without_motion >= PATIENCE:
            raise InputError("the frames have no motion", do=HOW_TO_GET_MOTION)

    def _measured(self, frame: Frame, picture: ColorPlane) -> Steadiness | None:
        return self._meter.add(frame, picture)

    def _along(self, chain: tuple[Moment, ...]) -> Frame:
        """The frame to work on, with motion back to the one worked on before and a number that follows its number.

        Where no way leads back, the number leaves one out.
        """
        moment, before = chain[-1], self._before
        frame, spanned = moment.frame, None
        self._before = moment.number, frame
        numbers = [each.number for each in chain]
        if before is not None and numbers == list(range(before[0] + 1, moment.number + 1)):
            spanned = spanning([before[1], *(each.frame for each in chain)])
        self._given += 1 if spanned is not None else 2
        frame = spanned or frame
        frame = replace(frame, clock=replace(frame.clock, frame_id=self._given))
        self._under_way[self._given] = moment, frame
        while len(self._under_way) > KEPT:
            self._under_way.popitem(last=False)
        return frame

    def _open(self, choice: Choice) -> None:
        self._let_go()
        self._choice, self._is_opening = choice, True
        self._without_motion = 0
        try:
            self._opened = self._opener(choice)
        finally:
            self._is_opening = False

    def _let_go(self) -> None:
        opened, self._opened = self._opened, None
        self._before = None
        self._under_way.clear()
        self._meter.forget()
        if opened is not None:
            with suppress(Exception):  # an engine that can't even be closed is gone as well
                opened.close()

    def _recovered(self) -> None:
        self.error, self._is_absent = "", False

    def _skip(self) -> None:
        self.passed_over += 1
        self._before = None

    def _fail(self, error: Exception) -> None:
        self._is_absent = isinstance(error, AbsentError)
        self.failures += not self._is_absent
        self.error = explained(error)
        self._before = None
        self._meter.forget()


class PartnerColumn(StyledColumn):
    """Shows what the game's own engine sends: every picture in turn, at its own pace, because nothing is made here."""

    def state(self) -> dict[str, Any]:
        """What the page says about the column; how long another engine worked isn't known here."""
        return super().state() | {"work_ms": None}

    def _next(self) -> _Order | None:
        with self._wake:
            self._wake.wait_for(lambda: self._pending or self._closing)
            if self._closing:
                return None
            self._busy = True
            return _Order((self._pending.pop(0),), self._wanted)

    def _measured(self, frame: Frame, picture: ColorPlane) -> Steadiness | None:
        """Measured now and then: it takes longer than showing does."""
        if time.monotonic() < self._measure_at:
            self._meter.forget()
            return None
        steadiness = super()._measured(frame, picture)
        if steadiness is not None:
            self._measure_at = time.monotonic() + MEASURE_EVERY_S
        return steadiness
