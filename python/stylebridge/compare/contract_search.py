"""Which pixel contract explains the pictures that training made? Tries all sensible ones and ranks them by error."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.quality import Difference, difference
from stylebridge.contract import FloatArray, PixelContract, Range, RangeName, Side
from stylebridge.engines import Engine
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.imaging import read_image
from stylebridge.sources import open_source

CAFFE = Range(255.0, (123.68, 116.779, 103.939), (1.0, 1.0, 1.0))  # bytes minus the ImageNet mean, mostly BGR
CANDIDATE_RANGES: tuple[RangeName | Range, ...] = ("byte", "signed", "unit", "imagenet", CAFFE)
MULTIPLES = (1, 2, 4, 8, 16, 32)
FINALISTS = 6
FITS_DB = 22.0  # a JPEG of a busy stylised picture lies at 25 to 32 dB
MARGIN_DB = 1.0
TIE_DB = 0.05  # closer than this, the plainer contract wins
TWIN_DB = 50.0  # pictures this close are the same picture

Layout = Literal["nchw", "nhwc"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Pair:
    """A frame and the picture that training made of it."""

    name: str
    frame: Frame
    reference: Frame


@dataclass(frozen=True)
class Ranked:
    """One contract and how far its pictures are from the references, over all pairs."""

    contract: PixelContract
    difference: Difference
    twin: bool = False  # shows the same pictures as the best one

    def as_json(self) -> dict[str, Any]:
        """The contract and its error."""
        return {
            "contract": msgspec.to_builtins(self.contract),
            "text": str(self.contract),
            **self.difference.as_json(),
            "same_pictures_as_best": self.twin,
        }


@dataclass(frozen=True)
class Finding:
    """All contracts that were tried, best first."""

    ranked: tuple[Ranked, ...]
    tried: int

    @property
    def best(self) -> Ranked:
        """The contract with the smallest error."""
        return self.ranked[0]

    @property
    def runner_up(self) -> Ranked | None:
        """The best contract that shows other pictures than the winner."""
        return next((ranked for ranked in self.ranked if not ranked.twin), None)

    @property
    def twins(self) -> tuple[Ranked, ...]:
        """Contracts that this network can't tell from the winner, such as other ranges before an instance norm."""
        first = msgspec.structs.replace(self.best.contract, rounding="nearest")
        plain = ((r, msgspec.structs.replace(r.contract, rounding="nearest")) for r in self.ranked if r.twin)
        return tuple({contract: ranked for ranked, contract in plain if contract != first}.values())

    @property
    def margin_db(self) -> float:
        """How much better the best contract is than the runner-up."""
        if self.runner_up is None or self.best.difference.psnr_db == float("inf"):
            return float("inf")
        return self.best.difference.psnr_db - self.runner_up.difference.psnr_db

    @property
    def verdict(self) -> Literal["fits", "ambiguous", "none fits"]:
        """Whether the best contract explains the references, and alone."""
        if self.best.difference.psnr_db < FITS_DB:
            return "none fits"
        return "fits" if self.margin_db >= MARGIN_DB else "ambiguous"


def find_pairs(frames: str, reference: str, limit: int = 8) -> list[Pair]:
    """Frames with their references: the same stem, else a reference named stem-something, else one of each."""
    given, wanted = _pictures(frames), _pictures(reference)
    if len(given) == len(wanted) == 1:
        matches = [(given[0], wanted[0])]
    else:
        matches = [(path, found) for path in given if (found := _reference_of(path, wanted)) is not None]
    if not matches:
        raise InputError(
            f"none of {len(given)} frames has a reference among {len(wanted)} pictures",
            expected="a reference with the frame's name, such as 011.png or 011-candy.png for 011.png",
            where=reference,
        )
    return [_pair(frame, found) for frame, found in matches[:limit]]


def search(engine: Engine, pairs: Sequence[Pair], progress: Progress = lambda done, total: None) -> Finding:
    """Rank the contracts on the first pair, then the finalists on all of them."""
    layout = _layout(engine)
    multiple = _multiple(engine, layout, pairs[0].frame)
    sides = list(_input_sides(layout))
    total = len(sides) + FINALISTS
    first: list[Ranked] = []
    for done, side in enumerate(sides):
        progress(done, total)
        first += _rank_outputs(engine, side, multiple, pairs[0])
    first.sort(key=_error)
    finals: list[_Judged] = []
    for done, ranked in enumerate(first[:FINALISTS], start=len(sides)):
        progress(done, total)
        finals += _judge(engine, ranked.contract, pairs)
    progress(total, total)
    return Finding((*_in_order(finals), *first[FINALISTS:]), tried=len(first) + len(finals))


@dataclass(frozen=True)
class _Judged:
    """A finalist with the pixels that it shows."""

    ranked: Ranked
    shown: NDArray[np.uint8]


def _in_order(finals: list[_Judged]) -> list[Ranked]:
    """Best first, ties to the plainer contract, and those marked that show what the best one shows."""
    finals.sort(key=lambda judged: _error(judged.ranked))
    lowest = _error(finals[0].ranked)
    tied = [judged for judged in finals if _error(judged.ranked) <= lowest + TIE_DB]
    best = min(tied, key=lambda judged: _plainness(judged.ranked.contract))
    order = [best, *(judged for judged in finals if judged is not best)]
    return [replace(j.ranked, twin=difference(j.shown, best.shown).psnr_db >= TWIN_DB) for j in order]


