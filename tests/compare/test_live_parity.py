"""A live game's own engine beside ours: pictures paired by frame id, and seeded faults named over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from causenets import few_shot, picture
from causeseeds import Seed, Wrong, show
from stylebridge.compare.diagnosis.lanes import without_camera
from stylebridge.compare.diagnosis.live import Game, GameLane, GamePairs, shared_game
from stylebridge.compare.diagnosis.parity import Feed, parity
from stylebridge.compare.diagnosis.rows import Parity
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.errors import InputError
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.sources.base import Receipt

pytest.importorskip("zmq")

from enginegame import played
from stylebridge.recording import Details, Writer

FAULTS = {
    "right": Seed("right", frozenset()),
    "rows": Seed("rows", frozenset({"rows"}), Wrong(rows=True), Wrong(rows=True)),
    "channels": Seed("channels", frozenset({"channels"}), Wrong(bgr=True), Wrong()),
    "rows and channels": Seed(
        "both", frozenset({"rows", "channels"}), Wrong(rows=True, bgr=True), Wrong(rows=True, bgr=True)
    ),
    "gamma": Seed("gamma", frozenset({"gamma"}), Wrong(linear=True), Wrong(linear=True)),
    "range": Seed("range", frozenset({"range"}), Wrong(scale="other"), Wrong()),
}
LIVE = "zmq://127.0.0.1:*"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_shot(tmp_path_factory.mktemp("live") / "net.pt")


def stylized(model: Path, frames: list[Frame], seed: Seed) -> list[np.ndarray]:
    with open_stylizer(model, threads=1) as stylizer:
        return [show(stylizer.infer, stylizer.contract, frame, seed) for frame in frames]


Play = Callable[..., Parity]


@pytest.fixture
def play(model: Path, tmp_path: Path) -> Play:
    """Parity with a game in another process that plays this list of (id, camera, picture)."""

    def run(sent: list[tuple[int, str, np.ndarray]], *, lane: str = LIVE, frames: str = LIVE, limit: int = 4) -> Parity:
        file = tmp_path / "play.npz"
        np.savez(file, **{f"{number}|{camera}": color for number, camera, color in sent})
        with played(file) as tell:
            return parity(model, ["torch", lane], Feed(frames, limit), progress=tell)

    return run


@pytest.mark.parametrize("fault", FAULTS)
def test_a_games_engine_is_compared_with_its_own_frames_and_its_fault_named(
    play: Play, model: Path, fault: str
) -> None:
    frames = [picture(seed) for seed in range(2)]
    shown = stylized(model, frames, FAULTS[fault])
    sent = [(n + 7, "main", frame.color) for n, frame in enumerate(frames)]
    sent += [(n + 7, "main/styled", color) for n, color in enumerate(shown)]
    row = play(sent, limit=2).rows[1]
    assert row.frames == 2
    if fault == "right":
        assert row.agrees and row.cause is None
    else:
        assert row.diagnosis is not None and row.diagnosis.verdict == "explained"
        assert set(row.cause.faults) == FAULTS[fault].causes


def test_frames_without_a_partner_are_passed_over_and_counted(play: Play, model: Path) -> None:
    frames = [picture(seed) for seed in range(6)]
    shown = stylized(model, frames, FAULTS["right"])
    sent = [(n, "eye", frame.color) for n, frame in enumerate(frames)]
    sent += [(n, "shown", shown[n]) for n in (1, 4)]
    row = play(sent, lane=f"{LIVE}?camera=shown", frames=f"{LIVE}?camera=eye").rows[1]
    assert (row.agrees, row.frames) == (True, 2)
    assert row.notes == ("3 frames came without their partner and were passed over",)


def test_other_cameras_of_the_game_are_no_matter(play: Play, model: Path) -> None:
    frame = picture()
    shown = stylized(model, [frame], FAULTS["right"])[0]
    map_ = np.zeros_like(frame.color)
    assert play([(3, "map", map_), (3, "main", frame.color), (3, "main/styled", shown)]).rows[1].agrees


@pytest.mark.parametrize(
    ("cameras", "said"),
    [
        (("main", "map"), r"the game left.*cameras: main \(1\), map \(1\).*main/styled"),
        (("main", "map", "styled"), r"cameras main, map; expected one"),
        (("main", "main/styled", "map/styled"), r"cameras main/styled, map/styled; expected one"),
    ],
    ids=" ".join,
)
def test_a_game_whose_cameras_dont_pair_is_told_how(play: Play, cameras: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        play([(1, camera, picture().color) for camera in cameras])


def test_pictures_alone_are_compared_with_frames_from_a_recording(play: Play, model: Path, tmp_path: Path) -> None:
    frames = [replace(picture(seed), clock=Clock(seed + 5, seed / 30, seed)) for seed in range(3)]
    with Writer(tmp_path / "game.mcap", Details("a test")) as writer:
        for frame in frames:
            writer.write(frame, game="unity")
    shown = stylized(model, frames, FAULTS["rows"])
    sent = [(n + 5, camera, color) for n, color in enumerate(shown) for camera in ("other", "styled")]
    row = play(sent, lane=f"{LIVE}?camera=styled", frames=f"recording:{tmp_path}/game.mcap").rows[1]
    assert (row.frames, row.cause.faults) == (3, ("rows",))


def test_ctrl_c_ends_the_frames_and_keeps_what_was_shown(model: Path) -> None:
    def frames():  # type: ignore[no-untyped-def]
        yield picture(1)
        yield picture(2)
        raise KeyboardInterrupt

    found = parity(model, ["torch", "torch"], frames())
    assert (found.interrupted, found.frames, found.verdict) == (True, 2, "equal")

    def none():  # type: ignore[no-untyped-def]
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        parity(model, ["torch", "torch"], none())


def test_ctrl_c_ends_the_search_for_a_cause_and_keeps_the_figures(model: Path, tmp_path: Path) -> None:
    other = few_shot(tmp_path / "other.pt", 9)

    def stop(what: str, done: int, total: int) -> None:
        if what.startswith("looking for the cause"):
            raise KeyboardInterrupt

    row = parity(model, ["torch", f"torch={other}"], [picture()], progress=stop).rows[1]
    assert (row.status, row.cause) == ("differs", None)
    assert row.notes == ("Ctrl-C ended the search for the cause",)


def test_frames_that_nobody_pairs_dont_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylebridge.compare.diagnosis.live.MAX_KEPT_BYTES", 10 * picture().color.nbytes)
    game = Game([LIVE])
    try:
        frames = iter([Frame(picture().color, camera=Camera("main"), clock=Clock(n)) for n in range(40)])
        monkeypatch.setattr(game._source, "read", lambda: next(frames, None))
        monkeypatch.setattr(game._source, "receipt", Receipt)
        pairs = GamePairs(LIVE, game, [GameLane(LIVE, game)], 1)
        with pytest.raises(InputError, match=r"main \(40\)"):
            next(iter(pairs))
        assert len(game.waiting("main")) == 10
    finally:
        monkeypatch.undo()
        game.close()


def test_a_game_is_opened_once_for_frames_and_lanes_of_one_address() -> None:
    assert shared_game(["torch", "zmq://127.0.0.1:5571"], "zmq://127.0.0.1:5570") is None
    assert shared_game(["torch", "recording:x.mcap"], LIVE) is None
    game = shared_game(["torch", f"{LIVE}?camera=a&wait=3"], f"{LIVE}?camera=b")
    assert game is not None
    try:
        assert game.name == f"{LIVE}?wait=3"
    finally:
        game.close()
    with pytest.raises(InputError, match="wait=4 and wait=3"):
        shared_game([f"{LIVE}?wait=3"], f"{LIVE}?wait=4")


def test_only_a_games_camera_is_taken_out_of_its_name() -> None:
    assert without_camera("zmq://h:1?wait=3&camera=a%2Fb") == ("zmq://h:1?wait=3", "a/b")
    assert without_camera("zmq://h:1?camera=a") == ("zmq://h:1", "a")
    assert without_camera("recording:x.mcap?camera=a") == ("recording:x.mcap?camera=a", "")
