"""Columns: what stands side by side, a model in an engine each, or what an engine showed and somebody recorded.

One that can't be opened says why, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from stylebridge.compare.diagnosis.lanes import CHECKPOINTS, GameIds, SourceLane, file_for, has_ids
from stylebridge.compare.temporal.stylizing import PictureStylizer
from stylebridge.contract import PixelContract
from stylebridge.engines import engine_names
from stylebridge.engines.stylizer import Stylizer, open_stylizer
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.sources.address import Address
from stylebridge.targets import find_target

TITLES = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime"}
PATIENCE = 3  # failures in a row after which a column is given up
MAX_COLUMNS = 12


@dataclass(frozen=True)
class Plan:
    """A model in an engine, and the file that the engine opens for it."""

    title: str
    model: Path
    engine: str
    file: Path
    note: str = ""
    failure: str = ""  # why there is no such file
    shows: str = ""  # a source of pictures that take the place of an engine

    @property
    def release(self) -> str:
        """The release that is emulated, if one is."""
        return "" if self.shows or self.engine in engine_names() else self.engine


class Column:
    """A plan at work. What goes wrong is kept, by the number of the frame; nothing is shown for that frame."""

    def __init__(self, plan: Plan, stylizer: PictureStylizer | None, failure: str = "") -> None:
        self.plan = plan
        self.stylizer = stylizer
        self.failures: list[tuple[int, str]] = [(0, failure)] if failure else []
        self.shown = 0
        self.given_up = stylizer is None
        self._in_a_row = 0

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.plan.title

    @property
    def contract(self) -> PixelContract | None:
        """How its frames become numbers, where that is known."""
        return self.stylizer.contract if isinstance(self.stylizer, Stylizer) else None

    def show(self, frame: Frame, number: int) -> ColorPlane | None:
        """The picture for a frame; None where the engine failed or gave no finite numbers."""
        if self.stylizer is None or self.given_up:
            return None
        try:
            picture = self.stylizer(frame).rgb
        except StylebridgeError as error:
            self.failures.append((number, str(error)))
            self._in_a_row += 1
            self.given_up = self._in_a_row >= PATIENCE
            return None
        self._in_a_row = 0
        self.shown += 1
        return picture

    @property
    def trouble(self) -> str:
        """What a person is told where it didn't show every frame; empty where it did."""
        if not self.failures:
            return ""
        number, words = self.failures[0]
        if not self.shown:
            return words
        count = len(self.failures)
        end = ", and was given up then" if self.given_up else ""
        many = f"{count} frames" if count > 1 else "one frame"
        return f"{many} failed, the first of them number {number + 1}{end}: {words}"


class Recorded:
    """What an engine showed, found by the ids that its game gave the frames, or else in turn."""

    def __init__(self, source: str, frames: str) -> None:
        self.name = source
        self._ids = GameIds(frames)
        self._lane = SourceLane(source, by_id=has_ids(frames))
        self._count = 0

    def __call__(self, frame: Frame) -> Frame:
        """The picture that was shown for this frame."""
        self._count += 1
        shown = self._lane.answer(self._ids.applied(frame), self._count - 1).shown
        if shown is None:
            raise InputError("no picture", where=self.name)
        return frame.with_color(shown)

    def close(self) -> None:
        """Close the source."""
        self._lane.close()


def plan_columns(models: Sequence[Path], engines: Sequence[str], folder: Path) -> list[Plan]:
    """Every model in every engine; `folder` takes the ONNX files of checkpoints that come without one.

    A source in an engine's place, such as recording:unity.mcap, is what an engine showed for the first model.
    """
    sources = [word for word in dict.fromkeys(engines) if ":" in word]
    words = [word.partition("=") for word in dict.fromkeys(engines) if word not in sources]
    for name, _, _ in words:
        _check_engine(name)
    if any(file for _, _, file in words) and len(models) > 1:
        raise InputError("ENGINE=FILE with several models", expected="one model", do="name engines alone")
    if not models or not words:
        raise InputError("nothing to compare", expected="a model and an engine, as in --models A --engines torch")
    count = len(models) * len(words) + len(sources)
    if count > MAX_COLUMNS:
        raise InputError(f"{count} columns", expected=f"at most {MAX_COLUMNS}")
    labels = _labels(models)
    plans = []
    for model, label in zip(models, labels, strict=True):
        for name, _, given in words:
            title = " · ".join(filter(None, (label, title_of(name))))
            plan = Plan(title, model, name, Path(given) if given else model)
            plans.append(plan if given else _with_file(plan, folder, [name for name, _, _ in words]))
    return plans + [Plan(f"{place_of(word)} (shown)", models[0], word, models[0], shows=word) for word in sources]


