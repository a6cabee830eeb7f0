"""A game that behaves, played while others don't: it has to get every frame across."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stylebridge.wire import Collector, PeerReport, Sender

from .patience import until
from .pictures import picture
from .reader import Reader

PAUSE_S = 0.001


@contextmanager
def undisturbed(collector: Collector, sender: Sender) -> Iterator[Reader]:
    """Stream lossless frames all the while, and some more afterwards; then look whether each came once, in order."""
    stop = threading.Event()
    sent: list[int] = []
    failures: list[BaseException] = []

    def send() -> None:
        sender.send(picture(len(sent) + 1), 10)
        sent.append(len(sent) + 1)

    def run() -> None:
        try:
            while not stop.wait(PAUSE_S):
                send()
            for _ in range(10):
                send()
            sender.flush(10)
        except BaseException as error:
            failures.append(error)

    sender.connect(5)
    thread = threading.Thread(target=run, daemon=True)
    with Reader(collector) as reader:
        thread.start()
        reader.wait_for(sender.session, 3)
        try:
            yield reader
        finally:
            stop.set()
            thread.join(20)
        if not failures:
            until(lambda: len(reader.of(sender.session)) >= len(sent))
    assert failures == []
    assert reader.of(sender.session) == sent
    assert reader.wrong == []
    (report,) = [report for report in collector.peers() if report.session == sender.session]
    assert report.connected
    assert (report.links, report.losses, report.lost, report.faults) == (1, 0, 0, {})


def stream(sender: Sender, count: int, size: tuple[int, int], failures: list[BaseException]) -> threading.Thread:
    """Send from a thread until everything is safe."""

    def run() -> None:
        try:
            for number in range(1, count + 1):
                sender.send(picture(number, size), 30)
            sender.flush(30)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def report_of(collector: Collector, session: str) -> PeerReport:
    """What the collector says of one session."""
    (report,) = [report for report in collector.peers() if report.session == session]
    return report
