"""What a browser may ask for; every message is one of these, small and strict."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from stylebridge.errors import InputError
from stylebridge.watch.choice import MAX_EVERY, Mode

MAX_MESSAGE_BYTES = 4096
MAX_COLUMNS = 16

Name = Annotated[str, msgspec.Meta(max_length=200)]
Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="play"):
    """Go on, or pause."""

    on: bool


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="step"):
    """Pause, and go so many moments on."""

    count: Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)] = 1


class Seek(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="seek"):
    """Show this moment."""

    number: Number


class Together(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="together"):
    """Whether a recording waits for all columns."""

    on: bool


class Stream(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="stream"):
    """Which camera of a live source is shown."""

    name: Name


class Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="style"):
    """Another model, or another way between key frames; what is left out stays."""

    model: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None = None
    mode: Mode | None = None
    every: Annotated[int, msgspec.Meta(ge=1, le=MAX_EVERY)] | None = None


class Retry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="retry"):
    """Open every engine again."""


class Capture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="capture"):
    """Begin or end a recording."""

    on: bool


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="look"):
    """What this viewer wants to see: columns (all when left out), of one moment or the newest, and a difference."""

    columns: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MAX_COLUMNS)] | None = None
    aligned: bool = False
    heat: tuple[Name, Name] | None = None


class Drawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="drawn"):
    """This viewer has drawn a bundle and can take another."""

    bundle: Number


Command: TypeAlias = Play | Step | Seek | Together | Stream | Style | Retry | Capture
Message: TypeAlias = Command | Look | Drawn

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def parse(text: str | bytes) -> Message:
    """A message from a browser, or a refusal."""
    if len(text) > MAX_MESSAGE_BYTES:
        raise InputError(f"a message of {len(text)} characters", expected=f"at most {MAX_MESSAGE_BYTES}")
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(f"not a message that is known here: {error}"[:300]) from error
