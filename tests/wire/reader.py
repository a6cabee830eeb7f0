"""A consumer in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from stylebridge.wire import Collector, Delivery

from .patience import until
from .pictures import PERIOD

Taken = tuple[str, int]  # session and sequence


class Reader:
    """Takes frames until it is left; `each` sees every one of them while it is handed out."""

    def __init__(self, collector: Collector, each: Callable[[Delivery], None] = lambda _: None) -> None:
        self.taken: list[Taken] = []
        self.wrong: list[int] = []  # sequences whose pixels aren't those of `picture`
        self.failure: BaseException | None = None
        self._collector, self._each = collector, each
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def of(self, session: str) -> list[int]:
        """The sequences of one game, in the order in which they were handed out."""
        return [sequence for found, sequence in list(self.taken) if found == session]

    def wait_for(self, session: str, sequence: int, seconds: float = 10.0) -> None:
        until(lambda: self.failure or sequence in self.of(session), seconds, f"frame {sequence}")
        assert self.failure is None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave.set()
        self._thread.join(10)
        if self.failure is not None and kind is None:
            raise self.failure

    def _run(self) -> None:
        try:
            while not self._leave.is_set():
                delivery = self._collector.receive(0.01)
                if delivery is None:
                    continue
                level = delivery.frame.clock.frame_id % PERIOD
                if not (delivery.frame.color == level).all():
                    self.wrong.append(delivery.sequence)
                self._each(delivery)
                self.taken.append((delivery.session, delivery.sequence))
        except BaseException as error:
            self.failure = error
