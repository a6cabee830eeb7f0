"""Plans: which columns there will be, a model in an engine each, and the file that the engine opens for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stylebridge.compare.diagnosis.lanes import CHECKPOINTS, file_for
from stylebridge.compare.temporal.causal import Causal
from stylebridge.compare.temporal.reproject import Reprojected
from stylebridge.compare.temporal.stylizing import PictureStylizer
from stylebridge.engines import engine_names
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.sources.address import Address
from stylebridge.targets import find_target

TITLES = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime"}
MAX_COLUMNS = 12


@dataclass(frozen=True)
class Smoothing:
    """What is done with the pictures of a column, in a column of its own: filled between keys, or steadied."""

    every: int = 1  # frames from one that is stylised to the next; those between are reprojected
    steady: bool = False  # blended with what was shown before, without waiting

    @property
    def words(self) -> str:
        """What stands behind a column's title."""
        if self.steady:
            return "steadied"
        ending = {1: "st", 2: "nd", 3: "rd"}.get(self.every if self.every < 10 else 0, "th")
        return f"every {self.every}{ending} + reprojection"

    def around(self, inner: PictureStylizer) -> Causal | Reprojected:
        """The stylizer that does it."""
        return Causal(inner) if self.steady else Reprojected(inner, self.every)


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
    smoothing: Smoothing | None = None

    @property
    def release(self) -> str:
        """The release that is emulated, if one is."""
        return "" if self.shows or self.engine in engine_names() else self.engine

    @property
    def is_plain(self) -> bool:
        """Whether it is an engine and nothing around it."""
        return not self.shows and self.smoothing is None


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
    _check_count(len(models) * len(words) + len(sources))
    labels = _labels(models)
    plans = []
    for model, label in zip(models, labels, strict=True):
        for name, _, given in words:
            title = " · ".join(filter(None, (label, title_of(name))))
            plan = Plan(title, model, name, Path(given) if given else model)
            plans.append(plan if given else _with_file(plan, folder, [name for name, _, _ in words]))
    return plans + [Plan(f"{place_of(word)} (shown)", models[0], word, models[0], shows=word) for word in sources]


def with_smoothing(plans: Sequence[Plan], smoothings: Sequence[Smoothing]) -> list[Plan]:
    """The plans, and after each model's first one the same smoothed in every way that is asked for."""
    found: list[Plan] = []
    models: set[Path] = set()
    for plan in plans:
        found.append(plan)
        if plan.is_plain and plan.model not in models:
            models.add(plan.model)
            found += [replace(plan, title=f"{plan.title}, {each.words}", smoothing=each) for each in smoothings]
    _check_count(len(found))
    return found


def place_of(source: str) -> str:
    """A source's file name, or the whole where there is none."""
    return Path(Address.parse(source).rest).name or source


def title_of(engine: str) -> str:
    """What people call an engine."""
    return TITLES.get(engine, f"{engine} (emulated)")


def _check_count(count: int) -> None:
    if count > MAX_COLUMNS:
        raise InputError(f"{count} columns", expected=f"at most {MAX_COLUMNS}")


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
