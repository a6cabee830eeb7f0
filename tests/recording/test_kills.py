"""A recorder that is killed, or whose disk is full, has lost nothing that it said was safe."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stylebridge.errors import StylebridgeError
from stylebridge.recording import Details, Recording, Writer, growing, repair, verify

from .play import moment
from .same import is_same

REPO = Path(__file__).resolve().parent.parent.parent


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_recorder_loses_no_safe_frame() -> None:
    command = [sys.executable, str(REPO / "tools" / "kill_recorder.py"), "--kills", "4", "--seed", "7"]
    environment = os.environ | {"PYTHONPATH": str(REPO / "python")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["lost"], figures["kills"]) == (0, 4)
    assert figures["frames"] >= figures["acknowledged"] > 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "play.mcap"


@pytest.fixture
def room_for() -> Iterator[object]:
    """Bounds the size of every file that this process writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def bound(size: int | None) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if size is None else size, before[1]))

    yield bound
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def record_until_full(path: Path, safe: list[int], resume: bool = False) -> StylebridgeError:
    with (
        pytest.raises(StylebridgeError) as caught,
        Writer(path, Details("test"), floats="f32", resume=resume) as writer,
    ):
        for number in range(writer.frame_count, 200):
            writer.write(moment(number), on_safe=lambda number=number: safe.append(number))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("size", [150_000, 160_001, 171_234, 200_000])
def test_a_full_disk_stops_with_one_line_and_everything_before_is_there(
    path: Path, room_for: object, size: int
) -> None:
    safe: list[int] = []
    room_for(size)  # type: ignore[operator]
    error = record_until_full(path, safe)
    room_for(None)  # type: ignore[operator]
    assert f"recording stopped after {len(safe)} frames: file too large" in str(error)
    assert "the frames are safe" in str(error)
    assert error.exit_code == 1
    assert len(safe) >= 5
    repair(path)
    assert verify(path).ok
    with Recording(path) as recording:
        assert len(recording) == len(safe)
        assert all(is_same(recording[number], moment(number)) for number in safe)


def test_where_there_is_room_for_the_index_the_file_is_finished(path: Path, room_for: object) -> None:
    safe: list[int] = []
    room_for(400_000)  # type: ignore[operator]
    record_until_full(path, safe)
    room_for(None)  # type: ignore[operator]
    frame_bytes = 22_000
    assert 400_000 - path.stat().st_size < 2 * frame_bytes
    with Recording(path) as recording:  # without a repair
        assert len(recording) == len(safe)


def test_with_room_again_the_recording_goes_on(path: Path, room_for: object) -> None:
    safe: list[int] = []
    for size in (100_000, 200_000):
        room_for(size)  # type: ignore[operator]
        record_until_full(path, safe, resume=True)
    room_for(None)  # type: ignore[operator]
    with Writer(path, Details("test"), floats="f32", resume=True) as writer:
        assert writer.frame_count == len(safe)
        writer.write(moment(len(safe)))
    assert verify(path).ok
    with Recording(path) as recording:
        assert recording.rows["frame_id"].tolist() == [*safe, len(safe)]


@pytest.mark.parametrize("allowed", [0, 10, 3000])
def test_a_disk_without_room_for_a_single_frame_leaves_nothing(
    path: Path, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_some(file: object, at: int, data: bytes) -> None:
        file.seek(at)  # type: ignore[attr-defined]
        file.write(data[:allowed])  # type: ignore[attr-defined]
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(growing, "write_all", write_some)
    error = record_until_full(path, [])
    assert "recording stopped after 0 frames: no space left on device. Make room" in str(error)
    assert list(path.parent.iterdir()) == []


def test_a_disk_that_fails_when_asked_to_be_sure_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(path, Details("test"))
    writer.write(moment(0))

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(growing.os, "fsync", fail)
    with pytest.raises(StylebridgeError, match=r"after 1 frames: input/output error\. Look at the disk"):
        writer.flush()
    monkeypatch.undo()
    with contextlib.suppress(StylebridgeError):  # again, if it was met by the regular one too
        writer.abort()
    assert verify(path).ok
