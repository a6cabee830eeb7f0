"""The process that reads a live game: hands the page a frame when it has asked for one, and never waits for it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import msgspec
import numpy as np

from stylebridge.errors import StylebridgeError
from stylebridge.frame import Frame
from stylebridge.sources import Source, open_source
from stylebridge.watch.faults import explained
from stylebridge.watch.live import Live
from stylebridge.watch.moment import Moment
from stylebridge.watch.remote import GAME_SLOT, Answer, Request, Status, put, send_news
from stylebridge.watch.tape import Tape

STATUS_EVERY_S = 0.25


def run_reader(source: str, captures: str, slots: Sequence[str], partners: Sequence[str], pipe: Connection) -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the page, and the page ends this
    sending = threading.Lock()
    try:
        reader = _Reader(source, Path(captures), slots, partners, pipe, sending)
    except Exception as error:
        send_news(pipe, sending, Answer(explained(error)))
        return
    reader.serve()


class _Reader:
    def __init__(
        self,
        source: str,
        captures: Path,
        slots: Sequence[str],
        partners: Sequence[str],
        pipe: Connection,
        sending: threading.Lock,
    ) -> None:
        self._pipe, self._sending = pipe, sending
        self._over = threading.Event()
        self._handing = threading.Lock()
        self._wanted = [False for _ in slots]  # slots that the page is done with
        self._waiting: dict[int, tuple[Frame, bool]] = {}  # the newest picture of a partner whose slot is the page's
        self._partners = list(partners)
        self._tape = Tape(captures, source)
        opener = reopener(source)
        self._slots = [SharedMemory(slot) for slot in slots]
        self._player = Live(
            opener,
            opener(),
            self._publish,
            self._tape,
            copies=False,
            partners=self._partners,
            on_partner=self._hand_on,
        )
        self._player.start()

    def serve(self) -> None:
        """Obey until the page is gone or says so."""
        threading.Thread(target=self._report, daemon=True).start()
        try:
            while (request := self._next()) is not None and request.name != "close":
                if request.name == "next":
                    self._free(request.value)
                else:
                    send_news(self._pipe, self._sending, Answer(self._obeyed(request)))
        finally:
            self._over.set()
            self._player.close()
            self._tape.stop()
            for slot in self._slots:
                slot.close()

    def _next(self) -> Request | None:
        try:
            return msgspec.msgpack.decode(self._pipe.recv_bytes(1 << 16), type=Request)
        except (EOFError, OSError):
            return None

    def _obeyed(self, request: Request) -> str:
        """Do it; gives why it couldn't be done."""
        try:
            match request.name:
                case "play":
                    self._player.play(bool(request.value))
                case "step":
                    self._player.step(request.value)
                case "stream":
                    self._player.choose_stream(request.text)
                case "capture":
                    (self._tape.start if request.value else self._tape.stop)()
        except (StylebridgeError, OSError) as error:
            return str(error)
        self._tell()
        return ""

    def _publish(self, moment: Moment) -> bool:
        with self._handing:
            if not self._wanted[GAME_SLOT]:
                return False  # the page is busy with an earlier one; the gap in the numbers tells
            self._wanted[GAME_SLOT] = False
        slot = self._slots[GAME_SLOT]
        send_news(self._pipe, self._sending, put(slot, moment.frame, moment.number, moment.captured_ns))
        return True

    def _hand_on(self, name: str, picture: Frame, strange: bool) -> None:
        at = 1 + self._partners.index(name)
        with self._handing:
            if not self._wanted[at]:
                self._waiting[at] = Frame(np.array(picture.rgb), camera=picture.camera, clock=picture.clock), strange
                return
            self._wanted[at] = False
        self._send_picture(at, picture, strange)

    def _free(self, at: int) -> None:
        """The page has what was in this slot."""
        with self._handing:
            waiting = self._waiting.pop(at, None)
            self._wanted[at] = waiting is None
        if waiting is not None:
            self._send_picture(at, *waiting)

    def _send_picture(self, at: int, picture: Frame, strange: bool) -> None:
        shown = Frame(picture.color, camera=picture.camera, clock=picture.clock)
        news = put(self._slots[at], shown, 0, picture.clock.wall_ns, at=at, strange=strange)
        send_news(self._pipe, self._sending, news)

    def _report(self) -> None:
        self._tell()
        while not self._over.wait(STATUS_EVERY_S):
            self._tell()

    def _tell(self) -> None:
        send_news(self._pipe, self._sending, Status(self._player.state(), self._tape.state()))


def reopener(text: str) -> Callable[[], Source]:
    """Opens the source; one that listens at a port the system chose listens there again, so that games find it."""
    address = text

    def open_it() -> Source:
        nonlocal address
        opened = open_source(address)
        where, mark, options = address.partition("?")
        if opened.listens_at and where.endswith(":0"):
            address = where[:-2] + ":" + opened.listens_at.rpartition(":")[2] + mark + options
        return opened

    return open_it
