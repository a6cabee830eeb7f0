"""The README's pictures: python tools/make_preview.py

models/strokes.jpg: the clip above and stylised below, by models/strokes.onnx as `stylebridge stylize` does it.
docs/places.jpg: the embedded game's levels at different hours. docs/planes.jpg: a recording's contact sheet.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from stylebridge.assets import clip_frames, shipped_model
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.files import write_bytes
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import encode_jpeg, read_image
from stylebridge.sources import open_source

REPO = Path(__file__).resolve().parent.parent
FRAMES = (2, 20)
# level, options, moment
PLACES = (
    ("plaza", "camera=tour&hour=10", 30),
    ("plaza", "camera=orbit&hour=20.3", 60),
    ("ruins", "camera=tour&hour=9", 60),
    ("ruins", "camera=follow&weather=fog&hour=8", 150),
    ("harbour", "camera=tour&hour=15", 60),
    ("harbour", "camera=street&hour=19.2", 30),
)
SHEET = "scene:plaza?hour=11"


def main() -> None:
    frames = [Frame(color=read_image(clip_frames()[index])) for index in FRAMES]
    with open_stylizer(shipped_model("strokes.onnx")) as stylizer:
        styled = [stylizer(frame).rgb for frame in frames]
    rows = [np.hstack([frame.rgb for frame in frames]), np.hstack(styled)]
    write_bytes(REPO / "models/strokes.jpg", encode_jpeg(np.vstack(rows), quality=88))
    pictures = [place(*each) for each in PLACES]
    columns = [np.vstack(pictures[index : index + 2]) for index in range(0, len(pictures), 2)]
    write_bytes(REPO / "docs/places.jpg", encode_jpeg(np.hstack(columns), quality=85))
    planes()


def place(level: str, options: str, moment: int) -> ColorPlane:
    """A picture, after a few before it, which steady its edges."""
    with open_source(f"scene:{level}?{options}&size=640x360&planes=color&start={moment}&stop={moment + 4}") as source:
        return [frame.rgb for frame in source][-1]


def planes() -> None:
    with tempfile.TemporaryDirectory() as folder:
        recording, sheet = Path(folder) / "play.mcap", REPO / "docs/planes.jpg"
        for words in (
            ["capture", SHEET, str(recording), "--frames", "90"],
            ["recording", "view", str(recording), "-o", str(sheet), "--force"],
        ):
            subprocess.run([sys.executable, "-m", "stylebridge.cli.main", *words], check=True)


if __name__ == "__main__":
    main()
