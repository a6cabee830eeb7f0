"""The two processes of a measurement: one plays the game, one the reader. Each function here is a child's task."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wirebench.pictures import END, WrongFrame, check_picture, make_pictures
from wirebench.ways import Inlet, Place, Way

WARM_UP_S = 0.3
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def pour(way: Way, place: Place, seconds: float) -> dict[str, float]:
    """Send as fast as the way takes it; the CPU time that each frame costs the thread that sends, and its process."""
    pictures = make_pictures(place.shape)
    outlet = way.open_outlet(place)
    number, warm = 0, time.perf_counter() + WARM_UP_S
    while time.perf_counter() < warm:
        outlet.send(number, 0, pictures[number % len(pictures)])
        number += 1
    first, until = number, time.perf_counter() + seconds
    thread_s, process_s = time.thread_time(), time.process_time()
    while time.perf_counter() < until:
        outlet.send(number, 0, pictures[number % len(pictures)])
        number += 1
    thread_s, process_s = time.thread_time() - thread_s, time.process_time() - process_s
    outlet.end(END, pictures[0])
    outlet.close()
    return {"thread_us": 1e6 * thread_s / (number - first), "process_us": 1e6 * process_s / (number - first)}


def drain(way: Way, place: Place) -> dict[str, float]:
    """Take every frame, in order and whole; how many there were per second once it flowed, and their CPU time here."""
    inlet = way.open_inlet(place)
    frames = counted = 0
    warm = start = cpu_start = now = cpu = 0.0
    for number, _, picture in _until_end(inlet):
        if number != frames:
            raise WrongFrame(f"frame {number} came where {frames} was due")
        check_picture(picture, number, place.shape)
        frames += 1
        now = time.perf_counter()
        warm = warm or now + WARM_UP_S
        if now < warm:
            continue
        if not start:
            start, cpu_start = now, time.process_time()
        counted += 1
    cpu = time.process_time() - cpu_start
    inlet.close()
    if counted < 3:
        raise WrongFrame(f"only {counted} frames came")
    return {"fps": (counted - 1) / (now - start), "process_us": 1e6 * cpu / counted}


def play(way: Way, place: Place, fps: float, seconds: float, settle_s: float) -> dict[str, Any]:
    """Send at a game's pace; what each frame cost the game's thread, in milliseconds, after the first seconds."""
    pictures = make_pictures(place.shape)
    outlet = way.open_outlet(place)
    blocked_ms, cpu_ms, queued_ms, memory = [], [], [], _Memory(settle_s)
    start = time.perf_counter()
    for number in range(round(fps * seconds)):
        time.sleep(max(0.0, start + number / fps - time.perf_counter()))
        queued = _queued_ns()
        before, cpu = time.perf_counter(), time.thread_time()
        outlet.send(number, time.time_ns(), pictures[number % len(pictures)])
        cpu, after = time.thread_time() - cpu, time.perf_counter()
        queued = _queued_ns() - queued
        memory.look(after)
        if number >= fps * settle_s:
            blocked_ms.append(1e3 * (after - before))
            cpu_ms.append(1e3 * cpu)
            queued_ms.append(queued / 1e6)
    pace = len(blocked_ms) / (time.perf_counter() - start - settle_s)
    outlet.end(END, pictures[0])
    spent = {"blocked_ms": blocked_ms, "cpu_ms": cpu_ms, "queued_ms": queued_ms, "pace": pace}
    counts = outlet.counts()
    outlet.close()
    return {**spent, "growth_mb": memory.growth_mb, "counts": counts}


def watch(way: Way, place: Place, settle: float, settle_s: float, hold_s: float) -> dict[str, Any]:
    """Take what comes, each frame for so long; how old those after the first `settle` were, in milliseconds."""
    inlet = way.open_inlet(place)
    ages_ms, memory, last = [], _Memory(settle_s), -1
    for number, wall_ns, picture in _until_end(inlet):
        age_ms, now = (time.time_ns() - wall_ns) / 1e6, time.perf_counter()
        if number <= last:
            raise WrongFrame(f"frame {number} came after {last}")
        check_picture(picture, number, place.shape)
        last = number
        memory.look(now)
        if number >= settle:
            ages_ms.append(age_ms)
        if hold_s:
            time.sleep(hold_s)
    counts = inlet.counts()
    inlet.close()
    return {"ages_ms": ages_ms, "growth_mb": memory.growth_mb, "counts": counts}


def spin(fps: float, seconds: float, work_s: float) -> list[float]:
    """Compute for so long at a game's pace and send nothing: what that took, in milliseconds, is the machine's own."""
    took_ms = []
    start = time.perf_counter()
    for number in range(round(fps * seconds)):
        time.sleep(max(0.0, start + number / fps - time.perf_counter()))
        before = after = time.perf_counter()
        spent = time.thread_time() + work_s
        while time.thread_time() < spent:
            after = time.perf_counter()
        took_ms.append(1e3 * (after - before))
    return took_ms


def _until_end(inlet: Inlet) -> Iterator[tuple[int, int, Any]]:
    while (received := inlet.receive())[0] != END:
        yield received


class _Memory:
    """How much a process grew after its first seconds."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._start = self._next = 0.0
        self._base = self._most = 0

    def look(self, now: float) -> None:
        """Look at most twice a second."""
        self._start = self._start or now
        if now < self._next:
            return
        self._next = now + 0.5
        held = _resident_bytes()
        if now - self._start >= self._settle_s:
            self._base = self._base or held
            self._most = max(self._most, held)

    @property
    def growth_mb(self) -> float:
        """Megabytes above the first that was seen after the first seconds."""
        return (self._most - self._base) / 1e6


def _resident_bytes() -> int:
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * _PAGE if statm.exists() else 0


def _queued_ns() -> int:
    """How long this thread has waited for a core so far, which is the machine's doing and not the way's."""
    statistics = Path("/proc/thread-self/schedstat")
    return int(statistics.read_text().split()[1]) if statistics.exists() else 0