def place_of(source: str) -> str:
    """A source's file name, or the whole where there is none."""
    return Path(Address.parse(source).rest).name or source


def title_of(engine: str) -> str:
    """What people call an engine."""
    return TITLES.get(engine, f"{engine} (emulated)")


@contextmanager
def open_columns(plans: Sequence[Plan], contract: str = "", frames: str = "") -> Iterator[list[Column]]:
    """Open them all; where not a single one opens, the first reason is the error.

    `frames` names the source of the frames, whose ids recorded pictures are found by.
    """
    columns: list[Column] = []
    first: StylebridgeError | None = None
    try:
        for plan in plans:
            stylizer: Stylizer | Recorded | None = None
            failure = plan.failure
            if not failure:
                try:
                    stylizer = _opened(plan, contract, frames)
                except StylebridgeError as error:
                    first, failure = first or error, str(error)
            columns.append(Column(plan, stylizer, failure))
        if not any(column.stylizer for column in columns):
            raise first or InputError(columns[0].trouble)
        yield columns
    finally:
        for column in columns:
            if isinstance(column.stylizer, Stylizer):
                column.stylizer.engine.close()
            elif isinstance(column.stylizer, Recorded):
                column.stylizer.close()


def _opened(plan: Plan, contract: str, frames: str) -> Stylizer | Recorded:
    return Recorded(plan.shows, frames) if plan.shows else open_stylizer(plan.file, plan.engine, contract)


def _check_engine(name: str) -> None:
    if name not in engine_names():
        try:
            find_target(name)
        except InputError as error:
            known = f"{', '.join(engine_names())}, a release such as barracuda-3.0.1, or recording:FILE.mcap"
            raise InputError(f"unknown engine {name!r}", expected=known) from error


def _with_file(plan: Plan, folder: Path, engines: Sequence[str]) -> Plan:
    """The plan with the file that its engine opens: the model, the one beside it, or an export made now."""
    try:
        file = file_for(plan.model, plan.engine)
    except InputError as error:
        if plan.model.suffix.lower() not in CHECKPOINTS or plan.engine == "torch" or not plan.model.is_file():
            return replace(plan, failure=str(error))
        try:
            file = _exported(plan.model, folder, engines)
        except StylebridgeError as failed:
            return replace(plan, failure=str(failed))
        return replace(plan, file=file, note=f"exported from {plan.model.name} for this comparison")
    return replace(plan, file=file, note="" if file == plan.model else f"beside {plan.model.name}")


def _exported(checkpoint: Path, folder: Path, engines: Sequence[str]) -> Path:
    """An ONNX file of a checkpoint, for the first release that was asked for."""
    from stylebridge.export import contract_of, export
    from stylebridge.nets.checkpoint import load_network

    out = folder / f"{abs(hash(checkpoint)):x}" / f"{checkpoint.stem}.onnx"
    if not out.is_file():
        network = load_network(checkpoint)
        target = next((name for name in engines if name not in engine_names()), "barracuda")
        export(network, contract_of(network, checkpoint), out, find_target(target))
    return out


def _labels(models: Sequence[Path]) -> list[str]:
    """Nothing for a single model, else what tells them apart."""
    if len(models) == 1:
        return [""]
    if len(set(models)) < len(models):
        raise InputError("a model is named twice", expected="different models")
    for names in ([model.stem for model in models], [model.name for model in models]):
        if len(set(names)) == len(names):
            return names
    return [str(model) for model in models]
