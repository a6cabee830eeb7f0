"""`stylebridge watch` as it is typed: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import typer
from stylebridge.assets import SHIPPED_PLAY
from stylebridge.cli.watch import command
from stylebridge.errors import InputError, StylebridgeError

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("zstandard")
WATCH = "import typer; from stylebridge.cli.watch import command; typer.run(command)"


def refused(*words: object) -> str:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(StylebridgeError) as error:
            app(list(map(str, words)), standalone_mode=False)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert isinstance(error.value, InputError)
    return str(error.value)


def test_a_page_is_served_and_ends_when_asked(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WATCH, str(SHIPPED_PLAY), "--engines", "", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        text += line
    url = json.loads(text)["url"]
    assert url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
        assert b"stylebridge" in answer.read()
    os.kill(process.pid, signal.SIGTERM)
    _, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints) == (0, "")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["gone.mcap"], "no such file"),
        ([SHIPPED_PLAY, "--engines", "touch"], "unknown engine 'touch'"),
        ([SHIPPED_PLAY, "--models", "gone.onnx"], "gone.onnx: no such file"),
        ([SHIPPED_PLAY, "--mode", "fast"], "mode 'fast'"),
        ([SHIPPED_PLAY, "--engines", "torch,torch"], "torch is named twice"),
        ([SHIPPED_PLAY, "--host", "203.0.113.1", "--engines", ""], "can't listen at 203.0.113.1:0"),
        (["zmq://0.0.0.0:0", "--engines", ""], "can be reached from outside"),
    ],
)
def test_what_cannot_be_watched_is_refused_in_a_line(words: list[object], says: str) -> None:
    assert says in refused(*words)
