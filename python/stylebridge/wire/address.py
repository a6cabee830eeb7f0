"""Where a collector listens and whom a sender calls; only loopback without keys."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from stylebridge.errors import InputError
from stylebridge.wire.layout import DEFAULT_PORT

_FORM = re.compile(
    r"(?:(?:zmq|tcp)://)?(?:\[(?P<six>[0-9a-fA-F:.]+(?:%[0-9A-Za-z._-]+)?)\]|(?P<host>[^\s\[\]:/]*))(?::(?P<port>\*|[0-9]{1,5}))?/?"
)


class Address(NamedTuple):
    """A host and a port; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether nobody outside this machine can get there."""
        return is_loopback(self.host)

    @property
    def endpoint(self) -> str:
        """The form that ZeroMQ takes."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port or '*'}"

    def __str__(self) -> str:
        return self.endpoint


def is_loopback(host: str) -> bool:
    """Whether a host's name or number means this machine, seen from itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_address(text: str) -> Address:
    """Read `HOST:PORT`, `HOST`, `:PORT` or a bare port, with or without tcp:// or zmq:// before it."""
    match = _FORM.fullmatch(text.strip())
    host = (match["six"] or match["host"] or "") if match else ""
    port = match["port"] if match else None
    if match and port is None and host.isdecimal():
        host, port = "", host[:6]  # one digit too many is enough to be refused
    number = 0 if port == "*" else int(port or DEFAULT_PORT)
    if not match or number > 65535:
        expected = f"HOST:PORT such as tcp://127.0.0.1:{DEFAULT_PORT}"
        raise InputError(f"address {text!r}", expected=expected)
    return Address({"": "127.0.0.1", "*": "0.0.0.0"}.get(host, host), number)  # noqa: S104 - asked for by the user


def check_open(address: Address, *, keys: bool) -> None:
    """Refuse to listen or to call beyond this machine without keys."""
    if address.loopback or keys:
        return
    raise InputError(
        f"{address} can be reached from outside and there are no keys",
        expected="a loopback address, or keys",
        do="make keys with: stylebridge keys new, and pass --key and --allow (a sender: --key and --peer)",
    )
