"""`listen`, `send`, `keys`: the wire tried from the command line, with no game."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import read_image

from .outcome import Refused, Run

pytest.importorskip("zmq")
from stylebridge.wire import Collector, Delivery, Sender

from .reader import PATIENCE_S, Reader

PACKAGE = Path(__file__).resolve().parents[2] / "python"


def picture(number: int) -> Frame:
    return Frame(color=np.full((36, 64, 3), number, np.uint8), clock=Clock(number, number / 30, 1))


@pytest.fixture
def listen() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start `stylebridge listen` on a port of its own choice; gives the process and the address that it printed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "stylebridge.cli.main", "listen", "--bind", "127.0.0.1:*", *words]
        environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening at tcp://127.0.0.1:"), line
        return process, line.split()[2].rstrip(";")

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_listen_counts_what_a_game_sends(listen: Callable[..., tuple[subprocess.Popen[str], str]]) -> None:
    process, address = listen("--frames", "5")
    with Sender(address, name="kestrel") as sender:
        for number in range(5):
            sender.send(picture(number), PATIENCE_S)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err) == (0, "")
    line = next(line for line in out.splitlines() if line.startswith("kestrel"))
    assert "lossless" in line
    assert "64x36" in line
    assert "5 frames in" in out


def test_listen_can_send_frames_back(listen: Callable[..., tuple[subprocess.Popen[str], str]]) -> None:
    process, address = listen("--frames", "2", "--echo")
    with Sender(address, flow="lockstep", replies=True) as sender:
        for number in (7, 9):
            assert np.array_equal(sender.exchange(picture(number), PATIENCE_S).color, picture(number).color)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


def test_listen_reports_as_json(stylebridge: Run) -> None:
    report = stylebridge("listen", "--bind", "127.0.0.1:*", "--seconds", "0.1", "--json").json()
    assert report["address"].startswith("tcp://127.0.0.1:")
    assert (report["frames"], report["peers"], report["counts"]) == (0, [], {})


def test_send_delivers_every_picture_of_a_folder(stylebridge: Run, frames: Path, reader: Callable[..., Reader]) -> None:
    there = reader(6)
    report = stylebridge("send", frames, "--to", there.collector.address, "--repeat", "2", "--json").json()
    there.join()
    sent = [read_image(path) for path in sorted(frames.iterdir())] * 2
    assert all(np.array_equal(a.color, b) for a, b in zip(there.frames, sent, strict=True))
    assert [frame.clock.frame_id for frame in there.frames] == list(range(6))
    assert (report["offered"], report["sent"], report["acknowledged"]) == (6, 6, 6)


def test_send_stops_at_its_limit_and_says_what_went_where(
    stylebridge: Run, frames: Path, reader: Callable[..., Reader]
) -> None:
    there = reader(2)
    said = stylebridge("send", frames, "--to", there.collector.address, "--limit", "2", "--no-shared-memory").text()
    assert "2 frames in" in said
    assert "over TCP" in said


def test_send_keeps_what_comes_back(
    stylebridge: Run, frames: Path, reader: Callable[..., Reader], tmp_path: Path
) -> None:
    def invert(delivery: Delivery) -> None:
        assert delivery.reply(delivery.frame.with_color(255 - delivery.frame.color))

    there = reader(3, invert)
    back = tmp_path / "back"
    said = stylebridge("send", frames, "--to", there.collector.address, "--flow", "lockstep", "-o", back).text()
    assert "3 came back" in said
    kept = [read_image(path) for path in sorted(back.iterdir())]
    sent = [read_image(path) for path in sorted(frames.iterdir())]
    assert all(np.array_equal(a, 255 - b) for a, b in zip(kept, sent, strict=True))


def test_send_obeys_pause_step_and_resume(stylebridge: Run, frames: Path, reader: Callable[..., Reader]) -> None:
    seen: list[int] = []

    def conduct(delivery: Delivery) -> None:
        number = delivery.frame.clock.frame_id
        seen.append(number)
        ask = functools.partial(there.collector.control, delivery.session, timeout_s=PATIENCE_S)
        if number == 0:
            ask("pause")
            assert there.collector.receive(0.2) is None  # nothing comes; asking for more acknowledges the first
            ask("step", count=2)
        if number == 2:
            assert there.collector.receive(0.2) is None
            ask("resume")
        delivery.done()

    there = reader(6, conduct)
    stylebridge("send", frames, "--to", there.collector.address, "--repeat", "2", "--flow", "lockstep")
    there.join()
    assert seen == list(range(6))


def test_send_says_which_step_failed_when_nobody_listens(stylebridge: Run, frames: Path) -> None:
    with Collector("127.0.0.1:*") as gone:
        address = gone.address
    done = stylebridge("send", frames, "--to", address, "--wait", "0.2")
    assert done.code == 1
    assert "nobody listens there (step: connect)" in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--flow", "fast"), "lockstep or lossless or live"),
        (("--to", "host:99999"), "HOST:PORT"),
        (("--to", "192.0.2.1"), "can be reached from outside and there are no keys"),
        (("--key", "missing.key"), "both an own key and the collector's public one"),
    ],
)
def test_send_refuses_what_cannot_work(refused: Refused, frames: Path, words: tuple[str, ...], says: str) -> None:
    assert says in refused("send", frames, *words)


def test_listen_refuses_the_world_without_keys(refused: Refused) -> None:
    assert "stylebridge keys new" in refused("listen", "--bind", "*")


def test_listen_refuses_an_unknown_plane(refused: Refused) -> None:
    assert "plane 'colour'" in refused("listen", "--planes", "colour", "--bind", "127.0.0.1:*")


def test_keys_are_made_for_one_user_and_never_overwritten(stylebridge: Run, refused: Refused, tmp_path: Path) -> None:
    made = stylebridge("keys", "new", "studio", "-d", tmp_path, "--json").json()
    secret, public = Path(made["secret"]), Path(made["public"])
    assert secret.stat().st_mode & 0o077 == 0
    assert "secret" not in json.loads(public.read_text())
    assert "already exists" in refused("keys", "new", "studio", "-d", tmp_path)


def test_an_encrypted_link_from_the_command_line(
    stylebridge: Run, frames: Path, tmp_path: Path, listen: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    for name in ("studio", "game", "thief"):
        stylebridge("keys", "new", name, "-d", tmp_path)
    process, address = listen(
        "--frames", "3", "--key", str(tmp_path / "studio.key"), "--allow", str(tmp_path / "game.pub")
    )
    peer = ("--to", address, "--peer", tmp_path / "studio.pub")
    thief = stylebridge("send", frames, *peer, "--key", tmp_path / "thief.key", "--wait", "1")
    assert (thief.code, "(step: encryption)" in thief.err) == (1, True), thief.err
    assert stylebridge("send", frames, *peer, "--key", tmp_path / "game.key").code == 0
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert "handshakes refused 1" in out
