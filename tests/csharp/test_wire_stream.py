"""The C# sender, run as a game without an engine, and the Python collector."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.wire.collector import Collector, Delivery
from stylebridge.wire.fault import WireFault
from stylebridge.wire.keys import new_key
from stylebridge.wire.layout import Error
from stylebridge.wire.ring import ring_folders

SMALL = "64x48x3"
LARGE = "320x240x4"  # large enough for a ring
PATIENCE_S = 30.0


class Game:
    """A harness process that streams, and the JSON line that it prints at its end."""

    def __init__(self, exe: Path, to: str, *options: str, runtime: tuple[str, ...] = ()) -> None:
        command = ["mono", *runtime, str(exe), "wire-stream", "--to", to, *options]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @property
    def over(self) -> bool:
        return self.process.poll() is not None

    def lead(self, frames: int = 1) -> None:
        """Let a led game give some more frames."""
        assert self.process.stdin
        self.process.stdin.write("\n" * frames)
        self.process.stdin.flush()

    def told(self, line: str) -> None:
        """Wait for a line that a telling game prints."""
        assert self.process.stdout
        found = self.process.stdout.readline().strip()
        assert found == line, found + (self.process.stderr.read() if self.process.stderr and not found else "")

    def end(self) -> None:
        """Let a led game come to its end."""
        assert self.process.stdin
        self.process.stdin.close()

    def report(self) -> dict[str, Any]:
        assert self.process.stdout and self.process.stderr
        out, err = self.process.stdout.read(), self.process.stderr.read()
        self.process.wait(PATIENCE_S)
        lines = [line for line in out.splitlines() if line.startswith("{")]
        assert lines, err
        return {**json.loads(lines[-1]), "rc": self.process.returncode}


Start = Callable[..., Game]


@pytest.fixture
def start(harness_exe: Path) -> Iterator[Start]:
    games: list[Game] = []

    def run(to: str, *options: str, runtime: tuple[str, ...] = ()) -> Game:
        games.append(Game(harness_exe, to, *options, runtime=runtime))
        return games[-1]

    yield run
    for game in games:
        game.process.kill()
        game.process.wait(PATIENCE_S)


def pixels(number: int, size: int, seed: int = 0) -> Any:
    return (np.arange(size) * 7 + number * 13 + seed).astype(np.uint8)


def check(delivery: Delivery, seed: int = 0) -> int:
    """The number of a frame whose every pixel is right."""
    frame = delivery.frame
    number = frame.clock.frame_id
    assert np.array_equal(frame.color.reshape(-1), pixels(number, frame.color.size, seed)), number
    return number


def take_all(collector: Collector, game: Game, act: Callable[[Delivery], object] = lambda _: None) -> list[int]:
    """The numbers of all frames until the game has ended."""
    numbers = []
    while True:
        over = game.over
        delivery = collector.receive(0.05)
        if delivery is not None:
            numbers.append(check(delivery))
            act(delivery)
            del delivery
        elif over:
            return numbers


@pytest.mark.parametrize("lane", ["inline", "ring"])
@pytest.mark.parametrize("flow", ["lossless", "lockstep"])
def test_every_frame_arrives_once_and_in_order(start: Start, flow: str, lane: str) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        game = start(collector.address, "--flow", flow, "--lane", lane, "--frames", "60", "--size", LARGE)
        assert take_all(collector, game) == list(range(60))
        report = game.report()
        assert report["rc"] == 0 and report["safe"]
        assert report["counters"]["acknowledged"] == 60
        assert report["counters"]["faults"] == 0, report["last_fault"]
        (peer,) = collector.peers()
        assert (peer.frames, peer.duplicates, peer.lost, peer.faults) == (60, 0, 0, {})


@pytest.mark.parametrize("lane", ["inline", "ring"])
def test_live_frames_arrive_or_are_counted(start: Start, lane: str) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        game = start(collector.address, "--lane", lane, "--frames", "500", "--fps", "250", "--size", LARGE)
        numbers = take_all(collector, game)
        report = game.report()
        assert numbers == sorted(set(numbers))
        assert report["rc"] == 0
        counters, (peer,) = report["counters"], collector.peers()
        assert counters["offered"] == 500 == counters["sent"] + counters["dropped"]
        assert len(numbers) + peer.dropped_here + peer.dropped_by_game == 500
        assert counters["dropped"] == peer.dropped_by_game
        assert (counters["in_ring"] > 0) == (lane == "ring")


def test_a_ring_carries_the_frames_and_leaves_no_file(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        game = start(collector.address, "--flow", "lossless", "--led", "--frames", "300", "--size", LARGE)
        game.lead()
        numbers = [check(wait_for(collector))]
        while collector.peers()[0].lane != "ring":
            game.lead()
            numbers.append(check(wait_for(collector)))
        assert not leftovers(game)
        game.end()
        numbers += take_all(collector, game)
        assert numbers == list(range(len(numbers)))


def test_a_larger_picture_gets_a_larger_ring(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        game = start(
            collector.address,
            "--flow",
            "lockstep",
            "--frames",
            "400",
            "--fps",
            "200",
            "--grow-at",
            "200",
            "--size",
            LARGE,
        )
        sizes, lanes = [], []

        def note(delivery: Delivery) -> None:
            sizes.append(delivery.frame.color.shape[0])
            lanes.append(collector.peers()[0].lane)

        assert take_all(collector, game, note) == list(range(400))
        assert sizes == [240] * 200 + [480] * 200
        assert "ring" in lanes[:200] and lanes[200] == "inline" and "ring" in lanes[201:]
        assert game.report()["counters"]["faults"] == 0


def test_a_collector_without_shared_memory_gets_frames_inline(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0", shared_memory=False) as collector:
        game = start(collector.address, "--flow", "lossless", "--frames", "10", "--size", LARGE)
        assert take_all(collector, game) == list(range(10))
        report = game.report()
        assert report["counters"]["in_ring"] == 0
        assert "no shared memory" in report["inline_because"]


@pytest.mark.parametrize("lane", ["inline", "ring"])
def test_a_lockstep_game_gets_each_styled_frame_back(start: Start, lane: str) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        game = start(
            collector.address, "--flow", "lockstep", "--lane", lane, "--frames", "60", "--size", LARGE, "--replies"
        )
        take_all(collector, game, send_negative)
        report = game.report()
        assert (report["right_replies"], report["wrong_replies"]) == (60, 0)
        assert report["counters"]["replies"] == 60


def test_a_live_game_gets_styled_frames_back_of_each_camera(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        options = ("--frames", "100", "--fps", "200", "--size", LARGE, "--replies")
        game = start(collector.address, *options, "--camera", "left", "--camera", "kino")
        cameras = set()

        def answer(delivery: Delivery) -> None:
            cameras.add(delivery.frame.camera.name)
            send_negative(delivery)

        take_all(collector, game, answer)
        report = game.report()
        assert cameras == {"left", "kino"}
        assert report["right_replies"] > 20 and report["wrong_replies"] == 0
        assert report["counters"]["replies"] == report["right_replies"] + report["counters"]["replies_dropped"]


@pytest.mark.parametrize("flow", ["lossless", "lockstep"])
def test_nothing_is_lost_when_the_collector_is_replaced(start: Start, flow: str) -> None:
    with Collector("tcp://127.0.0.1:0", acknowledge="by hand") as first:
        address = first.address
        game = start(address, "--flow", flow, "--led", "--frames", "30", "--size", LARGE, "--timeout-ms", "30000")
        game.lead(30)
        numbers = []
        for _ in range(10):
            delivery = wait_for(first)
            numbers.append(check(delivery))
            delivery.done()
        last = check(wait_for(first))  # handed out and never done: it isn't safe
    assert last == 10
    with Collector(address) as second:
        delivery = wait_for(second)
        assert delivery.resent
        numbers.append(check(delivery))
        numbers += take_all(second, game)
    report = game.report()
    assert numbers == list(range(30))
    assert report["rc"] == 0 and report["safe"]
    assert report["counters"]["links"] >= 2
    assert report["counters"]["resent"] >= 1


def test_a_live_game_goes_on_with_the_next_collector(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0") as first:
        address = first.address
        game = start(address, "--led", "--frames", "2000", "--size", LARGE)
        game.lead()
        before = check(wait_for(first))
    with Collector(address) as second:
        delivery = None
        for _ in range(1500):
            game.lead()
            delivery = second.receive(0.02)
            if delivery is not None:
                break
        assert delivery is not None
        assert check(delivery) > before
        game.process.communicate(timeout=PATIENCE_S)


def test_controls_are_obeyed_or_refused_with_a_code(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        game = start(collector.address, "--fps", "200", "--frames", "5000", "--obey", "step", "--obey", "x-own")
        session = wait_for(collector).session
        assert collector.control(session, "step", count=2) == {"args": {"count": 2}}
        assert collector.control(session, "x-own", a=[1, {"b": None}]) == {"args": {"a": [1, {"b": None}]}}
        for name, args, code in [
            ("pause", {}, Error.UNKNOWN_CONTROL),
            ("x-own", {"fail": 1}, Error.CONTROL_FAILED),
            ("planes", {"names": ["depth"]}, Error.BAD_CONTROL),
        ]:
            with pytest.raises(WireFault) as caught:
                collector.control(session, name, **args)
            assert caught.value.code == code
        assert collector.control(session, "planes", names=["color"]) == {"names": ["color"]}
        game.process.kill()


def test_the_collector_can_be_asked(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        collector.on_control("model", lambda args: {"was": args})
        game = start(collector.address, "--frames", "3", "--ask", "model", "--ask", "x-none")
        take_all(collector, game)
        answers = game.report()["answers"]
        # A model without a name doesn't fit; what nobody obeys is unknown.
        assert (answers["model"]["ok"], answers["model"]["code"]) == (False, "bad_control")
        assert (answers["x-none"]["ok"], answers["x-none"]["code"]) == (False, "unknown_control")


def test_keys_open_an_encrypted_link_and_others_do_not(start: Start, tmp_path: Path) -> None:
    (mine, mine_public), (theirs, theirs_public), (strange, _) = (
        new_key(name, tmp_path) for name in ("game", "collector", "stranger")
    )
    with Collector("tcp://127.0.0.1:0", key=theirs, allow=mine_public) as collector:
        options = ("--flow", "lossless", "--frames", "5", "--peer", str(theirs_public))
        game = start(collector.address, *options, "--key", str(mine))
        assert take_all(collector, game) == list(range(5))
        assert game.report()["rc"] == 0
        options = ("--flow", "lossless", "--frames", "1", "--timeout-ms", "500", "--peer", str(theirs_public))
        refused = start(collector.address, *options, "--key", str(strange))
        assert take_all(collector, refused) == []
        assert refused.report()["rc"] == 1
        plain = start(collector.address, "--flow", "lossless", "--frames", "1", "--timeout-ms", "500")
        assert take_all(collector, plain) == []
        assert plain.report()["counters"]["links"] == 0


def test_beyond_this_machine_nobody_is_called_without_keys(start: Start) -> None:
    game = start("tcp://192.0.2.1:5570", "--frames", "1")
    _, says = game.process.communicate(timeout=PATIENCE_S)
    assert "no keys" in says


def test_a_frame_that_the_collector_finds_too_large_is_not_sent(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0", max_frame_bytes=5000) as collector:
        game = start(collector.address, "--flow", "lossless", "--frames", "2", "--size", SMALL)
        assert take_all(collector, game) == []
        report = game.report()
        assert report["counters"]["fault_too_large"] == 2
        assert (report["rc"], report["counters"]["sent"]) == (1, 0)


def test_nobody_there_is_no_error_until_the_time_is_over(start: Start) -> None:
    game = start("tcp://127.0.0.1:9", "--flow", "lossless", "--frames", "1", "--timeout-ms", "300")
    report = game.report()
    assert (report["rc"], report["safe"], report["counters"]["links"]) == (1, True, 0)


def test_checksums_are_sent_and_right(start: Start) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        game = start(collector.address, "--flow", "lossless", "--frames", "20", "--size", LARGE, "--checksums")
        assert take_all(collector, game) == list(range(20))
        assert collector.peers()[0].faults == {}


@pytest.mark.parametrize("lane", ["inline", "ring"])
def test_streaming_leaves_no_garbage_behind(start: Start, lane: str) -> None:
    with Collector("tcp://127.0.0.1:0") as collector:
        options = ("--flow", "lossless", "--frames", "6000", "--size", "160x120x4", "--lane", lane, "--replies")
        # In so small a nursery, 170 bytes per frame would be collected within the second half.
        game = start(collector.address, *options, runtime=("--gc=sgen", "--gc-params=nursery-size=512k"))
        while not game.over:
            delivery = collector.receive(0.05)
            if delivery is not None and delivery.frame.clock.frame_id % 4 == 0:
                delivery.reply(delivery.frame)
        assert game.report()["collections"] == 0


def wait_for(collector: Collector) -> Delivery:
    delivery = collector.receive(PATIENCE_S)
    assert delivery is not None
    return delivery


def send_negative(delivery: Delivery) -> None:
    delivery.reply(dataclasses.replace(delivery.frame, color=255 - delivery.frame.color))


def leftovers(game: Game) -> list[Path]:
    return [path for folder in ring_folders() for path in folder.glob(f"stylebridge-{game.process.pid}-*")]
