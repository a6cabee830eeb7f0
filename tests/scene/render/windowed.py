"""Shows the small level in a window and tells each key that is touched: python -m scene.render.windowed PICTURE.npy"""

from __future__ import annotations

import sys
import time

import numpy as np
from stylebridge.scene.render import open_renderer

from .testlevel import body, small_level, snapshot

SIZE = (160, 90)
ENOUGH_S = 60.0


def main() -> None:
    renderer = open_renderer(small_level(), (body(),), SIZE, mode="window")
    try:
        for number in range(2):
            frame = renderer.draw(snapshot(number))
        np.save(sys.argv[1], frame.color)
        print("ready", flush=True)
        end, before = time.monotonic() + ENOUGH_S, frozenset[str]()
        while time.monotonic() < end:
            keys, closed = renderer.events()
            for key in sorted(keys - before):
                print(key, flush=True)
            before = keys
            if closed:
                return
            time.sleep(0.01)
        raise SystemExit("nobody closed it")
    finally:
        renderer.close()


if __name__ == "__main__":
    main()
