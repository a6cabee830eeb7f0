"""A live game read in a process of its own, so that nothing that is done with its frames can make it wait."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import PLANES, Camera, Clock, Frame
from stylebridge.watch.live import NEEDED, OnPartner
from stylebridge.watch.moment import Moment
from stylebridge.watch.player import Player, Publish

SLOT_BYTES = 160 << 20  # for colour, depth, motion and occlusion of a 4K frame; pages are taken only as they are used
START_S = 60.0
SENT = ("color", *NEEDED)
GAME_SLOT = 0  # those of partners follow, in the order of their names
ALIGNMENT = 64


class Plane(msgspec.Struct, frozen=True, array_like=True):
    """Where a plane lies in the slot."""

    name: str
    offset: int
    shape: tuple[int, ...]


class Descriptor(msgspec.Struct, frozen=True, tag="frame"):
    """A frame in a slot, which is the page's until it asks for the next one."""

    slot: int
    number: int
    captured_ns: int
    planes: tuple[Plane, ...]
    camera: str
    session: str
    frame_id: int
    simulation_s: float
    strange: bool = False  # a partner's picture of no frame that is known


class Status(msgspec.Struct, frozen=True, tag="status"):
    """How the reader fares."""

    player: dict[str, Any]
    capture: dict[str, Any]


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """Whether what was asked for was done."""

    says: str = ""


class Request(msgspec.Struct, frozen=True):
    """What the page asks of the reader."""

    name: str  # next (of a slot), play, step, stream, capture, close
    value: int = 0
    text: str = ""


News: TypeAlias = Descriptor | Status | Answer
_decoder: msgspec.msgpack.Decoder[News] = msgspec.msgpack.Decoder(News)


class Remote(Player):
    """Publishes what the reader's process hands over; pauses, steps and captures are its business."""

    is_live = True

    def __init__(
        self,
        source: str,
        publish: Publish,
        captures: Path,
        on_news: Callable[[], None],
        partners: Sequence[str] = (),
        on_partner: OnPartner | None = None,
    ) -> None:
        super().__init__(publish)
        self._on_news, self._on_partner = on_news, on_partner
        self._partners = tuple(partners)
        self._slots = [SharedMemory(create=True, size=SLOT_BYTES) for _ in (None, *self._partners)]
        self._status = Status({}, {})
        self._answer: Answer | None = None
        self._asking, self._sending = threading.Lock(), threading.Lock()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        from stylebridge.watch.reader import run_reader

        words = (source, str(captures), [slot.name for slot in self._slots], self._partners, theirs)
        self._process = context.Process(target=run_reader, args=words, name="stylebridge-reader", daemon=True)
        try:
            self._process.start()
            theirs.close()
            self._await_start(source)
        except BaseException:
            self.close()
            raise

    def play(self, on: bool) -> None:
        """Go on, or pause."""
        self.playing = on
        self._ask(Request("play", int(on)))

    def step(self, count: int) -> None:
        """Pause, and let so many frames come."""
        if count > 0:
            self.playing = False
            self._ask(Request("step", count))

    def choose_stream(self, name: str) -> None:
        """Show another camera or game."""
        self._ask(Request("stream", text=name))

    def capture(self, on: bool) -> None:
        """Begin or end a recording; raises why it can't be."""
        self._ask(Request("capture", int(on)))

    def capture_state(self) -> dict[str, Any]:
        """What the page says about it."""
        return self._status.capture

    def state(self) -> dict[str, Any]:
        """What the page says about the player."""
        return self._status.player | ({"error": self.error} if self.error else {})

    def close(self, wait_s: float = 5.0) -> None:
        """Stop the reader; a capture under way is ended as it should be."""
        self._closing = True
        self._send(Request("close"))
        if self._process.pid is not None:
            self._process.join(wait_s + 10)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        if self._thread.is_alive():
            self._thread.join(wait_s)
        self._pipe.close()
        for slot in self._slots:
            with suppress(BufferError):
                slot.close()
            with suppress(FileNotFoundError):
                slot.unlink()

    def _await_start(self, source: str) -> None:
        """The reader says first how it is, or why it can't be."""
        while not self._status.player:
            if not self._pipe.poll(START_S):
                raise StylebridgeError(f"the reader of {source} didn't start within {START_S:g} s")
            news = self._receive()
            if news is None:
                raise StylebridgeError(f"the reader of {source} ended before it began")
            if isinstance(news, Answer):
                raise InputError(news.says)
            if isinstance(news, Status):
                self._status = news

    def _run(self) -> None:
        for slot in range(len(self._slots)):
            self._send(Request("next", slot))
        while not self._closing:
            news = self._receive()
            if news is None:
                self.error = "" if self._closing else "the process that reads the game has ended"
                break
            if isinstance(news, Status):
                self._status = news
            elif isinstance(news, Answer):
                with self._wake:
                    self._answer = news
                    self._wake.notify_all()
            else:
                self._take(news)
        self._on_news()

    def _take(self, news: Descriptor) -> None:
        frame = taken(self._slots[news.slot], news)
        self._send(Request("next", news.slot))
        if news.slot == GAME_SLOT:
            self._publish(Moment(news.number, lambda: frame, news.captured_ns))
        elif self._on_partner is not None:
            self._on_partner(self._partners[news.slot - 1], frame, news.strange)

    def _receive(self) -> News | None:
        try:
            return _decoder.decode(self._pipe.recv_bytes(1 << 20))
        except (EOFError, OSError):
            return None

    def _ask(self, request: Request, wait_s: float = 70.0) -> None:
        """Ask and wait until it is done; only one viewer at a time."""
        with self._asking:
            with self._wake:
                self._answer = None
            self._send(request)
            with self._wake:
                self._wake.wait_for(lambda: self._answer is not None or self._closing or self.error, wait_s)
                answer = self._answer
        if answer is not None and answer.says:
            raise StylebridgeError(answer.says)

    def _send(self, request: Request) -> None:
        with self._sending, suppress(OSError):
            self._pipe.send_bytes(msgspec.msgpack.encode(request))


