"""Evidence: what was measured about an operator, and what its makers' documentation says, read from a table.

The table is written by tools/make_evidence.py from the measurements of the real importers and CPU back ends.
"""

from __future__ import annotations

import difflib
import inspect
from functools import cache
from importlib import resources
from types import ModuleType

import msgspec
from onnx import defs

from stylebridge.errors import InputError
from stylebridge.opcheck import targets
from stylebridge.opcheck.rules import rule_modules
from stylebridge.opcheck.targets import Span, operator_table
from stylebridge.targets import TARGETS, UNMEASURED, Target

BACKENDS = ("CPU", "GPUCompute", "GPUPixel")
_BACKEND_OF = {"": "CPU", "gpucompute": "GPUCompute", "gpupixel": "GPUPixel"}
LINES = ("barracuda", "sentis")


class Found(msgspec.Struct, frozen=True, array_like=True):
    """What releases of a line, the first to the last, did under one condition."""

    since: str
    until: str
    behaviour: str


class Restriction(msgspec.Struct, frozen=True):
    """A condition, and what each release did under it."""

    when: str
    found: tuple[Found, ...]


class Documented(msgspec.Struct, frozen=True, array_like=True):
    """What the documentation promises: data types per back end (Sentis), "yes" (Barracuda), or nothing."""

    since: str
    until: str
    promise: tuple[str, ...]

    @property
    def words(self) -> str:
        """The promise in one line."""
        if not self.promise:
            return "The documentation does not name it"
        if self.promise == ("yes",):
            return "The documentation names it"
        same = set(self.promise)
        if len(same) == 1:
            words = "" if same == {"-"} else f"{self.promise[0]} "
            return f"Documented, not measured: {words}on every back end"
        each = (f"{name}: {types.lower()}" for name, types in zip(BACKENDS, self.promise, strict=True))
        return f"Documented, not measured: {'; '.join(each)}"


class Counted(msgspec.Struct, frozen=True, array_like=True):
    """How the measured models that contain the operator fared."""

    since: str
    until: str
    counts: tuple[int, int, int, int, int]

    def to_dict(self) -> dict[str, int]:
        """Verdict -> number of models."""
        return dict(zip(("ok", "altered", "throws", "rejected", "ran"), self.counts, strict=True))


class Entry(msgspec.Struct, frozen=True):
    """All that was found out about an operator on one line of engines."""

    measured: tuple[Restriction, ...] = ()
    documented: tuple[Documented, ...] = ()
    cases: tuple[Counted, ...] = ()


class Knowledge(msgspec.Struct, frozen=True):
    """One operator on one line of engines."""

    line: str
    registered: Span | None
    rule: str  # what the check's rule says about itself; empty where the engine computes as ONNX does
    entry: Entry


@cache
def evidence_table() -> dict[str, dict[str, Entry]]:
    """Line -> operator -> what was found out."""
    text = resources.files(targets).joinpath("evidence.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, dict[str, Entry]])


def promised(op: str, target: Target) -> str | None:
    """The data types that the documentation names for an operator on the target's back end; None where it has none."""
    entry = evidence_table().get(target.line, {}).get(op, Entry())
    backend = _BACKEND_OF.get(target.backend, "")
    for documented in entry.documented:
        if covers(documented.since, documented.until, target) and len(documented.promise) == len(BACKENDS):
            return documented.promise[BACKENDS.index(backend)] if backend else None
    return None


def covers(since: str, until: str, target: Target) -> bool:
    """Whether a target lies in a span of releases; an empty end is open."""
    first, last = (tuple(int(part) for part in end.split(".")) if end else () for end in (since, until))
    return first <= target.release and (not last or target.release <= last)


@cache
def known_operators() -> tuple[str, ...]:
    """Every operator that ONNX, an importer or a rule has heard of."""
    standard = {schema.name for schema in defs.get_all_schemas() if schema.domain == ""}
    tables = {op for line in LINES for op in (*operator_table()[line], *evidence_table()[line])}
    return tuple(sorted(standard | tables | set(rule_modules())))


def find_operator(name: str) -> str:
    """The operator as ONNX spells it; the nearest names where there is none."""
    spelled = {op.lower(): op for op in known_operators()}
    if name.lower() in spelled:
        return spelled[name.lower()]
    near = [spelled[key] for key in difflib.get_close_matches(name.lower(), spelled, 3, 0.5)]
    raise InputError(
        f"unknown operator {name!r}" + (f", did you mean {' or '.join(near)}" if near else ""),
        expected="an ONNX operator such as Conv",
        do="list them all: stylebridge explain",
    )


def knowledge(op: str, line: str) -> Knowledge:
    """What is known about an operator on one line of engines."""
    module = rule_modules().get(op)
    return Knowledge(
        line=line,
        registered=operator_table()[line].get(op),
        rule=rule_text(module, line),
        entry=evidence_table()[line].get(op, Entry()),
    )


def rule_summary(op: str) -> str:
    """What the file of an operator's rule says in its first words; empty where there is no rule."""
    module = rule_modules().get(op)
    first = (inspect.getdoc(module) or "").split("\n\n")[0] if module else ""
    return " ".join(first.split())


def rule_text(module: ModuleType | None, line: str) -> str:
    """What a rule says about itself for a line of engines; empty where it has nothing to say there."""
    rule = getattr(module, line, None)
    return " ".join((inspect.getdoc(rule) or "").split()) if rule else ""


def released_as(line: str, version: str) -> str:
    """The full name of a line's release: 2.4.0 of the Sentis line is inference-engine-2.4.0."""
    return next((t.name for t in TARGETS if t.line == line and t.version == version), version)


def span_words(line: str, since: str, until: str) -> str:
    """A span of releases for people: "sentis-1.2.0 to inference-engine-2.4.0"."""
    first, last = (released_as(line, end) if end else "" for end in (since, until))
    if first == last:
        return first
    if not last:
        return f"{first} and later"
    family, _, version = last.rpartition("-")
    return f"{first} to {version if first.startswith(family + '-') else last}"


def was_read_only(target: Target) -> bool:
    """Whether nothing but this release's list of operators was read: it was never run."""
    return f"{target.family}-{target.version}" in UNMEASURED
