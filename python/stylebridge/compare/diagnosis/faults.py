"""Faults: what people get wrong between a frame and a stylised picture, each as a change to a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from stylebridge.compare.contract_search import CAFFE
from stylebridge.compare.diagnosis.kitchen import Recipe
from stylebridge.contract import RANGE_TEXT, RANGES, PixelContract, Range, RangeName, Side

End = Literal["both ends", "output", "input", "network"]
ENDS: tuple[End, ...] = ("both ends", "output", "input")
PLAIN = ("", "both ends", "output", "input")  # of faults that explain equally much, the first is named

CORE_RANGES: tuple[RangeName, ...] = ("unit", "signed", "byte", "imagenet")
ORDERS = {"rbg": "red, blue, green", "grb": "green, red, blue", "gbr": "green, blue, red", "brg": "blue, red, green"}


@dataclass(frozen=True)
class Fault:
    """One thing done wrongly. `cause` is its kind; `core` ones are also tried two at a time."""

    cause: str
    end: End
    words: str
    change: Callable[[Recipe], Recipe] = field(compare=False)
    core: bool = False

    @property
    def reruns(self) -> bool:
        """Whether the network must be run again for it."""
        return self.end != "output"


def faults(contract: PixelContract, size: tuple[int, int]) -> list[Fault]:
    """Every fault that can be tried with this contract on a frame of this height and width, the plainest first."""
    groups = (
        _turned(is_padded=contract.fit == "pad" and contract.fitted_size(*size) != size),
        _channels(),
        _ranges(contract),
        _gamma(contract),
        _cut(contract),
        _grids(contract, size),
        _shifts(),
        _rounding(contract),
    )
    return [fault for group in groups for fault in group]


def _turned(*, is_padded: bool) -> Iterator[Fault]:
    for end in ENDS:
        words = f"the rows are flipped (bottom row first), {_at(end)}"
        yield Fault("rows", end, words, _ops(end, "rows"), True)
        if is_padded:
            yield Fault("rows", end, f"{words}, together with the padding", _sides(end, _other_rows), True)
    for end in ENDS:
        words = f"the columns are flipped (left and right swapped), {_at(end)}"
        yield Fault("columns", end, words, _ops(end, "columns"), True)


def _channels() -> Iterator[Fault]:
    for end in ENDS:
        words = f"red and blue are swapped (BGR for RGB), {_at(end)}"
        yield Fault("channels", end, words, _sides(end, _other_channels), True)
    for name, order in ORDERS.items():
        yield Fault("channels", "output", f"the channels are mixed up: shown as {order}", _ops("output", name))


def _ranges(contract: PixelContract) -> Iterator[Fault]:
    """Other numbers than the contract's; also those of a network whose scaling lies outside, 255 times as large."""
    candidates: list[tuple[RangeName | Range, str]] = [(name, RANGE_TEXT[name]) for name in CORE_RANGES]
    candidates.append((CAFFE, "bytes minus the ImageNet mean"))
    for name, text in (("signed", RANGE_TEXT["signed"]), ("imagenet", RANGE_TEXT["imagenet"])):
        plain = RANGES[name]  # type: ignore[index]
        wide = Range(255.0, tuple(255 * mean for mean in plain.mean), plain.std)  # type: ignore[arg-type]
        candidates.append((wide, f"{text}, times 255,"))
    for end in ENDS:
        sides = [side for side, used in ((contract.input, end != "output"), (contract.output, end != "input")) if used]
        meant = " and ".join(dict.fromkeys(_range_words(side) for side in sides))
        for candidate, text in candidates:
            if all(side.numbers == _numbers(candidate) for side in sides):
                continue
            words = f"the numbers are taken for {text} where {meant} is meant, {_at(end)}"
            core = candidate in ("unit", "signed", "byte")
            yield Fault("range", end, words, _sides(end, _with_range(candidate)), core)


def _gamma(contract: PixelContract) -> Iterator[Fault]:
    is_linear = contract.input.color == "linear" or contract.output.color == "linear"
    meant = (
        "sRGB bytes are used where linear light is meant" if is_linear else "linear light is used where sRGB is meant"
    )
    for end in ENDS:
        yield Fault("gamma", end, f"{meant}, {_at(end)}", _sides(end, _other_color), True)
    yield Fault(
        "gamma", "output", "the picture is shown as linear light, darker, at the output", _ops("output", "decode")
    )
    words = "the frame is encoded as sRGB twice, lighter, at the input"
    yield Fault("gamma", "input", words, _ops("input", "encode"))

    def both(recipe: Recipe) -> Recipe:
        return replace(recipe, before=(*recipe.before, "encode"), after=(*recipe.after, "decode"))

    yield Fault("gamma", "both ends", "sRGB is encoded and decoded the wrong way round, at both ends", both)


