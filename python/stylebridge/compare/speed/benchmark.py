"""How fast models are and how much memory they take, by engine, picture size and threads."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from stylebridge.contract import FloatArray, PixelContract
from stylebridge.engines import engine_names, open_engine
from stylebridge.engines.stylizer import Stylizer, open_stylizer
from stylebridge.engines.timing import Timing, time_alternating
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import resize_image

SMALL = ((256, 256), (512, 512))
SIZES = (*SMALL, (720, 540), (1280, 720), (1920, 1080))  # (width, height)
MEMORY_TIMEOUT_S = 300.0
MEGABYTE = 1 << 20
Size = tuple[int, int]
Progress = Callable[[str, int, int], None]


class Stopping(Protocol):
    """Somebody who may ask for an early end."""

    asked: bool


@dataclass(frozen=True)
class Subject:
    """A model file in an engine with so many threads."""

    title: str
    file: Path
    engine: str
    threads: int | None = None

    @property
    def name(self) -> str:
        """What stands in tables."""
        return self.title if self.threads is None else f"{self.title}, {self.threads} thread{'s'[: self.threads > 1]}"


@dataclass(frozen=True)
class Pace:
    """How often a run is repeated: at least `least`, at most `runs`, within about `budget_s` for each subject.

    What would take a subject longer than `limit_s` at one size, even with the least runs, is left out.
    """

    runs: int = 30
    warm_up: int = 3
    least: int = 3
    budget_s: float = 8.0
    limit_s: float = 60.0


STEADY = Pace()
QUICK = Pace(runs=7, warm_up=1, budget_s=2.0, limit_s=15.0)


@dataclass(frozen=True)
class Speed:
    """One subject at one size: the spread of its times and its memory, or why there is neither."""

    subject: Subject
    size: Size
    timing: Timing | None = None
    peak_mb: float | None = None  # of a process that does nothing else
    own_mb: float | None = None  # of that, what came after the imports: weights and activations
    failure: str = ""
    skipped: str = ""  # why there was no time for it
    first_ms: float | None = None  # the first run at this size, before anything is warm

    @property
    def fps(self) -> float | None:
        """Frames per second of the network alone, at the median."""
        return None if self.timing is None or not self.timing.median_ms else 1000 / self.timing.median_ms

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        subject = asdict(self.subject) | {"file": str(self.subject.file)}
        figures = {"peak_mb": self.peak_mb, "own_mb": self.own_mb, "failure": self.failure, "skipped": self.skipped}
        first_ms = None if self.first_ms is None else round(self.first_ms, 3)
        fps = None if self.fps is None else round(self.fps, 3)
        return {
            **subject,
            "size": f"{self.size[0]}x{self.size[1]}",
            "fps": fps,
            "first_ms": first_ms,
            "time": None if self.timing is None else self.timing.as_json(),
            **figures,
        }


def is_timed(engine: str) -> bool:
    """Whether an engine's speed says anything: an emulation runs on ONNX Runtime, and tells nothing of the real one."""
    return engine in engine_names()


def open_subject(subject: Subject, contract: str = "") -> Stylizer:
    """Open it; without a contract anywhere, the numbers are fed as [0,1], which is no slower than others."""
    options = {"threads": subject.threads}
    try:
        return open_stylizer(subject.file, subject.engine, contract, **options)
    except InputError as error:
        if "no pixel contract" not in error.found:
            raise
        return Stylizer(open_engine(subject.engine, subject.file, **options), PixelContract(), subject.file.name)


def measure_speed(
    subjects: Sequence[Subject],
    sizes: Sequence[Size],
    *,
    pace: Pace = STEADY,
    memory: bool = True,
    picture: ColorPlane | None = None,
    progress: Progress = lambda what, done, total: None,
    stop: Stopping | None = None,
) -> list[Speed]:
    """Time the subjects in turn at each size, then weigh each alone in a fresh process.

    Once `stop` is asked for, the sizes that are left are skipped, and no more is weighed.
    """
    subjects = list(dict.fromkeys(subjects))
    rounds = len(sizes) * (1 + (len(subjects) if memory else 0))
    done = 0
    results: list[Speed] = []
    with ExitStack() as stack:
        opened: dict[Subject, Stylizer | str] = {}
        for subject in subjects:
            try:
                opened[subject] = stack.enter_context(open_subject(subject))
            except StylebridgeError as error:
                opened[subject] = str(error)
        clock = _Clock(pace)
        for size in sorted(sizes, key=lambda size: size[0] * size[1]):  # what small ones took tells of larger ones
            progress(f"timing {size[0]}x{size[1]}", done, rounds)
            if stop is not None and stop.asked:
                results += [Speed(subject, size, skipped="interrupted by Ctrl-C") for subject in subjects]
            else:
                results += _at_size(opened, size, clock, picture)
            done += 1
    results.sort(key=lambda speed: sizes.index(speed.size))
    if not memory:
        return results
    weighed = []
    for speed in results:
        width, height = speed.size
        progress(f"weighing {width}x{height}", done, rounds)
        stopped = stop is not None and stop.asked
        weighed.append(speed if speed.timing is None or stopped else _weighed(speed))
        done += 1
    progress("measured", rounds, rounds)
    return weighed


