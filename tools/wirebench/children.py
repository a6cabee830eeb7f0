"""Processes that end with their parent, and whose failure is the parent's."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_S = 60  # for a process to start and import what it needs
_SPAWN = multiprocessing.get_context("spawn")


class ChildFailed(Exception):
    """A child process failed; the message is its own."""


class Child:
    """A process that runs `task(*arguments)` and hands its result back."""

    def __init__(self, name: str, task: Callable[..., Any], *arguments: Any) -> None:
        self.name = name
        self.inbox: deque[Any] = deque()
        self.ended = False
        self.connection, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_run, args=(theirs, task, arguments), name=name, daemon=True)
        self.process.start()
        theirs.close()

    def listen(self) -> None:
        """Take what it says; a failure is raised here."""
        try:
            word, value = self.connection.recv()
        except (EOFError, OSError):
            self.ended = True
            return
        if word == "failed":
            raise ChildFailed(f"{self.name}: {value}")
        self.inbox.append(value)

    def kill(self) -> None:
        """End it at once, with SIGKILL."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class Crew:
    """The children of one measurement: none outlives it, and the first failure of any of them ends it."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    def start(self, name: str, task: Callable[..., Any], *arguments: Any) -> Child:
        """Start a child and wait until it has imported what it needs and runs its task."""
        child = Child(name, task, *arguments)
        self._children.append(child)
        self.hear(child, START_S)
        return child

    def hear(self, child: Child, timeout_s: float) -> Any:
        """What a child says next."""
        deadline = time.monotonic() + timeout_s
        while not child.inbox:
            if child.ended:
                child.process.join(5)
                raise ChildFailed(f"{child.name}: ended with {child.process.exitcode} and said nothing")
            self.listen(max(0.0, deadline - time.monotonic()))
            if not child.inbox and time.monotonic() >= deadline:
                raise ChildFailed(f"{child.name}: nothing heard in {timeout_s:g} s")
        return child.inbox.popleft()

    def listen(self, timeout_s: float) -> None:
        """Wait until a child says something, for so long at most; raise what failed in it."""
        living = {child.connection: child for child in self._children if not child.ended}
        for place in wait(list(living), timeout_s):
            living[place].listen()

    def kill(self, child: Child) -> None:
        """End a child and forget it."""
        self._children.remove(child)
        child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for child in self._children:
            if kind is None:
                child.process.join(5)
            child.kill()


def _run(parent: Connection, task: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends its children
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        parent.send(("started", None))
        parent.send(("done", task(*arguments)))
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        parent.send(("failed", f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
