"""The C# core and its harness, compiled once a session with Mono's compiler, and a way to run the harness."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent.parent
CORE = REPO / "unity_project" / "Packages" / "com.stylebridge.unity" / "Runtime" / "Core"
# What Unity 2021 and Mono 6.8 both understand. The core is a library of its own, as it is in Unity, so that the harness
# can't reach anything that isn't public.
COMPILE = ("mcs", "-langversion:7.2", "-unsafe", "-warnaserror", "-optimize")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def harness_exe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [tool for tool in ("mcs", "mono") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"the C# tests need Mono: {' and '.join(missing)} not found (Debian: apt install mono-mcs)")
    folder = tmp_path_factory.mktemp("csharp")
    library, program = folder / "Stylebridge.Core.dll", folder / "harness.exe"
    compile_sources(sorted(CORE.rglob("*.cs")), "-target:library", f"-out:{library}")
    compile_sources(sorted(Path(__file__).parent.rglob("*.cs")), f"-r:{library}", f"-out:{program}")
    return program


@pytest.fixture(scope="session")
def harness(harness_exe: Path) -> Run:
    """Runs a command of the harness, with options of the runtime; its lines are in `stdout`."""

    def run(*arguments: str | Path, runtime: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = ["mono", *runtime, str(harness_exe), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)

    return run


def compile_sources(sources: list[Path], *options: str) -> None:
    done = subprocess.run([*COMPILE, *options, *map(str, sources)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
