"""Which schemes there are, and the one function that opens a source by its name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.sources.address import Address, Options, exists
from stylebridge.sources.base import Source
from stylebridge.sources.selection import OPTIONS, select

Opener = Callable[[str, Options], Source]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of source: how it is opened, what follows its colon, and which bare files belong to it."""

    name: str
    open: Opener
    takes: str
    options: frozenset[str]
    suffixes: frozenset[str]


_SCHEMES: dict[str, Scheme] = {}


def register(
    name: str, opener: Opener, *, takes: str, options: Collection[str] = (), suffixes: Collection[str] = ()
) -> None:
    """Make `name:` a source; an option that it lists itself is its own business, the shared ones come for free."""
    _SCHEMES[name] = Scheme(name, opener, takes, frozenset(options), frozenset(suffixes))


def known_schemes() -> list[str]:
    """The names that a source can start with, each with what follows: `video:FILE`."""
    return [f"{scheme.name}:{scheme.takes}" for scheme in _SCHEMES.values()]


def open_source(text: str | Path) -> Source:
    """Open a source by its name: `images:DIR`, `video:FILE?start=10`, `camera:0`, or a bare path."""
    address = Address.parse(str(text))
    scheme = _scheme_of(address)
    if not address.rest:
        raise InputError(f"nothing after {scheme.name}:", expected=f"{scheme.name}:{scheme.takes}")
    address.options.check_known(scheme.options | OPTIONS)
    shared = {name: value for name, value in address.options.values.items() if name not in scheme.options}
    source = scheme.open(address.rest, address.options)
    try:
        return select(source, Options(shared, address.options.where))
    except BaseException:
        source.close()
        raise


def _scheme_of(address: Address) -> Scheme:
    if address.scheme in _SCHEMES:
        return _SCHEMES[address.scheme]
    if not address.scheme:
        return _guessed(address.rest)
    close = difflib.get_close_matches(address.scheme, _SCHEMES, n=1, cutoff=0.5)
    raise InputError(
        f"unknown source {address.scheme}:",
        expected=" or ".join(known_schemes()),
        do=f"did you mean {close[0]}:{address.rest}?" if close else "",
    )


def _guessed(path: str) -> Scheme:
    """The scheme of a bare path: a folder or a pattern holds pictures, a file is known by its extension."""
    suffix = Path(path).suffix.lower()
    for scheme in _SCHEMES.values():
        if suffix in scheme.suffixes and not Path(path).is_dir():
            return scheme
    if not exists(path) and not has_magic(path):
        raise InputError("no such file or folder", expected=f"a path or {' or '.join(known_schemes())}", where=path)
    if not exists(path) or Path(path).is_dir():
        return _SCHEMES["images"]
    suffixes = sorted(suffix for scheme in _SCHEMES.values() for suffix in scheme.suffixes)
    found = f"unknown extension {suffix!r}" if suffix else "a file without an extension"
    raise InputError(found, expected=", ".join(suffixes), do="name the kind, as in video:FILE", where=path)
