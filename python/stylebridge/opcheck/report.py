"""Report: what a target does with a model, for people and as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import load_model
from stylebridge.opcheck.study import study
from stylebridge.targets import Target, find_target


@dataclass(frozen=True)
class Report:
    """The findings for one model and one target, worst first."""

    model: str
    target: Target
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """ok, altered, throws or rejected."""
        return max((f.verdict for f in self.findings), default=Verdict.OK).word

    @property
    def warned(self) -> bool:
        """Whether the engine itself says anything."""
        return any(f.warned for f in self.findings)

    def to_dict(self) -> dict[str, object]:
        """The form that `--json` prints."""
        return {
            "model": self.model,
            "target": self.target.name,
            "verdict": self.verdict,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def table(self) -> str:
        """One line per finding, worst first."""
        lines = [f"{self.model} on {self.target.name}: {self.verdict}"]
        for finding in self.findings:
            said = " (the engine warns)" if finding.warned and finding.verdict == Verdict.ALTERED else ""
            where = f"{finding.op} {finding.node}".strip()
            remedy = f". {finding.remedy[0].upper()}{finding.remedy[1:]}" if finding.remedy else ""
            word = "warned" if finding.verdict == Verdict.OK else finding.verdict.word
            lines.append(f"  {word:8}  {where}: {finding.reason}{said}{remedy}")
        return "\n".join(lines)


def check(
    model: onnx.ModelProto | str | Path | bytes,
    target: Target | str,
    *,
    sizes: Mapping[str, tuple[int, ...]] | None = None,
) -> Report:
    """What the target will do with the model, without running it there."""
    chosen = find_target(target) if isinstance(target, str) else target
    name = (
        str(model)
        if isinstance(model, (str, Path))
        else (getattr(model, "graph", None) and model.graph.name) or "model"
    )
    found = study(load_model(model), chosen, sizes)
    return Report(name, chosen, found.findings)
