"""What a command did, and what a refusal must look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one object on standard output; anything else there, or a failure, is an error of the test."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    def text(self) -> str:
        """What a person reads after a success, without its line breaks."""
        assert (self.code, self.err) == (0, "")
        return " ".join(self.out.split())


Run = Callable[..., Done]
Refused = Callable[..., str]


def refusal(done: Done, code: int = 2) -> str:
    """The line of a refusal: alone on standard error, nothing on standard output, and the right exit code."""
    assert (done.code, done.out) == (code, ""), done.err
    assert done.err.endswith("\n")
    assert len(done.err.splitlines()) == 1, done.err
    assert done.err.startswith("stylebridge: ")
    assert "Traceback" not in done.err
    return done.err.strip()


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, hidden files too."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}
