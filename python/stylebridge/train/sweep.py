"""A sweep: many short runs of one method, whose settings Optuna chooses, to find those with the best held-out score."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from stylebridge.errors import InputError, MissingExtra, StylebridgeError
from stylebridge.train.folder import RunFolder
from stylebridge.train.loop import Report
from stylebridge.train.settings import Settings, flat, names_of, nested, settings_from_table
from stylebridge.train.start import run

SCORE = "held_out_score"
CHOSEN = "chosen"
STORAGE = "sweep.log"  # a journal: a sweep that was stopped goes on from it
MAX_BYTES = 1 << 20


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers between two, evenly or by powers."""

    low: float
    high: float
    log: bool = False
    step: Annotated[float, msgspec.Meta(gt=0)] | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError("a span needs low < high, and low > 0 with log")


class Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some values, none of them nearer to another."""

    choices: Annotated[list[Any], msgspec.Meta(min_length=2)]


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan as it is written down."""

    search: dict[str, Any] = {}
    trials: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 20
    prune: bool = True  # whether a run that lags behind the others is ended early


@dataclass(frozen=True)
class Plan:
    """What a sweep looks for: where each setting may lie, and how many runs it takes."""

    search: Mapping[str, Span | Choices]
    trials: int = 20
    prune: bool = True


def read_plan(file: Path, kind: type[Settings]) -> Plan:
    """The plan in a TOML file; what names no setting of the method is refused."""
    try:
        with file.open("rb") as opened:
            written = msgspec.convert(tomllib.loads(opened.read(MAX_BYTES).decode()), File)
        plan = Plan(dict(_spaces(written.search)), written.trials, written.prune)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", expected="a TOML file", where=file) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"no sweep: {error}", expected="[search] with a span or choices each", where=file) from error
    unknown = sorted(plan.search.keys() - set(names_of(kind)))
    if unknown or not plan.search:
        found = f"unknown setting {unknown[0]}" if unknown else "nothing to search"
        raise InputError(found, expected=f"settings among {', '.join(names_of(kind))}", where=file)
    return plan


def sweep(
    name: str,
    settings: Settings,
    plan: Plan,
    folder: Path,
    report: Callable[[int, int], Report],
    *,
    device: str = "auto",
) -> dict[str, Any]:
    """Run the trials that are still missing, each in a folder of its own; what the best one is."""
    if not settings.judge_every or not settings.held_out:
        raise InputError("a sweep without held-out frames", do="set judge_every and held_out above 0")
    optuna = _optuna()
    folder.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name=name,
        storage=optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(folder / STORAGE))),
        sampler=optuna.samplers.TPESampler(seed=settings.seed, multivariate=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4) if plan.prune else optuna.pruners.NopPruner(),
        load_if_exists=True,
    )
    missing = plan.trials - sum(trial.state.is_finished() for trial in study.trials)

    def objective(trial: Any) -> float:
        chosen = {key: _suggestion(trial, key, space) for key, space in plan.search.items()}
        table = nested(flat(msgspec.to_builtins(settings)) | chosen)
        own = settings_from_table(type(settings), table, "--sweep")
        trial.set_user_attr(CHOSEN, chosen)
        scores: list[float] = []

        def watched(step: int, figures: Mapping[str, float]) -> None:
            report(trial.number, plan.trials)(step, figures)
            if SCORE in figures:
                scores.append(figures[SCORE])
                trial.report(figures[SCORE], step)
                if trial.should_prune():
                    raise optuna.TrialPruned

        run(name, own, RunFolder(folder / f"trial-{trial.number:04d}"), watched, device=device)
        return min(scores)

    study.optimize(objective, n_trials=max(0, missing), catch=(StylebridgeError,))
    return outcome(study, folder)


def outcome(study: Any, folder: Path) -> dict[str, Any]:
    """The trials, best first, and where each lies."""
    done = [trial for trial in study.trials if trial.value is not None]
    rows = [
        {"trial": trial.number, "score": trial.value, "state": trial.state.name.lower()}
        | {"settings": trial.user_attrs[CHOSEN], "run": str(folder / f"trial-{trial.number:04d}")}
        for trial in sorted(done, key=lambda trial: trial.value)
    ]
    if not rows:
        raise StylebridgeError("no trial came to an end", do="look at the runs' figures.jsonl", where=folder)
    return {"best": rows[0], "trials": rows, "unfinished": len(study.trials) - len(done)}


def _suggestion(trial: Any, name: str, space: Span | Choices) -> Any:
    if isinstance(space, Span):
        return float(f"{trial.suggest_float(name, space.low, space.high, log=space.log, step=space.step):.4g}")
    index = trial.suggest_categorical(name, list(range(len(space.choices))))  # Optuna keeps no lists
    return space.choices[index]


def _spaces(table: Mapping[str, Any]) -> list[tuple[str, Span | Choices]]:
    """Each setting's space by its dotted name; two numbers alone are a span by powers."""
    spaces: list[tuple[str, Span | Choices]] = []
    for name, space in table.items():
        if isinstance(space, list):
            is_span = len(space) == 2 and all(isinstance(n, int | float) for n in space)
            ends = {"low": space[0], "high": space[1], "log": space[0] > 0} if is_span else {}
            spaces.append((name, msgspec.convert(ends, Span) if ends else msgspec.convert({"choices": space}, Choices)))
        elif isinstance(space, dict) and not space.keys() & {"low", "high", "choices"}:
            spaces += [(f"{name}.{inner}", each) for inner, each in _spaces(space)]
        elif isinstance(space, dict) and "choices" in space:
            spaces.append((name, msgspec.convert(space, Choices)))
        else:
            spaces.append((name, msgspec.convert(space, Span)))
    return spaces


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise MissingExtra("optuna", "train") from error
    optuna.logging.set_verbosity(logging.WARNING)
    return optuna
