"""Bisect: the first layer in which two engines part, and the operator check's reason where it knows one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stylebridge.compare.diagnosis.matching import Pair, matched
from stylebridge.compare.diagnosis.tapped import AT_ONCE, Numbers, Point, Tapped, open_tapped
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.opcheck.finding import Finding

TOLERANCE = 1e-3  # of a layer's own size: float noise stays a hundred times below, a real difference far above
PICTURE = "the picture"
PICTURE_TOLERANCE = 0.01  # bytes are rounded
_TINY = 1e-6
_LAYOUTS = ((0, 3, 1, 2), (0, 2, 3, 1))

Status = Literal["equal", "parts", "other shape", "not finite"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Step:
    """One layer in both engines; `apart` is the difference's size as a share of the layer's."""

    name: str
    other: str
    op: str
    shape: tuple[int, ...]
    status: Status
    max_abs: float | None = None
    apart: float | None = None
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {"name": self.name, "other": self.other, "op": self.op, "shape": list(self.shape)}
        return told | {"status": self.status, "max_abs": self.max_abs, "apart": self.apart, "words": self.words}


@dataclass(frozen=True)
class Bisection:
    """The layers in order, and where the two part; `index` is None where they don't."""

    a: str
    b: str
    steps: tuple[Step, ...]
    index: int | None
    words: str
    finding: Finding | None = None
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> Step | None:
        """The first layer in which the engines part."""
        return None if self.index is None else self.steps[self.index]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "engines": [self.a, self.b],
            "parts_at": self.first.as_json() if self.first else None,
            "words": self.words,
            "finding": self.finding.to_dict() if self.finding else None,
            "notes": list(self.notes),
            "layers": [step.as_json() for step in self.steps],
        }


def bisect(
    model: Path,
    engines: Sequence[str],
    frame: Frame,
    *,
    contract: str = "",
    tolerance: float = TOLERANCE,
    progress: Progress = lambda done, total: None,
) -> Bisection:
    """Compare two engines layer by layer on one frame. Each is a name, NAME=FILE, or an .npz of layers by name."""
    if len(engines) != 2:
        raise InputError(f"{len(engines)} engines to bisect", expected="two, with a comma between")
    a = open_tapped(engines[0], model, frame, contract, None)
    b = open_tapped(engines[1], model, frame, contract, a.contract)
    pairs = matched(a, b)
    if not pairs:
        raise InputError(
            f"{a.name} and {b.name} have no layer in common, neither by name nor by order and shape",
            expected="two forms of one network",
            do="name the tensors of a dump as in the ONNX file",
        )
    steps: list[Step] = []
    for start in range(0, len(pairs), AT_ONCE):
        progress(start, len(pairs))
        steps += _compared(a, b, pairs[start : start + AT_ONCE], tolerance)
    progress(len(pairs), len(pairs))
    steps += _pictures(a, b, frame)
    return _concluded(a, b, pairs, steps)


def _compared(a: Tapped, b: Tapped, pairs: Sequence[Pair], tolerance: float) -> Iterator[Step]:
    one, other = a.fetch([x.name for x, _ in pairs]), b.fetch([y.name for _, y in pairs])
    for x, y in pairs:
        if x.name in one and y.name in other:
            yield _step(x, y, one[x.name], other[y.name], tolerance)


def _pictures(a: Tapped, b: Tapped, frame: Frame) -> Iterator[Step]:
    """What both show in the end, where their last layers may be unlike: a file can hold its contract inside."""
    made = a.output(), b.output()
    if a.is_graph == b.is_graph or a.contract is None or b.contract is None or made[0] is None or made[1] is None:
        return
    try:
        one, other = a.contract.to_frame(made[0], frame).rgb, b.contract.to_frame(made[1], frame).rgb
    except StylebridgeError as error:
        yield Step(PICTURE, PICTURE, "", made[0].shape, "not finite", words=error.found)
        return
    yield _step(Point(PICTURE), Point(PICTURE), one, other, PICTURE_TOLERANCE)


def _step(x: Point, y: Point, one: Numbers, other: Numbers, tolerance: float) -> Step:
    other, words = _like(other, one.shape)
    op = x.op or y.op
    if one.shape != other.shape:
        words = f"{list(one.shape)} and {list(other.shape)}"
        return Step(x.name, y.name, op, one.shape, "other shape", words=words)
    wide, wide_other = one.astype(np.float64), other.astype(np.float64)
    finite = np.isfinite(wide), np.isfinite(wide_other)
    if not all(np.all(each) for each in finite):
        same = np.array_equal(*finite)
        counts = " and ".join(str(int(each.size - np.count_nonzero(each))) for each in finite)
        words = f"{counts} NaN or infinite values of {one.size}"
        return Step(x.name, y.name, op, one.shape, "equal" if same else "not finite", words=words)
    if not one.size:
        return Step(x.name, y.name, op, one.shape, "equal", 0.0, 0.0)
    apart = wide - wide_other
    size = max(float(np.sqrt(np.mean(wide**2))), _TINY)
    share = float(np.sqrt(np.mean(apart**2))) / size
    status: Status = "parts" if share > tolerance else "equal"
    return Step(x.name, y.name, op, one.shape, status, float(np.abs(apart).max()), share, words)


