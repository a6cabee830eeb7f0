"""Fail when the package, the changelog and the constraints disagree: python tools/check_versions.py"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import stylebridge

REPO = Path(__file__).resolve().parent.parent


def main() -> int:
    problems = [*changelog_problems(), *constraint_problems()]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def changelog_problems() -> list[str]:
    newest = re.search(r"^## (\S+)", (REPO / "CHANGELOG.md").read_text(), re.M)
    if newest and newest[1] == stylebridge.__version__:
        return []
    return [f"CHANGELOG.md opens with {newest and newest[1]}, the package says {stylebridge.__version__}"]


def constraint_problems() -> list[str]:
    """Every dependency that pyproject names has a line in constraints.txt."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    extras = [entry for group in project["optional-dependencies"].values() for entry in group]
    wanted = {re.split(r"[<>=\[ ]", line)[0].lower() for line in [*project["dependencies"], *extras]}
    lines = (REPO / "constraints.txt").read_text().splitlines()
    held = {re.split(r"[<>=\[ ]", line)[0].lower() for line in lines if line and not line.startswith("#")}
    return [f"constraints.txt has no line for {name}" for name in sorted(wanted - held - {"stylebridge"})]


if __name__ == "__main__":
    sys.exit(main())
