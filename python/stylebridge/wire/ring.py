"""The shared-memory lane: a file of slots that one side writes and the other reads in place."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import re
import secrets
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import StylebridgeError
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import RING_MAGIC, RING_STRUCT, VERSION, Error, PlaneFields, RingFields
from stylebridge.wire.messages import Offer

SLOTS_AT = 4096
PAYLOAD_AT = 64  # within a slot
_NAME = re.compile(r"stylebridge-([0-9]+)-[0-9a-f]{16}\.ring")
_MEMORY = Path("/dev/shm")  # noqa: S108 - the files in it are made exclusively, for one user, with a random name


def ring_folders() -> tuple[Path, ...]:
    """Where rings may lie, best first."""
    temporary = Path(tempfile.gettempdir())
    return (_MEMORY, temporary) if os.access(_MEMORY, os.W_OK) else (temporary,)


def sweep() -> int:
    """Remove the rings of processes that died before their name was deleted; says how many."""
    removed = 0
    for folder in ring_folders():
        for path in _leftovers(folder):
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
    return removed


class RingWriter:
    """The side that owns the frames. Which slots are free is the caller's to know: see `OutLane`."""

    def __init__(self, slots: int, slot_bytes: int) -> None:
        self.slots = slots
        self.slot_bytes = slot_bytes
        self.token = secrets.token_bytes(16)
        sweep()
        stride = slot_stride(slot_bytes)
        self.path, handle = _create(SLOTS_AT + slots * stride)
        try:
            self._map = _map(handle, SLOTS_AT + slots * stride, write=True)
        except (OSError, ValueError) as error:
            self.unlink()
            raise StylebridgeError(f"no shared memory: {error}") from error
        finally:
            os.close(handle)
        fields = RingFields(RING_MAGIC, VERSION, slots, slot_bytes, stride, self.token)
        RING_STRUCT.pack_into(self._map, 0, *fields)
        self._stamps = _stamps(self._map, slots, stride)
        places = range(SLOTS_AT + PAYLOAD_AT, SLOTS_AT + slots * stride, stride)
        self._payloads = [np.ndarray(slot_bytes, np.uint8, self._map, place) for place in places]
        self._count = 0

    def offer(self, number: int) -> Offer:
        """The message that offers this ring."""
        return Offer(
            offer=number, path=str(self.path), token=self.token.hex(), slots=self.slots, slot_bytes=self.slot_bytes
        )

    def write(self, slot: int, planes: Sequence[PlaneFields], buffers: Sequence[NDArray[Any]], end: int) -> int:
        """Copy a frame's planes into a slot; gives the stamp that it bears."""
        self._count += 1
        stamps, payload = self._stamps[slot], self._payloads[slot]
        stamps[0] = self._count
        for plane, buffer in zip(planes, buffers, strict=True):
            payload[plane.offset : plane.offset + plane.length] = buffer
        stamps[2] = end
        stamps[1] = self._count
        return self._count

    def unlink(self) -> None:
        """Delete the file's name; the mapping lives on. Harmless twice."""
        with contextlib.suppress(OSError):
            self.path.unlink()


class RingMaker:
    """Makes a ring in a thread of its own; one that nobody takes leaves no file behind."""

    def __init__(self, slots: int, slot_bytes: int) -> None:
        self.slot_bytes = slot_bytes
        self._slots = slots
        self._ring: RingWriter | None = None
        self._error: StylebridgeError | None = None
        self._dropped = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._make, name="stylebridge ring", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether `take` won't wait."""
        return not self._thread.is_alive()

    def take(self) -> RingWriter:
        """The ring, or why there is none."""
        self._thread.join()
        if self._ring is None:
            raise self._error or StylebridgeError("no shared memory")
        return self._ring

    def drop(self) -> None:
        """The ring isn't wanted any more."""
        with self._lock:
            self._dropped = True
            if self._ring is not None:
                self._ring.unlink()

    def _make(self) -> None:
        try:
            ring = RingWriter(self._slots, self.slot_bytes)
        except StylebridgeError as error:
            self._error = error
            return
        with self._lock:
            self._ring = ring
            if self._dropped:
                ring.unlink()