def _like(array: Numbers, shape: tuple[int, ...]) -> tuple[Numbers, str]:
    """Engines dump with channels last, or without the batch: turned to fit, if that makes it fit."""
    if array.shape == shape:
        return array, ""
    if array.ndim == len(shape) - 1:
        array = array[None]
    if array.ndim == 4:
        for order in _LAYOUTS:
            if array.transpose(order).shape == shape:
                return array.transpose(order), "channels last"
    return array, ""


def _concluded(a: Tapped, b: Tapped, pairs: Sequence[Pair], steps: Sequence[Step]) -> Bisection:
    notes = _notes(a, b, pairs, steps)
    index = next((i for i, step in enumerate(steps) if step.status != "equal"), None)
    if index is None:
        shown = ", and in the picture" if steps and steps[-1].name == PICTURE else ""
        words = f"{a.name} and {b.name} agree in all {len(steps) - bool(shown)} layers that both have{shown}"
        return Bisection(a.name, b.name, tuple(steps), None, words, None, notes)
    step = steps[index]
    before = steps[index - 1].name if index else ""
    if step.name == PICTURE:
        words = (
            f"{a.name} and {b.name} agree in all {index} layers that both have, and part behind the last: {_how(step)}"
        )
        return Bisection(a.name, b.name, tuple(steps), index, words, None, notes)
    x, y = next(pair for pair in pairs if (pair[0].name, pair[1].name) == (step.name, step.other))
    finding = _finding(a, b, before, x, y)
    words = f"{a.name} and {b.name} part at {_named(step)}, {_place(index, len(steps))}: {_how(step)}"
    if finding is not None:
        node = "" if finding.node in (x.node, y.node) else f" ({finding.op} {finding.node})"
        words += f". The check says why{node}: {finding.reason}"
    elif _weights_differ(a, b, x, y):
        words += ". Its stored weights differ: these are other weights"
    elif index == 0 and _fed_differently(a, b):
        words += ". They are fed other numbers: compare their contracts with stylebridge parity"
    return Bisection(a.name, b.name, tuple(steps), index, words, finding, notes)


def _finding(a: Tapped, b: Tapped, before: str, x: Point, y: Point) -> Finding | None:
    """What is said of the layer itself, or of one that was passed over since the last that agreed."""
    for tapped, point in ((b, y), (a, x)):
        names = [each.name for each in tapped.points]
        end = names.index(point.name)
        start = names.index(before) + 1 if before in names[:end] else 0
        nodes = [each.node for each in tapped.points[start : end + 1]]
        found = tapped.finding([point.node]) or tapped.finding(nodes)
        if found is not None:
            return found
    return None


def _weights_differ(a: Tapped, b: Tapped, x: Point, y: Point) -> bool:
    ones, others = a.weights(x), b.weights(y)
    pairs = [(one, other) for one, other in zip(ones, others, strict=False) if one.shape == other.shape]
    return any(not np.allclose(one, other, rtol=1e-4, atol=1e-6) for one, other in pairs)


def _fed_differently(a: Tapped, b: Tapped) -> bool:
    one, other = a.given(), b.given()
    return one is not None and other is not None and not (one.shape == other.shape and np.allclose(one, other))


def _notes(a: Tapped, b: Tapped, pairs: Sequence[Pair], steps: Sequence[Step]) -> tuple[str, ...]:
    notes = [tapped.note for tapped in (a, b) if tapped.note]
    if _fed_differently(a, b) and a.contract is not None and b.contract is not None:
        notes.append(f"fed other numbers: {a.contract.input} and {b.contract.input}")
    compared = sum(step.name != PICTURE for step in steps)
    if compared < len(pairs):
        notes.append(f"{len(pairs) - compared} layers are made by one engine alone, which folds or fuses them")
    agreeing = sum(1 for _ in takewhile(lambda step: step.status == "equal", steps))
    again = sum(step.status == "equal" for step in steps[agreeing:])
    if again:
        notes.append(f"{again} later layers agree again")
    return tuple(notes)


def _named(step: Step) -> str:
    other = f" ({step.other})" if step.other != step.name else ""
    return f"{step.op} {step.name}{other}".strip()


def _place(index: int, count: int) -> str:
    return f"layer {index + 1} of {count}"


def _how(step: Step) -> str:
    if step.status in ("other shape", "not finite"):
        return f"{step.status}, {step.words}"
    return f"{100 * (step.apart or 0):.3g}% apart, at most {step.max_abs:.4g}"