def _cut(contract: PixelContract) -> Iterator[Fault]:
    if "unit" not in (contract.input.range, contract.output.range):
        words = "the network's input and its output are clamped to [0,1], as in textures of bytes, at both ends"
        yield Fault("clamped", "both ends", words, lambda recipe: replace(recipe, cut_in=True, cut_out="unit"))
    if contract.input.range != "unit":
        words = "the network's input is clamped to [0,1], as in a texture of bytes"
        yield Fault("clamped", "input", words, lambda recipe: replace(recipe, cut_in=True))
    if contract.output.range != "unit":
        words = "the network's output is clamped to [0,1], as in a texture of bytes"
        yield Fault("clamped", "output", words, lambda recipe: replace(recipe, cut_out="unit"))
    words = "what leaves the range isn't clamped and comes back in at the other end"
    yield Fault("clamped", "output", words, lambda recipe: replace(recipe, cut_out="wrap"))


def _grids(contract: PixelContract, size: tuple[int, int]) -> Iterator[Fault]:
    """Other ways to the size that the network needs, where that isn't the frame's."""
    if contract.fitted_size(*size) == size:
        return
    if contract.fit == "resize":
        grids = {"align corners": "corners aligned", "corner": "the top left corner fixed", "nearest": "nearest pixels"}
        for grid, words in grids.items():
            for end in ENDS:
                text = f"resized with {words} where half-pixel centres are meant, {_at(end)}"
                yield Fault("resize", end, text, _gridded(end, grid), grid == "align corners")
        return
    text = "the picture is resized to the network's size where it should be padded"
    yield Fault("resize", "both ends", text, _gridded("both ends", "half pixel"))
    yield Fault("resize", "both ends", f"{text} (corners aligned)", _gridded("both ends", "align corners"))
    text = "the picture is padded with zeros where its edge should be repeated"
    yield Fault("padding", "input", text, lambda recipe: replace(recipe, grid_in="zeros"))


def _shifts() -> Iterator[Fault]:
    for dx in (0, -1, 1):
        for dy in (0, -1, 1):
            if (dx, dy) != (0, 0):
                yield Fault("shift", "output", f"shifted by {_by(dx, dy)}", _ops("output", f"shift {dx} {dy}"))
    for half_x in (-0.5, 0.5):
        for half_y in (-0.5, 0.5):
            words = f"shifted by half a pixel ({_by(half_x, half_y)}), as a resize that forgets pixel centres does"
            yield Fault("shift", "output", words, _ops("output", f"shift {half_x} {half_y}"))


def _rounding(contract: PixelContract) -> Iterator[Fault]:
    other: Literal["nearest", "floor"] = "floor" if contract.rounding == "nearest" else "nearest"
    words = "the numbers are cut to bytes, not rounded" if other == "floor" else "the numbers are rounded, not cut"

    def change(recipe: Recipe) -> Recipe:
        return replace(recipe, contract=msgspec.structs.replace(recipe.contract, rounding=other))

    yield Fault("rounding", "output", f"{words}, at the output", change)


def _sides(end: End, other: Callable[[Side], Side]) -> Callable[[Recipe], Recipe]:
    """A change of the contract at one end or both."""

    def change(recipe: Recipe) -> Recipe:
        contract = recipe.contract
        if end != "output":
            contract = msgspec.structs.replace(contract, input=other(contract.input))
        if end != "input":
            contract = msgspec.structs.replace(contract, output=other(contract.output))
        return replace(recipe, contract=contract)

    return change


def _ops(end: End, name: str) -> Callable[[Recipe], Recipe]:
    """A picture operation before the network, after it, or both."""

    def change(recipe: Recipe) -> Recipe:
        before = (*recipe.before, name) if end != "output" else recipe.before
        after = (*recipe.after, name) if end != "input" else recipe.after
        return replace(recipe, before=before, after=after)

    return change


def _gridded(end: End, grid: str) -> Callable[[Recipe], Recipe]:
    def change(recipe: Recipe) -> Recipe:
        grid_in = grid if end != "output" else recipe.grid_in
        return replace(recipe, grid_in=grid_in, grid_out=grid if end != "input" else recipe.grid_out)

    return change


def _other_rows(side: Side) -> Side:
    return msgspec.structs.replace(side, rows="top" if side.rows == "bottom" else "bottom")


def _other_channels(side: Side) -> Side:
    return msgspec.structs.replace(side, channels="rgb" if side.channels == "bgr" else "bgr")


def _other_color(side: Side) -> Side:
    return msgspec.structs.replace(side, color="srgb" if side.color == "linear" else "linear")


def _with_range(numbers: RangeName | Range) -> Callable[[Side], Side]:
    return lambda side: msgspec.structs.replace(side, range=numbers)


def _numbers(numbers: RangeName | Range) -> Range:
    return RANGES[numbers] if isinstance(numbers, str) else numbers


def _range_words(side: Side) -> str:
    return RANGE_TEXT[side.range] if isinstance(side.range, str) else "a range of its own"


def _at(end: End) -> str:
    return f"at {end}" if end == "both ends" else f"at the {end} alone"


def _by(dx: float, dy: float) -> str:
    across = f"{abs(dx):g} px {'right' if dx > 0 else 'left'}" if dx else ""
    down = f"{abs(dy):g} px {'down' if dy > 0 else 'up'}" if dy else ""
    return " and ".join(filter(None, (across, down)))
