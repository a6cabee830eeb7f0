"""CURVE keys: made, kept for one user's eyes, and asked for at the door."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils import z85

from stylebridge.errors import InputError
from stylebridge.files import check_output, write_bytes

MAX_BYTES = 4096
SECRET_SUFFIX, PUBLIC_SUFFIX = ".key", ".pub"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The JSON form of a key."""

    kind: Literal["stylebridge key"]
    version: Literal[1]
    name: str
    public: str
    secret: str = ""


class KeyPair(msgspec.Struct, frozen=True):
    """A secret key and its public half."""

    public: bytes
    secret: bytes

    def serve(self, socket: zmq.Socket[bytes]) -> None:
        """Let only encrypted links in."""
        socket.setsockopt(zmq.ZAP_DOMAIN, b"stylebridge")
        socket.setsockopt(zmq.CURVE_SERVER, 1)
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.secret)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.public)

    def call(self, socket: zmq.Socket[bytes], peer_public: bytes) -> None:
        """Encrypt for a peer, and prove who calls."""
        socket.setsockopt(zmq.CURVE_SERVERKEY, peer_public)
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.secret)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.public)


class Gate:
    """Which public keys may come in."""

    def __init__(self, allowed: Mapping[bytes, str]) -> None:
        self.allowed = allowed
        self._authenticator: ThreadAuthenticator | None = None

    def open(self, context: zmq.Context[zmq.Socket[bytes]]) -> Gate:
        """Begin to ask at the door of a context's sockets."""
        self._authenticator = ThreadAuthenticator(context)
        self._authenticator.start()
        self._authenticator.configure_curve_callback("stylebridge", credentials_provider=self)
        return self

    def close(self) -> None:
        """Stop asking."""
        if self._authenticator is not None:
            self._authenticator.stop()

    def callback(self, domain: str, key: bytes) -> bool:
        """Whether a caller's public key, as Z85, is allowed; asked by ZeroMQ's authenticator."""
        return key in self.allowed


def new_key(name: str, folder: Path, *, force: bool = False) -> tuple[Path, Path]:
    """Make NAME.key, for its owner alone, and NAME.pub, to be given to the others."""
    if not _NAME.fullmatch(name):
        raise InputError(f"key name {name!r}", expected="letters, digits, dots and dashes")
    secret_path, public_path = folder / (name + SECRET_SUFFIX), folder / (name + PUBLIC_SUFFIX)
    for path in (secret_path, public_path):
        check_output(path, force)
    public, secret = (half.decode() for half in zmq.curve_keypair())
    form = KeyFile(kind="stylebridge key", version=1, name=name, public=public)
    previous = os.umask(0o077)  # the secret is never readable by others, not even for a moment
    try:
        write_bytes(secret_path, _text(msgspec.structs.replace(form, secret=secret)))
    finally:
        os.umask(previous)
    write_bytes(public_path, _text(form))
    return secret_path, public_path


def read_key(path: Path) -> KeyPair:
    """Read a secret key; one that others can read is refused."""
    form = _read(path)
    if not form.secret:
        do = f"give the {SECRET_SUFFIX} file here and the {PUBLIC_SUFFIX} file to the other side"
        raise InputError("is a public key", expected="a secret one", do=do, where=path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name != "nt" and mode & 0o077:
        raise InputError(
            f"can be read by others (mode {mode:o})", expected="mode 600", do=f"run: chmod 600 {path}", where=path
        )
    return KeyPair(form.public.encode(), form.secret.encode())


def read_public(path: Path) -> bytes:
    """Read a public key; a secret key's file is refused, because it has no business on the other side."""
    form = _read(path)
    if form.secret:
        raise InputError("is a secret key", expected=f"a {PUBLIC_SUFFIX} file", where=path)
    return form.public.encode()


def read_allowed(path: Path) -> dict[bytes, str]:
    """Public key -> name, from one file or from every .pub file of a folder."""
    try:
        paths = sorted(path.glob(f"*{PUBLIC_SUFFIX}")) if path.is_dir() else [path]
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=path) from error
    if not paths:
        raise InputError(f"no {PUBLIC_SUFFIX} files in there", expected="the keys of those who may call", where=path)
    return {read_public(found): found.stem for found in paths}


def _read(path: Path) -> KeyFile:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", expected="a key file", where=path) from error
    expected = "a key made with: stylebridge keys new"
    try:
        form = msgspec.json.decode(text, type=KeyFile)
        halves = [form.public, form.secret] if form.secret else [form.public]
        if len(text) > MAX_BYTES or any(len(z85.decode(half)) != 32 for half in halves):
            raise ValueError("keys have 40 characters")
        if form.secret and zmq.curve_public(form.secret.encode()) != form.public.encode():
            raise ValueError("the two halves don't belong together")
    except (msgspec.MsgspecError, ValueError, KeyError, UnicodeError, zmq.ZMQError) as error:
        raise InputError(f"not a key: {error}", expected=expected, where=path) from error
    return form


def _text(form: KeyFile) -> bytes:
    return msgspec.json.format(msgspec.json.encode(form), indent=2) + b"\n"
