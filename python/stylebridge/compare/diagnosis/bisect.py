"""Bisect: the first layer in which two engines part, and the operator check's reason where it knows one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from stylebridge.compare.diagnosis.dumped import receive_layers
from stylebridge.compare.diagnosis.live import is_live
from stylebridge.compare.diagnosis.matching import Pair, beyond, entering, matched
from stylebridge.compare.diagnosis.opening import open_tapped
from stylebridge.compare.diagnosis.steps import Step, compared_step, turned
from stylebridge.compare.diagnosis.tapped import AT_ONCE, Point, Tapped
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.opcheck.finding import Finding

TOLERANCE = 1e-3  # of a layer's own size: float noise stays a hundred times below, a real difference far above
PICTURE = "the picture"
PICTURE_TOLERANCE = 0.01  # bytes are rounded
Progress = Callable[[str, int, int], None]


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
    frame: Frame | None,
    *,
    contract: str = "",
    tolerance: float = TOLERANCE,
    progress: Progress = lambda what, done, total: None,
) -> Bisection:
    """Compare two engines layer by layer on one frame.

    Each is a name, NAME=FILE, an .npz of layers by name, or a game that sends them (zmq://HOST:PORT). Without a frame
    it is the picture that this game fed in.
    """
    if len(engines) != 2:
        raise InputError(f"{len(engines)} engines to bisect", expected="two, with a comma between")
    a, b, shown = _opened(model, engines, frame, contract, progress)
    pairs = matched(a, b)
    if not pairs:
        raise InputError(
            f"{a.name} and {b.name} have no layer in common, neither by name nor by order and shape",
            expected="two forms of one network",
            do="name the tensors of a dump as in the ONNX file",
        )
    steps = list(_entries(a, b, pairs, tolerance))
    for start in range(0, len(pairs), AT_ONCE):
        progress("comparing layers", start, len(pairs))
        steps += _compared(a, b, pairs[start : start + AT_ONCE], tolerance)
    progress("comparing layers", len(pairs), len(pairs))
    steps += _pictures(a, b, pairs, shown)
    return _concluded(a, b, pairs, steps)


def _opened(
    model: Path, engines: Sequence[str], frame: Frame | None, contract: str, progress: Progress
) -> tuple[Tapped, Tapped, Frame]:
    """Both networks, and the frame: a game's layers are received first, because its picture may be needed."""
    games = [word for word in engines if is_live(word)]
    if len(games) > 1:
        raise InputError("two games to bisect", expected="one, beside an engine that is here")
    if not games and frame is None:
        raise InputError("no picture to run the engines on", expected="a frame, or a game that sends its layers")
    received: Tapped | None = None
    for word in games:
        received, picture = receive_layers(word, model, progress)
        frame = frame or picture
    if frame is None:
        do = "have the game send the picture that went in under the id of its layers, or give it with --input"
        raise InputError("the game sent its layers without the picture that they were made from", do=do, where=games[0])
    a = received if received and is_live(engines[0]) else open_tapped(engines[0], model, frame, contract, None)
    b = received if received and is_live(engines[1]) else open_tapped(engines[1], model, frame, contract, a.contract)
    return a, b, frame


def _compared(a: Tapped, b: Tapped, pairs: Sequence[Pair], tolerance: float) -> Iterator[Step]:
    one, other = a.fetch([x.name for x, _ in pairs]), b.fetch([y.name for _, y in pairs])
    for x, y in pairs:
        if x.name in one and y.name in other:
            yield compared_step(x, y, one[x.name], other[y.name], tolerance)


def _entries(a: Tapped, b: Tapped, pairs: Sequence[Pair], tolerance: float) -> Iterator[Step]:
    """What enters the network itself, where a file turns its input into that by layers of its own."""
    found = entering(a, b, pairs)
    if found is None:
        return
    made = [
        tapped.fetch([point.name]).get(point.name) if tapped.is_graph else tapped.entered(point)
        for tapped, point in zip((a, b), found, strict=True)
    ]
    if made[0] is not None and made[1] is not None:
        yield compared_step(*found, made[0], made[1], tolerance)


def _pictures(a: Tapped, b: Tapped, pairs: Sequence[Pair], frame: Frame) -> Iterator[Step]:
    """What both show in the end, where their last layers may be unlike: a file can hold its contract inside."""
    if a.contract is None or b.contract is None:
        return
    behind = [beyond(tapped, pairs, side) for side, tapped in enumerate((a, b))]
    if a.contract == b.contract and not any(behind):
        return
    made = a.output(), b.output()
    if made[0] is None or made[1] is None:
        return
    graph = behind[0] if a.is_graph and not b.is_graph else behind[1]
    place = graph[0] if graph else Point(PICTURE)
    try:
        one, other = a.contract.to_frame(made[0], frame).rgb, b.contract.to_frame(made[1], frame).rgb
    except StylebridgeError as error:
        yield Step(PICTURE, place.name, place.op, made[0].shape, "not finite", words=error.found)
        return
    yield compared_step(Point(PICTURE), place, one, other, PICTURE_TOLERANCE)


def _concluded(a: Tapped, b: Tapped, pairs: Sequence[Pair], steps: Sequence[Step]) -> Bisection:
    notes = _notes(a, b, pairs, steps)
    index = next((i for i, step in enumerate(steps) if step.status != "equal"), None)
    if index is None:
        shown = ", and in the picture" if steps and steps[-1].name == PICTURE else ""
        words = f"{a.name} and {b.name} agree in all {len(steps) - bool(shown)} layers that both have{shown}"
        return Bisection(a.name, b.name, tuple(steps), None, words, None, notes)
    step = steps[index]
    if step.name == PICTURE:
        words, finding = _behind(a, b, pairs, step, index)
        return Bisection(a.name, b.name, tuple(steps), index, words, finding, notes)
    words = f"{a.name} and {b.name} part at {_named(step)}, {_place(index, len(steps))}: {_how(step)}"
    pair = next((pair for pair in pairs if (pair[0].name, pair[1].name) == (step.name, step.other)), None)
    if pair is None:
        words += ". The network itself comes later: what the file does to its input first, its contract, is another"
        return Bisection(a.name, b.name, tuple(steps), index, words, None, notes)
    finding = _finding(a, b, steps[index - 1] if index else None, pair)
    if finding is not None:
        node = "" if finding.node in (pair[0].node, pair[1].node) else f" ({finding.op} {finding.node})"
        words += f". The check says why{node}: {finding.reason}"
    elif _weights_differ(a, b, *pair):
        words += ". Its stored weights differ: these are other weights"
    elif index == 0 and _fed_differently(a, b):
        words += ". They are fed other numbers: compare their contracts with stylebridge parity"
    return Bisection(a.name, b.name, tuple(steps), index, words, finding, notes)


def _behind(a: Tapped, b: Tapped, pairs: Sequence[Pair], step: Step, index: int) -> tuple[str, Finding | None]:
    """What there is to say where every common layer agrees and the pictures don't."""
    at = f", at {step.op} {step.other}" if step.other != PICTURE else ""
    words = f"{a.name} and {b.name} agree in all {index} layers that both have, and part behind the last{at}"
    found = [tapped.finding([p.node for p in beyond(tapped, pairs, side)]) for side, tapped in enumerate((a, b))]
    finding = next((each for each in found if each is not None), None)
    said = f". The check says why ({finding.op} {finding.node}): {finding.reason}" if finding else ""
    return f"{words}: {_how(step)}{said}", finding


def _finding(a: Tapped, b: Tapped, before: Step | None, pair: Pair) -> Finding | None:
    """What is said of the layer itself, or of one that was passed over since the last that agreed."""
    lasts = ("", "") if before is None else (before.name, before.other)
    for tapped, point, last in ((b, pair[1], lasts[1]), (a, pair[0], lasts[0])):
        names = [each.name for each in tapped.points]
        end = names.index(point.name)
        start = names.index(last) + 1 if last in names[:end] else 0
        nodes = [each.node for each in tapped.points[start : end + 1]]
        found = tapped.finding([point.node]) or tapped.finding(nodes)
        if found is not None:
            return found
    return None


def _weights_differ(a: Tapped, b: Tapped, x: Point, y: Point) -> bool:
    if x.op and y.op and x.op != y.op:
        return False  # a batch norm beside the convolution that it is folded into
    ones, others = a.weights(x), b.weights(y)
    pairs = [(one, other) for one, other in zip(ones, others, strict=False) if one.shape == other.shape]
    return any(not np.allclose(one, other, rtol=1e-4, atol=1e-6) for one, other in pairs)


def _fed_differently(a: Tapped, b: Tapped) -> bool:
    one, other = a.given(), b.given()
    if one is None or other is None:
        return False
    return not any(np.allclose(one, each) for each, _ in turned(other, one.shape))


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
