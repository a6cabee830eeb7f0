"""Play the embedded game into the files that ship: the clip's pictures, and the small recording for bare machines.

python tools/make_clip.py
"""

from __future__ import annotations

from itertools import islice

from stylebridge.assets import CLIP, SHIPPED_PLAY
from stylebridge.files import write_bytes
from stylebridge.imaging import encode_jpeg
from stylebridge.recording import Details, Writer
from stylebridge.sources import open_source

PLAY = "scene:plaza?mode=gl&hour=11&every=3&planes=color+depth+motion+occlusion"
PICTURES, RECORDED = 24, 12


def main() -> None:
    with open_source(PLAY) as source:
        for index, frame in enumerate(islice(source, PICTURES)):
            write_bytes(CLIP / f"frame_{index:02d}.jpg", encode_jpeg(frame.rgb, quality=90))
    small = f"{PLAY}&size=480x270"
    details = Details(small, note="ships with the package")
    with open_source(small) as source, Writer(SHIPPED_PLAY, details, level=19, force=True) as writer:
        for frame in islice(source, RECORDED):
            writer.write(frame, game="plaza")
    print(f"{CLIP}: {PICTURES} pictures; {SHIPPED_PLAY}: {SHIPPED_PLAY.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
