"""How long an engine takes, several engines in turn so that what disturbs one disturbs them all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stylebridge.engines.base import Engine
from stylebridge.errors import InputError

Clock = Callable[[], float]  # seconds


@dataclass(frozen=True, slots=True)
class Timing:
    """The spread of several runs, in milliseconds."""

    median_ms: float
    mean_ms: float
    p10_ms: float
    p90_ms: float
    p99_ms: float
    min_ms: float
    runs: int
    ratio: float = 1.0  # to the first of several engines timed in turn: 2 means twice as long

    @classmethod
    def of(cls, seconds: Sequence[float], ratio: float = 1.0) -> Timing:
        """The statistics of measured durations; quantiles between two runs are interpolated."""
        if not seconds:
            raise InputError("no runs were timed", expected="at least one")
        ms = np.asarray(seconds, dtype=np.float64) * 1e3
        p10, median, p90, p99 = (float(q) for q in np.percentile(ms, (10, 50, 90, 99)))
        return cls(median, float(ms.mean()), p10, p90, p99, float(ms.min()), len(ms), ratio)

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)


def time_engine(
    engine: Engine,
    inputs: Mapping[str, object],
    *,
    runs: int = 20,
    warm_up: int = 3,
    min_seconds: float = 0.0,
    clock: Clock = time.perf_counter,
) -> Timing:
    """Time at least `runs` runs, and more until `min_seconds` have been measured."""
    alone = time_alternating(
        {engine.name: engine},
        {engine.name: inputs},
        runs=runs,
        warm_up=warm_up,
        min_seconds=min_seconds,
        clock=clock,
    )
    return alone[engine.name]


def time_alternating(
    engines: Mapping[str, Engine],
    inputs: Mapping[str, Mapping[str, object]],
    *,
    runs: int = 20,
    warm_up: int = 3,
    min_seconds: float = 0.0,
    clock: Clock = time.perf_counter,
) -> dict[str, Timing]:
    """Time the engines round by round; `inputs` holds each engine's own, since their input names differ.

    A ratio is the median over the rounds of an engine's time to the first engine's in the same round.
    """
    if not engines or set(engines) != set(inputs):
        raise InputError(
            f"engines {sorted(engines)} and inputs for {sorted(inputs)}", expected="at least one, and inputs for each"
        )
    if runs < 1 or warm_up < 0:
        raise InputError(f"{runs} runs after {warm_up} for warming up", expected="at least 1 and 0")
    for name, engine in engines.items():
        engine.warm_up(inputs[name], warm_up)
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    order = list(engines)
    while len(seconds[order[0]]) < runs or min(map(sum, seconds.values())) < min_seconds:
        for name in order:
            seconds[name].append(_one_run(engines[name], inputs[name], clock))
        order.reverse()  # no engine always follows the same other one, whose caches it would find
    return {name: Timing.of(taken, _ratio(taken, seconds[next(iter(engines))])) for name, taken in seconds.items()}


def _ratio(taken: Sequence[float], first: Sequence[float]) -> float:
    """Round by round, so that what slows a whole round cancels out; a clock too coarse for the first gives 1."""
    pairs = [a / b for a, b in zip(taken, first, strict=True) if b > 0]
    return float(np.median(pairs)) if pairs else 1.0


def _one_run(engine: Engine, inputs: Mapping[str, object], clock: Clock) -> float:
    start = clock()
    engine.run(inputs)
    return clock() - start
