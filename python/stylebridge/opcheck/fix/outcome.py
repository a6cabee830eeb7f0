"""Outcome: what `fix` did with a model, what is left, and the model itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import onnx

from stylebridge.opcheck.finding import Finding
from stylebridge.opcheck.report import Report, plain

MAX_NAME = 80
NAMED = 3  # nodes that a line names before it counts the rest


@dataclass(frozen=True)
class Fix:
    """One thing that was rewritten, and how far its result is from what stood there."""

    node: str
    op: str
    how: str
    worst: float  # the largest difference that was seen
    note: str = ""
    loose: bool = False  # whether its numbers are not quite the same, and meant to be so

    def to_dict(self) -> dict[str, object]:
        """The form that `--json` prints."""
        return {"node": self.node, "op": self.op, "how": self.how, "max_abs_difference": self.worst, "note": self.note}


@dataclass(frozen=True)
class Left:
    """One thing that the target still does differently, and why it was not rewritten."""

    finding: Finding
    why: str

    def to_dict(self) -> dict[str, object]:
        """The form that `--json` prints."""
        return {**self.finding.to_dict(), "why": self.why}


@dataclass
class Outcome:
    """What became of a model."""

    model: onnx.ModelProto
    before: Report
    after: Report
    fixes: list[Fix] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    worst: float = 0.0  # how far the whole model is from the original
    opsets: tuple[int, int] = (0, 0)
    tried: str = ""  # the shapes with which it was proven
    pinned: bool = False  # whether sizes of inputs were fixed

    @property
    def ok(self) -> bool:
        """Whether the target takes the result as it is."""
        return self.after.verdict == "ok"

    @property
    def changed(self) -> bool:
        """Whether there was anything to do that was done."""
        return bool(self.fixes) or self.pinned

    def to_dict(self) -> dict[str, object]:
        """The form that `--json` prints."""
        return {
            "model": self.before.model,
            "target": self.before.target.name,
            "before": self.before.verdict,
            "after": self.after.verdict,
            "opset_before": self.opsets[0],
            "opset_after": self.opsets[1],
            "max_abs_difference": self.worst,
            "tried_with": self.tried,
            "fixed": [fix.to_dict() for fix in self.fixes],
            "left": [left.to_dict() for left in self.left],
        }

    def lines(self) -> list[str]:
        """The report for people."""
        change = f"{self.before.verdict} -> {self.after.verdict}"
        made = [f"{plain(self.before.model)} on {self.before.target.name}: {change}"]
        if not self.fixes and not self.left:
            made.append("  nothing had to be done" + (", the sizes of its inputs are fixed" if self.pinned else ""))
        made += [f"  fixed    {text}" for text in _fixed_lines(self.fixes)]
        if self.opsets[0] != self.opsets[1]:
            made.append(f"  fixed    opset {self.opsets[0]} written as {self.opsets[1]}")
        made += [f"  left     {text}" for text in _left_lines(self.left)]
        if self.fixes and self.tried:
            made.append(f"  the whole model: max |d| {self.worst:.2g}, tried with {self.tried}")
        return made


def _fixed_lines(fixes: list[Fix]) -> list[str]:
    """One line for what was done in the same way to several nodes."""
    groups: dict[tuple[str, str, str], list[Fix]] = {}
    for fix in fixes:
        groups.setdefault((fix.op, fix.how, fix.note), []).append(fix)
    made = []
    for (op, how, note), alike in groups.items():
        names = ", ".join(plain(fix.node, MAX_NAME) for fix in alike[:NAMED])
        more = f", … {len(alike) - NAMED} more" if len(alike) > NAMED else ""
        worst = max(fix.worst for fix in alike)
        said = f" (max |d| {worst:.2g}{'; ' + note if note else ''})"
        made.append((f"{plain(op, MAX_NAME)} {names}{more}: " if op else "") + how + said)
    return made


def _left_lines(left: list[Left]) -> list[str]:
    """One line for what is left at several nodes for the same reason."""
    groups: dict[tuple[str, str, str, str], list[Left]] = {}
    for one in left:
        finding = one.finding
        groups.setdefault((finding.verdict.word, finding.op, finding.reason, one.why), []).append(one)
    made = []
    for (word, op, reason, why), alike in groups.items():
        names = ", ".join(plain(one.finding.node, MAX_NAME) for one in alike[:NAMED])
        more = f", … {len(alike) - NAMED} more" if len(alike) > NAMED else ""
        where = f"{plain(op, MAX_NAME)} {names}{more}".strip()
        made.append(f"{word:8}  {where}: {plain(reason)}. Not rewritten: {why}")
    return made
