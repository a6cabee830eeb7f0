"""Nothing stays behind: no player, no port, no hang."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stylebridge.sources import open_source
from stylebridge.sources.mlagents.library import load
from wire.patience import until

from .conftest import PYTHON, MakePlayer
from .play import Eye

SMALL = (Eye(width=32, height=24),)
# 127.0.0.1, the same mapped into IPv6, and ::1
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for processes in /proc")


def players(folder: Path) -> list[int]:
    """Processes that were started from this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
        except OSError:
            continue
        if b"--mlagents-port" in words and str(folder).encode() in words:
            found.append(int(entry.name))
    return found


def listening_hosts(port: int) -> set[str]:
    """The addresses at which somebody listens at a port, as Linux writes them."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    places = [words[1].split(":") for words in lines if words[3] == "0A"]
    return {host for host, at in places if int(at, 16) == port}


def test_closing_in_the_middle_lets_the_game_quit_by_itself(
    player: MakePlayer, tmp_path: Path, report: Callable[[], dict[str, Any]]
) -> None:
    source = open_source(player(eyes=SMALL))
    next(source)
    assert len(players(tmp_path)) == 1
    source.close()
    assert players(tmp_path) == []
    assert report()["quit"] is True


@pytest.mark.parametrize("trouble", ["deaf", "lingers"])
def test_a_player_that_will_not_end_is_ended(
    player: MakePlayer, tmp_path: Path, trouble: str, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.sources.mlagents.player.QUIT_S", 0.3)
    monkeypatch.setattr("stylebridge.sources.mlagents.player.TERMINATE_S", 0.3)
    address = player(eyes=SMALL, trouble=trouble)
    began = time.monotonic()
    if trouble == "deaf":
        with pytest.raises(Exception, match="hasn't called"):
            open_source(address)
    else:
        with open_source(address) as source:
            next(source)
    assert time.monotonic() - began < 30  # no hang
    assert players(tmp_path) == []


def test_what_a_player_has_started_ends_with_it(
    tmp_path: Path, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.sources.mlagents.player.QUIT_S", 0.3)
    program = tmp_path / "game"
    waits = shlex.quote(str(tmp_path / "report.json.waits"))
    program.write_text(f'#!/bin/sh\nsh -c "sleep 600; : {tmp_path} --mlagents-port" &\ntouch {waits}\nwait\n')
    program.chmod(0o755)
    with pytest.raises(Exception, match="hasn't called"):
        open_source(f"mlagents:{program}")
    until(lambda: not players(tmp_path), says="all of it has ended")


@pytest.mark.parametrize("trouble", ["", "stuck", "never"])
def test_an_interrupt_ends_the_player(player: MakePlayer, tmp_path: Path, trouble: str) -> None:
    code = (
        "import sys\n"
        "from stylebridge.sources import open_source\n"
        "with open_source(sys.argv[1]) as source:\n"
        "    for frame in source: print(frame.clock.frame_id, flush=True)\n"
    )
    address = player(eyes=SMALL, trouble=trouble, at=4)
    words = [sys.executable, "-c", code, address]
    environment = os.environ | {"PYTHONPATH": str(PYTHON)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as reader:
        assert reader.stdout is not None
        if trouble == "never":
            until(lambda: players(tmp_path), says="the player starts")
        else:
            for _ in range(4):
                reader.stdout.readline()
        reader.send_signal(signal.SIGINT)
        _, errors = reader.communicate(timeout=60)
    assert b"KeyboardInterrupt" in errors
    assert players(tmp_path) == []


def test_an_interrupt_while_the_player_starts_ends_it_too(
    player: MakePlayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def interrupted(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*args, **options))
        signal.raise_signal(signal.SIGINT)
        return started[0]

    address = player(eyes=SMALL, trouble="never")
    monkeypatch.setattr("stylebridge.sources.mlagents.player.subprocess.Popen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_source(address)
    assert started[0].returncode is not None
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("last", ["", "raise SystemExit(3)", "1 / 0"])
def test_a_script_that_forgets_to_close_ends_all_the_same(player: MakePlayer, tmp_path: Path, last: str) -> None:
    lines = ("import sys", "from stylebridge.sources import open_source", "source = open_source(sys.argv[1])")
    words = [sys.executable, "-c", "\n".join((*lines, "next(source)", last)), player(eyes=SMALL)]
    environment = os.environ | {"PYTHONPATH": str(PYTHON)}
    done = subprocess.run(words, env=environment, timeout=60, check=False, capture_output=True)
    assert done.returncode == {"": 0, "1 / 0": 1}.get(last, 3)
    assert players(tmp_path) == []


def test_a_read_that_waits_can_be_interrupted_from_another_thread(
    player: MakePlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    monkeypatch.setattr("stylebridge.sources.mlagents.connection.GOODBYE_S", 0.2)
    with open_source(player(eyes=SMALL, trouble="stuck", at=2)) as source:
        next(source), next(source)
        threading.Timer(0.2, source.interrupt).start()
        assert next(source, None) is None
        assert source.problems == []


def test_the_port_is_free_again_and_only_loopback_was_listened_at(editor: Callable[..., str]) -> None:
    address = editor(eyes=SMALL)
    port = int(address.rpartition("=")[2])
    with open_source(address) as source:
        next(source)
        assert listening_hosts(port) <= LOOPBACK
        assert listening_hosts(port)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_a_second_game_on_the_same_port_is_turned_away(editor: Callable[..., str]) -> None:
    import grpc

    address = editor(eyes=SMALL)
    port = int(address.rpartition("=")[2])
    with open_source(address) as source:
        next(source)
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            call = channel.unary_unary("/communicator_objects.UnityToExternalProto/Exchange")
            with pytest.raises(grpc.RpcError, match="another game is connected"):
                call(b"", timeout=10)
        assert next(source).clock.frame_id == 1
    assert source.problems == [f"1 calls of other games on port {port} were refused"]
