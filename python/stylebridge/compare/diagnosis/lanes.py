"""Lanes: what is compared. Each answers a frame with a picture: an engine, or what one showed elsewhere."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from stylebridge.contract import FloatArray, PixelContract
from stylebridge.engines import engine_names
from stylebridge.engines.stylizer import Stylizer
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.recording import Recording
from stylebridge.sources import open_source
from stylebridge.sources.address import Address

CHECKPOINTS = (".pt", ".pth", ".model", ".ckpt")
MAX_AHEAD = 600  # frames of a live or recorded output that are read while one is looked for
MAX_KEPT_BYTES = 1 << 29  # of pictures that were read and may be asked for again


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
        address, self._camera = without_camera(text)
        self._source = open_source(address)
        self._source.keep({}, ("color",))  # a live engine needn't wait until the next picture is asked for
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
            if self._camera in ("", shown.camera.name):
                self._remember(shown)
            self._source.receipt().done()
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
        picture = np.array(shown.rgb) if self.listens_at else shown.rgb  # a game wants its memory back
        self._seen[number] = picture
        self._bytes += picture.nbytes
        while self._bytes > MAX_KEPT_BYTES and len(self._seen) > 1:
            self._bytes -= self._seen.pop(next(iter(self._seen))).nbytes


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


def without_camera(text: str) -> tuple[str, str]:
    """The name of a live game without its `camera=`, which is chosen here, and that camera."""
    address = Address.parse(text)
    camera = address.options.values.get("camera", "")
    if address.scheme != "zmq" or not camera:
        return text, ""
    path, _, tail = text.rpartition("?")
    kept = "&".join(pair for pair in tail.split("&") if not pair.startswith("camera="))
    return f"{path}?{kept}" if kept else path, camera


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
