"""The JSON kinds beyond their vectors: spellings that nobody writes, bounds, and what the faults say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from stylebridge.wire import messages
from stylebridge.wire.codec import encode_ping, write_prefix
from stylebridge.wire.controls import CONTROLS, check_arguments
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import MAX_JSON_BYTES, MAX_JSON_DEPTH, Error, Kind
from stylebridge.wire.messages import decode_message, encode_message

SESSION = "00112233445566778899aabbccddeeff"
HELLO = {"name": "game", "session": SESSION, "flow": "live"}
OFFER = {"offer": 1, "path": "x.ring", "token": SESSION, "slots": 4, "slot_bytes": 4096}
WELCOME: dict[str, Any] = {"name": "c", "engine": "", "session": SESSION, "resumed": False, "sequence": 0, "window": 4}
WELCOME |= {"lanes": [], "planes": [], "controls": [], "replies": False}
WELCOME |= {"max_frame_bytes": 1, "heartbeat_ms": 1000, "timeout_ms": 5000}


def part(kind: Kind, body: bytes | dict[str, Any]) -> bytes:
    text = msgspec.json.encode(body) if isinstance(body, dict) else body
    return write_prefix(kind, len(text)) + text


def code_and_text(data: bytes) -> tuple[Error, str]:
    with pytest.raises(WireFault) as caught:
        decode_message(data)
    return caught.value.code, str(caught.value)


def test_a_hello_of_what_is_needed_has_the_defaults() -> None:
    hello = decode_message(part(Kind.HELLO, HELLO))
    assert hello == messages.Hello(name="game", session=SESSION, flow="live")
    assert (hello.lanes, hello.planes, hello.controls) == (("inline",), ("color",), ())
    assert not hello.replies
    assert not hello.resume


@pytest.mark.parametrize(
    "text",
    [
        b' {"why":"x"}',
        b'{ "why" :\t"x"\r\n}\n',
        b'{"why":"\\u0078"}',
        b'{"why":"first","why":"x"}',
        b'{"later":{"a":[1,2.5e3,null]},"why":"x"}',
    ],
)
def test_other_spellings_are_the_same_message(text: bytes) -> None:
    assert decode_message(part(Kind.BYE, text)) == messages.Bye(why="x")


@pytest.mark.parametrize(
    ("kind", "body", "form"),
    [
        (Kind.CONTROL, {"id": 1, "name": "pause"}, messages.Question),
        (Kind.CONTROL, {"answer": 1, "ok": True}, messages.Answer),
        (Kind.LANE, OFFER, messages.Offer),
        (Kind.LANE, {"accept": 1}, messages.Accept),
        (Kind.LANE, {"refuse": 1, "says": "no"}, messages.Refuse),
        (Kind.LANE, {"close": 1}, messages.Close),
    ],
)
def test_a_form_is_told_by_its_field(kind: Kind, body: dict[str, Any], form: type) -> None:
    assert type(decode_message(part(kind, body))) is form


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        (Kind.HELLO, {"name": "game", "flow": "live"}, "HELLO: Object missing required field `session`; expected"),
        (Kind.HELLO, HELLO | {"acknowledged": "1"}, "Expected `int`, got `str` - at `$.acknowledged`"),
        (Kind.WELCOME, WELCOME | {"window": 0}, "`$.window`"),
        (Kind.WELCOME, WELCOME | {"window": 257}, "`$.window`"),
        (Kind.WELCOME, WELCOME | {"heartbeat_ms": 0}, "`$.heartbeat_ms`"),
        (Kind.LANE, OFFER | {"offer": 0}, "`$.offer`"),
        (Kind.LANE, OFFER | {"slots": 65}, "`$.slots`"),
        (Kind.LANE, OFFER | {"slots": 0}, "`$.slots`"),
        (Kind.LANE, OFFER | {"slot_bytes": 8589934593}, "`$.slot_bytes`"),
        (Kind.LANE, OFFER | {"path": 1025 * "x"}, "`$.path`"),
        (Kind.STATS, {"counters": {str(n): n for n in range(65)}}, "`$.counters`"),
    ],
)
def test_a_message_with_a_wrong_field_names_it(kind: Kind, body: dict[str, Any], says: str) -> None:
    code, text = code_and_text(part(kind, body))
    assert code is Error.BAD_MESSAGE
    assert says in text


def test_numbers_are_taken_up_to_their_bounds() -> None:
    largest = (1 << 63) - 1
    assert decode_message(part(Kind.HELLO, HELLO | {"acknowledged": largest})).acknowledged == largest
    assert decode_message(part(Kind.WELCOME, WELCOME | {"window": 256})).window == 256
    assert decode_message(part(Kind.LANE, OFFER | {"slots": 64, "slot_bytes": 8589934592})).slots == 64


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"", b"{", b'{"a":"\xff"}', 10**5 * b"["])
def test_what_is_not_an_object_says_so(body: bytes) -> None:
    code, text = code_and_text(part(Kind.BYE, body))
    assert code is Error.BAD_JSON
    assert text.startswith("BYE: ")
    assert text.endswith("expected a JSON object")
    assert len(text) < 300


def test_a_binary_kind_is_not_json() -> None:
    assert code_and_text(encode_ping(1)) == (Error.BAD_KIND, "a PING; expected a JSON kind")


def test_json_as_large_as_it_may_be_is_taken_and_no_larger() -> None:
    room = MAX_JSON_BYTES - len(b'{"code":"x","says":"","step":"hello","fatal":false}')
    fault = messages.ErrorMessage(code="x", says="y" * room, step="hello", fatal=False)
    assert decode_message(encode_message(fault)) == fault
    with pytest.raises(WireFault, match=f"expected at most {MAX_JSON_BYTES}") as caught:
        encode_message(messages.ErrorMessage(code="x", says="y" * (room + 1), step="hello", fatal=False))
    assert caught.value.code is Error.TOO_LARGE
    assert code_and_text(part(Kind.ERROR, bytes(MAX_JSON_BYTES + 1)))[0] is Error.TOO_LARGE


def nested(depth: int) -> messages.Question:
    args: Any = 1
    for _ in range(depth - 2):  # the message and its arguments are the first two
        args = [args]
    return messages.Question(id=1, name="own", args={"deep": args})


@pytest.mark.parametrize("depth", [2, 10, MAX_JSON_DEPTH])
def test_arguments_may_be_nested(depth: int) -> None:
    question = nested(depth)
    assert decode_message(encode_message(question)) == question


def test_arguments_may_not_be_nested_without_end() -> None:
    with pytest.raises(WireFault) as caught:
        decode_message(encode_message(nested(MAX_JSON_DEPTH + 1)))
    assert caught.value.code == Error.BAD_JSON


@pytest.mark.parametrize(
    ("name", "args", "full"),
    [
        ("step", {}, {"count": 1}),
        ("step", {"count": 3}, {"count": 3}),
        ("reset", {"seed": (1 << 63) - 1}, {"seed": (1 << 63) - 1}),
        ("resolution", {"width": 1, "height": 16384}, {"width": 1, "height": 16384}),
        ("time_scale", {"scale": 0}, {"scale": 0.0}),
        ("planes", {"names": ["color"]}, {"names": ["color"]}),
        ("own", {"anything": [1]}, {"anything": [1]}),
    ],
)
def test_arguments_that_fit_are_taken_with_their_defaults(
    name: str, args: dict[str, Any], full: dict[str, Any]
) -> None:
    checked = check_arguments(name, args)
    assert msgspec.json.encode(checked) == msgspec.json.encode(full)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("pause", {"now": True}),
        ("step", {"count": 0}),
        ("step", {"count": 1.5}),
        ("reset", {"seed": -1}),
        ("reset", {"seed": 1 << 63}),
        ("resolution", {"width": 640}),
        ("resolution", {"width": 0, "height": 1}),
        ("resolution", {"width": 1, "height": 16385}),
        ("time_scale", {"scale": -0.5}),
        ("camera", {"name": None}),
        ("model", {"name": 257 * "x"}),
        ("planes", {"names": []}),
    ],
)
def test_arguments_that_do_not_fit_are_refused(name: str, args: dict[str, Any]) -> None:
    with pytest.raises(WireFault, match=f"control '{name}': ") as caught:
        check_arguments(name, args)
    assert caught.value.code is Error.BAD_CONTROL


def test_every_control_of_the_protocol_is_known() -> None:
    named = {"pause", "resume", "step", "reset", "resolution", "time_scale", "camera", "model", "planes"}
    assert set(CONTROLS) == named
