"""Layers that an engine elsewhere gave away: an .npz of them, or a live game that sends them over the wire."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stylebridge.compare.diagnosis.dumps import read_dump
from stylebridge.compare.diagnosis.live import place_of
from stylebridge.compare.diagnosis.tapped import Numbers, Point, Tapped, point_of
from stylebridge.compare.diagnosis.variants import RELEASES
from stylebridge.engines.remote import WAIT_S, LayerLink, Progress
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.opcheck.finding import Finding
from stylebridge.sources.address import Address

if TYPE_CHECKING:
    from stylebridge.engines.layers import OnnxLayers

OPTIONS = ("wait", "key", "allow")
PICTURE_CHANNELS = (1, 3, 4)


class TappedDump(Tapped):
    """Tensors that an engine gave away, in an .npz or over the wire, named as in the ONNX file."""

    def __init__(self, name: str, arrays: Mapping[str, Numbers], model: Path, note: str = "") -> None:
        self.name, self._model, self.note = name, model, note
        self._arrays = {name: array for name, array in arrays.items() if array.dtype.kind in "fiub"}
        if not self._arrays:
            raise InputError("it holds no tensors", expected="arrays named as the model's tensors", where=name)
        listed = layers_of(model)
        self._inputs = ("input", *listed.inputs) if listed else ("input",)
        layers = listed.layers if listed else ()
        known = {each.name: point_of(each) for each in layers}
        named = [name for name in self._arrays if name not in self._inputs]
        self.points = tuple(replace(known.get(n, Point(n)), shape=self._arrays[n].shape) for n in named)

    def fetch(self, names: Sequence[str]) -> dict[str, Numbers]:
        """Those that are in the file."""
        return {name: self._arrays[name] for name in names if name in self._arrays}

    def given(self) -> Numbers | None:
        """The array called input, or as the model calls its input."""
        return next((self._arrays[name] for name in self._inputs if name in self._arrays), None)

    def finding(self, nodes: Sequence[str]) -> Finding | None:
        """What the check has against one of these nodes on a release that may have written the dump."""
        from stylebridge.engines.layers import troubles_of

        given = self.given()
        sizes = {self._inputs[-1]: _channels_first(given.shape)} if given is not None and given.ndim == 4 else {}
        for release in RELEASES if is_onnx(self._model) else ():
            found = [each for each in troubles_of(self._model, release, sizes) if each.node in nodes]
            if found:
                return replace(found[0], reason=f"{found[0].reason} (on {release})")
        return None


def _channels_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a picture as ONNX has it: [1,H,W,3] -> [1,3,H,W]."""
    is_last = shape[3] in PICTURE_CHANNELS and shape[1] not in PICTURE_CHANNELS
    return (shape[0], shape[3], shape[1], shape[2]) if is_last else shape


def read_layers(path: Path, model: Path) -> TappedDump:
    """The tensors in an .npz."""
    return TappedDump(path.name, read_dump(path), file_of(model))


def receive_layers(word: str, model: Path, progress: Progress) -> tuple[TappedDump, Frame | None]:
    """The tensors that a game at an address such as zmq://127.0.0.1:5570 sends, and the picture that it fed in."""
    options = Address.parse(word).options
    options.check_known(OPTIONS)
    key, allow = (Path(options.values[name]) if name in options.values else None for name in ("key", "allow"))
    listed = layers_of(file_of(model))
    known = {"input", *listed.inputs, *(each.name for each in listed.layers)} if listed else set()

    def wants(names: Collection[str]) -> Collection[str]:
        return [name for name in names if name in known] if known else names

    bind = place_of(word).removeprefix("//")
    link = LayerLink(bind, wants=wants, wait_s=options.number("wait") or WAIT_S, key=key, allow=allow)
    try:
        came = link.receive(progress)
    finally:
        link.close()
    lost = f"the game left before {len(came.missing)} of its layers had come" if came.missing else ""
    return TappedDump(word, came.arrays, file_of(model), lost), came.picture


def file_of(model: Path) -> Path:
    """The ONNX file that layers are named after: the model, or its other form."""
    return model if model.suffix.lower() == ".onnx" else model.with_suffix(".onnx")


def is_onnx(model: Path) -> bool:
    """Whether it is there and an ONNX file."""
    return model.suffix.lower() == ".onnx" and model.is_file()


def layers_of(model: Path) -> OnnxLayers | None:
    """The model's tensors in order, as far as it is an ONNX file."""
    from stylebridge.engines.layers import OnnxLayers

    return OnnxLayers(model) if is_onnx(model) else None
