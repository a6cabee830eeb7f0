"""Every script under tools can at least be loaded: what it imports still exists."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

TOOLS = sorted((Path(__file__).resolve().parent.parent / "tools").glob("*.py"))


@pytest.mark.parametrize("script", TOOLS, ids=lambda path: path.stem)
def test_what_a_script_imports_exists(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(script.parent)
    try:
        runpy.run_path(str(script), run_name="loaded by a test")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("stylebridge"):
            raise
        pytest.skip(f"{error.name} isn't installed")
