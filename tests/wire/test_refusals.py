"""Peers that lie or don't know better: each is told what is wrong, is counted, and disturbs nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stylebridge.wire import Collector
from stylebridge.wire.codec import encode_ping, write_prefix
from stylebridge.wire.layout import MAX_CAMERAS, MAX_JSON_BYTES, FrameFlag, Kind

from .conftest import MakeCollector, MakeRaw, MakeSender
from .goodgame import report_of, undisturbed
from .patience import until
from .pictures import IN_RING, picture
from .raw import RawGame, frame_parts, json_part, ring_frame
from .reader import Reader

WINDOW = 4
Parts = Callable[[RawGame], list[Any]]


@pytest.fixture
def collector(make_collector: MakeCollector) -> Collector:
    return make_collector(window=WINDOW, max_frame_bytes=1 << 20, heartbeat_s=0.1, timeout_s=1.0)


@pytest.fixture
def reader(collector: Collector, make_sender: MakeSender) -> Iterator[Reader]:
    """A good game goes on before, during and after each of these tests."""
    with undisturbed(collector, make_sender(collector, name="good")) as reading:
        yield reading


def hello_with(**fields: Any) -> Parts:
    return lambda game: [game.hello_part(**fields)]


def without(field: str) -> Parts:
    body = {"name": "raw", "session": "a" * 32, "flow": "live"}
    return lambda _: [json_part(Kind.HELLO, {name: body[name] for name in body if name != field})]


def other_version(game: RawGame) -> list[Any]:
    hello = game.hello_part()
    return [hello[:4] + b"\x02\x00" + hello[6:]]


OPENINGS: dict[str, tuple[Parts, str]] = {
    "nothing": (lambda _: [b""], "truncated"),
    "another protocol": (lambda _: [b"GET / HTTP/1.1\r\n\r\n"], "bad_magic"),
    "another version": (other_version, "bad_version"),
    "an unknown kind": (lambda _: [write_prefix(99, 0)], "bad_kind"),  # type: ignore[arg-type]
    "a HELLO cut short": (lambda game: [game.hello_part()[:-1]], "truncated"),
    "a HELLO with more behind it": (lambda game: [game.hello_part() + b" "], "bad_size"),
    "a HELLO of two parts": (lambda game: [game.hello_part(), b""], "bad_parts"),
    "no JSON": (lambda _: [json_part(Kind.HELLO, b"{")], "bad_json"),
    "JSON that is no object": (lambda _: [json_part(Kind.HELLO, b"[]")], "bad_json"),
    "JSON that is no UTF-8": (lambda _: [json_part(Kind.HELLO, b'{"name": "\xff"}')], "bad_json"),
    "JSON a thousand deep": (lambda _: [json_part(Kind.HELLO, b"[" * 100_000)], "bad_json"),
    "too much JSON": (lambda _: [json_part(Kind.HELLO, b" " * (MAX_JSON_BYTES + 1))], "too_large"),
    "no name": (without("name"), "bad_message"),
    "no session": (without("session"), "bad_message"),
    "no flow": (without("flow"), "bad_message"),
    "a session that is no number": (hello_with(session="x" * 32), "bad_message"),
    "an unknown flow": (hello_with(flow="quick"), "bad_message"),
    "a negative count": (hello_with(acknowledged=-1), "bad_message"),
}


@pytest.mark.parametrize("name", OPENINGS)
def test_a_peer_that_opens_wrongly_is_told_why_at_the_step_hello(
    collector: Collector, reader: Reader, make_raw: MakeRaw, name: str
) -> None:
    parts, code = OPENINGS[name]
    game = make_raw(collector)
    game.send(*parts(game))
    error = game.hear(Kind.ERROR)
    assert (error["code"], error["step"], error["fatal"]) == (code, "hello", True)
    assert error["says"]
    assert collector.counts()["faults"] == 1
    assert len(collector.peers()) == 1


def no_welcome(_: RawGame) -> list[Any]:
    body = {"name": "me", "engine": "", "session": "a" * 32, "resumed": False, "sequence": 0, "window": 1}
    rest = {"max_frame_bytes": 1, "heartbeat_ms": 1, "timeout_ms": 1, "replies": False}
    return [json_part(Kind.WELCOME, body | rest | {word: [] for word in ("lanes", "planes", "controls")})]


def frame_with(**fields: Any) -> Parts:
    return lambda game: frame_parts(game.session, 1, **fields)


LATER: dict[str, tuple[Parts, str, str, bool]] = {
    "another protocol": (lambda _: [b"GET / HTTP/1.1\r\n\r\n"], "bad_magic", "stream", False),
    "another session's frame": (lambda _: frame_parts("9" * 32, 1), "bad_session", "stream", True),
    "a frame after a hole": (lambda game: frame_parts(game.session, 2), "gap", "stream", True),
    "a frame's first part alone": (lambda game: frame_parts(game.session, 1)[:1], "bad_parts", "stream", False),
    "a frame with a part too many": (lambda game: [*frame_parts(game.session, 1), b""], "bad_parts", "stream", False),
    "a frame's plane cut short": (
        lambda game: [frame_parts(game.session, 1)[0], b"short"],
        "bad_parts",
        "stream",
        False,
    ),
    "a frame without a sequence": (lambda game: frame_parts(game.session, 0), "bad_value", "stream", False),
    "a frame beyond the limit": (frame_with(payload_bytes=(1 << 20) + 1), "too_large", "stream", False),
    "a frame 0 pixels wide": (frame_with(width=0), "bad_value", "stream", False),
    "a frame of no camera": (frame_with(camera=bytes(32)), "bad_text", "stream", False),
    "a reply": (frame_with(flags=FrameFlag.REPLY), "bad_flags", "stream", False),
    "a welcome": (no_welcome, "bad_kind", "stream", False),
    "a HELLO without a flow": (without("flow"), "bad_message", "hello", False),
    "a HELLO of another flow": (hello_with(flow="live"), "bad_flow", "hello", False),
    "a control without a name": (lambda _: [json_part(Kind.CONTROL, {"id": 1})], "bad_message", "control", False),
    "a control of two parts": (
        lambda _: [json_part(Kind.CONTROL, {"id": 1, "name": "x"}), b""],
        "bad_parts",
        "control",
        False,
    ),
    "an offer without a path": (lambda _: [json_part(Kind.LANE, {"offer": 1})], "bad_message", "lane", False),
    "an offer that is no number": (lambda _: [json_part(Kind.LANE, {"offer": "1"})], "bad_message", "lane", False),
    "counters that don't count": (
        lambda _: [json_part(Kind.STATS, {"counters": {"a": "b"}})],
        "bad_message",
        "stream",
        False,
    ),
    "a ping cut short": (lambda _: [encode_ping(1)[:-1]], "truncated", "stream", False),
}


@pytest.mark.parametrize("name", LATER)
def test_a_game_that_goes_wrong_later_is_told_why_and_counted_under_its_name(
    collector: Collector, reader: Reader, make_raw: MakeRaw, name: str
) -> None:
    parts, code, step, fatal = LATER[name]
    game = make_raw(collector)
    game.hello()
    game.send(*parts(game))
    error = game.hear(Kind.ERROR)
    assert (error["code"], error["step"], error["fatal"]) == (code, step, fatal)
    report = report_of(collector, game.session)
    assert report.faults == {code: 1}
    assert report.connected != fatal
    assert collector.counts()["faults"] == 1
    if not fatal:
        game.frame(1)
        reader.wait_for(game.session, 1)


@pytest.mark.parametrize("parts", [lambda game: frame_parts(game.session, 1), lambda _: [encode_ping(5)]])
def test_whoever_speaks_before_hello_is_asked_for_one_and_may_then_go_on(
    collector: Collector, reader: Reader, make_raw: MakeRaw, parts: Parts
) -> None:
    game = make_raw(collector)
    for _ in range(50):
        game.send(*parts(game))
    error = game.hear(Kind.ERROR)
    assert (error["code"], error["step"], error["fatal"]) == ("no_hello", "hello", False)
    until(lambda: collector.counts().get("strangers") == 50)
    with pytest.raises(AssertionError, match=r"only \[\]"):
        game.hear(Kind.ERROR, 0.05)
    game.hello()
    game.frame(1)
    reader.wait_for(game.session, 1)


def test_one_frame_more_than_the_window_ends_the_link(make_collector: MakeCollector, make_raw: MakeRaw) -> None:
    collector = make_collector(window=WINDOW)
    game = make_raw(collector)
    game.hello()
    for sequence in range(1, WINDOW + 2):
        game.frame(sequence)
    assert game.hear(Kind.ERROR)["code"] == "flood"
    assert not report_of(collector, game.session).connected
    game.hello(resume=True)
    with Reader(collector) as reader:
        reader.wait_for(game.session, WINDOW)
        game.frame(WINDOW + 1)
        reader.wait_for(game.session, WINDOW + 1)
    assert reader.of(game.session) == list(range(1, WINDOW + 2))


def test_one_camera_too_many_is_refused(collector: Collector, reader: Reader, make_raw: MakeRaw) -> None:
    game = make_raw(collector, flow="live")
    game.hello()
    for number in range(1, MAX_CAMERAS + 2):
        game.frame(number, picture(number, camera=f"camera {number}"))
    assert game.hear(Kind.ERROR)["code"] == "too_many_cameras"
    assert len(report_of(collector, game.session).cameras) == MAX_CAMERAS


def test_a_frame_with_a_wrong_checksum_is_lost_and_the_others_are_not(
    collector: Collector, reader: Reader, make_raw: MakeRaw
) -> None:
    game = make_raw(collector)
    game.hello()
    first, data = frame_parts(game.session, 2)
    crooked = bytearray(first)
    crooked[-48 + 11] = 1  # checksum_kind, with the checksum left at 0
    game.frame(1)
    game.send(bytes(crooked), data)
    game.frame(3)
    assert game.hear(Kind.ERROR)["code"] == "bad_checksum"
    reader.wait_for(game.session, 3)
    assert reader.of(game.session) == [1, 3]
    report = report_of(collector, game.session)
    assert (report.lost, report.faults) == (1, {"bad_checksum": 1})
    until(lambda: collector.peers() and report_of(collector, game.session).handed_out == 2)


def test_a_frame_in_a_ring_that_was_never_offered_is_lost_and_the_others_are_not(
    collector: Collector, reader: Reader, make_raw: MakeRaw
) -> None:
    game = make_raw(collector, lanes=("ring", "inline"))
    game.hello()
    game.send(*ring_frame(game.session, 1, 1, 0, 1, picture(1, IN_RING)))
    assert game.hear(Kind.ERROR)["code"] == "torn"
    game.frame(2)
    reader.wait_for(game.session, 2)
    assert report_of(collector, game.session).lost == 1
