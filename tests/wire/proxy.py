"""A wire that can be cut: TCP from one port to another, through here."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from types import TracebackType
from typing import Self


class Proxy:
    """Passes bytes on until it is told to `cut`; new connections get through again at once, unless it is `closed`."""

    def __init__(self, target: str) -> None:
        self._target = ("127.0.0.1", int(target.rpartition(":")[2]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.passed = 0  # bytes towards the target
        self.limit = 1 << 62  # of them; what comes after is held back
        self.cuts = 0
        self.closed = self.frozen = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._stop = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def cut(self) -> None:
        """Break every connection now, with whatever is under way."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
            self.cuts += bool(pairs)
        for pair in pairs:
            for end in pair:
                end.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop = True
        self._thread.join(10)
        self.cut()
        self._listener.close()

    def _run(self) -> None:
        while not self._stop:
            with self._lock:
                ends = {end: pair for pair in self._pairs for end in pair}
            try:
                heard = [end for end in ends if not self.frozen and not (self.passed >= self.limit)]
                ready, _, _ = select.select([self._listener, *heard], [], [], 0.01)
            except (OSError, ValueError):  # cut meanwhile
                continue
            for end in ready:
                if end is self._listener:
                    self._open()
                else:
                    self._pass_on(end, ends[end])

    def _open(self) -> None:
        near, _ = self._listener.accept()
        if self.closed:
            near.close()
            return
        try:
            far = socket.create_connection(self._target, timeout=1)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._pairs.append((near, far))

    def _pass_on(self, end: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        near, far = pair
        data = b""
        with contextlib.suppress(OSError):
            data = end.recv(max(1, min(1 << 16, self.limit - self.passed)) if end is near else 1 << 16)
            (far if end is near else near).sendall(data)
        if end is near:
            self.passed += len(data)
        if not data:
            with self._lock:
                if pair in self._pairs:
                    self._pairs.remove(pair)
            near.close()
            far.close()
