"""The `stylebridge` command itself: versions, help, errors in one line, and tracebacks for those who ask."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import stylebridge as package

from .outcome import Done, Refused, Run, contents, refusal

COMMANDS = (
    ["stylize"],
    ["export"],
    ["contract"],
    ["contract", "find"],
    ["contract", "show"],
    ["contract", "set"],
    ["train"],
    ["run"],
    ["doctor"],
    ["demo"],
)
MISSING = ("stylize", "net.pt", "nowhere", "-o", "out")  # refused before any network library is imported


def shell(*words: object) -> Done:
    """The command in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1]), "COLUMNS": "80"}
    line = [sys.executable, "-m", "stylebridge.cli.main", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, env=environment, timeout=60)
    return Done(done.returncode, done.stdout, done.stderr)


def test_the_version_is_the_packages(stylebridge: Run) -> None:
    assert stylebridge("--version").text() == package.__version__


@pytest.mark.parametrize("words", [[], *COMMANDS], ids=" ".join)
def test_every_command_explains_itself(words: list[str], stylebridge: Run) -> None:
    text = stylebridge(*words, "--help").text()
    assert " ".join(["stylebridge", *words, "[OPTIONS]"]) in text
    assert stylebridge(*words, "-h").text() == text


@pytest.mark.parametrize("words", [[], ["contract"]], ids=" ".join)
def test_a_group_without_a_command_shows_its_help(words: list[str], stylebridge: Run) -> None:
    done = stylebridge(*words)
    assert done.code == 2
    assert "Commands" in done.out + done.err


@pytest.mark.parametrize("words", [["paint"], ["contract", "paint"]], ids=" ".join)
def test_an_unknown_command_is_refused(words: list[str], stylebridge: Run) -> None:
    done = stylebridge(*words)
    assert (done.code, done.out) == (2, "")
    assert "No such command 'paint'" in done.err


@pytest.mark.parametrize("words", [[], *COMMANDS], ids=" ".join)
def test_an_unknown_option_is_refused(words: list[str], stylebridge: Run) -> None:
    done = stylebridge(*words, "--paint")
    assert (done.code, done.out) == (2, "")
    assert "No such option" in done.err
    assert "Traceback" not in done.err


def test_bad_input_is_one_line_and_2_in_a_shell() -> None:
    assert refusal(shell(*MISSING)).startswith("stylebridge: nowhere: no such file or folder; expected ")


def test_debug_shows_the_traceback() -> None:
    done = shell("--debug", *MISSING)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Traceback (most recent call last)")
    assert done.err.splitlines()[-1].startswith("stylebridge.errors.InputError: nowhere: no such file or folder")


def test_an_unforeseen_error_is_one_line_and_1(
    refused: Refused, stylebridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise ZeroDivisionError("two\nlines and " + "much " * 99)

    monkeypatch.setattr("stylebridge.sources.open_source", fail)
    line = refused("stylize", "net.pt", "frames", "-o", tmp_path / "out", code=1)
    assert line.startswith("stylebridge: internal error: ZeroDivisionError: two lines and much")
    assert line.endswith("Run it again as: stylebridge --debug …")
    with pytest.raises(ZeroDivisionError):
        stylebridge("--debug", "stylize", "net.pt", "frames", "-o", tmp_path / "out")


def test_ctrl_c_is_130_without_a_traceback(stylebridge: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stylebridge.sources.open_source", interrupt)
    done = stylebridge("stylize", "net.pt", "frames", "-o", "out")
    assert (done.code, done.out) == (130, "")
    assert "Traceback" not in done.err


def test_a_reader_that_went_away_is_no_crash() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
    line = [sys.executable, "-m", "stylebridge.cli.main", "--help"]
    done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, text=True, env=environment, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    "done",
    [
        Done(0, "", "stylebridge: fine\n"),
        Done(1, "", "stylebridge: another code\n"),
        Done(2, "{}\n", "stylebridge: with output\n"),
        Done(2, "", "stylebridge: two\nstylebridge: lines\n"),
        Done(2, "", "Traceback (most recent call last)\n"),
        Done(2, "", ""),
        Done(2, "", "stylebridge: a Traceback inside\n"),
    ],
    ids=str,
)
def test_what_isnt_a_refusal_would_be_seen(done: Done) -> None:
    with pytest.raises(AssertionError):
        refusal(done)


def test_what_a_refusal_left_behind_would_be_seen(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def litter(text: str) -> None:
        (tmp_path / ".left").touch()
        raise OSError

    monkeypatch.setattr("stylebridge.sources.open_source", litter)
    with pytest.raises(AssertionError, match="left"):
        refused("stylize", "net.pt", "frames", "-o", "out", code=1)
    assert list(contents(tmp_path)) == [".left"]


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("export", "net.pt", "net.onnx", "--target", "barracuda"), "onnx"),
        (("contract", "set", "net.onnx", "byte", "-o", "out.onnx"), "onnx"),
        (("train", "johnson", "--style", "style.png", "--data", ".", "-o", "net"), "torch"),
        (("stylize", "net.onnx", "frames", "-o", "out"), "onnx"),
    ],
)
def test_a_missing_extra_is_named(words: tuple[str, ...], extra: str, tmp_path: Path) -> None:
    for name in ("torch", "onnx", "onnxruntime", "onnxsim"):
        blocked = f"raise ModuleNotFoundError(\"No module named '{name}'\", name='{name}')"
        (tmp_path / f"{name}.py").write_text(blocked)
    (tmp_path / "net.onnx").write_bytes(b"x")
    (tmp_path / "frames").mkdir()
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(package.__file__).parents[1]}"}
    line = [sys.executable, "-m", "stylebridge.cli.main", *words]
    done = subprocess.run(line, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60)
    if words[0] == "stylize":  # the empty folder is refused before
        (tmp_path / "frames/0.png").write_bytes(b"")
        done = subprocess.run(line, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip().endswith(f"pip install 'stylebridge[{extra}]'")
    assert done.stderr.count("\n") == 1


def test_debug_stands_anywhere(tmp_path: Path) -> None:
    for words in (("--debug", *MISSING), (*MISSING, "--debug")):
        assert "Traceback" in shell(*words).err
    assert "Usage" in shell("--debug").out
