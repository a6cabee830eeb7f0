"""A source's URL-like name: `scheme:rest?option=value&option=value`, percent-encoded where needed."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from stylebridge.errors import InputError
from stylebridge.frame import MAX_SIDE

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)  # two letters or more: `C:` is a Windows drive
_OPTIONS = re.compile(r"[A-Za-z_]+|[^?/\\]*=[^?]*")  # what may follow the last `?`; else that is a wildcard


SIZE = f"WIDTHxHEIGHT such as 960x540, 1 to {MAX_SIDE} each"


def parse_size(text: str) -> tuple[int, int]:
    """A size in pixels as (width, height)."""
    sides = re.fullmatch(r"([0-9]{1,6})[xX]([0-9]{1,6})", text)
    if not sides or not all(0 < int(side) <= MAX_SIDE for side in sides.groups()):
        raise InputError(f"size {text!r}", expected=SIZE)
    return int(sides[1]), int(sides[2])


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one source, read by name and type; every refusal names the option."""

    values: Mapping[str, str]
    where: str

    def integer(self, name: str, default: int | None, *, low: int) -> int | None:
        """A whole number of at least `low`."""
        text = self.values.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < low:
            raise self._refused(name, text, f"a whole number from {low}")
        return int(text)

    def number(self, name: str) -> float | None:
        """A number above 0."""
        text = self.values.get(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 < value < math.inf:
            raise self._refused(name, text, "a number above 0")
        return value

    def size(self, name: str) -> tuple[int, int] | None:
        """A size in pixels as (width, height)."""
        text = self.values.get(name)
        if text is None:
            return None
        try:
            return parse_size(text)
        except InputError as error:
            raise self._refused(name, text, SIZE) from error

    def check_known(self, known: Collection[str]) -> None:
        """Refuse an option that isn't one of these."""
        for name in self.values:
            if name not in known:
                raise InputError(f"unknown option {name!r}", expected=" or ".join(sorted(known)), where=self.where)

    def _refused(self, name: str, text: str, expected: str) -> InputError:
        return InputError(f"{name}={text}", expected=f"{name} to be {expected}", where=self.where)


@dataclass(frozen=True, slots=True)
class Address:
    """A source's name taken apart; `scheme` is empty for a bare path."""

    scheme: str
    rest: str
    options: Options

    @classmethod
    def parse(cls, text: str) -> Address:
        """Take a name apart; a file that really is called like that needs no percent-encoding."""
        if not text.strip():
            raise InputError("an empty source name", expected="a path or SCHEME:WHERE")
        if exists(text):
            return cls("", text, Options({}, text))
        found = _SCHEME.fullmatch(text)
        scheme, rest = (found[1].lower(), found[2]) if found else ("", text)
        if exists(rest):
            return cls(scheme, rest, Options({}, text))
        path, mark, tail = rest.rpartition("?")
        if not (mark and _OPTIONS.fullmatch(tail)):
            path, tail = rest, ""
        return cls(scheme, path if exists(path) else unquote(path), Options(_values(tail, text), text))


def exists(path: str) -> bool:
    """Whether something lies at this path; a name that no path can have doesn't exist."""
    try:
        return bool(path) and Path(path).exists()
    except (OSError, ValueError):
        return False


def _values(tail: str, where: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in tail.split("&") if tail else ():
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise InputError(f"option {pair!r}", expected="NAME=VALUE", where=where)
        if unquote(name) in values:
            raise InputError(f"option {unquote(name)!r} is given twice", where=where)
        values[unquote(name)] = unquote(value)
    return values
