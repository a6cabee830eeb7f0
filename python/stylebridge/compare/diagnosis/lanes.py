"""Lanes: what is compared. Each answers a frame with a picture: an engine, a recording of one, a live one, a dump."""

from __future__ import annotations

import zipfile
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.contract import FloatArray, PixelContract
from stylebridge.engines import engine_names, open_engine
from stylebridge.engines.stylizer import Stylizer, check_channels, open_stylizer
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.recording import Recording
from stylebridge.sources import known_schemes, open_source
from stylebridge.sources.address import Address
from stylebridge.targets import find_target

CHECKPOINTS = (".pt", ".pth", ".model", ".ckpt")
MAX_AHEAD = 600  # frames of a live or recorded output that are read while one is looked for
MAX_KEPT_BYTES = 1 << 29  # of pictures that were read and may be asked for again
MAX_DUMP_BYTES = 2 << 30


@dataclass(frozen=True)
class Answer:
    """What a lane showed for a frame; the numbers before and after the network where it gives them away."""

    shown: ColorPlane | None
    given: FloatArray | None = None
    made: FloatArray | None = None


class Lane(ABC):
    """One side of a comparison."""

    name: str
    note = ""

    @abstractmethod
    def answer(self, frame: Frame, position: int) -> Answer:
        """What it shows for this frame, the `position`-th that it is asked for."""

    def close(self) -> None:  # noqa: B027 - some hold nothing
        """Let go of files and engines."""


class EngineLane(Lane):
    """A model in an engine of ours, which can be run again with something changed."""

    def __init__(self, name: str, path: Path, stylizer: Stylizer, note: str = "") -> None:
        self.name, self.path, self.stylizer, self.note = name, path, stylizer, note

    @property
    def contract(self) -> PixelContract:
        """How its frames become numbers."""
        return self.stylizer.contract

    @property
    def release(self) -> str:
        """The release that it emulates, if it does."""
        name = self.stylizer.engine.name
        return "" if name in engine_names() else name

    def answer(self, frame: Frame, position: int) -> Answer:
        """Run it."""
        given = self.contract.to_tensor(frame)
        made = self.stylizer.infer(given)
        try:
            return Answer(self.contract.to_frame(made, frame).rgb, given, made)
        except InputError as error:
            raise InputError(error.found, expected=error.expected, do=error.do, where=self.path.name) from error

    def close(self) -> None:
        """Close the engine."""
        self.stylizer.engine.close()


class SourceLane(Lane):
    """Pictures that some engine showed: recorded, live or in a folder; found by frame id, or taken in turn."""

    def __init__(self, text: str, *, by_id: bool) -> None:
        self.name = text
        self._ids = GameIds(text)
        self._source = open_source(text)
        self._by_id = by_id and has_ids(text)
        self._seen: dict[int, ColorPlane] = {}
        self._count = self._bytes = 0
        self._newest = -1

    def answer(self, frame: Frame, position: int) -> Answer:
        """The picture with the frame's id."""
        wanted = frame.clock.frame_id if self._by_id else position
        for _ in range(MAX_AHEAD):
            if wanted in self._seen:
                return Answer(self._seen[wanted])
            if self.listens_at and self._newest > wanted:
                break  # a live engine goes forward: what it dropped doesn't come any more
            shown = next(self._source, None)
            if shown is None:
                break
            self._remember(shown)
        known = f"frames {min(self._seen)} to {max(self._seen)}" if self._seen else "no frames"
        raise InputError(
            f"frame {wanted} isn't there",
            expected=f"the frames that the others are given; it has {known}",
            do="record what the engine shows with the ids of the frames that went in",
            where=self.name,
        )

    @property
    def listens_at(self) -> str:
        """The address that a live engine sends its pictures to."""
        return self._source.listens_at

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _remember(self, shown: Frame) -> None:
        number = self._ids.of(shown) if self._by_id else self._count
        self._count += 1
        self._newest = max(self._newest, number)
        if number in self._seen:
            raise InputError(
                f"frame {number} comes twice",
                expected="one camera of one game",
                do="choose with ?camera=NAME&game=NAME",
                where=self.name,
            )
        self._seen[number] = shown.rgb
        self._bytes += shown.rgb.nbytes
        while self._bytes > MAX_KEPT_BYTES and len(self._seen) > 1:
            self._bytes -= self._seen.pop(next(iter(self._seen))).nbytes


