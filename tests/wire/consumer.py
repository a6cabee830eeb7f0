"""A collector in a process of its own: run as `python consumer.py PORT LOG HOLD_S`, killed at any time.

It writes each frame's session and sequence to the log before it calls the frame safe, and starts where the log ends.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stylebridge.wire import Collector


def read_log(path: Path) -> list[tuple[str, int]]:
    """Session and sequence of every frame that was written down whole."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="ascii").split("\n")[:-1]
    return [(session, int(sequence)) for session, _, sequence in (line.partition(" ") for line in lines)]


def main(port: str, log: Path, hold_s: float) -> None:
    received: dict[str, int] = {}
    for session, sequence in read_log(log):
        received[session] = sequence
    with log.open("ab", buffering=0) as file, Collector(f"127.0.0.1:{port}", received=received) as collector:
        print("ready", flush=True)
        for delivery in collector:
            if not (delivery.frame.color == delivery.frame.clock.frame_id % 251).all():
                sys.exit(f"frame {delivery.sequence} is spoilt")
            os.write(file.fileno(), f"{delivery.session} {delivery.sequence}\n".encode())
            if hold_s:
                time.sleep(hold_s)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
