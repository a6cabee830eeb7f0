"""Finding: one thing that an engine does to a model, in words that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Verdict(IntEnum):
    """What becomes of a node or a model, the worst last."""

    OK = 0
    ALTERED = 1  # runs, and computes something else
    THROWS = 2  # imports, then fails when it is run
    REJECTED = 3  # the import is refused

    @property
    def word(self) -> str:
        """The verdict as reports spell it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the engine does with one node, why, and what helps."""

    verdict: Verdict
    warned: bool  # whether the engine itself says something
    node: str
    op: str
    reason: str
    remedy: str = ""
    attribute: str = ""

    def to_dict(self) -> dict[str, object]:
        """The form that `--json` prints."""
        return {
            "verdict": self.verdict.word,
            "warned": self.warned,
            "node": self.node,
            "op": self.op,
            "reason": self.reason,
            "remedy": self.remedy,
        }
