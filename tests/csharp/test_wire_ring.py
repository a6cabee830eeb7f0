"""The shared-memory ring between two C# processes, and between C# and Python in both directions."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import Error, PlaneFields
from stylebridge.wire.messages import Offer
from stylebridge.wire.ring import RingReader, RingWriter, ring_folders

SIZE = 5000


class End:
    """A harness process that is told what to do line by line."""

    def __init__(self, exe: Path, *arguments: str) -> None:
        command = ["mono", str(exe), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def ask(self, line: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.line()


@contextmanager
def end(exe: Path, *arguments: str) -> Iterator[End]:
    started = End(exe, *arguments)
    try:
        yield started
    finally:
        started.process.communicate(timeout=30)


@pytest.fixture
def writer(harness_exe: Path) -> Iterator[tuple[End, str]]:
    with end(harness_exe, "wire-ring-write", "3", str(SIZE)) as started:
        yield started, started.line()


def pattern(seed: int, size: int = SIZE) -> bytes:
    return (np.arange(size) * 7 + seed).astype(np.uint8).tobytes()


def test_a_frame_passes_between_two_csharp_processes_with_the_name_deleted(
    harness_exe: Path, writer: tuple[End, str]
) -> None:
    ring, offer = writer
    with end(harness_exe, "wire-ring-read", offer) as reader:
        assert reader.line() == "open"
        assert ring.ask("unlink") == "unlinked"
        assert not Path(json.loads(offer)["path"]).exists()
        assert ring.ask(f"write 2 {SIZE} 5") == "stamp 1"
        assert reader.ask(f"read 2 1 {SIZE}") == f"crc {zlib.crc32(pattern(5))}"
        assert ring.ask("write 0 77 6") == "stamp 2"
        assert reader.ask("read 0 2 77") == f"crc {zlib.crc32(pattern(6, 77))}"


def test_a_slot_that_is_written_again_is_torn_for_the_reader(harness_exe: Path, writer: tuple[End, str]) -> None:
    ring, offer = writer
    with end(harness_exe, "wire-ring-read", offer) as reader:
        assert reader.line() == "open"
        assert ring.ask(f"write 1 {SIZE} 5") == "stamp 1"
        assert reader.ask(f"read 1 2 {SIZE}") == "torn"
        assert reader.ask(f"read 1 1 {SIZE - 1}") == "torn"
        assert reader.ask(f"read 3 1 {SIZE}") == "torn"
        assert reader.ask(f"read 1 1 {SIZE}") == f"crc {zlib.crc32(pattern(5))}"
        assert ring.ask("begin 1") == "begun"
        assert reader.ask(f"read 1 1 {SIZE}") == "torn"


def test_python_reads_what_csharp_writes(writer: tuple[End, str]) -> None:
    ring, text = writer
    offer = msgspec.json.decode(text.encode(), type=Offer)
    assert stat.S_IMODE(Path(offer.path).stat().st_mode) == 0o600
    assert f"stylebridge-{ring.process.pid}-" in offer.path
    reader = RingReader(offer)
    assert ring.ask(f"write 1 {SIZE} 9") == "stamp 1"
    assert reader.payload(1, 1, SIZE).tobytes() == pattern(9)
    ring.ask("begin 1")
    with pytest.raises(WireFault) as caught:
        reader.check(1, 1, SIZE)
    assert caught.value.code == Error.TORN


def test_csharp_reads_what_python_writes(harness_exe: Path) -> None:
    ring = RingWriter(4, SIZE)
    try:
        with end(harness_exe, "wire-ring-read", msgspec.json.encode(ring.offer(3)).decode()) as reader:
            assert reader.line() == "open"
            ring.unlink()
            plane = PlaneFields(1, 1, 3, 0, 0, 1, 0, 0, 0, 0, 0, SIZE, 0, 1.0, 1.0, 0)
            stamp = ring.write(3, [plane], [np.frombuffer(pattern(4), np.uint8)], SIZE)
            assert reader.ask(f"read 3 {stamp} {SIZE}") == f"crc {zlib.crc32(pattern(4))}"
    finally:
        ring.unlink()


@pytest.mark.parametrize("what", ["token", "slots", "place", "link", "length", "mode", "pipe", "holes"])
def test_an_offer_that_does_not_fit_its_file_is_refused(harness_exe: Path, tmp_path: Path, what: str) -> None:
    ring = RingWriter(4, SIZE)
    offer, extra = ring.offer(1), None
    path = Path(offer.path)
    try:
        if what == "token":
            offer = msgspec.structs.replace(offer, token="ab" * 16)
        elif what == "slots":
            offer = msgspec.structs.replace(offer, slots=3)
        elif what == "place":
            extra = tmp_path / path.name
            extra.write_bytes(path.read_bytes())
            offer = msgspec.structs.replace(offer, path=str(extra))
        elif what == "link":
            extra = path.with_name(f"stylebridge-1-{os.urandom(8).hex()}.ring")
            extra.symlink_to(path)
            offer = msgspec.structs.replace(offer, path=str(extra))
        elif what == "mode":
            path.chmod(0o604)
        elif what == "pipe":  # nobody writes: who opens it waits for ever
            path.unlink()
            os.mkfifo(path, 0o600)
        elif what == "holes":
            size, opening = path.stat().st_size, path.read_bytes()[:4096]
            path.write_bytes(opening)
            os.truncate(path, size)
        else:
            with path.open("ab") as file:
                file.write(b"\0")
        with end(harness_exe, "wire-ring-read", msgspec.json.encode(offer).decode()) as reader:
            assert reader.line().startswith("refused ")
    finally:
        ring.unlink()
        if extra is not None:
            extra.unlink()


def test_a_ring_without_room_is_an_error_and_leaves_no_file(harness_exe: Path) -> None:
    command = 'ulimit -f 100; trap "" XFSZ; exec mono "$0" wire-ring-write 8 100000000'
    process = subprocess.Popen(
        ["bash", "-c", command, str(harness_exe)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    _, says = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "no room for" in says
    assert not [path for folder in ring_folders() for path in folder.glob(f"stylebridge-{process.pid}-*")]


def test_rings_of_dead_processes_are_swept_away_and_others_stay(harness_exe: Path) -> None:
    gone = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()
    folder = ring_folders()[0]
    names = [f"stylebridge-{process}-{os.urandom(8).hex()}.ring" for process in (gone, "9" * 20, os.getpid())]
    left, endless, living = (folder / name for name in names)
    strange = folder / f"stylebridge-{gone}-notes.ring"
    try:
        for path in (left, endless, living, strange):
            path.touch()
        with end(harness_exe, "wire-ring-write", "1", "64") as started:
            started.line()
            assert [path.exists() for path in (left, endless, living, strange)] == [False, False, True, True]
    finally:
        for path in (left, endless, living, strange):
            path.unlink(missing_ok=True)
