"""What the columns are asked to show: which model, in which engine, and how the frames between key frames are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.targets import find_target
from stylebridge.watch.partner import SCHEME, Inbox, Partner, partner_of

Mode = Literal["plain", "reproject", "causal"]
MODES: tuple[Mode, ...] = get_args(Mode)
MAX_EVERY = 16
LIVE_SCHEMES = ("zmq", "mlagents", "camera", "scene")  # a column never waits for another game than the one watched
LABELS = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting of the columns, the same for all of them."""

    model: int = 0
    mode: Mode = "plain"
    every: int = 4  # frames from one key frame to the next, where the mode has such


class Painter(Protocol):
    """What a column works with."""

    def __call__(self, frame: Frame, /) -> Frame:
        """What is shown when this frame has come."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A painter and how to let go of it."""

    paint: Painter
    close: Callable[[], None]
    remembers: bool = False  # frames must come numbered one after the other, and what is shown may be an earlier one


Opener = Callable[[Choice], Opened]


def label_of(word: str) -> str:
    """How a column is headed: the engine's proper name, or what stands there instead of one."""
    name = word.partition("=")[0]
    if name in LABELS:
        return LABELS[name]
    if partner := partner_of(word):
        return f"{partner} (live)"
    try:
        target = find_target(name)
    except InputError:
        return word
    return f"{target.name} emulated"


def check_word(word: str) -> None:
    """Refuse what is neither an engine nor a source, before anything is opened."""
    from stylebridge.engines import engine_names

    name = word.partition("=")[0]
    if word.partition(":")[0] in LIVE_SCHEMES:
        raise InputError(
            f"column {word!r}",
            expected="a camera or game that sends to the page as well: live:NAME",
            do="let the engine send its pictures to the address that is watched",
        )
    if word == f"{SCHEME}:":
        raise InputError("nothing after live:", expected="live:CAMERA, live:GAME or live:GAME/CAMERA")
    if partner_of(word) or is_source(word) or name in engine_names():
        return
    try:
        find_target(name)
    except InputError as error:
        raise InputError(
            f"unknown engine {name!r}",
            expected=f"{', '.join(engine_names())}, a release such as barracuda-3.0.1, or recording:FILE, live:CAMERA",
        ) from error


def opener_for(
    word: str, models: tuple[Path, ...], contract: str = "", threads: int | None = None, inbox: Inbox | None = None
) -> Opener:
    """Opens what one column shows: an engine with one of the models, or pictures that an engine showed elsewhere."""

    def open_it(choice: Choice) -> Opened:
        if inbox is not None:
            return Opened(Partner(inbox), lambda: None)
        inner, close = _open_inner(word, models[choice.model], contract, threads)
        if choice.mode == "plain" or isinstance(inner, Elsewhere):
            return Opened(inner, close)
        return Opened(wrapped(inner, choice), close, remembers=True)

    return open_it


def _open_inner(
    word: str, model: Path, contract: str, threads: int | None
) -> tuple[Callable[[Frame], Frame], Callable[[], None]]:
    from stylebridge.compare.diagnosis.lanes import SourceLane, file_for
    from stylebridge.engines.stylizer import open_stylizer

    name, _, file = word.partition("=")
    if is_source(word):
        lane = SourceLane(word, by_id=True)
        return Elsewhere(lane), lane.close
    path = Path(file) if file else file_for(model, name)
    stylizer = open_stylizer(path, name, contract, threads=threads)
    return stylizer, stylizer.engine.close


def is_source(word: str) -> bool:
    """Whether a column's word names pictures and not an engine, as in recording:unity.mcap."""
    return "://" in word or word.partition(":")[0] in ("recording", "video", "images") or word.endswith(".mcap")


class Elsewhere:
    """What an engine elsewhere showed of the same frames, found by their ids."""

    name = "elsewhere"

    def __init__(self, lane: object) -> None:
        self._lane = lane
        self._count = 0

    def __call__(self, frame: Frame) -> Frame:
        """The picture with the frame's id."""
        from stylebridge.compare.diagnosis.lanes import Lane

        assert isinstance(self._lane, Lane)  # noqa: S101 - given by `_open_inner` alone
        shown = self._lane.answer(frame, self._count).shown
        self._count += 1
        if shown is None:
            raise InputError("no picture for this frame", where=self._lane.name)
        return frame.with_color(shown)


def wrapped(inner: Callable[[Frame], Frame], choice: Choice) -> Painter:
    """A stylizer with what fills the frames between key frames, or steadies them all."""
    named = _Named(str(getattr(inner, "name", "style")), inner)
    if choice.mode == "reproject":
        from stylebridge.compare.temporal.reproject import Reprojected

        return Reprojected(named, choice.every)
    from stylebridge.compare.temporal.causal import Causal

    return Causal(named, every=choice.every)


class _Named:
    """A function of frames under a name."""

    def __init__(self, name: str, work: Callable[[Frame], Frame]) -> None:
        self.name = name
        self._work = work

    def __call__(self, frame: Frame) -> Frame:
        return self._work(frame)
