"""Games that are the test peer: player builds and editors as processes, and editors as threads, which start at once."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from .play import Play, encode

pytest.importorskip("mlagents_envs", reason="the mlagents extra isn't installed")
pytest.importorskip("zmq", reason="the wire extra isn't installed")

PEER = Path(__file__).parent / "peer.py"
PYTHON = Path(__file__).resolve().parents[3] / "python"
MakePlayer = Callable[..., str]
PATIENCE_S = 20


class Studio:
    """An editor: presses Play whenever the source says that it waits for that."""

    def __init__(self) -> None:
        self.play = Play()
        self.port = free_port()
        self._games: list[tuple[Any, threading.Thread]] = []

    def press_play(self, _asked: str = "") -> None:
        from .peer import Peer, perform

        peer = Peer(self.play, self.port)
        self._games.append((peer, threading.Thread(target=perform, args=(peer,))))
        self._games[-1][1].start()

    def wait(self) -> None:
        """Until the games are over."""
        for _, thread in self._games:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def close(self) -> None:
        for peer, _ in self._games:
            peer.close()
        self.wait()


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    editor = Studio()
    monkeypatch.setattr("stylebridge.sources.mlagents.settings.EDITOR_PORT", editor.port)
    yield editor
    editor.close()


@pytest.fixture
def report(tmp_path: Path, studio: Studio) -> Callable[[], dict[str, Any]]:
    """What the game has received, once it has ended."""

    def read() -> dict[str, Any]:
        studio.wait()
        found: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
        return found

    return read


@pytest.fixture
def game(tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> MakePlayer:
    """The address of an editor's game that plays so, as often as it is opened: for what needs no process."""

    def make(play: Play | None = None, **changes: Any) -> str:
        studio.play = msgspec.structs.replace(play or Play(), report=str(tmp_path / "report.json"), **changes)
        monkeypatch.setattr("stylebridge.sources.mlagents.source._say", studio.press_play)
        return "mlagents:editor"

    return make


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time flies as soon as the game says that nothing more comes: nobody sits a timeout out."""
    from stylebridge.sources.mlagents.library import load

    load()
    waits = tmp_path / "report.json.waits"
    looks = itertools.count(1)
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + (1000.0 * next(looks) if waits.exists() else 0.0))
    monkeypatch.setattr("stylebridge.sources.mlagents.connection.time", clock)


@pytest.fixture
def player(tmp_path: Path) -> MakePlayer:
    """The address of a player build that plays so."""

    def make(play: Play | None = None, **changes: Any) -> str:
        play = msgspec.structs.replace(play or Play(), report=str(tmp_path / "report.json"), **changes)
        program = tmp_path / "game.x86_64"
        words = [sys.executable, str(PEER), "--play", encode(play)]
        path = f"PYTHONPATH={shlex.quote(str(PYTHON))}"
        program.write_text(f'#!/bin/sh\n{path} exec {shlex.join(words)} "$@"\n')
        program.chmod(0o755)
        return f"mlagents:{program}"

    return make


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """The address for an editor in Play that calls a port of its own."""
    processes: list[subprocess.Popen[bytes]] = []

    def press_play(play: Play | None = None, **changes: Any) -> str:
        play = msgspec.structs.replace(play or Play(), report=str(tmp_path / "report.json"), **changes)
        port = free_port()
        words = [sys.executable, str(PEER), "--mlagents-port", str(port), "--play", encode(play)]
        processes.append(subprocess.Popen(words, env=os.environ | {"PYTHONPATH": str(PYTHON)}))
        return f"mlagents:editor?port={port}"

    yield press_play
    for process in processes:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
