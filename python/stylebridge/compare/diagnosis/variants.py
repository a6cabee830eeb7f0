"""Other networks that may have been run in a model's place: what a release makes of it, another grid, other weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from stylebridge.compare.diagnosis.causes import Variant
from stylebridge.compare.diagnosis.lanes import EngineLane, Lane
from stylebridge.compare.diagnosis.weights import compare_weights
from stylebridge.contract import PixelContract
from stylebridge.engines import engine_for, open_engine
from stylebridge.engines.stylizer import Stylizer, open_stylizer
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.opcheck.finding import Finding

RELEASES = ("barracuda-3.0.1", "inference-engine-2.4.0")  # that a recording may come from
_CAUSES = {"strides": "strides", "coordinate_transformation_mode": "resize", "mode": "resize", "nearest_mode": "resize"}
_GRIDS = {"align_corners": "corners aligned", "half_pixel": "half-pixel centres", "asymmetric": "the corner fixed"}


class Variants:
    """Opens what could stand in the reference's place; a context that closes all of it."""

    def __init__(self, reference: EngineLane, suspects: Sequence[Path] = ()) -> None:
        self.reference, self.suspects = reference, suspects
        self._stack = ExitStack()
        self._graphs: list[Variant] | None = None
        self._others: list[Variant] | None = None

    def for_lane(self, lane: Lane, frame: Frame) -> list[Variant]:
        """What could explain this lane."""
        found: list[Variant] = []
        onnx = self._onnx(lane)
        is_other = onnx not in (None, self.reference.path) and self._is_other(onnx)
        if onnx is not None and not is_other:
            releases = RELEASES if not isinstance(lane, EngineLane) else (lane.release,) if lane.release else ()
            found += [variant for name in releases for variant in self._emulated(onnx, name, frame)]
            same_file = isinstance(lane, EngineLane) and lane.path == onnx
            if not found and not same_file:
                found += self._graph_variants(onnx)
        return found + self._other_weights()

    def close(self) -> None:
        """Close every engine."""
        self._stack.close()

    def __enter__(self) -> Variants:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _onnx(self, lane: Lane) -> Path | None:
        """The reference's ONNX file, or the one that stands beside its checkpoint."""
        path = self.reference.path
        if path.suffix.lower() == ".onnx":
            return path
        if isinstance(lane, EngineLane) and lane.release:
            return lane.path
        beside = path.with_suffix(".onnx")
        return beside if beside.is_file() else None

    def _is_other(self, onnx: Path | None) -> bool:
        """Whether this file is known to hold other weights, so that its own run explains nothing."""
        return onnx is not None and compare_weights(self.reference.path, onnx).startswith("other")

    def _emulated(self, onnx: Path, release: str, frame: Frame) -> Iterator[Variant]:
        from stylebridge.engines.layers import altered_by

        try:
            stylizer = self._opened(onnx, release)
            given = stylizer.contract.to_tensor(frame)
            findings = altered_by(onnx, release, {stylizer.engine.inputs[0].name: given.shape})
        except StylebridgeError:
            return
        if findings:
            yield Variant(_cause_of(findings), finding_words(release, findings), stylizer.infer, stylizer.contract)

    def _graph_variants(self, onnx: Path) -> list[Variant]:
        from stylebridge.engines.layers import resampled_otherwise, strides_swapped

        if self._graphs is not None:
            return self._graphs
        folder = Path(self._stack.enter_context(TemporaryDirectory()))
        made: list[tuple[str, str, bytes]] = []
        for grid, model in resampled_otherwise(onnx):
            made.append(("resize", f"the network's smooth resizes are computed with {_GRIDS[grid]} instead", model))
        swapped = strides_swapped(onnx)
        if swapped is not None:
            made.append(("strides", "unequal strides are taken in the opposite order of axes", swapped))
        self._graphs = []
        for index, (cause, words, model) in enumerate(made):
            path = folder / f"{index}.onnx"
            path.write_bytes(model)
            stylizer = self._opened(path, "onnxruntime", self._contract_of(onnx))
            self._graphs.append(Variant(cause, words, stylizer.infer, stylizer.contract))
        return self._graphs

    def _other_weights(self) -> list[Variant]:
        if self._others is None:
            self._others = []
            for path in self.suspects:
                stylizer = self._opened(path, engine_for(path), self.reference.contract, only_if_none=True)
                words = f"other weights: those of {path.name}"
                self._others.append(Variant("weights", words, stylizer.infer, stylizer.contract))
        return self._others

    def _contract_of(self, onnx: Path) -> PixelContract:
        if onnx == self.reference.path:
            return self.reference.contract
        with open_stylizer(onnx, "onnxruntime") as stylizer:
            return stylizer.contract

    def _opened(
        self, path: Path, engine: str, contract: PixelContract | None = None, *, only_if_none: bool = False
    ) -> Stylizer:
        contract = self.reference.contract if contract is None and path == self.reference.path else contract
        try:
            if contract is not None and not only_if_none:
                return self._stack.enter_context(Stylizer(open_engine(engine, path), contract))
            return self._stack.enter_context(open_stylizer(path, engine))
        except InputError:
            if not only_if_none or contract is None:
                raise
            return self._stack.enter_context(Stylizer(open_engine(engine, path), contract))


def finding_words(release: str, findings: Sequence[Finding]) -> str:
    """What a release does differently, by the check's own words."""
    first = findings[0]
    more = f", and {len(findings) - 1} nodes more" if len(findings) > 1 else ""
    return f"{release} computes {first.op} {first.node} differently: {first.reason}{more}"


def _cause_of(findings: Sequence[Finding]) -> str:
    causes = {_CAUSES.get(finding.attribute, "operators") for finding in findings}
    return causes.pop() if len(causes) == 1 else "operators"
