"""Write docs/operators.md from the rules and the table of operators: python tools/make_operator_docs.py [--check]

With --check nothing is written, and a stale page is an error.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from stylebridge.opcheck.evidence import LINES, rule_text
from stylebridge.opcheck.gates import gate_modules
from stylebridge.opcheck.rules import rule_modules
from stylebridge.opcheck.targets import operator_table

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "operators.md"
TITLES = {"barracuda": "Barracuda", "sentis": "Sentis, Inference Engine"}
INTRO = """\
# What the check knows about operators

Written by tools/make_operator_docs.py from the rules in `python/stylebridge/opcheck`; change those. What was measured
about one operator, release by release, is told by `stylebridge explain OPERATOR`.

## Who knows which operator

Each cell says since which release the importer knows the operator; "–" means that no release does, and a model with it
is refused. The link leads to what the engine makes of it; without one, nothing else than what ONNX says was found.
Sentis is called Inference Engine from 2.2 on.
"""


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail when the page on disk is stale")
    text = page()
    if not parser.parse_args().check:
        OUT.write_text(text, encoding="utf-8")
        return 0
    if OUT.is_file() and OUT.read_text(encoding="utf-8") == text:
        return 0
    print(f"{OUT.relative_to(ROOT)} is stale, run: make vectors", file=sys.stderr)
    return 1


def page() -> str:
    """The whole page."""
    modules = {name(module): module for module in rule_modules().values()}
    parts = [INTRO, "\n".join(table()), "\n## What becomes of them\n"]
    parts += [section(key, module, ", ".join(sorted(module.OPERATORS))) for key, module in sorted(modules.items())]
    parts.append("\n## The model as a whole\n")
    parts += [section(name(module), module, "") for module in gate_modules()]
    return "\n".join(parts).rstrip() + "\n"


def table() -> Iterator[str]:
    """One row per operator that any release knows or a rule speaks of."""
    registered = operator_table()
    yield f"| operator | {' | '.join(TITLES[line] for line in LINES)} |"
    yield "| --- |" + " --- |" * len(LINES)
    for op in sorted({op for line in LINES for op in registered[line]}):
        yield f"| {op} | {' | '.join(cell(op, line) for line in LINES)} |"


def cell(op: str, line: str) -> str:
    """Since when a line knows an operator, with a link where a rule speaks of it."""
    span = operator_table()[line].get(op)
    if span is None:
        return "–"
    releases = f"{span.since} to {span.until}" if span.until else span.since
    module = rule_modules().get(op)
    return f"{releases} [{name(module)}](#{name(module)})" if module and hasattr(module, line) else releases


def section(title: str, module: ModuleType, operators: str) -> str:
    """What one file says about itself and, line by line, about the engines."""
    lines = [f"### {title}\n"]
    if operators:
        lines.append(f"*{operators}*\n")
    lines.append(paragraphs(inspect.getdoc(module) or ""))
    lines += [f"- {TITLES[line]}: {text}" for line in LINES if (text := rule_text(module, line))]
    return "\n".join(lines) + "\n"


def paragraphs(text: str) -> str:
    """A docstring with its paragraphs each on one line."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")) + "\n"


def name(module: ModuleType) -> str:
    """The rule's id: its file's name."""
    return module.__name__.rpartition(".")[2]


if __name__ == "__main__":
    sys.exit(main())
