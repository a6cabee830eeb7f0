"""The lossless flow while its collector is killed again and again: every frame comes once."""

from __future__ import annotations

import os
import random
import tempfile
import time
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

from stylebridge.frame import Clock, Frame
from stylebridge.wire import Collector, Sender

from wirebench.children import Crew
from wirebench.figures import Effort, median, say, say_limit
from wirebench.pictures import Shape, check_picture, make_pictures
from wirebench.ways import free_port

SHAPE = Shape(32, 32, 3)
PATIENCE_S = 60.0
LISTENING = 0  # a record with this sequence says when a collector began to listen
_RECORD = Struct("<16sQQ")


class Record(NamedTuple):
    """A line of the consumer's log."""

    session: bytes
    sequence: int
    at_ns: int


class Unsafe(Exception):
    """Frames were lost or came twice."""


def run(effort: Effort, peers: set[str]) -> None:
    """Send, kill, start again, and look into the log."""
    total, kills = int(effort.of(100_000, 10_000)), int(effort.of(20, 4))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "frames.log")
        counts = _stream(log, total, kills)
        records = read_log(log)
    sequences = [record.sequence for record in records if record.sequence != LISTENING]
    lost, twice = total - len(set(sequences)), len(sequences) - len(set(sequences))
    spans, recoveries = _spans(records)
    say(
        "lossless",
        size=str(SHAPE),
        frames=total,
        kills=kills,
        fps=round(total / ((records[-1].at_ns - records[0].at_ns) / 1e9), 1),
        fps_while_listening=round((len(sequences) - len(spans)) / (sum(spans) / 1e9), 1),
        listening_to_frame_ms=median((ns / 1e6 for ns in recoveries), 1),
        resent=counts.get("resent", 0),
        links=counts.get("links", 0),
    )
    say_limit("lossless", "frames lost", lost, "== 0", frames=total, kills=kills)
    say_limit("lossless", "frames twice", twice, "== 0", frames=total, kills=kills)
    if lost or twice or sequences != sorted(sequences):
        raise Unsafe(f"{lost} frames lost, {twice} twice, or out of order")


def send_all(port: int, total: int) -> dict[str, Any]:
    """The game's task."""
    pictures = make_pictures(SHAPE)
    with Sender(f"tcp://127.0.0.1:{port}", flow="lossless") as sender:
        for number in range(total):
            color = pictures[number % len(pictures)]
            sender.send(Frame(color=color, clock=Clock(number, 0.0, time.time_ns())), PATIENCE_S)
        sender.flush(PATIENCE_S)
        return sender.counters()


def consume(port: int, log: Path, total: int) -> None:
    """The collector's task: write each frame's number down before it counts as done."""
    known = read_log(log)
    received = {record.session.hex(): record.sequence for record in known if record.sequence != LISTENING}
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with Collector(f"tcp://127.0.0.1:{port}", received=received, acknowledge="by hand") as collector:
        os.write(handle, _RECORD.pack(bytes(16), LISTENING, time.time_ns()))
        while (delivery := collector.receive(PATIENCE_S)) is not None:
            check_picture(delivery.frame.color, delivery.sequence - 1, SHAPE)
            os.write(handle, _RECORD.pack(bytes.fromhex(delivery.session), delivery.sequence, time.time_ns()))
            delivery.done()
            if delivery.sequence >= total:
                break
        while any(peer.connected for peer in collector.peers()):  # until the game said goodbye
            time.sleep(0.01)
    os.close(handle)


def read_log(log: Path) -> list[Record]:
    """The records that were written whole."""
    data = log.read_bytes() if log.exists() else b""
    whole = len(data) // _RECORD.size * _RECORD.size
    return [Record._make(fields) for fields in _RECORD.iter_unpack(data[:whole])]


def _stream(log: Path, total: int, kills: int) -> dict[str, Any]:
    port, chance = free_port(), random.Random(0)
    marks = sorted(chance.sample(range(total // 100, total - total // 100), kills))
    with Crew() as crew:
        collector = crew.start("collector", consume, port, log, total)
        game = crew.start("game", send_all, port, total)
        for mark in marks:
            _wait_for(crew, log, mark)
            crew.kill(collector)
            collector = crew.start("collector", consume, port, log, total)
        counts: dict[str, Any] = crew.hear(game, PATIENCE_S + total / 100)
        crew.hear(collector, PATIENCE_S)
    return counts


def _wait_for(crew: Crew, log: Path, records: int) -> None:
    """Wait until the log is so long; a log that stops growing is a failure."""
    grown, size = time.monotonic(), 0
    while (now := log.stat().st_size if log.exists() else 0) < records * _RECORD.size:
        if now > size:
            grown, size = time.monotonic(), now
        elif time.monotonic() - grown > PATIENCE_S:
            raise Unsafe(f"the log stays at {size // _RECORD.size} records; the game or the collector hangs")
        crew.listen(0.002)


def _spans(records: list[Record]) -> tuple[list[int], list[int]]:
    """For each collector: nanoseconds from its first frame to its last, and from listening to its first frame."""
    spans, recoveries = [], []
    starts = [index for index, record in enumerate(records) if record.sequence == LISTENING]
    for start, end in zip(starts, [*starts[1:], len(records)], strict=True):
        if end - start > 1:
            spans.append(records[end - 1].at_ns - records[start + 1].at_ns)
            recoveries.append(records[start + 1].at_ns - records[start].at_ns)
    return spans, recoveries[1:] or recoveries
