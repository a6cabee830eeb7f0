"""The ring's file: made for one user, checked before it is mapped, read in place, and never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from stylebridge.errors import StylebridgeError
from stylebridge.wire import WireFault, ring
from stylebridge.wire.layout import RING_STRUCT, SLOT_STRUCT, Error
from stylebridge.wire.messages import Offer
from stylebridge.wire.planes import pack
from stylebridge.wire.ring import RingReader, RingWriter, ring_folders, slot_stride, sweep

from .pictures import full_frame

SLOTS, SLOT_BYTES = 3, 10_000
pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes and links are POSIX's")


@pytest.fixture
def writer() -> Iterator[RingWriter]:
    made = RingWriter(SLOTS, SLOT_BYTES)
    yield made
    made.unlink()


def test_the_file_is_for_one_user_and_as_long_as_the_readme_says(writer: RingWriter) -> None:
    found = writer.path.stat()
    assert found.st_mode & 0o777 == 0o600
    assert found.st_size == 4096 + SLOTS * 12288
    assert writer.path.parent in ring_folders()
    assert writer.path.name.startswith(f"stylebridge-{os.getpid()}-")


@pytest.mark.parametrize(("size", "stride"), [(1, 4096), (4032, 4096), (4033, 8192), (10_000, 12288)])
def test_slots_begin_on_pages(size: int, stride: int) -> None:
    assert slot_stride(size) == stride


def test_the_bytes_in_the_file_are_those_of_the_layout(writer: RingWriter) -> None:
    packed = pack(full_frame(), ("depth",))
    stamp = writer.write(1, packed.planes, packed.buffers, packed.payload_bytes)
    data = writer.path.read_bytes()
    assert RING_STRUCT.unpack_from(data) == (b"STYR", 1, SLOTS, SLOT_BYTES, 12288, writer.token)
    assert SLOT_STRUCT.unpack_from(data, 4096 + 12288) == (stamp, stamp, packed.payload_bytes)
    payload = data[4096 + 12288 + 64 :]
    for plane, buffer in zip(packed.planes, packed.buffers, strict=True):
        assert payload[plane.offset : plane.offset + plane.length] == buffer.tobytes()


def test_a_slot_is_read_in_place_and_can_not_be_written_there(writer: RingWriter) -> None:
    reader = RingReader(writer.offer(1))
    packed = pack(full_frame(), ())
    stamp = writer.write(2, packed.planes, packed.buffers, packed.payload_bytes)
    payload = reader.payload(2, stamp, packed.payload_bytes)
    assert bytes(payload) == packed.buffers[0].tobytes()
    with pytest.raises(ValueError, match="read-only"):
        payload[0] = 1
    packed.buffers[0][:] ^= 0xFF
    writer.write(2, packed.planes, packed.buffers, packed.payload_bytes)
    assert bytes(payload) == packed.buffers[0].tobytes(), "it is the same memory"


@pytest.mark.parametrize(
    ("slot", "stamp", "size"),
    [(SLOTS, 1, 72), (65535, 1, 72), (0, 2, 72), (0, 0, 72), (0, 1, 71), (0, 1, 73), (1, 1, 72)],
)
def test_a_slot_that_bears_another_frame_is_torn(writer: RingWriter, slot: int, stamp: int, size: int) -> None:
    reader = RingReader(writer.offer(1))
    packed = pack(full_frame((4, 6)), ())
    packed = packed._replace(planes=(packed.planes[0]._replace(length=72),), buffers=[packed.buffers[0][:72]])
    assert writer.write(0, packed.planes, packed.buffers, 72) == 1
    assert reader.payload(0, 1, 72).size == 72
    with pytest.raises(WireFault) as caught:
        reader.payload(slot, stamp, size)
    assert caught.value.code == Error.TORN


def test_a_slot_that_is_being_written_is_torn(writer: RingWriter) -> None:
    reader = RingReader(writer.offer(1))
    packed = pack(full_frame(), ())
    stamp = writer.write(0, packed.planes, packed.buffers, packed.payload_bytes)
    with writer.path.open("r+b") as file:
        file.seek(4096)
        file.write((stamp + 1).to_bytes(8, "little"))
    with pytest.raises(WireFault, match=f"stamps {stamp + 1} and {stamp}"):
        reader.check(0, stamp, packed.payload_bytes)


def test_a_size_beyond_the_slot_is_torn_even_when_the_slot_says_so_itself(writer: RingWriter) -> None:
    reader = RingReader(writer.offer(1))
    with writer.path.open("r+b") as file:
        file.seek(4096)
        file.write(SLOT_STRUCT.pack(1, 1, SLOT_BYTES + 1))
    with pytest.raises(WireFault) as caught:
        reader.payload(0, 1, SLOT_BYTES + 1)
    assert caught.value.code == Error.TORN


def test_memory_outlives_the_name_and_the_reader(writer: RingWriter) -> None:
    reader = RingReader(writer.offer(1))
    packed = pack(full_frame(), ())
    stamp = writer.write(0, packed.planes, packed.buffers, packed.payload_bytes)
    payload = reader.payload(0, stamp, packed.payload_bytes)
    writer.unlink()
    writer.unlink()
    assert not writer.path.exists()
    del reader
    assert bytes(payload) == packed.buffers[0].tobytes()


Lie = Callable[[RingWriter, Path], Offer]


def elsewhere(writer: RingWriter, folder: Path) -> Offer:
    path = folder / writer.path.name
    path.write_bytes(writer.path.read_bytes())
    path.chmod(0o600)
    return msgspec.structs.replace(writer.offer(1), path=str(path))


def beside(writer: RingWriter, name: str) -> Path:
    """Another name in the same folder; the fixture below takes it away again."""
    return writer.path.with_name(name)


def soft_link(writer: RingWriter, _: Path) -> Offer:
    path = beside(writer, f"stylebridge-{os.getpid()}-{'a' * 16}.ring")
    path.symlink_to(writer.path)
    return msgspec.structs.replace(writer.offer(1), path=str(path))


def other_name(writer: RingWriter, _: Path) -> Offer:
    path = beside(writer, f"passwords-{os.getpid()}.ring")
    path.hardlink_to(writer.path)
    return msgspec.structs.replace(writer.offer(1), path=str(path))


def a_pipe(writer: RingWriter, _: Path) -> Offer:
    path = beside(writer, f"stylebridge-{os.getpid()}-{'b' * 16}.ring")
    os.mkfifo(path, 0o600)
    return msgspec.structs.replace(writer.offer(1), path=str(path))


def a_folder(writer: RingWriter, _: Path) -> Offer:
    path = beside(writer, f"stylebridge-{os.getpid()}-{'c' * 16}.ring")
    path.mkdir(0o700)
    return msgspec.structs.replace(writer.offer(1), path=str(path))


def cut_short(writer: RingWriter, _: Path) -> Offer:
    os.truncate(writer.path, writer.path.stat().st_size - 1)
    return writer.offer(1)


def overwritten(writer: RingWriter, _: Path) -> Offer:
    with writer.path.open("r+b") as file:
        file.write(b"ELF!")
    return writer.offer(1)


def chmod(mode: int) -> Lie:
    def lie(writer: RingWriter, _: Path) -> Offer:
        writer.path.chmod(mode)
        return writer.offer(1)

    return lie


def claim(**fields: object) -> Lie:
    return lambda writer, _: msgspec.structs.replace(writer.offer(1), **fields)


def dotted(writer: RingWriter, _: Path) -> Offer:
    path = f"{writer.path.parent}/../{writer.path.parent.name}/{writer.path.name}"
    return msgspec.structs.replace(writer.offer(1), path=path)


LIES: dict[str, tuple[Lie, str]] = {
    "outside the folders": (elsewhere, "not where rings lie"),
    "under another name": (other_name, "not where rings lie"),
    "by a detour": (dotted, "not where rings lie"),
    "a relative path": (claim(path="stylebridge-1-0123456789abcdef.ring"), "not where rings lie"),
    "a zero byte": (claim(path="/dev/shm/\0"), "not where rings lie"),  # noqa: S108
    "no path": (claim(path=""), "not where rings lie"),
    "a link": (soft_link, r"can't be opened from here \(ELOOP\)"),
    "a file that isn't there": (claim(path="/dev/shm/stylebridge-1-0123456789abcdef.ring"), r"ENOENT"),  # noqa: S108
    "a pipe": (a_pipe, "not a private file"),
    "a folder": (a_folder, "not a private file"),
    "readable by the group": (chmod(0o640), "not a private file"),
    "writable by others": (chmod(0o602), "not a private file"),
    "too short": (cut_short, "not a private file"),
    "more slots than it has": (claim(slots=SLOTS + 1), "not a private file"),
    "larger slots than it has": (claim(slot_bytes=1 << 30), "not a private file"),
    "slots of nearly the same size": (claim(slot_bytes=SLOT_BYTES + 1), "another ring"),
    "another token": (claim(token="0" * 32), "another ring"),
    "another file": (overwritten, "another ring"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_false_offer_is_refused(writer: RingWriter, tmp_path: Path, name: str) -> None:
    lie, says = LIES[name]
    before = set(writer.path.parent.iterdir())
    try:
        with pytest.raises(WireFault, match=says) as caught:
            RingReader(lie(writer, tmp_path))
        assert caught.value.code == Error.LANE_REFUSED
    finally:
        for path in set(writer.path.parent.iterdir()) - before:
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_the_same_offer_told_truly_is_taken(writer: RingWriter) -> None:
    assert RingReader(writer.offer(1)).slots == SLOTS


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_only_the_rings_of_dead_processes_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "ring_folders", lambda: (tmp_path,))
    dead = dead_process()
    names = [
        f"stylebridge-{dead}-{'0' * 16}.ring",
        f"stylebridge-{os.getpid()}-{'0' * 16}.ring",
        f"stylebridge-{dead}-{'0' * 15}.ring",
        f"stylebridge-{dead}-{'0' * 16}.ring.txt",
        "stylebridge-notes.ring",
    ]
    for name in names:
        (tmp_path / name).touch()
    assert sweep() == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])
    assert sweep() == 0


def test_a_new_ring_sweeps_what_the_dead_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "ring_folders", lambda: (tmp_path,))
    left = tmp_path / f"stylebridge-{dead_process()}-{'0' * 16}.ring"
    left.touch()
    writer = RingWriter(1, 100)
    assert list(tmp_path.iterdir()) == [writer.path]


def test_without_room_in_any_folder_it_says_how_much_was_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "ring_folders", lambda: (Path(tempfile.gettempdir()) / "no such folder",))
    with pytest.raises(StylebridgeError, match=r"no room for 8192 bytes of shared memory: .*No such file"):
        RingWriter(1, 100)
