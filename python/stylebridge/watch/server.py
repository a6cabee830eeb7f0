"""The live page's server: one page, its script and style, and a WebSocket for each viewer."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from stylebridge.errors import InputError, MissingExtra, StylebridgeError
from stylebridge.watch.commands import MAX_MESSAGE_BYTES, parse
from stylebridge.watch.studio import Studio
from stylebridge.watch.viewer import Viewer

try:
    import uvicorn
    import websockets  # noqa: F401 - uvicorn speaks WebSocket through it
    from starlette.applications import Starlette
    from starlette.datastructures import Headers
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route, WebSocketRoute
    from starlette.websockets import WebSocket, WebSocketDisconnect
except ImportError as error:
    raise MissingExtra((error.name or "starlette").partition(".")[0], "watch") from error

PAGE = Path(__file__).parent / "page"
FILES = {"/": ("watch.html", "text/html"), "/watch.js": ("watch.js", "text/javascript")}
FILES |= {"/draw.js": ("draw.js", "text/javascript"), "/watch.css": ("watch.css", "text/css")}
MAX_VIEWERS = 16
GONE, REFUSED, FULL = 1001, 1008, 1013  # closing codes of RFC 6455
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the token stands in the address
    "X-Content-Type-Options": "nosniff",
}


class Server:
    """Listens from the beginning; `run` serves until `stop`, or Ctrl-C."""

    def __init__(self, studio: Studio, host: str = "127.0.0.1", port: int = 0) -> None:
        self._studio = studio
        self.is_loopback = is_loopback(host)
        self.token = "" if self.is_loopback else secrets.token_urlsafe(18)
        self._socket = _listen(host, port)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            application(studio, self._may_enter),
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,  # JPEGs don't get smaller
            ws_ping_interval=10.0,
            ws_ping_timeout=20.0,
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)

    @property
    def url(self) -> str:
        """What a person opens."""
        name = socket.gethostname() if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - every address
        name = f"[{name}]" if ":" in name else name
        return f"http://{name}:{self.port}/" + (f"?token={self.token}" if self.token else "")

    def run(self) -> None:
        """Serve; comes back after `stop` or Ctrl-C."""
        with suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._socket])
        self._socket.close()

    def start(self) -> threading.Thread:
        """Serve in a thread of its own."""
        thread = threading.Thread(target=self.run, name="stylebridge-server", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Let `run` come back soon; from any thread."""
        self._server.should_exit = True

    def _may_enter(self, headers: Headers, token: str) -> bool:
        """Whoever knows the token; without one, pages of this server alone, under a name that can't be redirected."""
        if self.token:
            return secrets.compare_digest(token.encode(), self.token.encode())
        return is_loopback(_host_of(headers.get("host", "")))


def application(studio: Studio, may_enter: Callable[[Headers, str], bool]) -> Starlette:
    """The routes."""

    async def file(request: Request) -> Response:
        if not may_enter(request.headers, request.query_params.get("token", "")) and request.url.path == "/":
            return Response("Open the page at the whole address that was printed.\n", 403, HEADERS, "text/plain")
        name, kind = FILES[request.url.path]
        return Response((PAGE / name).read_bytes(), 200, HEADERS, kind)

    async def live(socket: WebSocket) -> None:
        if not (same_origin(socket.headers) and may_enter(socket.headers, socket.query_params.get("token", ""))):
            studio.refusals += 1
            await socket.close(REFUSED)  # before it is accepted: the browser gets a 403
            return
        await socket.accept()
        if studio.viewers >= MAX_VIEWERS:
            await socket.close(FULL, f"{MAX_VIEWERS} viewers are here already")
            return
        studio.enter()
        try:
            await _serve(studio, socket)
        finally:
            studio.leave()

    return Starlette(routes=[*(Route(path, file) for path in FILES), WebSocketRoute("/live", live)])


async def _serve(studio: Studio, socket: WebSocket) -> None:
    """One viewer, until either side has enough."""
    viewer = Viewer(studio, _sender(socket))
    sending = asyncio.create_task(viewer.run())
    receiving = asyncio.create_task(_receive(socket, viewer))
    _, waiting = await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for result in await asyncio.gather(sending, receiving, return_exceptions=True):
        if isinstance(result, StylebridgeError):
            with suppress(Exception):
                await socket.close(REFUSED, str(result)[:120].encode("ascii", "replace").decode())


async def _receive(socket: WebSocket, viewer: Viewer) -> None:
    while True:
        message: dict[str, Any] = dict(await socket.receive())
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if text is None:
            raise InputError("a binary message", expected="JSON")
        await viewer.take(parse(text))


def _sender(socket: WebSocket) -> Callable[[bytes | str], Awaitable[None]]:
    async def send(data: bytes | str) -> None:
        try:
            if isinstance(data, bytes):
                await socket.send_bytes(data)
            else:
                await socket.send_text(data)
        except (RuntimeError, WebSocketDisconnect) as error:
            raise ConnectionError("the viewer is gone") from error

    return send


def same_origin(headers: Headers) -> bool:
    """Whether a WebSocket comes from a page of this very server, or from no page at all."""
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host", "")


def is_loopback(host: str) -> bool:
    """Whether only this machine is meant."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host_of(header: str) -> str:
    """The name or address in a Host header, without its port."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, proto)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(64)  # whoever comes before the server runs waits
        except OSError:
            listening.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"can't listen at {host}:{port}: {reason}", do="choose another --port; 0 takes any that is free"
        ) from error
    return listening
