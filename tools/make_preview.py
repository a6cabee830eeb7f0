"""The README's picture, the clip above and stylised below: python tools/make_preview.py models/strokes.jpg

Made with models/strokes.onnx in ONNX Runtime, exactly as `stylebridge stylize` would.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from stylebridge.assets import clip_frames, shipped_model
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.files import write_bytes
from stylebridge.frame import Frame
from stylebridge.imaging import encode_jpeg, read_image

FRAMES = (2, 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    frames = [Frame(color=read_image(clip_frames()[index])) for index in FRAMES]
    with open_stylizer(shipped_model("strokes.onnx")) as stylizer:
        styled = [stylizer(frame).rgb for frame in frames]
    rows = [np.hstack([frame.rgb for frame in frames]), np.hstack(styled)]
    write_bytes(out, encode_jpeg(np.vstack(rows), quality=88))


if __name__ == "__main__":
    main()
