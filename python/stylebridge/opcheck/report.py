"""Report: what a target does with a model, for people and as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.opcheck.backends import is_documented_only
from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import load_model
from stylebridge.opcheck.study import study
from stylebridge.opcheck.usual import with_usual_sizes
from stylebridge.targets import Target, find_target

NAMED = 4  # nodes that a line for several names before it counts the rest
MAX_NAME = 80  # characters of a node's or operator's name; they come from the file
MAX_COMPLAINT = 200
WARNED_WORD = "warned"
NOTE_WORD = "note"


@dataclass(frozen=True)
class Line:
    """Findings that say the same about one node or several, as people read them."""

    word: str  # a verdict; for what does no harm, whether the engine warns
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.word:8}  {self.where}: {self.text}" if self.where else f"{self.word:8}  {self.text}"


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

    def lines(self) -> list[Line]:
        """The findings, worst first; those that say the same about several nodes share a line."""
        groups: dict[tuple[object, ...], list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault((finding.verdict, finding.warned, finding.op, finding.reason, finding.remedy), []).append(
                finding
            )
        return [_line(alike) for alike in groups.values()]

    def table(self) -> str:
        """One line per finding, worst first."""
        heading = f"{plain(self.model)} on {self.target.name}: {self.verdict}{unmeasured_words(self.target)}"
        return "\n".join([heading, *(f"  {line}" for line in self.lines())])


def check(
    model: onnx.ModelProto | str | Path | bytes,
    target: Target | str,
    *,
    sizes: Mapping[str, tuple[int, ...]] | None = None,
    name: str = "",
    folder: Path | None = None,
) -> Report:
    """What the target will do with the model, without running it there.

    `name` is what the report calls the model; `folder` is where its external data lie, where it doesn't come as a path.
    """
    chosen = find_target(target) if isinstance(target, str) else target
    if isinstance(model, (str, Path)):
        name, folder = name or str(model), folder or Path(model).parent
    loaded = load_model(model)
    name = name or loaded.graph.name or "model"
    try:
        found = study(loaded, chosen, sizes, folder)
        findings = found.findings if sizes else with_usual_sizes(found, loaded, folder)
    except InputError as error:
        if error.where:
            raise
        raise InputError(error.found, expected=error.expected, do=error.do, where=name) from error
    except StylebridgeError:
        raise
    except MemoryError:
        raise InputError("asks for more memory than there is", expected="a model of usual size", where=name) from None
    except Exception as error:
        _refuse_invalid(loaded, name, error)
        raise
    return Report(name, chosen, findings)


def _refuse_invalid(model: onnx.ModelProto, name: str, error: Exception) -> None:
    """A model that ONNX's own checker doesn't take may trip up a rule, and is bad input then."""
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as complaint:
        said = plain(str(complaint), MAX_COMPLAINT)
        raise InputError(f"not valid ONNX: {said}", expected="a model that onnx.checker takes", where=name) from error


def plain(text: str, limit: int = 0) -> str:
    """Text from a model file without what a terminal would obey, and no longer than a line bears."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    kept = " ".join(kept.split())
    return f"{kept[: limit - 1]}…" if limit and len(kept) > limit else kept


def unmeasured_words(target: Target) -> str:
    """A remark where a target's verdicts rest on something else than a run of that very release."""
    if is_documented_only(target):
        return " (this back end was not run: from documentation, reading, and what the CPU does)"
    return "" if target.measured else " (this release was not run: from its list of operators and its neighbours)"


def _line(alike: list[Finding]) -> Line:
    first = alike[0]
    word = first.verdict.word
    if first.verdict == Verdict.OK:
        word = WARNED_WORD if first.warned else NOTE_WORD
    said = " (the engine warns)" if first.warned and first.verdict == Verdict.ALTERED else ""
    text = _sentence(plain(first.reason) + said)
    if first.remedy:
        text += " " + _sentence(plain(first.remedy[:1].upper() + first.remedy[1:]))
    return Line(word, _where(alike), text)


def _where(alike: list[Finding]) -> str:
    names = list(dict.fromkeys(plain(finding.node, MAX_NAME) for finding in alike if finding.node))
    op = plain(alike[0].op, MAX_NAME)
    if len(names) <= 1:
        return f"{op} {''.join(names)}".strip()
    listed = ", ".join(names[:NAMED]) + (f", … {len(names) - NAMED} more" if len(names) > NAMED else "")
    return f"{len(names)} {op or 'tensor'} nodes ({listed})" if op else f"{len(names)} of them ({listed})"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
