"""Controls that a collector has asked games for, until they are answered."""

from __future__ import annotations

import itertools
from concurrent.futures import Future
from typing import Any

from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import Error
from stylebridge.wire.messages import Answer, Question


class Questions:
    """What is open, by number; an answer counts only from the session that was asked."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[Future[Answer], str]] = {}
        self._ids = itertools.count(1)

    def ask(self, session: str, name: str, args: dict[str, Any]) -> tuple[Question, Future[Answer]]:
        """The question to send, and where its answer will be."""
        number, future = next(self._ids) & 0xFFFFFFFF, Future[Answer]()
        self._open[number] = (future, session)
        return Question(id=number, name=name, args=args), future

    def settle(self, session: str, answer: Answer) -> None:
        """An answer has come; one that nobody waits for is passed over."""
        future, asked = self._open.get(answer.answer, (None, ""))
        if future is not None and asked == session and self._open.pop(answer.answer, None) is not None:
            future.set_result(answer)

    def forget(self, future: Future[Answer]) -> None:
        """Nobody waits for this answer any more."""
        for number, (waiting, _) in list(self._open.items()):
            if waiting is future:
                self._open.pop(number, None)

    def give_up(self, session: str, why: str, where: str) -> None:
        """No answer will come from this session."""
        for number, (future, asked) in list(self._open.items()):
            if asked == session and self._open.pop(number, None) is not None:
                future.set_exception(WireFault(Error.TIMEOUT, why, where=where))