def picture_frame(size: Size, picture: ColorPlane | None = None) -> Frame:
    """The picture at this size; noise where there is none. The time doesn't depend on it."""
    width, height = size
    if picture is not None:
        return Frame(color=resize_image(picture, size))
    return Frame(color=np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


class _Clock:
    """Knows how long a run of each subject took at the last size, and so what is left out at the next."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._known: dict[Subject, tuple[int, float]] = {}  # pixels and seconds of one run

    def too_long(self, subject: Subject, size: Size) -> str:
        """Why a subject isn't timed at this size; empty where there is time."""
        if subject not in self._known:
            return ""
        pixels, run_s = self._known[subject]
        expected_s = run_s * size[0] * size[1] / pixels
        if expected_s * (self.pace.least + 2) <= self.pace.limit_s:  # one to warm up, one to judge by
            return ""
        took = "took" if pixels == size[0] * size[1] else "would take about"
        return f"one run {took} {expected_s:.1f} s; all of them are to take {self.pace.limit_s:g} s at most"

    def note(self, subject: Subject, size: Size, run_s: float) -> None:
        """One run took so long."""
        self._known[subject] = (size[0] * size[1], run_s)

    def runs(self, subjects: Sequence[Subject]) -> int:
        """How often each is run, so that the slowest keeps to the pace."""
        slowest_s = max((self._known[subject][1] for subject in subjects), default=0.0)
        return max(self.pace.least, min(self.pace.runs, int(self.pace.budget_s / max(slowest_s, 1e-6))))


def _at_size(
    opened: dict[Subject, Stylizer | str], size: Size, clock: _Clock, picture: ColorPlane | None
) -> Iterator[Speed]:
    frame = picture_frame(size, picture)
    tensors: dict[Subject, FloatArray] = {}
    found: dict[Subject, Speed] = {}
    for subject, stylizer in opened.items():
        if isinstance(stylizer, str):
            found[subject] = Speed(subject, size, failure=stylizer)
            continue
        if words := clock.too_long(subject, size):
            found[subject] = Speed(subject, size, skipped=words)
            continue
        try:
            tensor = stylizer.contract.to_tensor(frame)
            first_s = _one_run(stylizer, tensor)
            clock.note(subject, size, first_s)
            words = clock.too_long(subject, size)
            if not words:
                clock.note(subject, size, _one_run(stylizer, tensor))
                tensors[subject] = tensor
            found[subject] = Speed(subject, size, skipped=words, first_ms=first_s * 1e3)
        except StylebridgeError as error:
            found[subject] = Speed(subject, size, failure=str(error))
    try:
        timings = _timed({s: t for s, t in opened.items() if s in tensors}, tensors, clock)
    except StylebridgeError as error:  # it worked once and then didn't: no time is to be trusted
        timings = {}
        found |= {subject: Speed(subject, size, failure=str(error)) for subject in tensors}
    for subject in opened:
        yield replace(found[subject], timing=timings.get(subject))


def _one_run(stylizer: Stylizer, tensor: FloatArray) -> float:
    start = time.perf_counter()
    stylizer.infer(tensor)
    return time.perf_counter() - start


def _timed(
    opened: dict[Subject, Stylizer | str], tensors: dict[Subject, FloatArray], clock: _Clock
) -> dict[Subject, Timing]:
    engines = {f"{n}": s.engine for n, s in enumerate(opened.values()) if not isinstance(s, str)}
    if not engines:
        return {}
    inputs = {
        name: {engine.inputs[0].name: t} for (name, engine), t in zip(engines.items(), tensors.values(), strict=True)
    }
    runs = clock.runs(list(opened))
    timings = time_alternating(engines, inputs, runs=runs, warm_up=max(0, min(clock.pace.warm_up, runs) - 2))
    return dict(zip(opened, timings.values(), strict=True))


def _weighed(speed: Speed) -> Speed:
    """With the memory of a fresh process that opens the model and runs it."""
    subject, (width, height) = speed.subject, speed.size
    words = [str(subject.file), subject.engine, str(width), str(height), str(subject.threads or 0)]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "stylebridge.compare.speed.memory", *words],
            capture_output=True,
            text=True,
            timeout=MEMORY_TIMEOUT_S,
            check=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        peak, own = float(found["peak"]), float(found["peak"]) - float(found["before"])
    except (subprocess.SubprocessError, OSError, ValueError, KeyError, IndexError):
        return speed  # the time stands; the memory stays unknown
    return replace(speed, peak_mb=round(peak / MEGABYTE, 1), own_mb=round(own / MEGABYTE, 1))


def parse_sizes(text: str) -> list[Size]:
    """Sizes with commas between, such as 256x256,1280x720: width first."""
    from stylebridge.sources.address import parse_size

    sizes = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        sizes.append(parse_size(f"{word}x{word}" if word.isdecimal() else word))
    if not sizes:
        raise InputError(f"sizes {text!r}", expected="WIDTHxHEIGHT, several with commas")
    return list(dict.fromkeys(sizes))


def parse_threads(text: str) -> list[int | None]:
    """Thread counts with commas between; empty leaves it to the engine."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if not (word.isdecimal() and 1 <= int(word) <= 1024):
            raise InputError(f"threads {word!r}", expected="whole numbers from 1 to 1024, several with commas")
    return list(dict.fromkeys(int(word) for word in words)) or [None]
