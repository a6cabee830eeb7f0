"""Target: an engine release that a model is exported for, by its full or short name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from stylebridge.errors import InputError

# family -> opset to write, and the releases whose behaviour was measured, oldest first
FAMILIES: dict[str, tuple[int, tuple[str, ...]]] = {
    "barracuda": (
        9,
        ("1.0.4", "1.1.2", "1.2.1", "1.3.3", "1.4.0", "2.0.0", "2.1.0", "2.2.1", "2.3.1", "2.4.0", "3.0.1"),
    ),
    "sentis": (15, ("1.2.0", "1.3.0", "1.4.0", "2.0.0", "2.1.3")),
    "inference-engine": (15, ("2.2.2", "2.3.0", "2.4.0")),
    "onnxruntime": (17, ("",)),
}


@dataclass(frozen=True)
class Target:
    """One release of an engine; the opset is the newest that it reads without surprises."""

    family: str
    version: str
    opset: int

    @property
    def name(self) -> str:
        """The full name, such as barracuda-3.0.1."""
        return f"{self.family}-{self.version}" if self.version else self.family


TARGETS = tuple(Target(family, version, opset) for family, (opset, all_) in FAMILIES.items() for version in all_)


def find_target(name: str) -> Target:
    """The newest release that a name stands for: barracuda, sentis-2.1, inference-engine-2.4.0."""
    wanted = name.strip().lower()
    matches = [t for t in TARGETS if t.name == wanted or t.name.startswith((wanted + ".", wanted + "-"))]
    if matches and wanted:
        return matches[-1]
    names = [t.name for t in TARGETS] + list(FAMILIES)
    guess = difflib.get_close_matches(wanted, names, 1)
    raise InputError(
        f"unknown target {name!r}" + (f", did you mean {guess[0]}" if guess else ""),
        expected=", ".join(FAMILIES) + ", or one with a release such as barracuda-3.0.1",
    )
