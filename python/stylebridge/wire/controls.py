"""The controls that both sides know, with their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

import msgspec

from stylebridge.errors import StylebridgeError
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import MAX_JSON_BYTES, MAX_PLANES, MAX_SIDE, Error
from stylebridge.wire.messages import Answer, Question, Text

Handler: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any] | None]
SLACK = 1024  # bytes of an answer's other fields
Pixels = Annotated[int, msgspec.Meta(ge=1, le=MAX_SIDE)]


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold the game's clock."""


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let the game's clock run."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Run this many frames, then hold again."""

    count: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


class Reset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Start over with this seed."""

    seed: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)] = 0


class Resolution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Draw at this size."""

    width: Pixels
    height: Pixels


class TimeScale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let the game's clock run at this many times its pace."""

    scale: Annotated[float, msgspec.Meta(ge=0, le=1000)]


class CameraChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Look through this camera."""

    name: Text


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Load this model."""

    name: Text


class Planes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Send these planes from now on."""

    names: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=MAX_PLANES)]


CONTROLS: dict[str, type[msgspec.Struct]] = {
    "pause": Pause,
    "resume": Resume,
    "step": Step,
    "reset": Reset,
    "resolution": Resolution,
    "time_scale": TimeScale,
    "camera": CameraChoice,
    "model": Model,
    "planes": Planes,
}


def check_arguments(name: str, args: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a known control with their defaults; those of another pass as they are."""
    form = CONTROLS.get(name)
    if form is None:
        return args
    try:
        return dict(msgspec.to_builtins(msgspec.convert(args, form)))
    except msgspec.ValidationError as error:
        raise WireFault(Error.BAD_CONTROL, f"control {name!r}: {error}", expected="the arguments it takes") from error


def answer_control(question: Question, handlers: Mapping[str, Handler]) -> Answer:
    """Do what a control asks; whatever happens, there is an answer."""
    handler = handlers.get(question.name)
    try:
        if handler is None:
            known = ", ".join(sorted(handlers)) or "none"
            raise WireFault(Error.UNKNOWN_CONTROL, f"control {question.name!r}", expected=f"one of: {known}")
        result = dict(handler(check_arguments(question.name, question.args)) or {})
        if len(msgspec.json.encode(result)) > MAX_JSON_BYTES - SLACK:
            raise StylebridgeError(f"the answer to {question.name!r} has too many bytes")
        return Answer(answer=question.id, ok=True, result=result)
    except WireFault as fault:
        return Answer(answer=question.id, ok=False, code=fault.word, says=_plain(fault))
    except StylebridgeError as error:
        return _failed(question, _plain(error))
    except Exception as error:  # a handler's own fault must not take the link down
        return _failed(question, f"{type(error).__name__}: {_plain(error)}")


def _failed(question: Question, says: str) -> Answer:
    return Answer(answer=question.id, ok=False, code=Error.CONTROL_FAILED.name.lower(), says=says)


def _plain(error: Exception) -> str:
    """What an error says, as far as JSON can bear it."""
    return str(error)[:1000].encode(errors="replace").decode()
