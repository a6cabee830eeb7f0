"""Sessions and their links: said twice, taken over, without end, too many."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from stylebridge.wire import Collector
from stylebridge.wire.codec import encode_ping
from stylebridge.wire.layout import Kind

from .conftest import MakeCollector, MakeRaw, MakeSender
from .goodgame import report_of, undisturbed
from .patience import until
from .raw import json_part
from .reader import Reader

WINDOW = 4


@pytest.fixture
def collector(make_collector: MakeCollector) -> Collector:
    return make_collector(window=WINDOW, max_frame_bytes=1 << 20, heartbeat_s=0.1, timeout_s=1.0)


@pytest.fixture
def reader(collector: Collector, make_sender: MakeSender) -> Iterator[Reader]:
    """A good game goes on before, during and after each of these tests."""
    with undisturbed(collector, make_sender(collector, name="good")) as reading:
        yield reading


def test_a_session_that_was_refused_can_begin_anew(collector: Collector, reader: Reader, make_raw: MakeRaw) -> None:
    game = make_raw(collector)
    game.hello()
    game.frame(5)
    assert game.hear(Kind.ERROR)["code"] == "gap"
    game.frame(1)
    assert collector.counts().get("strangers", 0) <= 1
    assert game.hello(resume=True)["resumed"]
    game.frame(1)
    reader.wait_for(game.session, 1)


def test_hello_twice_is_answered_twice_and_is_one_link(collector: Collector, reader: Reader, make_raw: MakeRaw) -> None:
    game = make_raw(collector)
    assert not game.hello()["resumed"]
    game.frame(1)
    reader.wait_for(game.session, 1)
    until(lambda: game.hello()["sequence"] == 1)
    game.frame(2)
    reader.wait_for(game.session, 2)
    assert report_of(collector, game.session).links == 1


def test_a_link_that_says_hello_for_another_session_leaves_the_first(
    collector: Collector, reader: Reader, make_raw: MakeRaw
) -> None:
    game = make_raw(collector)
    game.hello()
    first, game.session = game.session, secrets.token_hex(16)
    game.hello()
    connected = {report.session: report.connected for report in collector.peers()}
    assert not connected[first]
    assert connected[game.session]
    game.frame(1)
    reader.wait_for(game.session, 1)


def test_a_session_taken_over_by_another_link_is_the_new_ones(
    collector: Collector, reader: Reader, make_raw: MakeRaw
) -> None:
    old, new = make_raw(collector), make_raw(collector)
    old.hello()
    new.session = old.session
    assert new.hello(resume=True)["resumed"]
    old.frame(1)
    assert old.hear(Kind.ERROR)["code"] == "no_hello"
    new.frame(1)
    reader.wait_for(new.session, 1)
    assert report_of(collector, new.session).links == 2


def test_sessions_without_end_are_forgotten(
    collector: Collector, reader: Reader, make_raw: MakeRaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.wire.sessions.MAX_SESSIONS", 8)
    game = make_raw(collector)
    for _ in range(50):
        game.session = secrets.token_hex(16)
        game.hello()
    assert len(collector.peers()) == 8
    assert report_of(collector, game.session).connected
    assert sum(report.connected for report in collector.peers()) == 2, "the good game and the newest session"


def test_a_full_collector_says_so_and_takes_the_next_when_one_leaves(
    make_collector: MakeCollector, make_sender: MakeSender, make_raw: MakeRaw
) -> None:
    collector = make_collector(max_peers=2)
    with undisturbed(collector, make_sender(collector)):
        first, second = make_raw(collector), make_raw(collector)
        first.hello()
        second.send(second.hello_part())
        error = second.hear(Kind.ERROR)
        assert (error["code"], error["step"]) == ("peers_full", "hello")
        assert "2 games; expected at most 2" in error["says"]
        patient = make_sender(collector)
        with pytest.raises(Exception, match=r"doesn't answer HELLO \(2 games; expected at most 2"):
            patient.connect(0.2)
        first.send(json_part(Kind.BYE, {"why": "enough"}))
        patient.connect(5)


def test_sessions_that_left_frames_unread_are_bounded(make_collector: MakeCollector, make_raw: MakeRaw) -> None:
    collector = make_collector(max_peers=2, shared_memory=False)
    for number in (1, 2):
        game = make_raw(collector)
        game.hello()
        game.frame(1)
        game.send(json_part(Kind.BYE, {"why": "over"}))
        until(lambda number=number: sum(report.left for report in collector.peers()) == number)
    third = make_raw(collector)
    third.send(third.hello_part())
    refusal = third.hear(Kind.ERROR)
    assert (refusal["code"], "nobody has read" in refusal["says"]) == ("peers_full", True)
    assert collector.receive(5) is not None
    third.hello()


def test_a_fault_of_our_own_ends_no_other_link(
    make_collector: MakeCollector, make_raw: MakeRaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = make_collector()
    monkeypatch.setattr("stylebridge.wire.reception.decode_ping", lambda part: 1 // 0)
    culprit, other = make_raw(collector), make_raw(collector)
    culprit.hello()
    other.hello()
    culprit.send(encode_ping(1))
    assert "ZeroDivisionError" in culprit.hear(Kind.ERROR)["says"]
    other.frame(1)
    delivery = collector.receive(5)
    assert delivery is not None
    assert delivery.session == other.session
