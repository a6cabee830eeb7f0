"""What the README shows can be run: its commands on the shipped files, its Python, its links."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from stylebridge.cli.main import main

REPO = Path(__file__).resolve().parent.parent
README = (REPO / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.S))
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the repository, so that outputs land elsewhere; one frame stands for the clip."""
    (tmp_path / "models").symlink_to(REPO / "models")
    plaza = tmp_path / "python/stylebridge/assets/plaza"
    plaza.mkdir(parents=True)
    (plaza / "frame_00.jpg").symlink_to(REPO / "python/stylebridge/assets/plaza/frame_00.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_shell_command_of_the_readme_runs(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    commands = [shlex.split(line) for line in SHELL.splitlines() if line.startswith("stylebridge")]
    assert len(commands) >= 8
    background = []
    for command in commands:
        if command[-1] == "&":
            background.append(start(command[1:-1]))
            continue
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as done:
            main()
        assert done.value.code in (0, None), command
    assert [process.wait(timeout=60) for process in background] == [0]
    assert (clone / "out/strokes.onnx").is_file()
    for video in ("styled", "back"):
        assert (clone / f"out/{video}.mp4").stat().st_size > 1000


def start(words: list[str]) -> subprocess.Popen[bytes]:
    """A command that a person would leave running in another terminal."""
    environment = os.environ | {"PYTHONPATH": str(REPO / "python")}
    return subprocess.Popen([sys.executable, "-m", "stylebridge.cli.main", *words], env=environment)


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"make (\w+)", README + (REPO / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert named >= {"demo", "test", "bench"}
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.M)] == []


def test_the_python_of_the_readme_runs(clone: Path) -> None:
    pytest.importorskip("onnxruntime")
    assert PYTHON
    scope: dict[str, object] = {}
    for code in PYTHON:
        exec(compile(code, "README.md", "exec"), scope)  # noqa: S102
    assert getattr(scope["picture"], "shape", None) == (360, 640, 3)
    assert scope["delivery"] is None


def test_links_and_folders_of_the_readme_exist() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    folders = re.findall(r"^\| `([\w/]+)` \|", README, re.M)
    assert links
    assert folders
    assert [path for path in [*links, *folders] if not (REPO / path).exists()] == []
