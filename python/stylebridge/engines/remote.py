"""Layers over the wire: a game tells what its own engine computed on the way, for `stylebridge bisect`.

The convention needs nothing that the wire doesn't have. The game sends the picture that went in as any frame, then
asks the collector for `layers` with the names and shapes of its tensors and the picture's frame id. The answer's `send`
lists the names that are wanted. Each of those follows as a FRAME of the camera `layers` whose frame id is the tensor's
place in the list: its depth plane holds the numbers in C order, ROW of them a row, zeros behind the last; its colour is
black. A collector that doesn't know the control refuses it, and no layer is sent.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np

from stylebridge.engines.tensors import Array
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Camera, Clock, Frame

if TYPE_CHECKING:
    from stylebridge.wire import Delivery, Sender

CONTROL = CAMERA = "layers"
ROW = 4096
MAX_LAYERS = 4096
MAX_NUMBERS = 1 << 25  # of one tensor: its frame stays below what a collector takes
MAX_BYTES = 2 << 30  # of all together
MAX_PICTURES = 16  # that are kept until it is known which one the layers belong to
WAIT_S = 60.0
LOOK_S = 0.2

Progress = Callable[[str, int, int], None]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Side = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBERS)]
Shape = Annotated[tuple[Side, ...], msgspec.Meta(max_length=8)]


class Announcement(msgspec.Struct, frozen=True):
    """What a game has to offer: the arguments of the control."""

    frame_id: Annotated[int, msgspec.Meta(ge=0)]
    names: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=MAX_LAYERS)]
    shapes: Annotated[tuple[Shape, ...], msgspec.Meta(max_length=MAX_LAYERS)]


@dataclass
class Layers:
    """What came: the tensors by name in the game's order, and the picture that they were made from."""

    arrays: dict[str, Array] = field(default_factory=dict)
    picture: Frame | None = None
    missing: tuple[str, ...] = ()  # that were asked for and didn't come


def send_layers(
    sender: Sender, tensors: Mapping[str, Array], frame_id: int, timeout_s: float = 60.0
) -> tuple[str, ...]:
    """Offer tensors to the collector, send those that it wants, and tell which; the link must not be a live one."""
    arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in tensors.items()}
    names, shapes = list(arrays), [list(array.shape) for array in arrays.values()]
    answer = sender.ask(CONTROL, timeout_s, frame_id=frame_id, names=names, shapes=shapes)
    wanted = set(answer.get("send", ()))
    for index, (name, array) in enumerate(arrays.items()):
        if name in wanted:
            sender.send(_frame_of(array, index), timeout_s)
    return tuple(name for name in names if name in wanted)


