"""Report: what verifying or repairing a recording found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from stylebridge.recording.streams import Stream

MAX_LINES = 100
How = Literal["sound", "damaged", "completed", "rewritten"]


@dataclass(slots=True)
class Report:
    """`problems` make a recording not ok; `notes` are worth knowing: drops, gaps, runs."""

    path: Path
    frames: int = 0
    bytes: int = 0
    how: How = "sound"  # for repair: sound means untouched, completed in place, or rewritten from what could be read
    streams: tuple[Stream, ...] = ()
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unlisted: int = 0  # problems and notes beyond the first hundred of each
    dropped_bytes: int = 0  # by repair: of incomplete or damaged frames
    original: Path | None = None  # where repair left the damaged file

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; after a repair, whether no whole frame had to be left out."""
        return not self.problems

    def problem(self, line: str) -> None:
        """Add something that is wrong."""
        self._add(self.problems, line)

    def note(self, line: str) -> None:
        """Add something worth knowing."""
        self._add(self.notes, line)

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "file": str(self.path),
            "ok": self.ok,
            "how": self.how,
            "frames": self.frames,
            "bytes": self.bytes,
            "dropped_bytes": self.dropped_bytes,
            "original": None if self.original is None else str(self.original),
            "problems": self.problems,
            "notes": self.notes,
            "unlisted": self.unlisted,
            "streams": [stream.as_dict() for stream in self.streams],
        }

    def _add(self, lines: list[str], line: str) -> None:
        if len(lines) < MAX_LINES:
            lines.append(line)
        else:
            self.unlisted += 1
