"""Which pixel contract explains the pictures that training made? Tries all sensible ones and ranks them by error."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.pairs import Pair
from stylebridge.compare.quality import Difference, difference
from stylebridge.contract import FloatArray, PixelContract, Range, RangeName, Side
from stylebridge.engines import Engine
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame

CAFFE = Range(255.0, (123.68, 116.779, 103.939), (1.0, 1.0, 1.0))  # bytes minus the ImageNet mean, mostly BGR
CANDIDATE_RANGES: tuple[RangeName | Range, ...] = ("byte", "signed", "unit", "imagenet", CAFFE)
MULTIPLES = (1, 2, 4, 8, 16, 32)
FINALISTS, MAX_FINALISTS = 6, 24
RANKING_PIXELS = 1 << 16  # enough to rank by; the finalists are compared on every pixel
PROBE_SIZE = (45, 61)
FITS_DB = 22.0  # a JPEG of a busy stylised picture lies at 25 to 32 dB
MARGIN_DB = 1.0
TIE_DB = 0.05  # closer than this, the plainer contract wins
PART_PIXELS = 256
SURE_SIGMAS = 6.0
NOISE_DB = 70.0  # better than this is the luck of single pixels
TWIN_DB = 50.0  # pictures this close are the same picture

Layout = Literal["nchw", "nhwc"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ranked:
    """One contract and how far its pictures are from the references, over all pairs."""

    contract: PixelContract
    difference: Difference
    twin: bool = False  # shows the same pictures as the best one

    def as_json(self) -> dict[str, Any]:
        """The contract and its error."""
        return {
            "contract": self.contract.as_dict(),
            "text": str(self.contract),
            **self.difference.as_json(),
            "same_pictures_as_best": self.twin,
        }


@dataclass(frozen=True)
class Finding:
    """All contracts that were tried, best first."""

    ranked: tuple[Ranked, ...]
    tried: int
    won: float | None = None  # share of the picture's parts in which the best is closer than the runner-up
    parts: int = 0

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
        return tuple(ranked for ranked in self.ranked[1:] if ranked.twin)

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
        return "fits" if self.margin_db >= MARGIN_DB or self._surely_won() else "ambiguous"

    def _surely_won(self) -> bool:
        """Under a JPEG's noise a small margin still counts when it is there in far more parts than chance allows."""
        return self.won is not None and (2 * self.won - 1) * self.parts**0.5 >= SURE_SIGMAS


def search(engine: Engine, pairs: Sequence[Pair], progress: Progress = lambda done, total: None) -> Finding:
    """Rank the contracts on the first pair, then the finalists on all of them."""
    layout = _layout(engine)
    multiple = _multiple(engine, layout, _probe(engine, pairs[0].frame))
    sides = list(_input_sides(layout))
    total = len(sides) + FINALISTS  # more when many are close
    first: list[Ranked] = []
    for done, side in enumerate(sides):
        progress(done, total)
        first += _rank_outputs(engine, side, multiple, pairs[0])
    first.sort(key=_error)
    finals: list[_Judged] = []
    close = sum(_error(ranked) <= _error(first[0]) + MARGIN_DB for ranked in first)
    count = min(max(FINALISTS, close), MAX_FINALISTS)
    for done, ranked in enumerate(first[:count], start=len(sides)):
        progress(done, len(sides) + count)
        finals += _judge(engine, ranked.contract, pairs)
    progress(len(sides) + count, len(sides) + count)
    order = _in_order(finals)
    won, parts = _parts_won(order)
    return Finding((*(j.ranked for j in order), *first[count:]), len(first) + len(finals), won, parts)


@dataclass(frozen=True)
class _Judged:
    """A finalist with the pixels that it shows."""

    ranked: Ranked
    shown: NDArray[np.uint8]
    errors: NDArray[np.float64]  # mean squared error of each part, a run of pixels


def _parts_won(order: list[_Judged]) -> tuple[float | None, int]:
    """How often the best is closer to the reference than the runner-up, and among how many parts that differ."""
    best, runner_up = order[0], next((judged for judged in order if not judged.ranked.twin), None)
    if runner_up is None:
        return None, 0
    unlike = best.errors != runner_up.errors
    parts = int(unlike.sum())
    return (float(np.mean(best.errors[unlike] < runner_up.errors[unlike])), parts) if parts else (None, 0)


