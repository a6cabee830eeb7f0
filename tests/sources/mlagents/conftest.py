"""Players that are the test peer, and peers that stand for the editor."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from .play import Play, encode

pytest.importorskip("mlagents_envs", reason="the mlagents extra isn't installed")
pytest.importorskip("zmq", reason="the wire extra isn't installed")

PEER = Path(__file__).parent / "peer.py"
PYTHON = Path(__file__).resolve().parents[3] / "python"
MakePlayer = Callable[..., str]


@pytest.fixture
def report(tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """What the player has received, once it has ended."""
    return lambda: json.loads((tmp_path / "report.json").read_text())


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
