"""What `stylebridge capture` records, by the names of its sources."""

from __future__ import annotations

import hashlib
import re
import secrets
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylebridge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stylebridge.recording import Details
    from stylebridge.recording.capture import Feed
    from stylebridge.sources.base import Source

SECRETS = ("key", "allow")  # options of a source that don't belong into a file


def feeds_of(names: Sequence[str], every: int, flow: str) -> list[Feed]:
    """One feed per source. What can be opened again gets a session that is the same the next time."""
    from stylebridge.recording.capture import Feed
    from stylebridge.sources import open_source
    from stylebridge.sources.opticalflow import CHOICES, estimated
    from stylebridge.sources.selection import Selected, Selection

    if flow not in CHOICES:
        raise InputError(f"flow {flow!r}", expected=" or ".join(CHOICES))

    def opener(name: str) -> Callable[[], Source]:
        def open_it() -> Source:
            source = open_source(name)
            try:
                return estimated(Selected(source, Selection(every=every)) if every > 1 else source, flow, name)
            except BaseException:
                source.close()
                raise

        return open_it

    feeds: list[Feed] = []
    for number, name in enumerate(names):
        again = names[:number].count(name)
        session = hashlib.blake2b(f"{name} {every} {again}".encode(), digest_size=16).hexdigest()
        game = free = game_of(name)
        copy = number + 1
        while any(feed.game == free for feed in feeds):
            free, copy = f"{game}-{copy}", copy + 1
        feeds.append(Feed(opener(name), free, session, secrets.token_hex(16)))
    return feeds


def game_of(name: str) -> str:
    """What a source that has no game is filed under: the file's name, or the scheme and what follows."""
    from stylebridge.sources.address import Address

    address = Address.parse(name)
    path = Path(address.rest.rstrip("/\\"))
    if has_magic(path.name):
        path = path.parent
    stem = path.stem if "://" not in name else ""
    if stem.isdecimal() or not stem:
        return "-".join(filter(None, (address.scheme, stem)))
    return stem


def details_of(
    names: Sequence[str], sources: Sequence[Source], planes: str, every: int, flow: str, *, dedupe: bool, note: str
) -> Details:
    """What the recording says about itself."""
    from stylebridge import __version__
    from stylebridge.recording import Details
    from stylebridge.sources.address import Address

    addresses = [Address.parse(name) for name in names]
    seeds = {source.seed for source in sources}
    asked = {"planes": planes, "every": str(every) if every > 1 else "", "flow": flow if flow != "off" else ""}
    asked["dedupe"] = "yes" if dedupe else ""
    return Details(
        " ".join(_public(address) for address in addresses),
        engine=f"stylebridge {__version__}",
        seed=seeds.pop() if len(seeds) == 1 else None,
        note=note,
        extra={f"capture.{name}": value for name, value in asked.items() if value},
    )


def _public(address: Any) -> str:
    """A source's name without passwords and key files."""
    rest = re.sub(r"//[^/@]*@", "//", address.rest)
    options = "&".join(f"{name}={value}" for name, value in address.options.values.items() if name not in SECRETS)
    return f"{address.scheme}:{rest}".lstrip(":") + (f"?{options}" if options else "")
