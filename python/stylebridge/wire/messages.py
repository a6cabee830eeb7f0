"""The JSON kinds as typed structs: HELLO, WELCOME, CONTROL, STATS, ERROR, BYE, LANE."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec

from stylebridge.wire.codec import PREFIX_BYTES, read_prefix, write_prefix
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import (
    MAX_JSON_BYTES,
    MAX_JSON_DEPTH,
    MAX_SLOT_BYTES,
    MAX_SLOTS,
    MAX_TEXT,
    MAX_WINDOW,
    Error,
    Kind,
)

Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
Hex16: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]  # msgspec takes no bound beyond int64
Id: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
RingNumber: TypeAlias = Annotated[int, msgspec.Meta(ge=1, lt=1 << 16)]
Words: TypeAlias = Annotated[tuple[Text, ...], msgspec.Meta(max_length=64)]
FlowName: TypeAlias = Literal["lockstep", "lossless", "live"]


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """A game introduces itself."""

    name: Text
    engine: Text = ""
    session: Hex16
    resume: bool = False
    flow: FlowName
    lanes: Words = ("inline",)
    planes: Words = ("color",)
    controls: Words = ()
    replies: bool = False
    acknowledged: Count = 0


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """The collector takes a game in."""

    name: Text
    engine: Text
    session: Hex16
    resumed: bool
    sequence: Count
    window: Annotated[int, msgspec.Meta(ge=1, le=MAX_WINDOW)]
    lanes: Words
    planes: Words
    controls: Words
    replies: bool
    max_frame_bytes: Count
    heartbeat_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)]
    timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=3_600_000)]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A CONTROL that asks."""

    id: Id
    name: Text
    args: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A CONTROL that answers."""

    answer: Id
    ok: bool
    result: dict[str, Any] = {}
    code: Text = ""
    says: str = ""


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender counted."""

    counters: Annotated[dict[Text, int | float], msgspec.Meta(max_length=64)]


class ErrorMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A fault, told to the one who caused it."""

    code: Text
    says: str
    step: Text
    fatal: bool


class Bye(msgspec.Struct, frozen=True, kw_only=True):
    """The session is over."""

    why: Text


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A LANE that offers a ring."""

    offer: RingNumber
    path: Annotated[str, msgspec.Meta(max_length=1024)]
    token: Hex16
    slots: Annotated[int, msgspec.Meta(ge=1, le=MAX_SLOTS)]
    slot_bytes: Annotated[int, msgspec.Meta(ge=1, le=MAX_SLOT_BYTES)]


class Accept(msgspec.Struct, frozen=True, kw_only=True):
    """A LANE that takes a ring."""

    accept: RingNumber


class Refuse(msgspec.Struct, frozen=True, kw_only=True):
    """A LANE that doesn't take a ring."""

    refuse: RingNumber
    says: str


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """A LANE that gives a ring up."""

    close: RingNumber


Lanes: TypeAlias = Offer | Accept | Refuse | Close
Message: TypeAlias = Hello | Welcome | Question | Answer | Stats | ErrorMessage | Bye | Lanes
T = TypeVar("T", bound=msgspec.Struct)

# kind -> the field that tells a form apart from the others ("" for the only one), and the form
FORMS: dict[Kind, tuple[tuple[str, type[msgspec.Struct]], ...]] = {
    Kind.HELLO: (("", Hello),),
    Kind.WELCOME: (("", Welcome),),
    Kind.CONTROL: (("answer", Answer), ("", Question)),
    Kind.STATS: (("", Stats),),
    Kind.ERROR: (("", ErrorMessage),),
    Kind.BYE: (("", Bye),),
    Kind.LANE: (("offer", Offer), ("accept", Accept), ("refuse", Refuse), ("", Close)),
}
_KIND_OF = {form: kind for kind, forms in FORMS.items() for _, form in forms}


def encode_message(message: Message) -> bytes:
    """A JSON kind as its one part."""
    body = msgspec.json.encode(message)
    if len(body) > MAX_JSON_BYTES:
        raise WireFault(Error.TOO_LARGE, f"JSON of {len(body)} bytes", expected=f"at most {MAX_JSON_BYTES}")
    return write_prefix(_KIND_OF[type(message)], len(body)) + body


def decode_message(part: bytes) -> Message:
    """Take a JSON kind apart."""
    kind, _ = read_prefix(part)
    if kind not in FORMS:
        raise WireFault(Error.BAD_KIND, f"a {kind.name}", expected="a JSON kind")
    values = _object(part[PREFIX_BYTES:], kind)
    form = next(form for field, form in FORMS[kind] if not field or field in values)
    try:
        return msgspec.convert(values, form)  # type: ignore[return-value]  # every form is one of Message
    except msgspec.ValidationError as error:
        raise WireFault(Error.BAD_MESSAGE, f"{kind.name}: {error}", expected="the fields of its kind") from error


def _object(body: bytes, kind: Kind) -> dict[str, Any]:
    try:
        values = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireFault(Error.BAD_JSON, f"{kind.name}: {error}", expected="a JSON object") from error
    if not isinstance(values, dict):
        raise WireFault(Error.BAD_JSON, f"{kind.name}: {type(values).__name__}", expected="a JSON object")
    if _too_deep(values, MAX_JSON_DEPTH):
        raise WireFault(Error.BAD_JSON, f"{kind.name}: too deep", expected=f"at most {MAX_JSON_DEPTH} levels")
    if _too_large(values):
        raise WireFault(Error.BAD_JSON, f"{kind.name}: a number too large", expected="numbers that float64 holds")
    return values


def _too_deep(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_too_deep(part, levels - 1) for part in inner)


def _too_large(value: Any) -> bool:
    """Whether there is an integer beyond float64, which json readers elsewhere don't take."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return any(_too_large(part) for part in value)
    return isinstance(value, int) and abs(value) > sys.float_info.max