class DumpLane(Lane):
    """An .npz of one frame, written by whoever ran the network: `input` and `output` as numbers, `shown` as bytes."""

    def __init__(self, path: Path, contract: PixelContract | None) -> None:
        self.name = path.name
        self.contract = contract
        self.arrays = read_dump(path)
        if not {"input", "output", "shown"} & set(self.arrays):
            names = ", ".join(list(self.arrays)[:6]) or "nothing"
            raise InputError(f"it holds {names}", expected="input, output or shown", where=path)

    def answer(self, frame: Frame, position: int) -> Answer:
        """Its arrays, for the first frame alone."""
        if position:
            raise InputError("a dump holds one frame", expected="one frame", do="use --limit 1", where=self.name)
        given, made = (self._numbers(name) for name in ("input", "output"))
        shown = self.arrays.get("shown")
        if shown is not None and (shown.dtype != np.uint8 or shown.ndim != 3 or shown.shape[2] not in (3, 4)):
            raise InputError(f"shown is {shown.dtype} {list(shown.shape)}", expected="uint8 [H,W,3]", where=self.name)
        picture = None if shown is None else shown[:, :, :3]
        if picture is None and made is not None and self.contract is not None:
            picture = self.contract.to_frame(made, frame).rgb
        return Answer(picture, given, made)

    def _numbers(self, name: str) -> FloatArray | None:
        found = self.arrays.get(name)
        if found is None:
            return None
        found = found[None] if found.ndim == 3 else found
        if found.ndim != 4 or found.dtype.kind != "f" or found.shape[0] != 1:
            wanted = "floats [1,3,H,W] or [1,H,W,3]"
            raise InputError(f"{name} is {found.dtype} {list(found.shape)}", expected=wanted, where=self.name)
        return found.astype(np.float32)


def read_dump(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz; nothing in it is ever unpickled, and nothing larger than a dump is unpacked."""
    if not path.is_file():
        raise InputError("no such file", expected="an .npz file", where=path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_DUMP_BYTES:
            raise InputError(f"unpacks to {size} bytes", expected=f"at most {MAX_DUMP_BYTES}", where=path)
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"not a readable .npz: {reason}", expected="plain arrays", where=path) from error
    return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}


def open_lane(
    word: str, model: Path, contract: str = "", borrowed: PixelContract | None = None, *, by_id: bool = False
) -> Lane:
    """One lane: an engine with the model or, after `=`, another file; a recording or another source; an .npz dump."""
    name, _, file = word.partition("=")
    if _is_engine(name):
        return _open_engine_lane(word, name, Path(file) if file else file_for(model, name), contract, borrowed)
    if word.lower().endswith(".npz"):
        return DumpLane(Path(word), borrowed)
    return SourceLane(word, by_id=by_id)


def check_word(word: str) -> None:
    """Refuse what is no lane at all, before any work is done."""
    name = word.partition("=")[0]
    address = Address.parse(word)
    if _is_engine(name) or word.lower().endswith(".npz") or address.scheme or Path(address.rest).exists():
        return
    raise InputError(
        f"unknown engine {word!r}",
        expected=f"{', '.join(engine_names())}, a release such as barracuda-3.0.1, an .npz dump, or what an engine"
        f" showed as one of {', '.join(known_schemes())}",
    )


def file_for(model: Path, engine: str) -> Path:
    """The model, or the file beside it of the same name that this engine opens."""
    wants_onnx = engine != "torch"
    if (model.suffix.lower() == ".onnx") == wants_onnx:
        return model
    beside = [model.with_suffix(suffix) for suffix in ((".onnx",) if wants_onnx else CHECKPOINTS)]
    found = next((path for path in beside if path.is_file()), None)
    if found is None:
        raise InputError(
            f"{engine} can't open {model.name}, and beside it is no {' or '.join(path.name for path in beside)}",
            expected="an .onnx file" if wants_onnx else "a checkpoint",
            do=f"name it: {engine}=FILE" + (", or write it with: stylebridge export" if wants_onnx else ""),
            where=model,
        )
    return found


def has_ids(text: str) -> bool:
    """Whether the frames of a source carry the ids that a game gave them."""
    address = Address.parse(text)
    return address.scheme in ("zmq", "mlagents", "recording") or Path(address.rest).suffix.lower() == ".mcap"


class GameIds:
    """The ids that recorded frames had in their game, where a source counts them anew; found by camera and time."""

    def __init__(self, text: str) -> None:
        self._known: dict[tuple[object, ...], int | None] = {}
        address = Address.parse(text)
        if address.scheme in ("", "recording") and Path(address.rest).suffix.lower() == ".mcap":
            with Recording(address.rest) as recording:
                for row in recording.rows:
                    channel = recording.channels[int(row["channel"])]
                    key = (channel.session, channel.camera, int(row["wall_ns"]), float(row["simulation_s"]))
                    self._known[key] = None if key in self._known else int(row["frame_id"])

    def of(self, frame: Frame) -> int:
        """The frame's id in the game, as far as that can be told."""
        clock = frame.clock
        found = self._known.get((frame.session, frame.camera.name, clock.wall_ns, clock.simulation_s))
        return clock.frame_id if found is None else found

    def applied(self, frame: Frame) -> Frame:
        """The frame under the id that it had in the game."""
        return replace(frame, clock=replace(frame.clock, frame_id=self.of(frame)))


def _open_engine_lane(word: str, name: str, path: Path, contract: str, borrowed: PixelContract | None) -> EngineLane:
    note = ""
    try:
        stylizer = open_stylizer(path, name, contract)
    except InputError as error:
        if borrowed is None or "no pixel contract" not in error.found:
            raise
        engine = open_engine(name, path)
        check_channels(engine, borrowed, path)
        stylizer = Stylizer(engine, borrowed, path.name)
        note = f"{path.name} carries no contract; it was run with the first one's: {borrowed}"
    return EngineLane(word, path, stylizer, note)


def _is_engine(name: str) -> bool:
    if name in engine_names():
        return True
    try:
        find_target(name)
    except StylebridgeError:
        return False
    return True