def _error(ranked: Ranked) -> float:
    return -ranked.difference.psnr_db


def _plainness(contract: PixelContract) -> tuple[bool, int]:
    """One range at both ends before two, and the usual ranges before the rare ones."""
    return contract.input != contract.output, CANDIDATE_RANGES.index(contract.input.range)


def _input_sides(layout: Layout) -> Iterator[Side]:
    """Plain forms first, so that of two that fit alike the plainer one is named."""
    for color, rows, channels, numbers in itertools.product(
        ("srgb", "linear"), ("top", "bottom"), ("rgb", "bgr"), CANDIDATE_RANGES
    ):
        yield Side(range=numbers, channels=channels, layout=layout, rows=rows, color=color)  # type: ignore[arg-type]


def _rank_outputs(engine: Engine, given: Side, multiple: int, pair: Pair) -> list[Ranked]:
    """One run of the network, its output read in every sensible way."""
    contract = PixelContract(input=given, multiple=multiple)
    tensor = _run(engine, contract, pair.frame)
    sides = [given] + [
        msgspec.structs.replace(given, range=numbers, channels=channels)
        for numbers, channels in itertools.product(CANDIDATE_RANGES, ("rgb", "bgr"))
        if (numbers, channels) != (given.range, given.channels)
    ]
    contracts = [msgspec.structs.replace(contract, output=side) for side in sides]
    return [Ranked(c, difference(c.to_frame(tensor, pair.frame).rgb, pair.reference.rgb)) for c in contracts]


def _judge(engine: Engine, contract: PixelContract, pairs: Sequence[Pair]) -> list[_Judged]:
    """A finalist over all pairs, with both ways to make bytes."""
    outputs = [_run(engine, contract, pair.frame) for pair in pairs]
    wanted = np.concatenate([pair.reference.rgb.reshape(-1, 3) for pair in pairs])
    judged = []
    for rounding in ("nearest", "floor"):
        tried = msgspec.structs.replace(contract, rounding=rounding)
        pictures = [tried.to_frame(out, pair.frame).rgb for out, pair in zip(outputs, pairs, strict=True)]
        shown = np.concatenate([picture.reshape(-1, 3) for picture in pictures])  # [H,W,3] -> [H*W,3]
        judged.append(_Judged(Ranked(tried, difference(shown, wanted)), shown))
    return judged


def _run(engine: Engine, contract: PixelContract, frame: Frame) -> FloatArray:
    outputs = engine.run({engine.inputs[0].name: contract.to_tensor(frame)})
    return np.nan_to_num(outputs[engine.outputs[0].name].astype(np.float32), nan=0.0, posinf=1e9, neginf=-1e9)


def _layout(engine: Engine) -> Layout:
    """Where the three channels stand in the network's first input."""
    if len(engine.inputs) != 1:
        names = ", ".join(tensor.name for tensor in engine.inputs)
        raise InputError(f"the model has {len(engine.inputs)} inputs ({names})", expected="one picture input")
    shape = engine.inputs[0].shape
    if len(shape) == 4 and shape[1] == 3:
        return "nchw"
    if len(shape) == 4 and shape[3] == 3:
        return "nhwc"
    raise InputError(f"the model's input has shape {list(shape)}", expected="[1,3,H,W] or [1,H,W,3]")


def _multiple(engine: Engine, layout: Layout, frame: Frame) -> int:
    """The smallest size multiple for which the output is as large as the input."""
    side = Side(layout=layout)
    problem: Exception | None = None
    for multiple in MULTIPLES:
        contract = PixelContract(input=side, output=side, multiple=multiple)
        try:
            contract.to_frame(_run(engine, contract, frame), frame)
        except StylebridgeError as error:
            problem = error
            continue
        return multiple
    raise InputError(
        f"the model makes no picture of the frame's size at any multiple of {', '.join(map(str, MULTIPLES))}"
        f" (last: {problem})",
        expected="a network that gives a picture as large as its input",
    ) from problem


def _pictures(where: str) -> list[Path]:
    with open_source(where if ":" in where else f"images:{where}") as source:
        if not source.paths:
            raise InputError(f"{source.name} has no picture files", expected="a folder of pictures or one picture")
        return list(source.paths)


def _reference_of(path: Path, wanted: Sequence[Path]) -> Path | None:
    exact = [other for other in wanted if other.stem == path.stem]
    longer = [
        other for other in wanted if other.stem.startswith(path.stem) and not other.stem[len(path.stem)].isalnum()
    ]
    found = exact or longer
    return found[0] if len(found) == 1 else None


def _pair(path: Path, found: Path) -> Pair:
    frame, reference = Frame(color=read_image(path)), Frame(color=read_image(found))
    if (frame.width, frame.height) != (reference.width, reference.height):
        raise InputError(
            f"{reference.width}x{reference.height}",
            expected=f"{frame.width}x{frame.height} like its frame {path.name}",
            where=found,
        )
    return Pair(path.name, frame, reference)