class LayerLink:
    """Listens for one game and takes the first set of layers that it offers."""

    def __init__(
        self,
        bind: str,
        *,
        wants: Callable[[Collection[str]], Collection[str]] = lambda names: names,
        wait_s: float = WAIT_S,
        key: Path | None = None,
        allow: Path | None = None,
    ) -> None:
        from stylebridge.wire import Collector

        self._wants, self._wait_s = wants, wait_s
        self._offer: Announcement | None = None
        self._asked: dict[int, str] = {}
        self._pictures: dict[int, Frame] = {}
        planes = ("color", "depth")
        self._collector = Collector(bind, key=key, allow=allow, planes=planes, name="bisect", max_peers=1, begins=False)
        self._collector.on_control(CONTROL, self._offered)
        self._collector.begin()

    @property
    def address(self) -> str:
        """Where it listens."""
        return self._collector.address

    def receive(self, progress: Progress = lambda what, done, total: None) -> Layers:
        """Wait for the layers; those of a game that leaves before the last one are given as far as they came."""
        found: dict[str, Array] = {}
        progress(f"waiting for a game at {self.address}", 0, 0)
        news = time.monotonic()
        while not self._asked or len(found) < len(self._asked):
            delivery = self._collector.receive(LOOK_S)
            took = delivery is not None and self._take(delivery, found)
            if delivery is not None:
                delivery.done()
            if took:
                news = time.monotonic()
                progress("receiving layers", len(found), len(self._asked))
            elif (delivery is None and self._has_left()) or time.monotonic() - news > self._wait_s:
                break
        self._check_flow()
        if not found:
            raise self._nothing()
        missing = tuple(name for name in self._asked.values() if name not in found)
        picture = None if self._offer is None else self._pictures.get(self._offer.frame_id)
        order = {name: found[name] for name in self._asked.values() if name in found}
        return Layers(order, picture, missing)

    def close(self) -> None:
        """Stop listening."""
        self._collector.close()

    def _offered(self, args: dict[str, Any]) -> dict[str, Any]:
        """The handler of the control, in the collector's thread."""
        try:
            offer = msgspec.convert(args, Announcement)
        except msgspec.ValidationError as error:
            raise StylebridgeError(f"layers: {error}") from error
        counts = [math.prod(shape) for shape in offer.shapes]
        if len(counts) != len(offer.names) or len(set(offer.names)) != len(offer.names):
            raise InputError(f"{len(offer.names)} names and {len(counts)} shapes", expected="as many, each name once")
        if self._offer is not None:
            return {"send": []}
        wanted = set(self._wants(offer.names))
        chosen = {index: name for index, name in enumerate(offer.names) if name in wanted}
        if max((counts[index] for index in chosen), default=0) > MAX_NUMBERS:
            raise InputError("a layer of too many numbers", expected=f"at most {MAX_NUMBERS}")
        if sum(counts[index] for index in chosen) * 4 > MAX_BYTES:
            raise InputError("layers of too many bytes", expected=f"at most {MAX_BYTES}", do="give a smaller picture")
        if not chosen:
            raise InputError("no layer of this model", expected="tensors named as in the ONNX file")
        self._asked, self._offer = chosen, offer
        return {"send": list(chosen.values())}

    def _take(self, delivery: Delivery, found: dict[str, Array]) -> bool:
        """Keep a layer, or a picture that may belong to them; whether it was a layer."""
        frame = delivery.frame
        if frame.camera.name != CAMERA:
            self._keep(frame)
            return False
        name = self._asked.get(frame.clock.frame_id)
        if name is None or self._offer is None or name in found:
            return False
        found[name] = _numbers_of(frame, name, self._offer.shapes[frame.clock.frame_id])
        return True

    def _keep(self, frame: Frame) -> None:
        number = frame.clock.frame_id
        if self._offer is not None and (number != self._offer.frame_id or number in self._pictures):
            return
        self._pictures.setdefault(number, Frame(np.array(frame.rgb), camera=frame.camera, clock=frame.clock))
        while len(self._pictures) > MAX_PICTURES:
            del self._pictures[next(iter(self._pictures))]

    def _has_left(self) -> bool:
        peers = self._collector.peers()
        return bool(peers) and all(peer.left for peer in peers)

    def _check_flow(self) -> None:
        if self._offer is not None and any(peer.flow == "live" for peer in self._collector.peers()):
            raise InputError(
                "the game's link is live, which drops frames", expected="lossless or lockstep", where=self.address
            )

    def _nothing(self) -> StylebridgeError:
        peers = self._collector.peers()
        if not peers:
            do = "start the game, or wait longer with ?wait=S"
            return StylebridgeError(f"no game came in {self._wait_s:g} s", do=do, where=self.address)
        heard = f"{peers[0].name} sent {peers[0].frames} frames and no layers"
        do = "have it offer them with the control `layers`, as docs/parity.md tells"
        return StylebridgeError(heard, do=do, where=self.address)


def _frame_of(array: Array, index: int) -> Frame:
    """A tensor as a frame; any shape -> [rows, ROW]."""
    width = min(max(array.size, 1), ROW)
    height = max(1, -(-array.size // width))
    numbers = np.zeros(height * width, np.float32)
    numbers[: array.size] = array.reshape(-1)
    black = np.zeros((height, width, 3), np.uint8)
    return Frame(black, depth=numbers.reshape(height, width), camera=Camera(CAMERA), clock=Clock(index))


def _numbers_of(frame: Frame, name: str, shape: tuple[int, ...]) -> Array:
    """The tensor in a frame; [rows, ROW] -> its own shape."""
    count = math.prod(shape)
    width = min(max(count, 1), ROW)
    size = (max(1, -(-count // width)), width)
    if frame.depth is None or frame.depth.shape != size:
        came = "without depth" if frame.depth is None else f"as {frame.width}x{frame.height}"
        raise InputError(f"layer {name} came {came}", expected=f"{size[1]}x{size[0]} numbers in the depth plane")
    return np.array(frame.depth.reshape(-1)[:count]).reshape(shape)
