"""Plan: what is to be watched, in which columns, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stylebridge.sources.base import Source
from stylebridge.watch.choice import Choice, Opener
from stylebridge.watch.partner import Inbox

CACHE_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be watched."""

    name: str  # of the source, as people know it
    open: Callable[[], Source]
    columns: Sequence[tuple[str, str, Opener]]  # name, heading, how it is opened
    models: Sequence[str] = ()  # names to choose from
    captures: Path = field(default_factory=Path)
    choice: Choice = field(default_factory=Choice)
    together: bool = True
    cache_bytes: int = CACHE_BYTES
    apart: str = ""  # the address of a game that is read in a process of its own
    rests: bool = False  # engines rest while nobody looks, and the game has the processor for itself
    partners: Mapping[str, Inbox] = field(default_factory=dict)  # columns that the game's own engine fills, by name
