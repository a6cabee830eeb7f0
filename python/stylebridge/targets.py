"""Target: an engine release that a model is exported for and checked against, by its full or short name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from stylebridge.errors import InputError

# family -> opset to write, and its releases, oldest first
FAMILIES: dict[str, tuple[int, tuple[str, ...]]] = {
    "barracuda": (
        9,
        ("1.0.4", "1.1.2", "1.2.1", "1.3.3", "1.4.0", "2.0.0", "2.1.0", "2.2.1", "2.3.1", "2.4.0", "3.0.0", "3.0.1"),
    ),
    "sentis": (15, ("1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0", "2.0.0", "2.1.3")),
    "inference-engine": (15, ("2.2.2", "2.3.0", "2.4.0")),
    "onnxruntime": (17, ("",)),
}
# Read, not run: nothing but their lists of operators is certain.
UNMEASURED = ("barracuda-1.1.2", "barracuda-1.2.1", "sentis-1.5.0", "sentis-1.6.0")
# Where the same release computes with something else than its plain CPU code.
BACKENDS: dict[str, tuple[str, ...]] = {
    "barracuda": ("burst", "compute"),
    "sentis": ("gpucompute", "gpupixel"),
    "onnxruntime": (),
}
_LINES = {"inference-engine": "sentis"}  # the same library under its later name


@dataclass(frozen=True)
class Target:
    """One release of an engine; the opset is the newest that it reads without surprises."""

    family: str
    version: str
    opset: int
    backend: str = ""  # "" is the plain CPU back end, the measured one

    @property
    def name(self) -> str:
        """The full name, such as barracuda-3.0.1 or inference-engine-2.4.0+gpupixel."""
        plain = f"{self.family}-{self.version}" if self.version else self.family
        return f"{plain}+{self.backend}" if self.backend else plain

    @property
    def line(self) -> str:
        """The library behind the name: Sentis and Inference Engine are one."""
        return _LINES.get(self.family, self.family)

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers, for comparing within a line."""
        return tuple(int(part) for part in self.version.split(".")) if self.version else ()

    @property
    def measured(self) -> bool:
        """Whether this release was run, rather than read."""
        return f"{self.family}-{self.version}" not in UNMEASURED and self.backend in ("", "burst")


TARGETS = tuple(Target(family, version, opset) for family, (opset, all_) in FAMILIES.items() for version in all_)


def find_target(name: str) -> Target:
    """The newest release that a name stands for: barracuda, sentis-2.1, inference-engine-2.4.0+gpupixel."""
    wanted, _, backend = name.strip().lower().partition("+")
    wanted = wanted.partition("-exp.")[0].partition("-pre.")[0]
    matches = [t for t in TARGETS if t.name == wanted or t.name.startswith((wanted + ".", wanted + "-"))]
    if matches and wanted:
        found = matches[-1]
        if backend in ("", *BACKENDS[found.line]):
            return replace(found, backend=backend)
        known = ", ".join(BACKENDS[found.line])
        raise InputError(f"unknown back end {backend!r} of {found.name}", expected=known or "none")
    names = [t.name for t in TARGETS] + list(FAMILIES)
    guess = difflib.get_close_matches(wanted, names, 1)
    raise InputError(
        f"unknown target {name!r}" + (f", did you mean {guess[0]}" if guess else ""),
        expected=", ".join(FAMILIES) + ", or one with a release such as barracuda-3.0.1",
    )
