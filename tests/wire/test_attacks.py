"""Peers that stall, vanish, flood or offer false rings: the good game beside them gets every frame across."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import msgspec
import numpy as np
import pytest
from stylebridge.wire import Collector, Delivery
from stylebridge.wire.codec import encode_ack, encode_ping
from stylebridge.wire.layout import Kind
from stylebridge.wire.messages import Offer
from stylebridge.wire.planes import pack
from stylebridge.wire.ring import RingWriter, ring_folders

from .conftest import MakeCollector, MakeRaw, MakeSender
from .goodgame import report_of, undisturbed
from .patience import until
from .pictures import IN_RING, picture
from .proxy import Proxy
from .raw import RawGame, frame_parts, json_part, ring_frame
from .reader import Reader

LIMIT = 4 << 20
BIG = (1000, 1000)  # 3 MB


@pytest.fixture
def collector(make_collector: MakeCollector) -> Collector:
    return make_collector(max_frame_bytes=LIMIT, heartbeat_s=0.1, timeout_s=0.5)


@pytest.fixture
def reader(collector: Collector, make_sender: MakeSender) -> Iterator[Reader]:
    with undisturbed(collector, make_sender(collector, name="good")) as reading:
        yield reading


def port_of(collector: Collector) -> tuple[str, int]:
    return "127.0.0.1", int(collector.address.rpartition(":")[2])


def test_broken_greetings_are_counted_as_failed_handshakes(collector: Collector, reader: Reader) -> None:
    with socket.create_connection(port_of(collector)) as stranger:
        stranger.sendall(b"\xff" * 100)
        until(lambda: collector.counts().get("handshakes_failed", 0))


def test_a_browser_that_calls_gets_nowhere_and_disturbs_nobody(collector: Collector, reader: Reader) -> None:
    with socket.create_connection(port_of(collector)) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\nHost: " + b"x" * 5000 + b"\r\n\r\n")
        until(lambda: collector.counts()["links_opened"] >= 2)
        before = len(reader.taken)
        until(lambda: len(reader.taken) > before + 10)
    until(lambda: collector.counts().get("links_closed", 0))
    assert len(collector.peers()) == 1


def test_connections_that_say_nothing_are_let_be(collector: Collector, reader: Reader) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(port_of(collector)))
        until(lambda: collector.counts()["links_opened"] >= 101)
        before = len(reader.taken)
        until(lambda: len(reader.taken) > before + 10)


@pytest.mark.parametrize("what", ["stalls", "vanishes"])
def test_a_game_that_stops_amid_a_message_is_given_up(collector: Collector, reader: Reader, what: str) -> None:
    with Proxy(collector.address) as proxy, RawGame(f"tcp://{proxy.address}") as game:
        game.hello()
        proxy.limit = proxy.passed + 1_000_000
        game.frame(1, picture(1, BIG))
        until(lambda: proxy.passed >= proxy.limit)
        if what == "vanishes":
            proxy.cut()
        until(lambda: not report_of(collector, game.session).connected)
        report = report_of(collector, game.session)
        assert (report.frames, report.losses) == (0, 1)
    assert (game.session, 1) not in reader.taken


def test_a_part_that_is_larger_than_any_frame_ends_the_link_before_it_is_read(
    collector: Collector, reader: Reader, make_raw: MakeRaw
) -> None:
    game = make_raw(collector)
    game.hello()
    closed = collector.counts().get("links_closed", 0)
    first, _ = frame_parts(game.session, 1)
    game.send(first, bytes(LIMIT + 1))
    until(lambda: collector.counts().get("links_closed", 0) > closed)
    assert report_of(collector, game.session).frames == 0
    assert game.hello(resume=True)["resumed"]
    game.frame(1)
    reader.wait_for(game.session, 1)


def test_a_game_that_vanishes_while_it_is_waited_for_in_lockstep_is_given_up(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(heartbeat_s=0.1, timeout_s=0.3)
    with RawGame(collector.address, flow="lockstep") as game:
        game.hello()
        game.frame(1)
        until(lambda: collector.peers()[0].frames)
        game.vanish()

    def look(delivery: Delivery) -> None:
        if delivery.session == game.session:
            until(lambda: not report_of(collector, game.session).connected)
            assert not delivery.reply(delivery.frame)

    with Reader(collector, look) as reading:
        reading.wait_for(game.session, 1)
        with undisturbed_by(collector, make_sender):
            pass
    assert report_of(collector, game.session).replies_dropped == 1


@contextmanager
def undisturbed_by(collector: Collector, make_sender: MakeSender) -> Iterator[None]:
    """A lockstep game beside the one that is gone."""
    sender = make_sender(collector, flow="lockstep")
    for number in range(1, 6):
        sender.send(picture(number), 5)
    yield


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "part",
    [
        encode_ping(1),
        encode_ack((1 << 64) - 1, (1 << 64) - 1, 65535, 1),
        json_part(Kind.STATS, {"counters": {"sent": -1}}),
        json_part(Kind.CONTROL, {"id": 1, "name": "x" * 256}),
        json_part(Kind.CONTROL, {"answer": 77, "ok": True}),
        json_part(Kind.LANE, {"accept": 1}),
        json_part(Kind.LANE, {"close": 1}),
        b"",
    ],
    ids=["ping", "ack", "stats", "question", "answer", "accept", "close", "nothing"],
)
def test_a_flood_from_one_who_never_listens_holds_nobody_up(
    collector: Collector, reader: Reader, make_raw: MakeRaw, part: bytes, known: bool
) -> None:
    game = make_raw(collector)
    if known:
        game.hello()
    before = len(reader.taken)
    for _ in range(3000):
        game.send(part)
    until(lambda: len(reader.taken) > before + 20)
    game.hello()


def test_an_offer_storm_maps_a_few_rings_at_most(collector: Collector, reader: Reader, make_raw: MakeRaw) -> None:
    game = make_raw(collector, lanes=("ring", "inline"))
    game.hello()
    writers = [RingWriter(2, 1000) for _ in range(6)]
    for number, writer in enumerate(writers, 1):
        game.send(lane_part(writer.offer(number)))
    answers = [game.hear(Kind.LANE) for _ in writers]
    assert ["accept" in answer for answer in answers] == [True] * 4 + [False] * 2
    for writer in writers:
        writer.unlink()


def lane_part(offer: Offer) -> bytes:
    return json_part(Kind.LANE, msgspec.json.encode(offer))


Lie = Callable[[RingWriter], Offer]


def to_a_link(writer: RingWriter) -> Offer:
    link = writer.path.with_name(f"stylebridge-{os.getpid()}-{'d' * 16}.ring")
    link.symlink_to(writer.path)
    return msgspec.structs.replace(writer.offer(1), path=str(link))


def world_readable(writer: RingWriter) -> Offer:
    writer.path.chmod(0o644)
    return writer.offer(1)


LIES: dict[str, tuple[Lie, str]] = {
    "a link": (to_a_link, "can't be opened"),
    "a file that others can read": (world_readable, "not a private file"),
    "a file of another size": (lambda writer: msgspec.structs.replace(writer.offer(1), slots=9), "not a private file"),
    "another token": (lambda writer: msgspec.structs.replace(writer.offer(1), token="0" * 32), "another ring"),
    "a file elsewhere": (lambda writer: msgspec.structs.replace(writer.offer(1), path="/etc/passwd"), "not where"),
    "slots beyond any frame": (
        lambda writer: msgspec.structs.replace(writer.offer(1), slot_bytes=LIMIT + 65),
        "too large",
    ),
}


@pytest.mark.skipif(os.name == "nt", reason="modes and links are POSIX's")
@pytest.mark.parametrize("name", LIES)
def test_a_false_offer_is_refused_and_frames_go_inline(
    collector: Collector, reader: Reader, make_raw: MakeRaw, name: str
) -> None:
    lie, says = LIES[name]
    game = make_raw(collector, lanes=("ring", "inline"))
    assert "ring" in game.hello()["lanes"]
    writer = RingWriter(3, IN_RING[0] * IN_RING[1] * 3)
    try:
        game.send(lane_part(lie(writer)))
        answer = game.hear(Kind.LANE)
        assert answer["refuse"] == 1
        assert says in answer["says"]
        game.send(*ring_frame(game.session, 1, 1, 0, 1, picture(1, IN_RING)))
        assert game.hear(Kind.ERROR)["code"] == "torn"
        game.frame(2, picture(2, IN_RING))
        reader.wait_for(game.session, 2)
    finally:
        writer.unlink()
        for folder in ring_folders():
            (folder / f"stylebridge-{os.getpid()}-{'d' * 16}.ring").unlink(missing_ok=True)


def test_a_game_that_writes_over_a_frame_under_way_spoils_only_its_own(
    collector: Collector, reader: Reader, make_raw: MakeRaw
) -> None:
    game = make_raw(collector, lanes=("ring", "inline"), flow="live")
    game.hello()
    writer = RingWriter(1, IN_RING[0] * IN_RING[1] * 3)
    game.send(lane_part(writer.offer(1)))
    assert game.hear(Kind.LANE) == {"accept": 1}
    writer.unlink()
    packed = pack(picture(5, IN_RING), ())
    stamp = writer.write(0, packed.planes, packed.buffers, packed.payload_bytes)
    writer.write(0, packed.planes, packed.buffers, packed.payload_bytes)
    game.send(*ring_frame(game.session, 1, 1, 0, stamp, picture(5, IN_RING)))
    assert game.hear(Kind.ERROR)["code"] == "torn"
    until(lambda: report_of(collector, game.session).lost == 1)
    game.send(*ring_frame(game.session, 2, 1, 0, stamp + 1, picture(5, IN_RING)))
    until(lambda: report_of(collector, game.session).handed_out == 1)
    assert report_of(collector, game.session).faults == {"torn": 1}


def test_random_bytes_after_hello_never_stop_the_collector(
    collector: Collector, reader: Reader, make_raw: MakeRaw
) -> None:
    random = np.random.default_rng(11)
    game = make_raw(collector, flow="live")
    game.hello()
    first, data = frame_parts(game.session, 1)
    for count in range(1, 400):
        crooked = bytearray(first)
        for at in random.integers(0, len(first), 3):
            crooked[at] = random.integers(0, 256)
        game.send(*([bytes(crooked), data] if count % 3 else [bytes(crooked)]))
    game.send(game.hello_part(resume=True))
    until(lambda: collector.counts().get("faults", 0) > 100)