def put(
    slot: SharedMemory, frame: Frame, number: int, captured_ns: int, *, at: int = GAME_SLOT, strange: bool = False
) -> Descriptor:
    """Copy a frame into the slot, which is the one `at` this place."""
    planes, offset = [], 0
    for name in SENT:
        plane = getattr(frame, name)
        if plane is None:
            continue
        if offset + plane.nbytes > slot.size:
            raise InputError(f"a frame of {frame.width}x{frame.height}", expected="at most 4K for the live page")
        np.ndarray(plane.shape, plane.dtype, slot.buf, offset)[:] = plane
        planes.append(Plane(name, offset, plane.shape))
        offset += -(-plane.nbytes // ALIGNMENT) * ALIGNMENT
    clock = frame.clock
    return Descriptor(
        slot=at,
        number=number,
        captured_ns=captured_ns,
        planes=tuple(planes),
        camera=frame.camera.name,
        session=frame.session,
        frame_id=int(clock.frame_id),
        simulation_s=float(clock.simulation_s),
        strange=strange,
    )


def taken(slot: SharedMemory, of: Descriptor) -> Frame:
    """The frame in the slot, in memory of its own."""
    planes: dict[str, Any] = {}
    for plane in of.planes:
        dtype = np.dtype(PLANES[plane.name][0])
        planes[plane.name] = np.array(np.ndarray(plane.shape, dtype, slot.buf, plane.offset))
    clock = Clock(of.frame_id, of.simulation_s, of.captured_ns)
    return Frame(**planes, camera=Camera(of.camera), clock=clock, session=of.session)


def send_news(pipe: Connection, lock: threading.Lock, news: News) -> None:
    """From the reader to the page, which may be gone."""
    with lock, suppress(OSError):
        pipe.send_bytes(msgspec.msgpack.encode(news))
