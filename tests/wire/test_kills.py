"""Processes that are killed: a collector again and again, and a game."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from stylebridge.wire import Collector, PeerReport

from .conftest import MakeCollector, MakeSender
from .consumer import read_log
from .goodgame import stream
from .patience import until
from .pictures import IN_RING, SMALL, picture
from .proxy import Proxy
from .reader import Reader

CONSUMER = Path(__file__).with_name("consumer.py")


FRAMES, KILLS = 3000, 5


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def consumer(port: int, log: Path, hold_s: float = 0.0) -> Iterator[subprocess.Popen[bytes]]:
    """A collector's process that listens when this returns."""
    command = [sys.executable, str(CONSUMER), str(port), str(log), str(hold_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
@pytest.mark.parametrize(("size", "count", "kills"), [(SMALL, FRAMES, KILLS), (IN_RING, 400, 3)])
def test_a_collector_that_is_killed_again_and_again_loses_nothing_and_takes_nothing_twice(
    tmp_path: Path, make_sender: MakeSender, size: tuple[int, int], count: int, kills: int
) -> None:
    port, log = free_port(), tmp_path / "log"
    sender = make_sender(f"127.0.0.1:{port}")
    failures: list[BaseException] = []
    thread = stream(sender, count, size, failures)
    for kill in range(1, kills + 1):
        with consumer(port, log) as process:
            wanted = kill * count // (kills + 1)
            until(lambda: failures or log.read_bytes().count(b"\n") >= wanted, 20, f"{wanted} frames")  # noqa: B023
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert len(read_log(log)) < count, "killed amid the stream, not after it"
    with consumer(port, log):
        thread.join(30)
    assert failures == []
    assert [sequence for _, sequence in read_log(log)] == list(range(1, count + 1))
    assert {session for session, _ in read_log(log)} == {sender.session}
    assert sender.counters()["links"] == kills + 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_frame_that_was_taken_but_not_safe_survives_a_cut_and_then_a_kill(
    tmp_path: Path, make_sender: MakeSender
) -> None:
    """After the cut the game may not forget what the collector only holds in memory."""
    port, log = free_port(), tmp_path / "log"
    with Proxy(f":{port}") as proxy:
        sender = make_sender(proxy.address)
        with consumer(port, log, hold_s=60) as process:
            for number in range(1, 8):
                sender.send(picture(number), 10)
            until(lambda: len(read_log(log)) == 1)
            proxy.cut()
            until(lambda: sender.pump() or sender.counters()["links"] == 2)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert sender.unacknowledged == 7
        with consumer(port, log):
            sender.flush(10)
    assert [sequence for _, sequence in read_log(log)] == list(range(1, 8))


GAME = """
import sys, time
from stylebridge.wire import Sender
from tests.wire.pictures import IN_RING, picture
sender = Sender(sys.argv[1], name="doomed")
sender.connect(10)
for number in range(1, 1000000):
    sender.send(picture(number, IN_RING), 10)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_game_that_is_killed_leaves_nothing_behind_and_disturbs_nobody(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(heartbeat_s=0.1, timeout_s=0.5)
    other = make_sender(collector, name="other")
    process = subprocess.Popen([sys.executable, "-c", GAME, collector.address], cwd=Path(__file__).parents[2])
    failures: list[BaseException] = []
    try:
        with Reader(collector) as reader:
            until(lambda: any(report.lane == "ring" for report in collector.peers()))
            thread = stream(other, 300, SMALL, failures)
            process.kill()
            process.wait()
            thread.join(20)
            until(lambda: not named(collector, "doomed").connected or other.pump())
            assert other.send(picture(301), 5)
            reader.wait_for(other.session, 301)
    finally:
        process.kill()
        process.wait()
    assert failures == []
    assert reader.wrong == []
    assert reader.of(other.session) == list(range(1, 302))
    assert named(collector, "other").connected
    assert named(collector, "doomed").losses == 1
    assert list(Path("/dev/shm").glob(f"stylebridge-{process.pid}-*")) == []  # noqa: S108


def named(collector: Collector, name: str) -> PeerReport:
    return next(report for report in collector.peers() if report.name == name)
