from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from stylebridge.engines.base import Array, Engine, TensorInfo
from stylebridge.engines.timing import Timing, time_alternating, time_engine
from stylebridge.errors import InputError


class Clock:
    """Stands still until an engine moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Slow(Engine):
    """Takes the given seconds, in turn."""

    def __init__(self, name: str, clock: Clock, seconds: Sequence[float], log: list[str] | None = None) -> None:
        info = (TensorInfo("x", (None,), "float32"),)
        super().__init__(name, "", device="none", threads=1, inputs=info, outputs=info, metadata={})
        self.clock, self.seconds, self.runs, self.log = clock, seconds, 0, log if log is not None else []

    def _run(self, arrays: dict[str, Array]) -> dict[str, Array]:
        self.clock.now += self.seconds[self.runs % len(self.seconds)]
        self.runs += 1
        self.log.append(self.name)
        return arrays


INPUTS = {"x": np.ones(3, np.float32)}


def test_the_statistics_are_those_of_the_runs() -> None:
    timing = Timing.of([ms / 1e3 for ms in range(101)])
    figures = [timing.median_ms, timing.mean_ms, timing.p10_ms, timing.p90_ms, timing.p99_ms, timing.min_ms]
    np.testing.assert_allclose(figures, [50, 50, 10, 90, 99, 0])
    assert timing.runs == 101
    assert timing.as_json()["p99_ms"] == pytest.approx(99)


def test_warming_up_is_not_counted() -> None:
    clock = Clock()
    engine = Slow("a", clock, [9.0, 9.0, 0.001, 0.001, 0.001])
    timing = time_engine(engine, INPUTS, runs=3, warm_up=2, clock=clock)
    assert engine.runs == 5
    assert timing.median_ms == pytest.approx(1)


def test_it_goes_on_until_enough_time_was_measured() -> None:
    clock = Clock()
    timing = time_engine(Slow("a", clock, [0.25]), INPUTS, runs=2, warm_up=0, min_seconds=2, clock=clock)
    assert timing.runs == 8


def test_engines_take_turns_and_the_ratio_is_taken_within_each_round() -> None:
    clock, log = Clock(), []
    # The machine slows down fourfold in the middle; b still takes twice as long as a in every round.
    a = Slow("a", clock, [0.001, 0.004, 0.004, 0.001], log)
    b = Slow("b", clock, [0.002, 0.008, 0.008, 0.002], log)
    timings = time_alternating({"a": a, "b": b}, {"a": INPUTS, "b": INPUTS}, runs=4, warm_up=0, clock=clock)
    assert "".join(log) == "abbaabba"
    assert timings["a"].ratio == 1
    assert timings["b"].ratio == pytest.approx(2)
    assert timings["b"].as_json()["ratio"] == pytest.approx(2)


def test_nothing_to_time_is_refused() -> None:
    engine = Slow("a", Clock(), [0.1])
    with pytest.raises(InputError, match="expected at least 1"):
        time_engine(engine, INPUTS, runs=0)
    with pytest.raises(InputError, match="inputs for each"):
        time_alternating({"a": engine}, {"b": INPUTS})
    with pytest.raises(InputError, match="no runs"):
        Timing.of([])
