"""The server as a program sees it: who may enter, what may be said, and that a slow viewer holds up nobody."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stylebridge.errors import InputError
from stylebridge.watch.plan import Plan
from stylebridge.watch.studio import Studio
from wire.patience import until

from .plans import Clip, inverted, opener, plan

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
client = pytest.importorskip("websockets.sync.client")
from stylebridge.watch import server as servers  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

Serve = Callable[..., servers.Server]


@pytest.fixture
def serve(studio: Callable[[Plan], Studio]) -> Iterator[Serve]:
    running: list[tuple[servers.Server, Any]] = []

    def start(of: Plan | None = None, host: str = "127.0.0.1") -> servers.Server:
        opened = servers.Server(studio(of or plan(Clip, a=opener(inverted))), host)
        running.append((opened, opened.start()))
        return opened

    yield start
    for server, thread in running:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


def live(server: servers.Server, query: str = "", **options: Any) -> Any:
    return client.connect(f"ws://127.0.0.1:{server.port}/live{query}", open_timeout=10, **options)


def heard(link: Any, kind: str) -> Any:
    """The next message of this kind: `state`, `refusal`, or a `bundle` with its pictures."""
    while True:
        data = link.recv(timeout=10)
        if isinstance(data, bytes):
            length = int.from_bytes(data[:4], "little")
            message = json.loads(data[4 : 4 + length]) | {"kind": "bundle", "data": data[4 + length :]}
            link.send(json.dumps({"type": "drawn", "bundle": message["bundle"]}))
        else:
            message = json.loads(data)
        if message["kind"] == kind:
            return message


def fetched(server: servers.Server, path: str = "/", host: str = "") -> tuple[int, str, dict[str, str]]:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, "", {}


def test_the_page_comes_with_a_policy_that_lets_nothing_else_in(serve: Serve) -> None:
    status, text, headers = fetched(serve())
    assert (status, "<!doctype html>" in text) == (200, True)
    assert "default-src 'none'" in headers["content-security-policy"]


def test_pictures_come_whole_and_in_the_order_of_the_header(serve: Serve) -> None:
    with live(serve()) as link:
        while True:
            bundle = heard(link, "bundle")
            data = bundle["data"]
            for entry in bundle["pictures"]:
                picture, data = data[: entry["bytes"]], data[entry["bytes"] :]
                assert picture[:2] == b"\xff\xd8" and picture[-2:] == b"\xff\xd9"
                assert (entry["width"], entry["height"]) == (64, 36)
            assert data == b""
            if {entry["column"] for entry in bundle["pictures"]} == {"game", "a"}:
                return


def test_only_the_columns_that_are_looked_at_are_sent(serve: Serve) -> None:
    with live(serve()) as link:
        link.send('{"type":"look","columns":["a"],"heat":["game","a"]}')
        seen: set[str] = set()
        until(lambda: seen.update(e["column"] for e in heard(link, "bundle")["pictures"]) or "heat" in seen)
        names = [{entry["column"] for entry in heard(link, "bundle")["pictures"]} for _ in range(5)]
        assert set().union(*names) <= {"a", "heat"}


def test_a_viewer_that_never_draws_holds_up_nobody(serve: Serve) -> None:
    server = serve()
    with live(server) as lazy, live(server) as quick:
        for _ in range(30):
            heard(quick, "bundle")
        got = []
        while len([message for message in got if isinstance(message, str)]) < 3:
            got.append(lazy.recv(timeout=10))
        assert len([message for message in got if isinstance(message, bytes)]) == 2


def test_a_viewer_that_goes_is_forgotten(serve: Serve) -> None:
    server = serve()
    with live(server) as stays, live(server) as gone:
        gone.send('{"type":"look","heat":["game","a"]}')
        heard(gone, "bundle")
        until(lambda: heard(stays, "state")["viewers"] == 2)
        gone.socket.close()  # without a word
        until(lambda: heard(stays, "state")["viewers"] == 1)
        assert server._studio.differences.latest(("game", "a")) is None
        heard(stays, "bundle")


@pytest.mark.parametrize("text", ["not JSON", '{"type":"exec"}', '{"type":"look","columns":["b"]}', b"\0"])
def test_nonsense_ends_the_connection_with_a_reason(serve: Serve, text: str | bytes) -> None:
    with live(serve()) as link:
        link.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            until(lambda: heard(link, "bundle") and False)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == servers.REFUSED
        assert closed.value.rcvd.reason


def test_a_message_that_is_too_large_is_not_taken_in(serve: Serve) -> None:
    with live(serve()) as link:
        link.send("x" * 100_000)
        with pytest.raises(ConnectionClosed) as closed:
            until(lambda: heard(link, "bundle") and False)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


def test_what_cannot_be_done_is_told_and_nothing_ends(serve: Serve) -> None:
    with live(serve()) as link:
        link.send('{"type":"capture","on":true}')
        assert "recorded already" in heard(link, "refusal")["says"]
        heard(link, "bundle")


def test_other_pages_may_not_look(serve: Serve) -> None:
    server = serve()
    with pytest.raises(InvalidStatus) as refused:
        live(server, origin="http://evil.example")
    assert refused.value.response.status_code == 403
    with live(server, origin=f"http://127.0.0.1:{server.port}") as link:
        heard(link, "bundle")


def test_a_name_that_was_redirected_here_is_refused(serve: Serve) -> None:
    server = serve()
    assert fetched(server, host="evil.example")[0] == 403
    assert fetched(server, host=f"localhost:{server.port}")[0] == 200


def test_another_host_needs_the_token(serve: Serve) -> None:
    server = serve(host="0.0.0.0")  # noqa: S104
    assert server.url.endswith(f"/?token={server.token}") and len(server.token) >= 20
    assert fetched(server)[0] == 403
    assert fetched(server, f"/?token={server.token}")[0] == 200
    for query in ("", "?token=", "?token=é"):
        with pytest.raises(InvalidStatus):
            live(server, query)
    with live(server, f"?token={server.token}") as link:
        heard(link, "bundle")


def test_no_more_viewers_than_there_is_room_for(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "MAX_VIEWERS", 1)
    server = serve()
    with live(server) as first:
        heard(first, "bundle")
        with live(server) as second, pytest.raises(ConnectionClosed) as closed:
            second.recv(timeout=10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == servers.FULL
        heard(first, "bundle")


def test_a_port_that_is_taken_is_told(serve: Serve, studio: Callable[[Plan], Studio]) -> None:
    taken = serve()
    with pytest.raises(InputError, match=f"127.0.0.1:{taken.port}"):
        servers.Server(studio(plan(Clip)), "127.0.0.1", taken.port)
