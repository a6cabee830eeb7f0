"""How fast frames go from a game to Python, against other ways: python tools/bench_wire.py [--quick] [--only paced]

One JSON line per figure; what has a limit says whether it is within. The game and the reader are two processes, the
ways take turns, and figures are medians of the rounds. imagezmq and vidgear come from PyPI into out/bench-peers when
they are first needed. It fails when a frame is lost, comes twice, or is dropped and not counted.
"""

from __future__ import annotations

import argparse

from stylebridge.wire.ring import sweep
from wirebench import lossless, paced, slow_reader, throughput
from wirebench.children import ChildFailed
from wirebench.figures import Effort
from wirebench.install import find_peers

FIGURES = {
    "throughput": throughput.run,
    "paced": paced.run,
    "slow-reader": slow_reader.run,
    "lossless": lossless.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(FIGURES), nargs="+", default=list(FIGURES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, one size, shorter")
    options = parser.parse_args()
    peers = find_peers() if set(options.only) - {"lossless"} else set()
    try:
        for name in options.only:
            FIGURES[name](Effort(options.quick), peers)
    except (ChildFailed, slow_reader.Miscounted, lossless.Unsafe) as error:
        raise SystemExit(f"bench_wire: {error}") from error
    finally:
        sweep()  # the ring of a child that was killed before it was accepted


if __name__ == "__main__":
    main()
