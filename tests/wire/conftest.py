"""Collectors and games that are gone when a test ends, however it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stylebridge.errors import StylebridgeError
from stylebridge.wire import Collector, Sender

from .raw import RawGame

MakeCollector = Callable[..., Collector]
MakeSender = Callable[..., Sender]
MakeRaw = Callable[..., RawGame]


@pytest.fixture
def make_collector() -> Iterator[MakeCollector]:
    made: list[Collector] = []

    def make(bind: str = "127.0.0.1:*", **options: Any) -> Collector:
        made.append(Collector(bind, **options))
        return made[-1]

    yield make
    for collector in made:
        collector.close()


@pytest.fixture
def make_sender() -> Iterator[MakeSender]:
    made: list[Sender] = []

    def make(to: Collector | str, **options: Any) -> Sender:
        made.append(Sender(to if isinstance(to, str) else to.address, **options))
        return made[-1]

    yield make
    for sender in made:
        with contextlib.suppress(StylebridgeError):
            sender.close(0)


@pytest.fixture
def make_raw() -> Iterator[MakeRaw]:
    made: list[RawGame] = []

    def make(collector: Collector, **options: Any) -> RawGame:
        made.append(RawGame(collector.address, **options))
        return made[-1]

    yield make
    for game in made:
        game.close()
