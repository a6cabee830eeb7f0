"""Columns: the game's own pictures, and what one engine makes of them in a thread of its own, newest moment first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.watch.cache import Cache
from stylebridge.watch.choice import Choice, Opened, Opener
from stylebridge.watch.faults import explained
from stylebridge.watch.meter import Meter
from stylebridge.watch.moment import Moment, Pace, Picture, Shown, Steadiness
from stylebridge.watch.passing import MAX_PASSED, spanning
from stylebridge.watch.priority import give_way

KEPT = 24  # moments that can still be shown beside a slower column's
PINNED = 18  # moments that engines work on now, or have yet to fill from both sides; they stay longer
MAX_WORDS = 400  # characters of an error on the page
SMOOTHING = 0.1  # share of the newest value in the flicker meter


class Column:
    """Something that shows moments; the game's own column needs no more than this."""

    def __init__(self, name: str, label: str, count: Callable[[], int], on_shown: Callable[[], None]) -> None:
        self.name = name
        self.label = label
        self.error = ""
        self.failures = 0
        self.passed_over = 0
        self.pace = Pace()
        self._count, self._on_shown = count, on_shown
        self._lock = threading.Lock()
        self._recent: OrderedDict[int, Shown] = OrderedDict()
        self._pinned: deque[int] = deque(maxlen=PINNED)
        self._latest: Shown | None = None
        self._steadiness: Steadiness | None = None

    def show(self, picture: Picture, captured_ns: int) -> None:
        """From now on this is the newest picture."""
        shown = Shown(picture, captured_ns, self._count())
        with self._lock:
            self._recent.pop(picture.number, None)
            self._recent[picture.number] = self._latest = shown
            surplus = len(self._recent) - KEPT
            for number in [number for number in self._recent if number not in self._pinned][: max(0, surplus)]:
                del self._recent[number]
            self._steadiness = _smoothed(self._steadiness, picture.steadiness)
        self.pace.tick()
        self._on_shown()

    @property
    def latest(self) -> Shown | None:
        """The newest picture."""
        with self._lock:
            return self._latest

    def at(self, number: int) -> Shown | None:
        """What was shown of this moment, if that isn't long ago."""
        with self._lock:
            return self._recent.get(number)

    def numbers(self) -> set[int]:
        """The moments that can still be shown."""
        with self._lock:
            return set(self._recent)

    def drop(self, number: int) -> None:
        """This moment comes anew, as when a recording goes round: what was shown of it before counts no more."""
        with self._lock:
            self._recent.pop(number, None)

    def pin(self, number: int) -> None:
        """This moment will be shown by others, however long that takes."""
        with self._lock:
            self._pinned.append(number)

    def forget(self) -> None:
        """Pictures of other settings, or of another camera, are compared with nothing any more."""
        with self._lock:
            self._recent.clear()
            self._steadiness = None

    @property
    def status(self) -> str:
        """In one word."""
        return "failing" if self.error else "running" if self.latest else "waiting"

    def state(self) -> dict[str, Any]:
        """What the page says about the column."""
        with self._lock:
            latest, steadiness = self._latest, self._steadiness
        return {
            "name": self.name,
            "label": self.label,
            "status": self.status,
            "error": self.error[:MAX_WORDS],
            "failures": self.failures,
            "passed_over": self.passed_over,
            "fps": self.pace.per_second,
            "work_ms": round(latest.picture.work_ms, 1) if latest else None,
            "flicker": round(steadiness.shown, 3) if steadiness else None,
            "flicker_game": round(steadiness.game, 3) if steadiness else None,
        }


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
        self._busy = self._closing = self._is_opening = False
        self._before: tuple[int, Frame] | None = None  # the moment worked on last
        self._given = self._shown_as = 0  # how frames are numbered: two that don't follow each other are two apart
        self._under_way: OrderedDict[int, tuple[Moment, Frame]] = OrderedDict()
        self._meter = Meter()
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
        return "opening" if self._is_opening else super().status

    def close(self, wait_s: float = 5.0) -> None:
        """Stop after the picture under way."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join(wait_s)

    def _run(self) -> None:
        give_way()
        while (order := self._next()) is not None:
            try:
                self._work(order)
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
            self.error = ""
            self.show(kept, moment.captured_ns)
            return
        if self._choice != order.choice:
            self._open(order.choice)
        if self._opened is None:
            return
        numbered = self._along(order.chain)
        start = time.perf_counter()
        shown = self._opened.paint(numbered if self._opened.remembers else moment.frame)
        work_ms = (time.perf_counter() - start) * 1e3
        self.error = ""
        given = shown.clock.frame_id if self._opened.remembers else self._given
        if given == self._shown_as or given not in self._under_way:
            return  # what fills frames from both sides shows its first one until it has the next key frame
        follows, self._shown_as = given == self._shown_as + 1, given
        then, frame = self._under_way[given]
        steadiness = self._meter.add(frame, shown.rgb, follows=follows)
        picture = Picture(shown.rgb, then.number, steadiness, work_ms)
        if self._cache:
            self._cache.put(self.name, order.choice, then.number, picture)
        if order.choice == self._wanted:
            self.show(picture, then.captured_ns)

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

    def _fail(self, error: Exception) -> None:
        self.failures += 1
        self.error = explained(error)
        self._before = None
        self._meter.forget()


def _smoothed(before: Steadiness | None, now: Steadiness | None) -> Steadiness | None:
    if before is None or now is None:
        return now or before
    shown = before.shown + SMOOTHING * (now.shown - before.shown)
    return Steadiness(shown, before.game + SMOOTHING * (now.game - before.game))


def check_columns(names: list[str]) -> None:
    """Refuse columns that couldn't be told apart."""
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} is named twice", expected="each engine once")