def _part_errors(shown: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> NDArray[np.float64]:
    squares = np.square(shown.astype(np.float32) - wanted).mean(axis=1)  # [pixels]
    return np.add.reduceat(squares.astype(np.float64), np.arange(0, len(squares), PART_PIXELS)) / PART_PIXELS


def _in_order(finals: list[_Judged]) -> list[_Judged]:
    """Best first, in the way to make bytes that fits best; marked are those that show what the best one shows.

    Among those the plainest wins unless it is clearly worse: what float noise does to one pixel is no evidence.
    """
    first = min(finals, key=lambda judged: _error(judged.ranked))
    rounding = first.ranked.contract.rounding
    same = sorted((j for j in finals if j.ranked.contract.rounding == rounding), key=lambda j: _error(j.ranked))
    lowest = max(_error(first.ranked), -NOISE_DB)
    tied = [j for j in same if _is_twin(j, first) and _error(j.ranked) <= lowest + TIE_DB]
    best = min(tied, key=lambda judged: _plainness(judged.ranked.contract))
    order = [best, *(judged for judged in same if judged is not best)]
    return [replace(j, ranked=replace(j.ranked, twin=_is_twin(j, best))) for j in order]


def _is_twin(one: _Judged, other: _Judged) -> bool:
    return difference(one.shown, other.shown).psnr_db >= TWIN_DB


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
    step = max(1, int((pair.frame.height * pair.frame.width / RANKING_PIXELS) ** 0.5))
    small = _every(tensor, step, given, pair.frame)
    like, wanted = Frame(color=pair.frame.rgb[::step, ::step]), pair.reference.rgb[::step, ::step]
    ranked = []
    for side in sides:
        upright = PixelContract(output=msgspec.structs.replace(side, rows="top"))
        shown = upright.to_frame(small, like).rgb
        ranked.append(Ranked(msgspec.structs.replace(contract, output=side), difference(shown, wanted)))
    return ranked


def _every(tensor: FloatArray, step: int, side: Side, frame: Frame) -> FloatArray:
    """The top row first, without the padding, and only every step-th row and column."""
    rows = 2 if side.layout == "nchw" else 1
    upright = np.flip(tensor, rows) if side.rows == "bottom" else tensor
    picture = (slice(0, frame.height, step), slice(0, frame.width, step))
    return upright[(slice(None), slice(None), *picture) if rows == 2 else (slice(None), *picture)]


def _judge(engine: Engine, contract: PixelContract, pairs: Sequence[Pair]) -> list[_Judged]:
    """A finalist over all pairs, with both ways to make bytes."""
    outputs = [_run(engine, contract, pair.frame) for pair in pairs]
    wanted = np.concatenate([pair.reference.rgb.reshape(-1, 3) for pair in pairs])
    judged = []
    for rounding in ("nearest", "floor"):
        tried = msgspec.structs.replace(contract, rounding=rounding)
        pictures = [tried.to_frame(out, pair.frame).rgb for out, pair in zip(outputs, pairs, strict=True)]
        shown = np.concatenate([picture.reshape(-1, 3) for picture in pictures])  # [H,W,3] -> [H*W,3]
        judged.append(_Judged(Ranked(tried, difference(shown, wanted)), shown, _part_errors(shown, wanted)))
    return judged


def _run(engine: Engine, contract: PixelContract, frame: Frame) -> FloatArray:
    output = engine.run({engine.inputs[0].name: contract.to_tensor(frame)})[engine.outputs[0].name].astype(np.float32)
    if not np.isfinite(output).any():
        raise InputError(
            "the network's output is nothing but NaN or infinite", expected="finite numbers", where=engine.path
        )
    return np.nan_to_num(output, nan=0.0, posinf=1e9, neginf=-1e9)


def _layout(engine: Engine) -> Layout:
    """Where the three channels stand in the network's first input."""
    if len(engine.inputs) != 1:
        names = ", ".join(tensor.name for tensor in engine.inputs)
        raise InputError(f"the model has {len(engine.inputs)} inputs ({names})", expected="one picture input")
    shape = engine.inputs[0].shape
    if len(shape) == 4 and shape[3] == 3 and shape[1] != 3:
        return "nhwc"
    if len(shape) == 4 and shape[1] in (3, None):
        return "nchw"
    raise InputError(f"the model's input has shape {list(shape)}", expected="[1,3,H,W] or [1,H,W,3]")


def _probe(engine: Engine, frame: Frame) -> Frame:
    """A picture whose odd sides show what multiple the network needs, unless it takes one size only."""
    if None not in engine.inputs[0].shape[1:]:
        return frame
    rows, columns = np.arange(PROBE_SIZE[0]) % frame.height, np.arange(PROBE_SIZE[1]) % frame.width
    return Frame(color=frame.color[rows][:, columns])


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
