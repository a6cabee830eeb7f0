"""Tapped networks: the tensors on the way through one, whichever engine runs it, a few at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from stylebridge.contract import PixelContract
from stylebridge.frame import Frame
from stylebridge.opcheck.finding import Finding

if TYPE_CHECKING:
    from stylebridge.engines.layers import LayerInfo

Numbers = NDArray[Any]
AT_ONCE = 16  # tensors that are held at the same time
# what torch calls a module -> the ONNX operator that it becomes
OPERATORS = {
    "Conv2d": "Conv",
    "ConvTranspose2d": "ConvTranspose",
    "InstanceNorm2d": "InstanceNormalization",
    "BatchNorm2d": "BatchNormalization",
    "Linear": "Gemm",
    "ReLU": "Relu",
    "LeakyReLU": "LeakyRelu",
    "PReLU": "PRelu",
    "Tanh": "Tanh",
    "ReflectionPad2d": "Pad",
}


@dataclass(frozen=True)
class Point:
    """A place in a network where a tensor can be looked at."""

    name: str
    op: str = ""
    node: str = ""  # what the operator check calls its node
    weights: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None  # where it is known before a run
    inputs: tuple[str, ...] = ()  # the tensors that it is made of, where that is known


class Tapped(ABC):
    """A network with one input frame, whose tensors can be fetched by name."""

    name: str
    contract: PixelContract | None = None
    note = ""
    is_graph = True  # its tensors have the names of the ONNX file
    points: tuple[Point, ...]

    @abstractmethod
    def fetch(self, names: Sequence[str]) -> dict[str, Numbers]:
        """These tensors; those that it never makes are left out."""

    def given(self) -> Numbers | None:
        """What went into the network."""
        return None

    def output(self) -> Numbers | None:
        """What came out of it."""
        return None

    def entered(self, point: Point) -> Numbers | None:
        """What is handed to the layer that makes this tensor."""
        return None

    def weights(self, point: Point) -> list[Numbers]:
        """The stored numbers that this tensor is made with."""
        return []

    def finding(self, nodes: Sequence[str]) -> Finding | None:
        """What the operator check has against one of these nodes on this engine."""
        return None

    def shaped(self) -> list[Point]:
        """The points with their shapes; costs a run where these aren't known."""
        shapes: dict[str, tuple[int, ...]] = {}
        names = [point.name for point in self.points]
        for start in range(0, len(names), AT_ONCE):
            shapes |= {name: array.shape for name, array in self.fetch(names[start : start + AT_ONCE]).items()}
        return [replace(point, shape=shapes[point.name]) for point in self.points if point.name in shapes]


def point_of(layer: LayerInfo) -> Point:
    """The place of a tensor of an ONNX file."""
    return Point(layer.name, layer.op, layer.node, layer.weights, inputs=layer.inputs)


class TappedGraph(Tapped):
    """An ONNX file, in ONNX Runtime or as a release computes it."""

    def __init__(self, word: str, path: Path, engine: str, contract: PixelContract, frame: Frame) -> None:
        from stylebridge.engines.layers import OnnxLayers

        self.name, self.path, self.contract = word, path, contract
        self._layers = OnnxLayers(path, engine)
        self._given = {self._layers.inputs[0]: contract.to_tensor(frame)}
        self._weights: dict[str, Numbers] | None = None
        self.points = tuple(point_of(each) for each in self._layers.layers)

    def fetch(self, names: Sequence[str]) -> dict[str, Numbers]:
        """Run as far as these need."""
        return self._layers.fetch(self._given, names)

    def given(self) -> Numbers:
        """What went into the network."""
        return next(iter(self._given.values()))

    def output(self) -> Numbers | None:
        """The network's first output."""
        return self.fetch(self._layers.outputs[:1]).get(self._layers.outputs[0])

    def weights(self, point: Point) -> list[Numbers]:
        """The node's initializers."""
        from stylebridge.engines.layers import weights_of

        if self._weights is None:
            self._weights = dict(weights_of(self.path))
        return [self._weights[name] for name in point.weights if name in self._weights]

    def finding(self, nodes: Sequence[str]) -> Finding | None:
        """The worst that is said of one of them."""
        return self._layers.finding_of(nodes)


class TappedModule(Tapped):
    """A checkpoint in torch."""

    is_graph = False

    def __init__(self, word: str, path: Path, contract: PixelContract, frame: Frame) -> None:
        from stylebridge.nets.taps import ModuleTaps

        self.name, self.contract = word, contract
        self._taps = ModuleTaps(path)
        self._given = contract.to_tensor(frame)
        stored = self._taps.weights()
        self._stored = stored
        points = []
        for name, shape in self._taps.order(self._given):
            weights = tuple(key for key in (f"{name}.weight", f"{name}.bias") if key in stored)
            kind = self._taps.kinds[name]
            points.append(Point(name, OPERATORS.get(kind, kind), name, weights, shape))
        self.points = tuple(points)

    def fetch(self, names: Sequence[str]) -> dict[str, Numbers]:
        """Run with hooks on these modules."""
        return dict(self._taps.fetch(self._given, names))

    def given(self) -> Numbers:
        """What went into the network."""
        return self._given

    def entered(self, point: Point) -> Numbers | None:
        """What is handed to the module."""
        return self._taps.given_to(self._given, point.node)

    def output(self) -> Numbers:
        """What the checkpoint makes."""
        return self._taps.output(self._given)

    def weights(self, point: Point) -> list[Numbers]:
        """The module's weight and bias."""
        return [self._stored[name] for name in point.weights]

    def shaped(self) -> list[Point]:
        """The shapes are known already."""
        return list(self.points)
