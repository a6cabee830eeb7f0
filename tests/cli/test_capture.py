"""`capture` from the command line: sources of every kind, several at once, taken up again, stopped, refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from recording.play import moment
from stylebridge.frame import Frame
from stylebridge.imaging import read_image
from wire.patience import until

from .outcome import Refused, Run

pytest.importorskip("zstandard")
pytest.importorskip("zmq")
from stylebridge.recording import Recording, verify
from stylebridge.sources.zmq import Games
from stylebridge.wire import Sender

from .test_capture_kills import capture, free_port

PATIENCE_S = 20
ALL = ("color", "depth", "motion", "normals", "ids", "occlusion")


def play(
    address: str, count: int, name: str = "kestrel", together: threading.Barrier | None = None
) -> threading.Thread:
    """A game that sends so many frames and says goodbye; with others, once all of them were taken in."""

    def run() -> None:
        with Sender(address, name=name, planes=ALL) as sender:
            sender.connect(PATIENCE_S)
            if together is not None:
                together.wait(PATIENCE_S)
            for number in range(count):
                sender.send(moment(number), PATIENCE_S)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], None]], None]:
    """Call a function with the address that a game source listens at, as soon as it takes frames."""

    def when(listening: Callable[[str], None]) -> None:
        keep = Games.keep

        def kept(self: Games, *words: object) -> None:
            keep(self, *words)  # type: ignore[arg-type]
            listening(self.listens_at)

        monkeypatch.setattr(Games, "keep", kept)

    return when


def test_pictures_are_recorded(stylebridge: Run, frames: Path, tmp_path: Path) -> None:
    report = stylebridge("capture", frames, tmp_path / "a.mcap", "--json").json()
    assert (report["frames"], report["frames_before"], report["dropped"], report["problems"]) == (3, 0, 0, [])
    assert report["bytes"] == (tmp_path / "a.mcap").stat().st_size
    with Recording(tmp_path / "a.mcap") as recording:
        for frame, path in zip(recording, sorted(frames.iterdir()), strict=True):
            assert np.array_equal(frame.color, read_image(path))
        assert recording.details.source == str(frames)
        assert recording.streams[0].game == frames.name
    assert [path.name for path in tmp_path.iterdir()] == ["a.mcap"]


def test_a_person_reads_what_was_recorded(stylebridge: Run, frames: Path, tmp_path: Path) -> None:
    said = stylebridge("capture", frames, tmp_path / "a.mcap").text()
    assert "47x33" in said
    assert "3 frames in" in said
    assert "0 dropped" in said


def test_a_game_gives_every_plane_and_learns_that_all_is_safe(
    stylebridge: Run, called: Callable[[Callable[[str], None]], None], tmp_path: Path
) -> None:
    games: list[threading.Thread] = []
    called(lambda address: games.append(play(address, 12)))
    done = stylebridge("capture", "--bind", "127.0.0.1:*", tmp_path / "a.mcap", "--json", "--floats", "f32")
    report = done.json()
    assert done.err.startswith("listening at tcp://127.0.0.1:")
    games[0].join(PATIENCE_S)
    assert report["frames"] == 12
    assert report["streams"][0]["planes"] == list(ALL)
    with Recording(tmp_path / "a.mcap") as recording:
        for number, frame in enumerate(recording):
            for plane in ALL:
                assert np.array_equal(getattr(frame, plane), getattr(moment(number), plane))


def test_games_and_pictures_share_a_recording(
    stylebridge: Run, called: Callable[[Callable[[str], None]], None], frames: Path, tmp_path: Path
) -> None:
    games, two = [], threading.Barrier(2)
    called(lambda address: games.extend([play(address, 5, "first", two), play(address, 4, "second", two)]))
    report = stylebridge(
        "capture", frames, "zmq://127.0.0.1:*", tmp_path / "a.mcap", "--json", "--planes", "color+depth"
    ).json()
    found = {stream["game"]: (stream["frames"], stream["planes"]) for stream in report["streams"]}
    assert found[frames.name] == (3, ["color"])
    assert found["first"] == (5, ["color", "depth"])
    assert found["second"] == (4, ["color", "depth"])
    assert len(games) == 2
    assert any("depth was asked for and isn't there" in problem for problem in report["problems"])


def test_it_goes_on_where_it_stopped(stylebridge: Run, frames: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.mcap"
    assert stylebridge("capture", frames, out, "--frames", 1, "--json").json()["frames"] == 1
    report = stylebridge("capture", frames, out, "--resume", "--json").json()
    assert (report["frames"], report["frames_before"]) == (2, 1)
    with Recording(out) as recording:
        assert [frame.clock.frame_id for frame in recording] == [0, 1, 2]


def test_every_and_flow_and_dedupe(stylebridge: Run, tmp_path: Path, frames: Path) -> None:
    report = stylebridge(
        "capture", frames, tmp_path / "a.mcap", "--every", 2, "--flow", "auto", "--dedupe", "--json", "--note", "hello"
    ).json()
    assert report["frames"] == 2
    assert report["streams"][0]["estimated"] == ["motion", "occlusion"]
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.details.note == "hello"
        assert recording.details.extra == {"capture.every": "2", "capture.flow": "auto", "capture.dedupe": "yes"}


def test_in_haste_the_same_frames_take_more_bytes_until_they_are_packed(
    stylebridge: Run, tmp_path: Path, frames: Path
) -> None:
    small, large = tmp_path / "small.mcap", tmp_path / "large.mcap"
    stylebridge("capture", frames, small)
    stylebridge("capture", frames, large, "--fast")
    assert large.stat().st_size > 1.2 * small.stat().st_size
    report = stylebridge("recording", "pack", large, "--json").json()
    assert (report["frames"], report["how"]) == (len(list(frames.iterdir())), "packed")
    assert abs(large.stat().st_size - small.stat().st_size) < 200  # of the times that differ
    assert "packed already" in stylebridge("recording", "pack", large).out
    with Recording(small) as one, Recording(large) as other:
        assert all(np.array_equal(a.color, b.color) for a, b in zip(one, other, strict=True))


def test_equal_frames_are_counted(stylebridge: Run, tmp_path: Path) -> None:
    from stylebridge.imaging import write_image

    for number in range(4):
        write_image(tmp_path / f"in/{number}.png", np.full((8, 8, 3), number // 2, np.uint8))
    report = stylebridge("capture", tmp_path / "in", tmp_path / "a.mcap", "--dedupe", "--json").json()
    assert (report["frames"], report["duplicates"]) == (2, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_file(tmp_path: Path, number: signal.Signals) -> None:
    port, out = free_port(), tmp_path / "a.mcap"
    with capture(port, out, "--json") as process:
        sender = Sender(f"127.0.0.1:{port}", planes=("color",))
        for frame in range(5):
            sender.send(moment(frame), PATIENCE_S)
        until(lambda: sender.pump() or not sender.unacknowledged, PATIENCE_S)
        process.send_signal(number)
        said, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, err) == (0, "")
        sender.__exit__(ValueError, None, None)
    assert json.loads(said)["frames"] == 5
    assert verify(out).ok


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_signal_before_the_first_frame_leaves_nothing(tmp_path: Path) -> None:
    with capture(free_port(), tmp_path / "a.mcap") as process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "stopped before a frame came, so nothing was written" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to set")
def test_a_full_disk_keeps_what_came_before(tmp_path: Path) -> None:
    from stylebridge.imaging import write_image

    random = np.random.default_rng(0)
    for number in range(30):
        write_image(tmp_path / f"in/{number}.png", random.integers(0, 256, (64, 64, 3), np.uint8))
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        f"sys.argv = ['stylebridge', 'capture', {str(tmp_path / 'in')!r}, {str(tmp_path / 'a.mcap')!r}]\n"
        "from stylebridge.cli.main import main\n"
        "main()\n"
    )
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "a.mcap" in line
    assert "frames are in" in line
    from stylebridge.recording import repair

    repair(tmp_path / "a.mcap")
    with Recording(tmp_path / "a.mcap") as recording:
        assert len(recording) > 5
        assert isinstance(recording[len(recording) - 1], Frame)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("foo:x", "OUT"), "unknown source foo:; expected images:"),
        (("images:nowhere", "OUT"), "no such file or folder"),
        (("OUT",), "no source; expected SOURCE... OUT"),
        (("FRAMES", "FRAMES"), "expected a recording to write, ending in .mcap"),
        (("FRAMES", "OUT", "--planes", "colour"), "plane 'colour'"),
        (("FRAMES", "OUT", "--flow", "raft"), "flow 'raft'; expected off or auto or dis-fast or dis or dis-fine"),
        (("FRAMES", "OUT", "--floats", "f8"), "floats 'f8'"),
        (("FRAMES", "OUT", "--seconds", "inf"), "--seconds inf; expected a number above 0"),
        (("FRAMES", "OUT", "--seconds", "0"), "--seconds 0; expected a number above 0"),
        (("FRAMES", "OUT", "--resume", "--force"), "expected one of them"),
        (("FRAMES", "OUT", "--key", "a.key"), "expected --bind HOST:PORT"),
        (("FRAMES", "OUT", "--bind", "0.0.0.0:5570"), "there are no keys"),
    ],
)
def test_what_cannot_work_is_refused(
    refused: Refused, frames: Path, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    places = {"OUT": tmp_path / "a.mcap", "FRAMES": frames}
    assert says in refused("capture", *(places.get(word, word) for word in words))


def test_an_existing_recording_is_not_overwritten(
    stylebridge: Run, refused: Refused, frames: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.mcap"
    stylebridge("capture", frames, out)
    assert "already exists. Pass --resume to go on with it, or --force to replace it" in refused("capture", frames, out)
    assert stylebridge("capture", frames, out, "--force", "--frames", 2, "--json").json()["frames"] == 2


def test_a_torn_source_keeps_what_came_before(stylebridge: Run, frames: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for path in sorted(frames.iterdir()):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "f2.png").write_bytes(b"torn")
    done = stylebridge("capture", folder, tmp_path / "a.mcap")
    assert done.code == 2
    assert "f2.png" in done.err
    assert "2 frames are in" in done.err
    with Recording(tmp_path / "a.mcap") as recording:
        assert len(recording) == 2


def test_no_game_is_a_failure_that_leaves_nothing(refused: Refused, stylebridge: Run, tmp_path: Path) -> None:
    done = stylebridge("capture", "zmq://127.0.0.1:*?wait=0.1", tmp_path / "a.mcap")
    assert done.code == 1
    assert "no game came in 0.1 s" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_recording_is_not_its_own_source(stylebridge: Run, refused: Refused, frames: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.mcap"
    stylebridge("capture", frames, out)
    before = out.read_bytes()
    for name in (out, f"recording:{out}?camera=main", tmp_path / "in/../a.mcap"):
        for how in ("--force", "--resume"):
            assert "is read and written at once" in refused("capture", name, out, how)
    assert out.read_bytes() == before


def test_what_was_cut_off_is_told_when_it_goes_on(stylebridge: Run, frames: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.mcap"
    stylebridge("capture", frames, out)
    with Recording(out) as recording:
        last = int(recording.rows["offset"][-1])
    out.write_bytes(out.read_bytes()[: last + 100])
    report = stylebridge("capture", frames, out, "--resume", "--json").json()
    assert (report["frames"], report["frames_before"]) == (1, 2)
    assert report["problems"] == ["100 bytes of a frame that was cut off were taken away"]


def test_why_no_frame_could_be_kept_is_told(
    stylebridge: Run, frames: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.recording.message.MAX_PIXELS", 1000)
    done = stylebridge("capture", frames, tmp_path / "a.mcap")
    assert done.code == 1
    first, *_, last = done.err.splitlines()
    assert first.startswith(
        f"note: {frames.name}/main: a frame can't be kept and is left out: a frame of 47x33; expected"
    )
    assert last.endswith("no frame could be kept, so nothing was written")
    assert list(tmp_path.iterdir()) == []