class RingReader:
    """The side that reads the slots in place; it can't write to them."""

    def __init__(self, offer: Offer) -> None:
        size = SLOTS_AT + offer.slots * slot_stride(offer.slot_bytes)
        handle = _open_offered(Path(offer.path), size)
        try:
            self._map = _map(handle, size, write=False)
        except (OSError, ValueError) as error:
            raise _refused(f"can't be mapped: {error}", offer.path) from error
        finally:
            os.close(handle)
        stride = slot_stride(offer.slot_bytes)
        expected = RingFields(RING_MAGIC, VERSION, offer.slots, offer.slot_bytes, stride, bytes.fromhex(offer.token))
        if RingFields._make(RING_STRUCT.unpack_from(self._map)) != expected:
            raise _refused("the file holds another ring than the one offered", offer.path)
        self.number, self.slots = offer.offer, offer.slots
        self._stamps = _stamps(self._map, offer.slots, stride)
        self._slot_bytes, self._stride = offer.slot_bytes, stride

    def payload(self, slot: int, stamp: int, size: int) -> NDArray[np.uint8]:
        """A slot's bytes in place, as an array of its own: when it is gone, no array looks at the slot any more."""
        self.check(slot, stamp, size)
        return np.ndarray(size, np.uint8, self._map, SLOTS_AT + slot * self._stride + PAYLOAD_AT)

    def check(self, slot: int, stamp: int, size: int) -> None:
        """Refuse a slot that doesn't bear this frame, or no longer."""
        if slot >= self.slots:
            raise WireFault(Error.TORN, f"slot {slot}", expected=f"one of {self.slots}")
        begin, end, held = self._stamps[slot].tolist()
        if begin != stamp or end != stamp or held != size or size > self._slot_bytes:
            found = f"slot {slot} bears stamps {begin} and {end}, {held} bytes"
            raise WireFault(Error.TORN, found, expected=f"stamp {stamp}, {size} bytes")


def slot_stride(slot_bytes: int) -> int:
    """Bytes from one slot to the next."""
    return -(-(PAYLOAD_AT + slot_bytes) // 4096) * 4096


def _leftovers(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for path in folder.glob("stylebridge-*.ring"):
            match = _NAME.fullmatch(path.name)
            if match and not _alive(int(match[1])) and path.lstat().st_uid == _user():
                yield path


def _alive(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 ends a process; and a mapped file can't be deleted anyway
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _create(size: int) -> tuple[Path, int]:
    """A new file of this size, for this user alone, with its pages set aside: a full disk shows here, not later."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    reason: OSError | None = None
    for folder in ring_folders():
        path = folder / f"stylebridge-{os.getpid()}-{secrets.token_hex(8)}.ring"
        try:
            handle = os.open(path, flags, 0o600)
        except OSError as error:
            reason = error
            continue
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(handle, 0, size)
            else:
                os.ftruncate(handle, size)
        except OSError as error:
            reason = error
            os.close(handle)
            path.unlink()
            continue
        return path, handle
    raise StylebridgeError(f"no room for {size} bytes of shared memory: {reason}", where=ring_folders()[0])


def _open_offered(path: Path, size: int) -> int:
    """The file of an offer, if it is one that a stylebridge peer of this user may have made."""
    if path.parent not in ring_folders() or not _NAME.fullmatch(path.name):
        raise _refused("not where rings lie", str(path))
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "?")
        raise _refused(f"can't be opened from here ({name})", str(path)) from error
    found = os.fstat(handle)
    private = os.name == "nt" or (found.st_uid == _user() and not found.st_mode & 0o077)
    if not stat.S_ISREG(found.st_mode) or not private or found.st_size != size or _has_holes(found):
        os.close(handle)
        raise _refused(f"not a private file of {size} bytes", str(path))
    return handle


def _has_holes(found: os.stat_result) -> bool:
    """Whether pages are missing, which would have to be found when they are read: too late, if there is no room."""
    return sys.platform == "linux" and found.st_blocks * 512 < found.st_size


def _refused(found: str, path: str) -> WireFault:
    return WireFault(Error.LANE_REFUSED, found, expected="a ring on this host", where=path)


def _map(handle: int, size: int, *, write: bool) -> mmap.mmap:
    if os.name == "nt":
        return mmap.mmap(handle, size, access=mmap.ACCESS_WRITE if write else mmap.ACCESS_READ)
    populate = getattr(mmap, "MAP_POPULATE", 0) if write else 0  # the first frames needn't wait for pages
    protection = mmap.PROT_READ | (mmap.PROT_WRITE if write else 0)
    return mmap.mmap(handle, size, flags=mmap.MAP_SHARED | populate, prot=protection)


def _stamps(memory: mmap.mmap, slots: int, stride: int) -> list[NDArray[np.uint64]]:
    return [np.ndarray(3, "<u8", memory, SLOTS_AT + slot * stride) for slot in range(slots)]
