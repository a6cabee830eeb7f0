"""The live player: reads a game without ever waiting for what is shown of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from typing import Any

from stylebridge.errors import StylebridgeError
from stylebridge.frame import Frame
from stylebridge.sources.base import Source, Wrapper
from stylebridge.watch.moment import Moment, Pace
from stylebridge.watch.partner import Pairing, claimed_by
from stylebridge.watch.player import MAX_FPS, Player, Publish
from stylebridge.watch.tape import Tape

NEEDED = ("motion", "occlusion", "depth")  # beside colour, by what fills the frames between key frames
MAX_AGE_S = 60.0  # a game's clock that is further off than this is another one than ours
MAX_STREAMS = 32
CAMERA = "camera:"  # it goes on, and what it showed meanwhile would come late
ASK_S = 2.0  # for a game to answer a control

OnPartner = Callable[[str, Frame, bool], None]  # its name, its picture, and whether that belongs to no frame known


class Live(Player):
    """Publishes each frame as it comes and reads on at once. Frames nobody has time for are the columns' business.

    A pause is asked of the game itself; one that doesn't obey, or can't be asked, plays on unseen.
    """

    is_live = True

    def __init__(
        self,
        open_it: Callable[[], Source],
        first: Source,
        publish: Publish,
        tape: Tape,
        *,
        copies: bool = True,
        partners: Collection[str] = (),
        on_partner: OnPartner | None = None,
    ) -> None:
        super().__init__(publish)
        self._open, self._source, self._tape = open_it, first, tape
        self.pace = Pace()
        # That no game is here.
        self.note = f"waiting for a game to call {first.listens_at}" if first.listens_at else ""
        self._refusal = ""  # of a game that was asked to pause
        self._copies = copies  # unless whoever is published to has no use for a frame afterwards
        self.frames = 0
        self._dropped = 0  # by sources that have ended
        self._steps = 0
        self._streams: dict[str, str] = {}  # what is here now: name -> its game
        self._stream = self._shown_before = ""
        self._number = 0  # of the frames that are shown
        self._partners, self._on_partner = partners, on_partner
        self._pairing = Pairing()

    def play(self, on: bool) -> None:
        """Go on, or pause."""
        with self._wake:
            self.playing = on
            self._steps = 0
            self._wake.notify_all()
            self._refusal = ""
        self._ask("resume" if on else "pause")

    def step(self, count: int) -> None:
        """Pause, and let so many frames come."""
        if count < 1:
            return
        with self._wake:
            self.playing = False
            self._steps += count
            self._wake.notify_all()
        self._ask("step", count=count)

    def choose_stream(self, name: str) -> None:
        """Show another camera or game."""
        if name in self._streams:
            self._stream = name

    def state(self) -> dict[str, Any]:
        """What the page says about it."""
        return {
            "live": True,
            "playing": self.playing,
            "listens_at": self._source.listens_at,
            "rate": self.pace.per_second,
            "frames": self.frames,
            "dropped": self._dropped + self._source.dropped,
            "streams": list(self._streams),
            "stream": self._stream,
            "note": self.note or self._absence() or self._refusal,
            "error": self.error,
            "problems": self._source.problems[-4:],
        }

    def close(self, wait_s: float = 5.0) -> None:
        """Stop and close the source."""
        if not self.playing:
            self._ask("resume")
        self._source.interrupt()
        super().close(wait_s)
        self._source.close()

    def _run(self) -> None:
        while not self._closing:
            self._play_source(self._source)
            if self._closing or not self._source.listens_at:
                self.note = "" if self._closing else "the source has ended"
                return
            self.note = "the game has left; waiting for the next one"
            self._dropped += self._source.dropped
            self._source.close()
            self._streams, self._stream = {}, ""  # the next game may be another one
            self._source = self._open()

    def _play_source(self, source: Source) -> None:
        moves_when_read = self._collector() is None and not source.name.startswith(CAMERA)
        period_s = 1 / min(MAX_FPS, source.fps or MAX_FPS)
        due = time.monotonic()
        for frame in source:
            self.note = ""
            self.frames += 1
            self._take(frame, source)
            if self._closing:
                return
            if moves_when_read:
                due = max(due + period_s, time.monotonic() - period_s)
                self._hold(due)

    def _hold(self, due: float) -> None:
        """What moves only when it is read waits for its time, and stands still while it is paused."""
        with self._wake:
            self._wake.wait_for(lambda: self._closing, timeout=max(0.0, due - time.monotonic()))
            self._wake.wait_for(lambda: self._closing or self.playing or self._steps)

    def _take(self, frame: Frame, source: Source) -> None:
        receipt = source.receipt()
        if self._tape.running:
            frame = frame.owned()
            self._tape.take(frame, receipt.game or "watch", receipt.sequence or self.frames)
        partner = claimed_by(receipt.game, frame.camera.name, self._partners)
        if partner:
            if self._pairing.came(partner, frame):
                self._hand_on([(partner, frame)])
            self._hand_on(self._pairing.stale(), strange=True)
            return
        stream = "/".join(filter(None, (receipt.game, frame.camera.name)))
        if stream not in self._streams and len(self._streams) >= MAX_STREAMS:
            return
        self._streams[stream] = receipt.game
        self._stream = self._stream or stream
        if stream == self._stream:
            self._show(frame)

    def _show(self, frame: Frame) -> None:
        # Frames of another stream don't follow those of the one before: a number is left out.
        self._number += 2 if self._shown_before not in ("", self._stream) else 1
        self._shown_before = self._stream
        self.pace.tick()
        is_shown = self._may_show()
        if is_shown:
            frame = frame.owned(NEEDED) if self._copies else frame
            is_shown = self._publish(Moment(self._number, lambda: frame, captured_ns(frame)))
        if self._partners:
            self._hand_on(self._pairing.given(frame.clock, looked_at=is_shown))

    def _hand_on(self, pictures: list[tuple[str, Frame]], *, strange: bool = False) -> None:
        for name, picture in pictures:
            if self._on_partner is not None:
                self._on_partner(name, picture.owned(NEEDED) if self._copies else picture, strange)

    def _absence(self) -> str:
        """That the game which is shown has left while another one is here."""
        game = self._streams.get(self._stream, "")
        peers = [peer for peer in self._peers() if peer.name == game] if game else []
        if peers and not any(peer.connected for peer in peers):
            return f"{game} has left; waiting for it to come back"
        if not self._streams and self._partners and self.frames:
            return "no picture of the game itself has come: every one belongs to a column of its own"
        return ""

    def _peers(self) -> list[Any]:
        collector = self._collector()
        return collector.peers() if collector is not None else []

    def _collector(self) -> Any:
        return getattr(innermost(self._source), "collector", None)

    def _may_show(self) -> bool:
        with self._wake:
            if self.playing:
                return True
            if self._steps:
                self._steps -= 1
                return True
            return False

    def _ask(self, name: str, **args: int) -> None:
        """Ask every game that is connected; in a thread, because a game that is stuck answers late."""
        collector = self._collector()
        if collector is not None:
            threading.Thread(target=self._asked, args=(collector, name, args), daemon=True).start()

    def _asked(self, collector: Any, name: str, args: dict[str, int]) -> None:
        for peer in collector.peers():
            if not peer.connected:
                continue
            try:
                collector.control(peer.session, name, timeout_s=ASK_S, **args)
            except StylebridgeError as error:
                self._refusal = "" if self.playing else f"{peer.name} plays on unseen: {error}"


def innermost(source: Source) -> Source:
    """The source within the selections around it."""
    while isinstance(source, Wrapper):
        source = source._inner
    return source


def captured_ns(frame: Frame) -> int:
    """When the game made the frame, if its clock is ours; else now."""
    now = time.time_ns()
    return frame.clock.wall_ns if 0 <= now - frame.clock.wall_ns <= MAX_AGE_S * 1e9 else now
