"""`stylebridge bench`: figures by engine, size and threads, a latency budget, and a chart."""

from __future__ import annotations

from pathlib import Path

import pytest
from stylebridge.imaging import read_image

from .outcome import Refused, Run, contents

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

SMALL = ("--sizes", "48x32,32x32", "--quick", "--no-memory")


def test_json_holds_every_engine_size_and_thread_count(
    stylebridge: Run, checkpoint: Path, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    chart = tmp_path / "new" / "chart.png"
    words = ("--engines", f"torch,onnxruntime={onnx_model}", "--threads", "1,2", "--source", frames)
    report = stylebridge("bench", checkpoint, *SMALL, "--chart", chart, "--json", *words).json()
    found = {(one["engine"], one["size"], one["threads"]) for one in report["speed"]}
    assert len(found) == len(report["speed"]) == 2 * 2 * 2
    assert all(one["fps"] > 0 and one["time"]["p99_ms"] >= one["time"]["median_ms"] for one in report["speed"])
    assert len(report["latency"]) == 4
    stages = [stage["stage"] for stage in report["latency"][0]["stages"]]
    assert stages == ["read and decode", "frame to numbers", "network", "numbers to picture", "wait for the display"]
    assert report["latency"][0]["size"] == "47x33"
    assert read_image(chart).shape[1] == 1400


def test_a_person_gets_tables(stylebridge: Run, onnx_model: Path) -> None:
    text = stylebridge("bench", onnx_model, *SMALL).text()
    for words in (
        "48×32",
        "ONNX Runtime",
        "p99 ms",
        "wait for the shutter",
        "reckoned: a camera of 30 frames/s",
        "altogether",
    ):
        assert words in text
    assert "PyTorch" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engines", "barracuda-3.0.1"), "barracuda-3.0.1 can't be timed here"),
        (("--sizes", "big"), "size 'big'"),
        (("--threads", "none"), "threads 'none'"),
        (("--chart", "chart.txt"), "unknown picture extension"),
        (("--engines", "torch=gone.pt"), "gone.pt: no such file"),
        (("--source", "gone.mp4"), "gone.mp4: no such file"),
    ],
)
def test_what_cant_be_measured_is_refused(
    words: tuple[str, str],
    said: str,
    refused: Refused,
    onnx_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"--sizes": "16x16", **dict([words])}
    line = refused("bench", onnx_model, "--quick", "--no-memory", *(word for pair in given.items() for word in pair))
    assert said in line
    assert contents(tmp_path) == {}
