"""One viewer: gets what is newest whenever it has drawn what it got before, so a slow one holds up nobody."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.watch.commands import Drawn, Look, Message
from stylebridge.watch.differences import Heat, Pair
from stylebridge.watch.moment import Shown
from stylebridge.watch.studio import Studio

MAX_IN_FLIGHT = 2  # bundles that were sent and not drawn
STATE_EVERY_S = 0.5
HEAT = "heat"
LENGTH = struct.Struct("<I")

Send = Callable[[bytes | str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Pictures that are drawn together."""

    pictures: dict[str, Shown]
    heat: Heat | None


class Viewer:
    """Serves one browser. Everything here runs in the server's loop; only JPEGs are made elsewhere."""

    def __init__(self, studio: Studio, send: Send) -> None:
        self._studio, self._send = studio, send
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._look = Look()
        self._seen: dict[str, int] = {}
        self._newest_seen = 0
        self._bundles = self._drawn = 0
        self._state_due = 0.0
        self.passed_over = 0  # pictures of the game that this viewer was too slow for

    async def run(self) -> None:
        """Send until cancelled, or until the connection fails."""
        end = self._studio.subscribe(self._on_news)
        try:
            while True:
                with suppress(TimeoutError):  # wait_for would swallow a cancellation that comes with something new
                    async with asyncio.timeout(STATE_EVERY_S):
                        await self._wake.wait()
                self._wake.clear()
                await self._send_state()
                if self._bundles - self._drawn < MAX_IN_FLIGHT:
                    await self._send_bundle()
        finally:
            end()
            self._studio.differences.want(None, self._look.heat)
            self._look = Look()

    async def take(self, message: Message) -> None:
        """A message from the browser."""
        if isinstance(message, Drawn):
            self._drawn = min(self._bundles, max(self._drawn, message.bundle))
        elif isinstance(message, Look):
            self._set_look(message)
        else:
            self._state_due = 0.0
            try:
                await asyncio.to_thread(self._studio.obey, message)
            except StylebridgeError as error:
                await self._send(json.dumps({"kind": "refusal", "says": str(error)[:400]}))
        self._wake.set()

    def _on_news(self) -> None:
        """From any thread; the loop may be closing meanwhile."""
        try:
            self._loop.call_soon_threadsafe(self._wake.set)
        except RuntimeError:
            return

    def _set_look(self, look: Look) -> None:
        for name in (*(look.columns or ()), *(look.heat or ())):
            if name not in self._studio.columns:
                raise InputError(f"column {name!r}", expected=", ".join(self._studio.columns))
        if look.heat != self._look.heat:
            self._studio.differences.want(look.heat, self._look.heat)
        self._look = look
        self._seen.clear()  # everything is sent anew, because the page may have let go of it

    async def _send_state(self) -> None:
        now = time.monotonic()
        if now < self._state_due:
            return
        self._state_due = now + STATE_EVERY_S
        state: dict[str, Any] = self._studio.state() | {"kind": "state", "passed_over": self.passed_over}
        if self._look.heat:
            state["heat_error"] = self._studio.differences.error(self._look.heat)
        await self._send(json.dumps(state))

    async def _send_bundle(self) -> None:
        bundle = self._next()
        if bundle is None:
            return
        self._bundles += 1
        await self._send(await self._packed(bundle))

    def _next(self) -> Bundle | None:
        """What is newest and wasn't sent yet."""
        chosen = self._studio.aligned(self._look.columns) if self._look.aligned else self._studio.newest()
        fresh = {
            name: shown
            for name, shown in chosen.items()
            if shown.serial != self._seen.get(name) and (self._look.columns is None or name in self._look.columns)
        }
        heat = self._heat(self._look.heat)
        if not fresh and heat is None:
            return None
        self._seen |= {name: shown.serial for name, shown in fresh.items()}
        if heat is not None:
            self._seen[HEAT] = heat.serial
        game = fresh.get("game")
        if game is not None and self._studio.player.is_live:
            self.passed_over += max(0, game.picture.number - self._newest_seen - 1) if self._newest_seen else 0
            self._newest_seen = game.picture.number
        return Bundle(fresh, heat)

    def _heat(self, pair: Pair | None) -> Heat | None:
        heat = self._studio.differences.latest(pair) if pair else None
        return heat if heat is not None and heat.serial != self._seen.get(HEAT) else None

    async def _packed(self, bundle: Bundle) -> bytes:
        """Length of the JSON, the JSON, and the JPEGs in its order."""
        entries, data = [], []
        for name, shown in bundle.pictures.items():
            picture = shown.picture
            jpeg = picture.jpeg() if picture.is_encoded else await asyncio.to_thread(picture.jpeg)
            height, width = picture.rgb.shape[:2]
            entries.append(_entry(name, picture.number, shown.captured_ns, (width, height), len(jpeg)))
            data.append(jpeg)
        if (heat := bundle.heat) is not None:
            measured = heat.measured
            figures = {"mean": measured.mean, "most": measured.most, "psnr_db": measured.psnr_db, "pair": heat.pair}
            entry = _entry(HEAT, heat.number, heat.captured_ns, heat.size, len(measured.jpeg))
            entries.append(entry | figures)
            data.append(measured.jpeg)
        head = json.dumps({"bundle": self._bundles, "pictures": entries}).encode()
        return b"".join((LENGTH.pack(len(head)), head, *data))


def _entry(name: str, number: int, captured_ns: int, size: tuple[int, int], length: int) -> dict[str, Any]:
    age_ms = round((time.time_ns() - captured_ns) / 1e6, 1)
    return {"column": name, "number": number, "age_ms": age_ms, "width": size[0], "height": size[1], "bytes": length}
